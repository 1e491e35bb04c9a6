"""A flood on an interface of a real agent: it alarms while it lasts and clears by itself."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from app import devices
from app.collector.limits import DEFAULTS, Rulebook
from app.collector.probes.snmp.probe import SnmpProbe
from app.collector.probes.snmp.traffic import HALVES_IN_S, LEARNT_FROM, QUIET_PPS, Usual
from app.collector.process import all_probes
from app.collector.runner import Collector
from app.collector.samples import Metric, Outcome, Target
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk
from models.enums import CheckKind
from tests.collector.snmpsim_server import OWN, SnmpSim
from tests.e2e.room import alarms, watch_snmp

OCTETS = "1.3.6.1.2.1.2.2.1.10.1"
PACKETS = "1.3.6.1.2.1.2.2.1.11.1"
BROADCASTS = "1.3.6.1.2.1.31.1.1.1.9.1"
FLOOD_BPS = 1e9
"""All that the interface carries, as long as the flood lasts."""
PATIENCE_S = 60


def recording(folder: Path) -> Path:
    """Return the watched machine's recording with counters of what its interface receives."""
    counters = {OCTETS: "65|1000", PACKETS: "65|1000", BROADCASTS: "70|1000"}
    lines = [line for line in (OWN / "watched.snmprec").read_text(encoding="utf-8").splitlines() if line]
    lines = [line for line in lines if line.split("|")[0] not in counters]
    lines += [f"{oid}|{value}" for oid, value in counters.items()]
    lines.sort(key=lambda line: tuple(map(int, line.split("|")[0].split("."))))
    path = folder / "flooded.snmprec"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def flood(agent: SnmpSim) -> AsyncIterator[None]:
    """Edit the served recording every second, so that its counter runs at the interface's speed."""
    began = time.monotonic()

    async def go_on() -> None:
        while True:
            octets = 1000 + int((time.monotonic() - began) * FLOOD_BPS / 8)
            agent.edit("flooded", OCTETS, f"65|{octets % 2**32}")
            await asyncio.sleep(1)

    running = asyncio.create_task(go_on())
    try:
        yield
    finally:
        running.cancel()


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_flood_alarms_and_clears(database: Database, desk: Desk, tmp_path: Path) -> None:
    with SnmpSim(tmp_path / "agent", [recording(tmp_path)]) as agent:
        ci_id = watch_snmp(desk, "flooded", agent.port, "flooded")

        async def watch() -> None:
            collector = Collector(DeskStore(database), all_probes())
            running = asyncio.create_task(collector.run())
            await holds(lambda: was_checked(desk, ci_id))
            async with flood(agent):
                await holds(lambda: bool(desk.read(alarms)))
            await holds(lambda: desk.read(alarms)[0].is_cleared)
            collector.stop()
            await running

        asyncio.run(watch())
    alarm = desk.read(alarms)[0]
    assert alarm.ci_id == ci_id and "eth0" in alarm.title


def was_checked(desk: Desk, ci_id: int) -> bool:
    row = desk.read(devices.state_of, ci_id)
    return row is not None and row.checked_at is not None


async def holds(condition: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")


class Hours:
    """A clock that the test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def polls(agent: SnmpSim, steps: list[dict[str, int]]) -> Iterator[Outcome]:
    """Ask a real agent once a minute, by the probe's clock, and add to its counters (by object) after each poll."""
    clock, counters = Hours(), {OCTETS: 1000, PACKETS: 1000, BROADCASTS: 1000}
    target = Target(1, 1, CheckKind.SNMP, "127.0.0.1", agent.port, secret="flooded", timeout_s=5)
    with asyncio.Runner() as runner:
        probe = SnmpProbe(clock=clock)
        for step in steps:
            yield runner.run(probe.ask(target))
            for oid, more in step.items():
                counters[oid] += more
                agent.edit("flooded", oid, f"{70 if oid == BROADCASTS else 65}|{counters[oid]}")
            clock.now_s += 60
        runner.run(probe.close())


def figure(outcome: Outcome, metric: str) -> float | None:
    return next((one.value for one in outcome.samples if one.metric == metric), None)


def test_packets_far_above_the_usual_are_told_and_told_to_be_over(tmp_path: Path) -> None:
    usual, flooded = {PACKETS: 60 * 2_000}, {PACKETS: 60 * 50_000, BROADCASTS: 60 * 5_000}
    with SnmpSim(tmp_path / "agent", [recording(tmp_path)]) as agent:
        found = list(polls(agent, [usual] * 4 + [flooded, usual, usual]))
    assert [figure(one, Metric.IF_IN_PACKETS) for one in found[:5]] == [None, 2_000, 2_000, 2_000, 2_000]
    assert [figure(one, Metric.IF_IN_RISE) for one in found[:5]] == [None] * 5
    limits = Rulebook(DEFAULTS).of(1)
    rise, broadcasts = limits.of(Metric.IF_IN_RISE), limits.of(Metric.IF_IN_BROADCASTS)
    seen = figure(found[5], Metric.IF_IN_RISE) or 0.0
    assert rise is not None and rise.warning_high is not None and 20 < seen <= 30 and seen > rise.warning_high
    assert broadcasts is not None and figure(found[5], Metric.IF_IN_BROADCASTS) == 5_000
    assert figure(found[6], Metric.IF_IN_BROADCASTS) == 0
    assert (figure(found[6], Metric.IF_IN_RISE) or 9.0) < 2


def test_an_interface_that_carries_more_than_its_stated_speed_is_believed_the_second_time(tmp_path: Path) -> None:
    beyond = {OCTETS: int(60 * 3e9 / 8) % 2**32}
    with SnmpSim(tmp_path / "agent", [recording(tmp_path)]) as agent:
        agent.edit("flooded", "1.3.6.1.2.1.2.2.1.5.1", "66|10000000")
        found = list(polls(agent, [beyond] * 2 + [{}, {}]))
    told = [figure(one, Metric.IF_IN_UTILISATION) for one in found]
    assert told == [None, None, 100.0, 0.0]


def test_traffic_that_stays_becomes_the_usual_and_is_forgotten_after_weeks() -> None:
    usual = Usual()
    assert [usual.rise(50.0, 60) for _ in range(LEARNT_FROM)] == [None] * LEARNT_FROM
    first = usual.rise(80_000.0, 60)
    assert first == 80_000 / QUIET_PPS
    for _ in range(90):
        last = usual.rise(80_000.0, 60)
    assert last == 1.0 and usual.rise(80_000.0, HALVES_IN_S) == 1.0
    assert usual.rise(0.0, 8 * HALVES_IN_S) == 0.0
    assert (usual.rise(80_000.0, 60) or 0) > 70
