"""The 10-minute clock and the contact chain (REQUIREMENTS B4)."""

from datetime import timedelta

import pytest

from app import incidents
from app.database import Database
from app.desk import Desk
from app.errors import Refused
from models.enums import EventKind
from tests.incidents.rooms import alarm, chain_of_two, collector, one, row

ALMOST, TEN, TWENTY, LATE = (timedelta(minutes=m) for m in (9.5, 10.1, 20.3, 40))


def test_nothing_escalates_before_ten_minutes(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    alarm(database)
    assert collector(database, ALMOST).do(incidents.escalate_due) == ()


def test_after_ten_minutes_the_first_of_the_chain_is_named_with_the_number(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    first = alarm(database)
    assert collector(database, TEN).do(incidents.escalate_due) == (first,)
    assert collector(database, TEN).do(incidents.escalate_due) == ()
    found = one(desk, first)
    assert found.row.escalation_level == 1
    assert found.row.is_unacknowledged
    assert (found.events[-1].kind, "机房主管丙 6001" in found.events[-1].text) == (EventKind.ESCALATED, True)


def test_the_second_step_comes_ten_minutes_after_the_first_and_then_no_more(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    first = alarm(database)
    collector(database, TEN).do(incidents.escalate_due)
    assert collector(database, TWENTY).do(incidents.escalate_due) == (first,)
    assert row(desk, first).escalation_level == 2
    assert collector(database, LATE).do(incidents.escalate_due) == ()


def test_an_acknowledged_incident_does_not_escalate(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    desk.do(incidents.acknowledge, alarm(database))
    assert collector(database, LATE).do(incidents.escalate_due) == ()


def test_without_a_chain_it_says_so_once(database: Database, desk: Desk) -> None:
    first = alarm(database)
    assert collector(database, TEN).do(incidents.escalate_due) == (first,)
    assert collector(database, LATE).do(incidents.escalate_due) == ()
    assert "nobody" in one(desk, first).events[-1].text


def test_the_summary_names_whom_to_call(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    first = alarm(database)
    assert desk.read(incidents.summary).chain == ()
    collector(database, TEN).do(incidents.escalate_due)
    told = desk.read(incidents.summary)
    assert (told.unacknowledged, told.ringing[0].id, told.ringing[0].escalation_level) == (1, first, 1)
    assert [contact.number for step in told.chain for contact in step.contacts] == ["6001", "6002"]


def test_an_operator_escalates_by_hand_up_to_the_chains_end(database: Database, desk: Desk) -> None:
    chain_of_two(desk)
    first = alarm(database)
    for level in (1, 2):
        assert desk.do(incidents.escalate, first, row(desk, first).version, "需现场支援") == level
    with pytest.raises(Refused):
        desk.do(incidents.escalate, first, row(desk, first).version, "再上报")


def test_the_summary_counts_and_names_the_oldest_clock(database: Database, desk: Desk) -> None:
    assert desk.read(incidents.summary).oldest_due_at is None
    first = alarm(database)
    alarm(database, cause="ci:2:cpu.percent")
    told = desk.read(incidents.summary)
    assert told.unacknowledged == 2
    assert told.oldest_due_at == row(desk, first).acknowledge_due_at
    desk.do(incidents.acknowledge, first)
    assert desk.read(incidents.summary).unacknowledged == 1
