"""The collector's loop with a database in memory and probes that behave badly."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain

import numpy as np
import pytest

from app.collector.batch import Batch, Beat, Configuration
from app.collector.judge import Step
from app.collector.limits import DEFAULTS
from app.collector.memory import Judgement
from app.collector.probes.icmp import IcmpProbe
from app.collector.probes.tcp import TcpProbe
from app.collector.runner import Collector, Probes
from app.collector.samples import Outcome, Sweep, Target
from app.errors import DatabaseAway
from models.enums import CheckKind, State

DEADLINE_S = 20.0


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.collector.runner.WRITE_EVERY_S", 0.05)


class MemoryStore:
    """A `Store` that keeps everything; `away` makes it refuse."""

    def __init__(self, *targets: Target) -> None:
        self.configuration = Configuration(1, targets, DEFAULTS)
        self.states: dict[int, Judgement] = {}
        self.batches: list[Batch] = []
        self.beats: list[Beat] = []
        self.gaps: list[tuple[datetime, datetime]] = []
        self.requests: list[int] = []
        self.last: datetime | None = None
        self.tidied = 0
        self.away = False

    def configuration_mark(self) -> object:
        return self.configuration.mark

    def load(self) -> Configuration:
        return self.configuration

    def load_states(self) -> dict[int, Judgement]:
        return dict(self.states)

    def last_beat(self) -> datetime | None:
        return self.last

    def take_requests(self) -> list[int]:
        taken, self.requests = self.requests, []
        return taken

    def write(self, batch: Batch, beat: Beat) -> None:
        if self.away:
            raise DatabaseAway("gone")
        self.batches.append(batch)
        self.beats.append(beat)
        self.states.update(batch.judgements)

    def note_gap(self, start: datetime, end: datetime) -> None:
        self.gaps.append((start, end))

    def tidy(self) -> None:
        self.tidied += 1

    def outcomes(self, check_id: int) -> list[Outcome]:
        ours = (o for batch in self.batches for o in chain(batch.outcomes, *(s.outcomes() for s in batch.sweeps)))
        return [outcome for outcome in ours if outcome.check_id == check_id]


class Scripted:
    """A probe that does with each target what the test says."""

    def __init__(self, act: Callable[[Target], Outcome] | None = None) -> None:
        self.act = act
        self.asked: list[int] = []

    async def ask(self, target: Target) -> Outcome:
        self.asked.append(target.check_id)
        if self.act is None:
            await asyncio.sleep(3600)
        assert self.act is not None
        return self.act(target)

    async def sweep(self, targets: Sequence[Target]) -> Sweep:
        found = {place: await self.ask(target) for place, target in enumerate(targets)}
        nothing = np.full(len(targets), np.nan)
        return Sweep(targets, datetime.now(UTC), nothing, nothing, found)

    async def close(self) -> None:
        """Nothing to close."""


def good(target: Target) -> Outcome:
    return Outcome(target.check_id, target.ci_id, datetime.now(UTC), True)


def silent(target: Target) -> Outcome:
    return replace(good(target), ok=False, is_reachable=False, trouble="No answer")


def broken(target: Target) -> Outcome:
    raise RuntimeError("a bug in a probe")


def check(check_id: int, kind: CheckKind = CheckKind.TCP, interval_s: float = 60.0) -> Target:
    return Target(check_id, check_id, kind, "127.0.0.1", 9, interval_s=interval_s, retries=0)


def probes(**kinds: Scripted) -> Probes:
    single = {CheckKind(name): probe for name, probe in kinds.items() if name != "icmp"}
    return Probes(single, kinds.get("icmp", Scripted(good)))


def collect(store: MemoryStore, asking: Probes, until: Callable[[], bool]) -> None:
    """Run the collector until `until` holds; fail when it does not in time."""

    async def run() -> None:
        collector = Collector(store, asking)
        running = asyncio.create_task(collector.run())
        async with asyncio.timeout(DEADLINE_S):
            while not until():
                await asyncio.sleep(0.02)
        collector.stop()
        await asyncio.wait_for(running, DEADLINE_S)

    asyncio.run(run())


def test_what_was_asked_is_judged_and_stored_with_a_beat() -> None:
    store = MemoryStore(check(1), check(2, CheckKind.ICMP))
    collect(store, probes(tcp=Scripted(good)), lambda: len(store.states) == 2)
    assert {judged.state for judged in store.states.values()} == {State.NORMAL}
    assert store.beats[-1].devices == 2
    assert store.beats[-1].checks_per_minute >= 2


def test_a_device_that_never_answers_costs_only_itself() -> None:
    store = MemoryStore(check(1, CheckKind.SNMP), check(2))
    collect(store, probes(snmp=Scripted(), tcp=Scripted(good)), lambda: 2 in store.states)
    assert 1 not in store.states


def test_a_bug_in_a_probe_is_that_checks_trouble_and_the_watch_goes_on() -> None:
    store = MemoryStore(check(1, CheckKind.SNMP), check(2))
    collect(store, probes(snmp=Scripted(broken), tcp=Scripted(good)), lambda: len(store.states) == 2)
    assert store.states[1].state is State.UNKNOWN
    assert "a bug in a probe" in store.states[1].summary
    assert store.states[2].state is State.NORMAL


def test_a_bug_in_a_batch_of_pings_is_the_trouble_of_each() -> None:
    store = MemoryStore(check(1, CheckKind.ICMP), check(2, CheckKind.ICMP))
    collect(store, probes(icmp=Scripted(broken)), lambda: len(store.states) == 2)
    assert {judged.state for judged in store.states.values()} == {State.UNKNOWN}


def test_a_doubtful_device_is_asked_again_before_its_interval(monkeypatch) -> None:
    monkeypatch.setattr("app.collector.schedule.RETRY_S", 0.1)
    store = MemoryStore(replace(check(1, interval_s=1.0), retries=2))
    collect(store, probes(tcp=Scripted(silent)), lambda: bool(store.states.get(1) and store.states[1].is_down))
    assert [alarm.step for batch in store.batches for alarm in batch.alarms] == [Step.OPEN]


def test_while_the_database_is_away_results_are_kept_and_stored_afterwards() -> None:
    store = MemoryStore(check(1, interval_s=0.2))
    store.away = True
    asking = Scripted(good)

    def back_after_five() -> bool:
        store.away = len(asking.asked) < 5
        return bool(store.batches)

    collect(store, probes(tcp=asking), back_after_five)
    assert len(store.outcomes(1)) >= 5


def test_check_now_is_followed_without_waiting_for_the_interval() -> None:
    store = MemoryStore(check(1, interval_s=3600))
    asking = Scripted(good)

    def asked_twice() -> bool:
        if len(asking.asked) == 1 and not store.requests:
            store.requests.append(1)
        return len(asking.asked) >= 2

    collect(store, probes(tcp=asking), asked_twice)


def test_a_new_configuration_is_followed_without_a_restart() -> None:
    store = MemoryStore(check(1))

    def second_is_there() -> bool:
        if 1 in store.states:
            store.configuration = Configuration(2, (check(1), check(2)), DEFAULTS)
        return 2 in store.states

    collect(store, probes(tcp=Scripted(good)), second_is_there)


def test_a_restart_knows_what_was_raised_and_keeps_the_heartbeat() -> None:
    store = MemoryStore(check(1, interval_s=0.2))
    collect(store, probes(tcp=Scripted(silent)), lambda: len(store.outcomes(1)) >= 3)
    bar = store.states[1].heartbeat
    collect(store, probes(tcp=Scripted(silent)), lambda: len(store.states[1].heartbeat) > len(bar))
    assert store.states[1].heartbeat.startswith(bar)
    assert [alarm.step for batch in store.batches for alarm in batch.alarms] == [Step.OPEN]


def test_a_gap_in_watching_is_noted_at_the_start_and_a_short_pause_is_not() -> None:
    store = MemoryStore(check(1))
    store.last = datetime.now(UTC) - timedelta(hours=2)
    collect(store, probes(tcp=Scripted(good)), lambda: bool(store.beats))
    assert [start for start, _ in store.gaps] == [store.last]
    store.gaps.clear()
    store.last = datetime.now(UTC) - timedelta(seconds=5)
    collect(store, probes(tcp=Scripted(good)), lambda: len(store.beats) > 1)
    assert store.gaps == []


def test_once_asks_each_check_one_time_and_ends_with_everything_stored() -> None:
    store = MemoryStore(*(check(n, interval_s=0.1) for n in range(1, 6)))
    asking = Scripted(good)

    async def run() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await Collector(store, probes(tcp=asking)).run(once=True)

    asyncio.run(run())
    assert sorted(asking.asked) == [1, 2, 3, 4, 5]
    assert len(store.states) == 5


def test_a_bug_while_writing_ends_the_collector_aloud() -> None:
    class Broken(MemoryStore):
        def write(self, batch: Batch, beat: Beat) -> None:
            raise RuntimeError("a bug in the store")

    async def run() -> None:
        async with asyncio.timeout(DEADLINE_S):
            await Collector(Broken(check(1)), probes(tcp=Scripted(good))).run()

    with pytest.raises(RuntimeError, match="a bug in the store"):
        asyncio.run(run())


def test_real_pings_and_ports_of_this_machine_are_watched() -> None:
    store = MemoryStore(check(1, CheckKind.ICMP), check(2, CheckKind.TCP))
    asking = Probes({CheckKind.TCP: TcpProbe()}, IcmpProbe())
    collect(store, asking, lambda: len(store.states) == 2)
    assert store.states[2].state is State.CRITICAL
