"""Alarms open, update and clear one incident per cause (REQUIREMENTS B3)."""

import uuid

from app import incidents
from app.database import Database
from app.desk import Desk
from models.enums import EventKind, Grade, IncidentState, Severity, Source
from tests.incidents.rooms import TEMPERATURE, alarm, ci, collector, one, row


def test_a_critical_alarm_proposes_grade_three_and_a_warning_grade_four(database: Database, desk: Desk) -> None:
    critical = row(desk, alarm(database))
    warning = row(desk, alarm(database, severity=Severity.WARNING, cause="ci:2:cpu.percent"))
    assert (critical.grade, critical.severity, critical.source) == (Grade.III, Severity.CRITICAL, Source.MONITORING)
    assert (warning.grade, warning.severity) == (Grade.IV, Severity.WARNING)
    assert critical.state is IncidentState.NEW


def test_a_second_alarm_of_the_same_cause_opens_no_second_incident(database: Database, desk: Desk) -> None:
    first = alarm(database)
    assert alarm(database, title="温度 31 °C，上限 28 °C") == first
    found = one(desk, first)
    assert found.row.title == "温度 31 °C，上限 28 °C"
    assert [event.kind for event in found.events] == [EventKind.OPENED, EventKind.UPDATED]


def test_an_update_that_says_the_same_leaves_no_line(database: Database, desk: Desk) -> None:
    first = alarm(database)
    collector(database).do(incidents.update_alarm, TEMPERATURE, None, Severity.CRITICAL, row(desk, first).title)
    assert [event.kind for event in one(desk, first).events] == [EventKind.OPENED]


def test_a_collectors_update_is_no_conflict_for_who_edits(database: Database, desk: Desk) -> None:
    first = alarm(database)
    seen = row(desk, first).version
    alarm(database, title="温度 31 °C")
    desk.do(incidents.set_grade, first, seen, Grade.II, "精密空调停机")
    assert row(desk, first).grade is Grade.II


def test_recovery_marks_the_incident_and_does_not_acknowledge_it(database: Database, desk: Desk) -> None:
    first = alarm(database)
    assert collector(database).do(incidents.clear_alarm, TEMPERATURE, "恢复正常") == first
    assert row(desk, first).cleared_at is not None
    assert row(desk, first).is_unacknowledged
    assert collector(database).do(incidents.clear_alarm, TEMPERATURE) is None


def test_an_alarm_that_worsens_after_it_was_acknowledged_asks_anew(database: Database, desk: Desk) -> None:
    first = alarm(database, severity=Severity.WARNING)
    desk.do(incidents.acknowledge, first)
    alarm(database, title="温度 35 °C", severity=Severity.CRITICAL)
    assert row(desk, first).is_unacknowledged
    assert row(desk, first).answered_at is not None


def test_an_alarm_that_improves_after_it_was_acknowledged_stays_so(database: Database, desk: Desk) -> None:
    first = alarm(database)
    desk.do(incidents.acknowledge, first)
    alarm(database, title="温度 28.5 °C", severity=Severity.WARNING)
    assert row(desk, first).state is IncidentState.ACKNOWLEDGED


def test_an_alarm_that_comes_back_after_it_was_resolved_opens_the_same_incident(database: Database, desk: Desk) -> None:
    first = alarm(database)
    collector(database).do(incidents.clear_alarm, TEMPERATURE)
    desk.do(incidents.resolve, first, row(desk, first).version, "空调滤网堵塞", "更换滤网")
    assert alarm(database) == first
    assert (row(desk, first).state, row(desk, first).cleared_at) == (IncidentState.NEW, None)


def test_after_closing_the_next_alarm_opens_another_incident(database: Database, desk: Desk) -> None:
    first = alarm(database, severity=Severity.WARNING)
    desk.do(incidents.resolve, first, row(desk, first).version, "滤网", "更换")
    desk.do(incidents.close, first, row(desk, first).version)
    assert alarm(database) != first


def test_noise_stays_noise_until_the_alarm_clears_and_comes_again(database: Database, desk: Desk) -> None:
    first = alarm(database)
    desk.do(incidents.mark_as_noise, first, row(desk, first).version, "传感器误报")
    watch = collector(database)
    assert watch.do(incidents.update_alarm, TEMPERATURE, None, Severity.CRITICAL, "温度 33 °C") is None
    watch.do(incidents.clear_alarm, TEMPERATURE)
    again = watch.do(incidents.open_alarm, TEMPERATURE, None, Severity.CRITICAL, "温度 33 °C")
    assert again != first


def test_an_alarm_names_its_device_and_is_found_by_pinyin(database: Database, desk: Desk) -> None:
    device = ci(desk)
    alarm(database, ci_id=device)
    found = desk.read(incidents.page, "open", "hxjhj")
    assert [each.ci_name for each in found] == ["核心交换机-1"]
    assert desk.read(incidents.page, "open", "rqjhj") == []


def test_an_alarm_that_says_a_device_is_gone_is_told_apart(database: Database, desk: Desk) -> None:
    gone = alarm(database, "三次无应答", cause="ci:7:reachability")
    assert row(desk, gone).is_unreachable
    assert not row(desk, alarm(database)).is_unreachable


def test_the_same_form_key_opens_one_incident(desk: Desk) -> None:
    key = uuid.uuid4()
    draft = incidents.IncidentDraft("UPS 异响")
    assert desk.do(incidents.open_incident, key, draft) == desk.do(incidents.open_incident, key, draft)
    assert desk.read(incidents.count, "all") == 1
