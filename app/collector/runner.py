"""The collector's process: asks what is due, judges, and writes one batch a second.

One thread works with the database; everything else runs in one event loop. A probe that hangs, fails or
raises costs only its own check.
"""

import asyncio
import contextlib
import logging
import signal
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import numpy as np

from app.collector.batch import Beat, Store
from app.collector.history.sending import Sender
from app.collector.intake.service import Intake
from app.collector.leases import Fenced, NameTaken
from app.collector.memory import Judgement
from app.collector.probes import BatchProbe, Probe
from app.collector.samples import Outcome, Sweep, Target
from app.collector.schedule import Schedule
from app.collector.watch import Watch
from app.errors import DatabaseAway, NotSaved, WatchroomError
from app.words import tr
from models.enums import CheckKind

WRITE_EVERY_S = 1.0
TIDY_EVERY_S = 3.0
GAP_FROM = timedelta(seconds=30)
"""A silence of the collector from this length on is a gap in watching."""
LONGEST_CHECK_S = 60.0
AT_ONCE: Mapping[CheckKind, int] = {
    CheckKind.LOCAL: 2,
    CheckKind.TCP: 500,
    CheckKind.HTTP: 100,
    CheckKind.SNMP: 300,
    CheckKind.REDFISH: 40,
    CheckKind.IPMI: 8,
    CheckKind.NUT: 100,
    CheckKind.MODBUS: 100,
    CheckKind.POSTGRESQL: 20,
    CheckKind.MYSQL: 20,
    CheckKind.ORACLE: 20,
    CheckKind.TOMCAT: 50,
    CheckKind.RABBITMQ: 50,
    CheckKind.WEBLOGIC: 50,
    CheckKind.MUST_REACH: 50,
    CheckKind.MUST_NOT_REACH: 50,
}
ASKING_THREADS = 64
"""For what can't be asked in the event loop: databases' drivers, names; more than all of AT_ONCE's databases."""

_TICK_S = 0.05
_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Probes:
    """Who asks which kind of check; pings go out together."""

    single: Mapping[CheckKind, Probe]
    pings: BatchProbe

    async def close(self) -> None:
        for probe in self.single.values():
            await probe.close()
        await self.pings.close()


@dataclass(slots=True)
class _Progress:
    started_at: datetime
    ended: deque[float] = field(default_factory=deque)
    trouble: str = ""

    def note(self, now: float) -> None:
        self.ended.append(now)

    def per_minute(self, now: float) -> int:
        while self.ended and self.ended[0] < now - 60:
            self.ended.popleft()
        return len(self.ended)


class Collector:
    """Watches until `stop`. `run` is called once, in the event loop that it then fills."""

    def __init__(
        self,
        store: Store,
        probes: Probes,
        clock: Callable[[], float] = time.monotonic,
        intake: Intake | None = None,
        sender: Sender | None = None,
    ) -> None:
        self._store = store
        self._intake = intake
        self._sender = sender
        self._probes = probes
        self._clock = clock
        self._schedule = Schedule()
        self._watch = Watch({})
        self._stopping = asyncio.Event()
        self._ending = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        self._room = {kind: asyncio.Semaphore(count) for kind, count in AT_ONCE.items()}
        self._mark: object = None
        self._progress = _Progress(datetime.now(UTC))
        self._last_write = datetime.now(UTC)
        self._database = ThreadPoolExecutor(1, "database")
        self._spooling = ThreadPoolExecutor(1, "spool")
        self._sending = ThreadPoolExecutor(1, "history")
        self._sharing = asyncio.Lock()
        """Held while a batch is written and while the devices are shared out anew, so that neither meets the other."""

    def stop(self) -> None:
        """Make `run` store what there is and return; may be called from a signal handler of the loop."""
        self._stopping.set()

    async def run(self, seconds: float | None = None, *, once: bool = False) -> None:
        """Watch until `stop`, for `seconds`, or until each check has run `once`.

        Raises DatabaseAway when the database is not there at the start, NameTaken when another process took its place.
        """
        try:
            await self._begin()
            async with self._background():
                await self._ask_until(seconds, once)
            await self._write()
        finally:
            await self._probes.close()
            self._database.shutdown()
            self._spooling.shutdown()
            self._sending.shutdown()

    async def _begin(self) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(ASKING_THREADS, "asking"))
        self._watch = Watch(await self._in_database(self._store.load_states))
        await self._reload()
        last = await self._in_database(self._store.last_beat)
        now = datetime.now(UTC)
        if last is not None and now - last >= GAP_FROM:
            await self._in_database(self._store.note_gap, last, now)

    async def _reload(self) -> None:
        """Follow the configuration, and which devices are this collector's."""
        async with self._sharing:
            await self._reload_alone()

    async def _reload_alone(self) -> None:
        mark = await self._in_database(self._store.configuration_mark)
        if mark == self._mark and self._mark is not None:
            return
        configuration = await self._in_database(self._store.load)
        self._mark = mark
        self._watch.configure(configuration, datetime.now(UTC))
        self._schedule.replace(configuration.targets, self._clock())

    @contextlib.asynccontextmanager
    async def _background(self) -> AsyncIterator[None]:
        """Write and tidy while the body runs; end every check that is still under way afterwards."""
        loops = [asyncio.create_task(self._write_on()), asyncio.create_task(self._tidy_on())]
        if self._intake is not None:
            loops.append(asyncio.create_task(self._intake.run(self._in_database, self._spooling, self._ending)))
        if self._sender is not None:
            loops.append(asyncio.create_task(self._sender.run(self._in_database, self._sending, self._ending)))
        for loop in loops:  # one that ends by itself met a bug: better no collector than one that keeps nothing
            loop.add_done_callback(lambda _: self._stopping.set())
        try:
            yield
        finally:
            self._ending.set()
            await asyncio.gather(*loops)  # not cancelled: a write under way must be known to have ended
            left = tuple(self._tasks)
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)

    async def _ask_until(self, seconds: float | None, once: bool) -> None:
        end = None if seconds is None else self._clock() + seconds
        asked: set[int] = set()
        while not self._stopping.is_set() and (end is None or self._clock() < end):
            due = self._schedule.take_due(self._clock())
            if once:
                due = [target for target in due if target.check_id not in asked]
                asked.update(target.check_id for target in due)
            self._ask(due)
            if once and len(asked) >= len(self._schedule) and not self._tasks:
                return
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._pause())

    def _pause(self) -> float:
        """Return how long to wait: until something is due, a tick at least, so that pings go together."""
        due = self._schedule.next_due()
        return _TICK_S if due is None else min(max(due - self._clock(), _TICK_S), 0.5)

    def _ask(self, due: Sequence[Target]) -> None:
        pings = [target for target in due if target.kind is CheckKind.ICMP]
        if pings:
            self._start(self._ask_pings(pings))
        for target in due:
            if target.kind is not CheckKind.ICMP:
                self._start(self._ask_one(target))

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask_one(self, target: Target) -> None:
        outcome: Outcome
        async with self._room[target.kind]:
            limit_s = max(LONGEST_CHECK_S, 2 * target.timeout_s)
            try:
                async with asyncio.timeout(limit_s):
                    outcome = await self._probes.single[target.kind].ask(target)
            except TimeoutError:
                outcome = _failed(target, tr("The check did not end within {n} s", n=round(limit_s)))
            except Exception as bug:  # one device's answer must not end the watch over the others
                _log.exception("check %s of %s", target.check_id, target.address)
                outcome = _failed(target, tr("The check failed: {reason}", reason=repr(bug)))
        self._take(target, outcome)

    async def _ask_pings(self, targets: Sequence[Target]) -> None:
        try:
            async with asyncio.timeout(LONGEST_CHECK_S):
                sweep = await self._probes.pings.sweep(targets)
        except Exception as bug:
            _log.exception("a batch of %s pings", len(targets))
            trouble = tr("The check failed: {reason}", reason=repr(bug))
            failed = {place: _failed(target, trouble) for place, target in enumerate(targets)}
            nothing = np.full(len(targets), np.nan)
            sweep = Sweep(targets, datetime.now(UTC), nothing, nothing, failed)
        judged = self._watch.take_sweep(sweep)
        for target, judgement in zip(targets, judged, strict=True):
            self._note(target, judgement)

    def _take(self, target: Target, outcome: Outcome) -> None:
        self._note(target, self._watch.take(target, outcome))

    def _note(self, target: Target, judgement: Judgement) -> None:
        """Plan the check's next run, and at once those that its judgement asks for."""
        now = self._clock()
        self._progress.note(now)
        self._schedule.finish(target.check_id, now, is_doubtful=judgement.attempts > 0)
        for ci_id in self._watch.wanted_now:
            self._schedule.check_now(ci_id, now)
        self._watch.wanted_now.clear()

    async def _write_on(self) -> None:
        while await self._goes_on():
            await self._write()

    async def _write(self) -> None:
        """Store what there is. What can't be stored now is kept and goes with the next batch."""
        async with self._sharing:
            await self._write_alone()

    async def _write_alone(self) -> None:
        now = datetime.now(UTC)
        self._watch.turn(now)
        batch = self._watch.gather()
        try:
            if now - self._last_write >= GAP_FROM:  # the machine slept, or the database was away
                await self._in_database(self._store.note_gap, self._last_write, now)
            await self._in_database(self._store.write, batch, self._beat(now))
        except Fenced:
            self._watch.give_back(batch)
            with contextlib.suppress(DatabaseAway, NotSaved):
                await self._reload_alone()  # drops what others watch now; the rest goes with the next batch
            return
        except WatchroomError as away:
            self._watch.give_back(batch)
            self._progress.trouble = away.sentence()
            return
        self._last_write = now
        self._progress.trouble = ""

    def _beat(self, now: datetime) -> Beat:
        beside = (each.trouble for each in (self._intake, self._sender) if each is not None)
        trouble = self._progress.trouble or next(filter(None, beside), "")
        if self._watch.dropped:
            trouble = tr("{n} results were lost while the database was away", n=self._watch.dropped)
        per_minute = self._progress.per_minute(self._clock())
        return Beat(self._progress.started_at, now, self._watch.devices, per_minute, trouble)

    async def _tidy_on(self) -> None:
        """Follow requests and the configuration every second, tidy every few."""
        tidied = self._clock()
        while await self._goes_on():
            try:
                for ci_id in await self._in_database(self._store.take_requests):
                    self._schedule.check_now(ci_id, self._clock())
                await self._reload()
                await self._look_elsewhere()
                if self._clock() - tidied >= TIDY_EVERY_S:
                    tidied = self._clock()
                    await self._in_database(self._store.tidy)
            except NameTaken:
                raise
            except WatchroomError as away:
                self._progress.trouble = away.sentence()

    async def _look_elsewhere(self) -> None:
        """Follow the devices of other collectors through which devices here are reached."""
        parents = self._watch.parents_elsewhere
        if parents:
            wanted, self._watch.wanted_elsewhere = self._watch.wanted_elsewhere, set()
            found = await self._in_database(self._store.look_elsewhere, parents, wanted)
            self._watch.see(found, datetime.now(UTC))

    async def _goes_on(self) -> bool:
        """Wait for the next turn; return False when the watch ends."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._ending.wait(), WRITE_EVERY_S)
        return not self._ending.is_set()

    async def _in_database(self, what: Callable[..., T], *args: object) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, what, *args)


def _failed(target: Target, trouble: str) -> Outcome:
    return Outcome(target.check_id, target.ci_id, datetime.now(UTC), False, trouble=trouble)


def stop_on_signals(collector: Collector) -> None:
    """Let SIGTERM and SIGINT end the watch in order; on systems whose loop has no signals, Ctrl+C raises."""
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError, ValueError):
            loop.add_signal_handler(name, collector.stop)
