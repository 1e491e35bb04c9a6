"""Devices beside their records: what differs is listed, a person decides, and nothing changes by itself."""

import uuid

import pytest
from sqlalchemy import update

from app import cmdb, devices, facts, work_orders
from app.database import Database, collector_identity
from app.desk import Desk, Tx, command
from app.errors import BadInput, Conflict, NotAllowed, Refused
from app.facts import DifferenceRow
from app.interface_facts import LONGEST, line, summed_up
from app.permissions import Permission
from models.enums import CheckKind, DifferenceState, Fact, Post
from models.monitoring import DeviceState
from tests.databases import desk_of

TOLD = {"model": "S5735-L48T4X", "serial": "2102351ABC", "version": "V200R021", "ports": "52"}


@command(Permission.WATCH)
def tell(tx: Tx, ci_id: int, told: dict[str, str]) -> None:
    """Write what a device says of itself, as the collector does."""
    if tx.session.get(DeviceState, ci_id) is None:
        tx.add(DeviceState(ci_id=ci_id))
    tx.session.execute(update(DeviceState).where(DeviceState.ci_id == ci_id).values(facts=told))


@pytest.fixture
def collector(database: Database) -> Desk:
    return database.desk(collector_identity(), "collector")


@pytest.fixture
def switch(desk: Desk) -> int:
    draft = cmdb.CiDraft(
        "switch", "core", model="S5735-L48T4X", serial="2102351OLD", firmware="v200 r021", address="10.0.0.1",
        attributes={"ports": 48.0},
    )  # fmt: skip
    ci_id = desk.do(cmdb.create, uuid.uuid4(), draft)
    desk.do(devices.add_check, uuid.uuid4(), ci_id, CheckKind.SNMP, "10.0.0.1")
    return ci_id


def compared(collector: Desk, ci_id: int, **told: str) -> dict[Fact, DifferenceRow]:
    collector.do(tell, ci_id, {**TOLD, **told})
    collector.do(facts.compare)
    return {row.fact: row for row in collector.read(facts.differences, "standing")}


def test_what_differs_is_listed_and_the_record_stays(desk: Desk, collector: Desk, switch: int) -> None:
    found = compared(collector, switch, addresses="10.0.0.9 10.0.1.1")
    assert {fact: (row.recorded, row.polled) for fact, row in found.items()} == {
        Fact.SERIAL: ("2102351OLD", "2102351ABC"),
        Fact.PORTS: ("48", "52"),
        Fact.ADDRESS: ("10.0.0.1", "10.0.0.9 10.0.1.1"),
    }
    assert desk.read(cmdb.detail, switch).draft.serial == "2102351OLD"
    assert not collector.read(facts.has_news)
    assert desk.read(facts.count) == 3


def test_the_record_takes_what_a_person_accepts_and_the_history_says_who(
    desk: Desk, collector: Desk, switch: int
) -> None:
    found = compared(collector, switch)
    desk.do(facts.accept, found[Fact.SERIAL].id, 1)
    desk.do(facts.accept, found[Fact.PORTS].id, 1)
    draft = desk.read(cmdb.detail, switch).draft
    assert (draft.serial, draft.attributes["ports"]) == ("2102351ABC", 52.0)
    (row,) = [row for row in desk.read(facts.differences, "all") if row.fact is Fact.SERIAL]
    assert (row.state, row.decided_by) == (DifferenceState.ACCEPTED, "演示员甲")
    assert any(each.new == "2102351ABC" and each.who == "演示员甲" for each in desk.read(cmdb.history, switch))
    collector.do(facts.compare)
    assert desk.read(facts.count) == 0
    with pytest.raises(Refused):
        desk.do(facts.keep, row.id, row.version, "late")


def test_of_several_addresses_a_person_chooses_one(desk: Desk, collector: Desk, switch: int) -> None:
    row = compared(collector, switch, addresses="10.0.0.9 10.0.1.1")[Fact.ADDRESS]
    for wrong in ("", "10.9.9.9"):
        with pytest.raises(BadInput):
            desk.do(facts.accept, row.id, row.version, wrong)
    desk.do(facts.accept, row.id, row.version, "10.0.1.1")
    assert desk.read(cmdb.detail, switch).draft.address == "10.0.1.1"


def test_a_reading_that_matches_closes_a_difference_with_its_work_order(
    desk: Desk, collector: Desk, switch: int
) -> None:
    row = compared(collector, switch)[Fact.SERIAL]
    order_id = desk.do(facts.order, uuid.uuid4(), row.id, row.version, "核对序列号")
    (order,) = desk.read(work_orders.rows, [order_id])
    assert (order.ci_id, order.title) == (switch, "核对序列号")
    (ordered,) = [each for each in desk.read(facts.differences, "standing") if each.fact is Fact.SERIAL]
    assert (ordered.state, ordered.work_order) == (DifferenceState.ORDERED, order.number)
    assert Fact.SERIAL not in compared(collector, switch, serial="2102351old")
    assert {each.state for each in desk.read(facts.differences, "all") if each.fact is Fact.SERIAL} == {
        DifferenceState.GONE
    }


def test_a_record_that_stands_is_asked_about_again_only_when_the_device_says_something_else(
    desk: Desk, collector: Desk, switch: int
) -> None:
    row = compared(collector, switch, ports="48")[Fact.SERIAL]
    with pytest.raises(BadInput):
        desk.do(facts.keep, row.id, row.version, " ")
    desk.do(facts.keep, row.id, row.version, "机框序列号以标签为准")
    compared(collector, switch, ports="48")
    assert desk.read(facts.count) == 0
    again = compared(collector, switch, ports="48", serial="another")[Fact.SERIAL]
    assert (again.state, again.polled) == (DifferenceState.OPEN, "another")


def test_two_who_decide_at_once_do_not_overwrite_each_other(desk: Desk, collector: Desk, switch: int) -> None:
    row = compared(collector, switch)[Fact.SERIAL]
    desk.do(facts.keep, row.id, row.version, "first")
    with pytest.raises(Conflict):
        desk.do(facts.accept, row.id, row.version)


def test_who_may_not_edit_records_accepts_nothing(database: Database, collector: Desk, desk: Desk, switch: int) -> None:
    row = compared(collector, switch)[Fact.SERIAL]
    with pytest.raises(NotAllowed):
        desk_of(database, Post.OPERATOR).do(facts.accept, row.id, row.version)
    desk_of(database, Post.ENGINEER).do(facts.accept, row.id, row.version)


def test_a_recorded_loopback_address_and_a_list_that_was_cut_are_no_difference(
    desk: Desk, collector: Desk, switch: int
) -> None:
    assert Fact.ADDRESS not in compared(collector, switch, addresses="10.0.0.9 …")
    detail = desk.read(cmdb.detail, switch)
    at_home = cmdb.CiDraft("switch", "core", address="127.0.0.1")
    desk.do(cmdb.edit, switch, detail.version, at_home)
    assert Fact.ADDRESS not in compared(collector, switch, addresses="10.0.0.9")


UPLINK = "00:1a:2b:3c:4d:5e · 10 Gb/s · to core-2"
PORTS = {"interface Gi0/1": UPLINK, "interface Gi0/2": "00:1a:2b:3c:4d:5f · — · —"}


def test_interfaces_are_compared_by_name_card_speed_and_description(desk: Desk, collector: Desk, switch: int) -> None:
    first = compared(collector, switch, **PORTS)[Fact.INTERFACES]
    assert (first.recorded, first.polled) == ("", "2: Gi0/1, Gi0/2")
    desk.do(facts.accept, first.id, first.version)
    assert Fact.INTERFACES not in compared(collector, switch, **PORTS)
    assert desk.read(cmdb.detail, switch).draft.attributes["interface Gi0/1"] == UPLINK
    plugged = {**PORTS, "interface Gi0/2": "00:1a:2b:3c:4d:5f · 1 Gb/s · —"}
    assert Fact.INTERFACES not in compared(collector, switch, **plugged)
    changed = {
        "interface Gi0/1": "00:1a:2b:3c:4d:77 · 1 Gb/s · to core-2",
        "interface Gi0/3": "00:1a:2b:3c:4d:60 · — · spare",
    }
    row = compared(collector, switch, **changed)[Fact.INTERFACES]
    assert row.recorded == ("Gi0/1: 00:1a:2b:3c:4d:5e · 10 Gb/s; Gi0/3: —; Gi0/2: 00:1a:2b:3c:4d:5f · — · —")
    assert row.polled == "Gi0/1: 00:1a:2b:3c:4d:77 · 1 Gb/s; Gi0/3: 00:1a:2b:3c:4d:60 · — · spare; Gi0/2: —"
    collector.do(tell, switch, {**TOLD, **PORTS})
    with pytest.raises(Refused):
        desk.do(facts.accept, row.id, row.version)


def test_of_many_interfaces_the_first_are_named_and_the_rest_counted() -> None:
    polled = {f"GigabitEthernet1/0/{number}": line("", 1e9, f"desk {number}") for number in range(1, 49)}
    recorded = {name: line("", 1e9, "") for name in polled}
    found = summed_up(recorded, polled)
    assert found is not None and all(len(side) <= LONGEST for side in found)
    assert found[1].startswith("GigabitEthernet1/0/1: desk 1; ") and found[1].split("+")[-1].isdigit()
