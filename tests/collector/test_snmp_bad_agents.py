"""Agents that answer wrongly, endlessly, or no more: one device's trouble stays its own and is said on that device."""

import asyncio
from typing import Any

import pytest

from app.collector.probe_report import document
from app.collector.probes.snmp.client import Credentials, open_client
from app.collector.probes.snmp.device import Device
from app.collector.probes.snmp.families import Family
from app.collector.probes.snmp.grammar import family_of
from tests.collector.bad_agent import Agent, Next, Oid, integer, octets, oid

SYSTEM = {
    "1.3.6.1.2.1.1.1.0": octets(b"test device"),
    "1.3.6.1.2.1.1.2.0": bytes.fromhex("06062b06010401ce"),
    "1.3.6.1.2.1.1.3.0": integer(12345, 0x43),
    "1.3.6.1.2.1.1.5.0": octets(b"bad"),
}
DESCR, IN, TEMPERATURE = "1.3.6.1.2.1.2.2.1.2", "1.3.6.1.2.1.31.1.1.1.6", "1.3.6.1.4.1.99.1"

FAMILIES: tuple[Family, ...] = (
    family_of(
        {
            "name": "ports",
            "columns": {"descr": DESCR, "in": IN},
            "port": [{"rows": "descr", "name": "descr", "descr": "{descr}", "in_octets": ["in"]}],
        }
    ),
    family_of(
        {
            "name": "sensors",
            "columns": {"t": TEMPERATURE},
            "sensor": [{"value": "t", "class": "temperature", "not_available": [65535, -999]}],
        }
    ),
)


def read(agent: Agent, budget_s: float = 20.0) -> dict[str, Any]:
    async def once() -> dict[str, Any]:
        client = open_client("127.0.0.1", agent.port, Credentials(), timeout_s=0.3, retries=1)
        device = Device(client, FAMILIES)
        try:
            return document(await device.read(budget_s))
        finally:
            device.close()

    with agent.running():
        return asyncio.run(once())


def read_often(agent: Agent, times: int) -> list[list[int | None]]:
    """Return the counters of the ports at each of so many polls."""

    async def polls() -> list[list[int | None]]:
        client = open_client("127.0.0.1", agent.port, Credentials(), timeout_s=0.3, retries=1)
        device = Device(client, FAMILIES)
        try:
            return [[port.in_octets for port in (await device.read()).ports] for _ in range(times)]
        finally:
            device.close()

    with agent.running():
        return asyncio.run(polls())


def values(document_: dict[str, Any]) -> list[float | None]:
    return [one["value"] for one in document_["sensors"]]


def test_wrong_types_and_text_for_figures_give_what_can_be_read() -> None:
    told = {
        f"{DESCR}.1": integer(7),
        f"{TEMPERATURE}.1": octets(b"23.5 C"),
        f"{TEMPERATURE}.2": octets(b"n/a"),
        f"{TEMPERATURE}.3": integer(65535, 0x42),
        f"{TEMPERATURE}.4": integer(-999),
        f"{TEMPERATURE}.5": integer(2**32 - 1, 0x42),
        f"{TEMPERATURE}.6": octets(b"\xff\xfe\x00"),
        f"{TEMPERATURE}.7": integer(41),
    }
    found = read(Agent(SYSTEM | told))
    assert [port["name"] for port in found["ports"]] == ["7"]
    assert values(found) == [23.5, None, None, None, None, None, 41]
    assert not found["troubles"]


def test_a_counter_of_64_bits_keeps_its_last_bit_and_the_largest_is_no_speed() -> None:
    told = {f"{DESCR}.1": octets(b"eth0"), f"{IN}.1": integer(2**64 - 1, 0x46)}
    assert read(Agent(SYSTEM | told))["ports"][0]["in_octets"] == 2**64 - 1


def endless(asked: Oid) -> tuple[Oid, bytes] | None:
    """Invent one more row for ever."""
    column = oid(TEMPERATURE)
    if asked[: len(column)] != column:
        return None
    return (*column, (asked[len(column)] if len(asked) > len(column) else 0) + 1), integer(20)


def repeating(asked: Oid) -> tuple[Oid, bytes] | None:
    """Answer the first two rows again and again."""
    column = oid(TEMPERATURE)
    if asked == column or asked == (*column, 2):
        return (*column, 1), integer(20)
    return ((*column, 2), integer(21)) if asked == (*column, 1) else None


def backwards(asked: Oid) -> tuple[Oid, bytes] | None:
    """Answer rows in falling order, which ends where the column begins."""
    column = oid(TEMPERATURE)
    row = asked[len(column)] if len(asked) > len(column) else 4
    if asked[: len(column)] != column or row <= 1:
        return None if asked[: len(column)] != column else ((*column[:-1], 99), integer(0))
    return (*column, row - 1), integer(20 + row)


@pytest.mark.parametrize(("following", "word"), [(endless, "cut"), (repeating, "repeat")])
def test_a_walk_without_end_is_cut_and_said_and_the_ports_still_come(following: Next, word: str) -> None:
    found = read(Agent(SYSTEM | {f"{DESCR}.1": octets(b"eth0")}, following))
    assert [port["name"] for port in found["ports"]] == ["eth0"]
    assert found["sensors"] and any(word in trouble or TEMPERATURE in trouble for trouble in found["troubles"])


def test_rows_in_falling_order_do_not_hang_the_reading() -> None:
    found = read(Agent(SYSTEM | {f"{DESCR}.1": octets(b"eth0")}, backwards))
    assert [port["name"] for port in found["ports"]] == ["eth0"]
    assert len(found["sensors"]) <= 3


def test_an_agent_that_dies_half_way_leaves_what_it_told_and_the_rest_is_said() -> None:
    told = {f"{DESCR}.{n}": octets(b"eth%d" % n) for n in range(1, 4)} | {f"{TEMPERATURE}.1": integer(20)}
    found = read(Agent(SYSTEM | told, dies_after=2))
    assert found["system"]["name"] == "bad"
    assert found["troubles"]


def test_a_slow_agent_does_not_hold_the_reading_beyond_its_budget() -> None:
    found = read(Agent(SYSTEM, endless, dies_after=2), budget_s=1.0)
    assert found["troubles"]


def test_an_object_id_that_is_cut_off_is_no_crash() -> None:
    broken = {"1.3.6.1.2.1.1.2.0": b"\x06\x01\xff", "1.3.6.1.2.1.1.1.0": octets(b"\xd6\xd0\xce\xc4")}
    assert read(Agent(SYSTEM | broken))["system"]["descr"] == "中文"


HUNDRED_PORTS = {
    **SYSTEM,
    **{f"{DESCR}.{port}": octets(b"port") for port in range(1, 101)},
    **{f"{IN}.{port}": integer(port, 0x46) for port in range(1, 101)},
}
COUNTED: list[int | None] = [*range(1, 101)]


def test_long_tables_are_asked_for_more_and_more_objects_at_once() -> None:
    agent = Agent(HUNDRED_PORTS)
    assert read_often(agent, 6) == [COUNTED] * 6
    assert agent.asked[-2:] == [4, 100]


@pytest.mark.parametrize("is_shy", [True, False])
def test_an_agent_is_asked_for_no_more_than_it_answers_and_loses_no_figure(is_shy: bool) -> None:
    agent = Agent(HUNDRED_PORTS, most_names=30, is_shy=is_shy)
    assert read_often(agent, 6) == [COUNTED] * 6
    assert sum(1 for names in agent.asked if names > 30) <= 3
    assert agent.asked[-5:] == [24, 24, 24, 24, 4]


def test_an_agent_that_answers_few_objects_at_once_is_walked() -> None:
    agent = Agent(HUNDRED_PORTS, most_names=10, is_shy=True)
    assert read_often(agent, 4) == [COUNTED] * 4
    assert set(agent.asked[-3:]) == {1}
