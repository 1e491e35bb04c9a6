"""The head strip's figures, the pulse, the search and the inspector's sheet, on both databases."""

import uuid
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert

from app import (
    access,
    backups,
    charts,
    cmdb,
    copies,
    devices,
    head,
    incidents,
    inspections,
    inspector,
    search,
    work_orders,
)
from app.collector.history import History
from app.collector.samples import Metric, Outcome, Sample
from app.database import Database
from app.desk import Desk, Tx, command
from app.errors import NotFound
from app.permissions import Permission
from app.templates import load_templates
from models.enums import Approval, BackupContent, CheckKind, PlaceKind, Post, Severity, State
from models.monitoring import CollectorBeat, DeviceState
from tests.databases import desk_of


@command(Permission.WATCH)
def _beat(tx: Tx) -> None:
    values = {"host": "h", "process_id": 1, "program_version": "1", "started_at": tx.now, "trouble": ""}
    tx.connection.execute(insert(CollectorBeat).values(name="h", beat_at=tx.now, **values))


@command(Permission.WATCH)
def _state(tx: Tx, ci_id: int, state: State) -> None:
    tx.connection.execute(insert(DeviceState).values(ci_id=ci_id, state=state, since=tx.now, judge={}, facts={}))


@command(Permission.WATCH)
def _measure(tx: Tx, history: History, outcomes: list[Outcome]) -> None:
    history.append(tx.connection, outcomes)


def place_of(desk: Desk, name: str = "一号机房") -> int:
    made: int = desk.do(cmdb.create_place, uuid.uuid4(), cmdb.PlaceDraft(PlaceKind.ROOM, name))
    return made


def switch(desk: Desk, name: str = "核心交换机-1", place_id: int | None = None) -> int:
    draft = cmdb.CiDraft("switch", name, address="127.0.1.10", place_id=place_id)
    ci_id: int = desk.do(cmdb.create, uuid.uuid4(), draft)
    desk.do(devices.add_check, uuid.uuid4(), ci_id, CheckKind.ICMP, "127.0.1.10")
    return ci_id


def now_of(desk: Desk) -> datetime:
    return desk.read(lambda tx: tx.now)


def test_the_figures_count_states_and_what_waits(desk: Desk, database: Database) -> None:
    place_of(desk)
    ci_id = switch(desk)
    desk_of(database, Post.COLLECTOR).do(_state, ci_id, State.CRITICAL)
    desk_of(database, Post.COLLECTOR).do(incidents.open_alarm, "ci:1:x", ci_id, Severity.CRITICAL, "CPU 97%")
    found = desk.read(head.figures)
    assert found.counts[State.CRITICAL] == 1
    assert found.unacknowledged == 1
    assert found.oldest_due_at is not None
    assert found.oldest_due_at - found.now <= found.within
    assert found.rooms == ("一号机房",)


def test_no_beat_is_no_beat_and_a_beat_is_seen(desk: Desk, database: Database) -> None:
    assert desk.read(head.pulse).beat_at is None
    desk_of(database, Post.COLLECTOR).do(_beat)
    found = desk.read(head.pulse)
    assert found.beat_at is not None
    assert found.now - found.beat_at < timedelta(minutes=1)


def test_only_a_copy_past_its_term_is_stale(desk: Desk, database: Database) -> None:
    place_of(desk)
    if not database.is_embedded:
        assert not desk.read(head.figures).copies.is_ours
        return
    young = desk.read(head.figures).copies
    assert young.newest_good_at is None
    assert not young.is_stale
    later = database.desk(desk.identity, "A1", clock_ahead=copies.STALE_AFTER + timedelta(minutes=1))
    assert later.read(head.figures).copies.is_stale


@pytest.mark.parametrize("text", ["hxjhj", "hexin", "核心", "127.0.1"])
def test_a_device_is_found_by_text_pinyin_initials_and_address(desk: Desk, text: str) -> None:
    ci_id = switch(desk)
    found = desk.read(search.everywhere, text)
    assert [(each.group, each.key) for each in found] == [(search.Group.CI, ci_id)]


def test_people_incidents_and_visitors_are_found_too(desk: Desk) -> None:
    room = place_of(desk)
    draft = incidents.IncidentDraft("审批页面打开慢")
    incident_id = desk.do(incidents.open_incident, uuid.uuid4(), draft)
    visit = access.VisitEntry(
        uuid.uuid4(),
        room,
        "更换电池",
        (access.MemberEntry("来访甲"),),
        approver="主管",
        approval=Approval.ORAL,
        escort="演示员乙",
    )
    visit_id = desk.do(access.enter, visit)
    found = {
        (each.group, each.key)
        for text in ("spym", "laifang", "yanshiyuan")
        for each in desk.read(search.everywhere, text)
    }
    assert (search.Group.INCIDENT, incident_id) in found
    assert (search.Group.VISITOR, visit_id) in found
    assert any(group is search.Group.PERSON for group, _ in found)


def test_racks_work_orders_backups_and_inspections_are_found_too(desk: Desk) -> None:
    rack = cmdb.PlaceDraft(PlaceKind.RACK, "甲列 07 机柜", parent_id=place_of(desk), height_u=42)
    rack_id = desk.do(cmdb.create_place, uuid.uuid4(), rack)
    order_id = desk.do(work_orders.add, uuid.uuid4(), work_orders.WorkOrderDraft("更换甲列风扇"))
    start = now_of(desk)
    entry = backups.PlanEntry("甲列归档", "FREQ=DAILY", start, BackupContent.BUSINESS)
    plan_id = desk.do(backups.add_plan, uuid.uuid4(), entry)
    found = {(each.group, each.key) for each in desk.read(search.everywhere, "甲列")}
    assert found == {
        (search.Group.RACK, rack_id),
        (search.Group.WORK_ORDER, order_id),
        (search.Group.BACKUP, plan_id),
    }
    round_id = desk.do(inspections.begin, uuid.uuid4(), load_templates()[0].code, None, start)
    number = desk.read(inspections.round_of, round_id).row.number
    assert [(each.group, each.key) for each in desk.read(search.everywhere, number)] == [
        (search.Group.INSPECTION, round_id)
    ]


def test_an_empty_search_finds_nothing(desk: Desk) -> None:
    switch(desk)
    assert desk.read(search.everywhere, "  ") == []


def test_the_sheet_names_who_was_in_the_room_at_the_latest_incident(desk: Desk) -> None:
    room = place_of(desk)
    ci_id = switch(desk, place_id=room)
    visit = access.VisitEntry(
        uuid.uuid4(),
        room,
        "更换电池",
        (access.MemberEntry("来访甲"),),
        approver="主管",
        approval=Approval.ORAL,
        escort="演示员乙",
        happened_at=now_of(desk) - timedelta(minutes=5),
    )
    desk.do(access.enter, visit)
    desk.do(incidents.open_incident, uuid.uuid4(), incidents.IncidentDraft("重启", ci_id=ci_id))
    sheet = desk.read(inspector.ci, ci_id)
    assert sheet.witnesses.room == "一号机房"
    assert [person.name for person in sheet.witnesses.people] == ["来访甲"]
    assert [check.kind for check in sheet.checks] == [CheckKind.ICMP]
    assert len(sheet.incidents) == 1


def test_a_thing_that_is_not_there_says_so(desk: Desk) -> None:
    for query in (inspector.ci, inspector.visit, inspector.backup_run, inspector.incident):
        with pytest.raises(NotFound):
            desk.read(query, 999)


def measured_switch(desk: Desk, database: Database) -> int:
    """Return a switch with an hour of CPU and two interfaces, the second one busier, silent for its third quarter."""
    ci_id = switch(desk)
    now = now_of(desk).replace(microsecond=0)
    outcomes = []
    for minute in range(60):
        if 30 <= minute < 45:
            continue
        samples = [Sample(Metric.CPU, 30.0, "%")]
        for name, bps in (("ge1", 10.0), ("ge2", 900.0)):
            samples += [Sample(Metric.IF_IN, bps, "bps", name), Sample(Metric.IF_OUT, bps, "bps", name)]
            samples.append(Sample(Metric.IF_UP, 1.0, "", name))
        at = now - timedelta(minutes=59 - minute)
        outcomes.append(Outcome(1, ci_id, at, True, samples=tuple(samples)))
    desk_of(database, Post.COLLECTOR).do(_measure, History(database.engine), outcomes)
    return ci_id


def test_a_switch_shows_cpu_and_the_traffic_of_its_busiest_port(desk: Desk, database: Database) -> None:
    sheet = desk.read(inspector.ci, measured_switch(desk, database))
    assert [(one.metric, one.instance) for one in sheet.main] == [(Metric.CPU, ""), (Metric.IF_IN, "ge2")]
    assert len(sheet.main[1].series) == 2
    assert [(row.name, row.in_bps, row.is_up) for row in sheet.interfaces] == [
        ("ge1", 10.0, True),
        ("ge2", 900.0, True),
    ]


def test_a_gap_in_the_answers_stays_a_gap_in_the_curve(desk: Desk, database: Database) -> None:
    sheet = desk.read(inspector.ci, measured_switch(desk, database))
    found = desk.read(charts.chart, sheet.main[0], timedelta(hours=1), 600)
    values = list(found.curves[0].mean)
    assert sum(value != value for value in values) == 1
    assert found.unwatched == ()


def test_time_without_a_collector_is_told_from_a_silent_device(desk: Desk, database: Database) -> None:
    from app.collector.store import note_gap

    ci_id = measured_switch(desk, database)
    now = now_of(desk)
    desk_of(database, Post.COLLECTOR).do(note_gap, now - timedelta(minutes=20), now)
    sheet = desk.read(inspector.ci, ci_id)
    found = desk.read(charts.chart, sheet.main[0], timedelta(hours=1), 600)
    assert len(found.unwatched) == 1
