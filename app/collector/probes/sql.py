"""Databases, asked by their own language: every item costs one short reading statement (REQUIREMENTS A8)."""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from app.collector.figures import metric_name, worded
from app.collector.probes.gauges import Rates
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.probes.sql_items import PERIODS, Item, load, sizes
from app.collector.samples import Metric, Target
from app.text import clean_line
from app.words import tr

STATEMENT_S: Final = 5
"""How long one statement may take; the engine itself ends it then."""
LOCK_S: Final = 1
"""How long one may wait for a lock that somebody else holds."""
BUDGET_S: Final = 25.0
MOST_ROWS: Final = 200
LONGEST_DETAIL: Final = 160

Row = Mapping[str, object]


class QueryFailed(Exception):
    """The engine refused one statement; `is_absent`: it has no such table, or the user no right to it."""

    def __init__(self, text: str, is_absent: bool = False) -> None:
        super().__init__(text)
        self.is_absent = is_absent


class Session(Protocol):
    """A connection that reads only. `engine` names its questions, `version` counts for which of them fit."""

    engine: str
    product: str
    version: float
    release: str

    def rows(self, sql: str) -> Sequence[Row]:
        """Return at most MOST_ROWS rows, column names in lower case. Raises QueryFailed, NoAnswer."""
        ...

    def abort(self) -> None:
        """Make a call that is under way in another thread end soon."""
        ...

    def close(self) -> None: ...


Connect = Callable[[Target], Session]
"""Raises NoAnswer, BadAnswer, NotServing, OSError."""


class Increases:
    """How much counters rose in a span, by check, item and instance; what was not seen that long counts from its
    first sight, and a counter that falls starts anew.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[tuple[int, str, str], deque[tuple[float, float]]] = {}

    def of(self, key: tuple[int, str, str], value: float, span_s: float, *, may_fall: bool) -> float:
        now, seen = self._clock(), self._seen.setdefault(key, deque())
        if seen and value < seen[-1][1] and not may_fall:
            seen.clear()
        while len(seen) > 1 and seen[1][0] <= now - span_s:
            seen.popleft()
        seen.append((now, value))
        return value - seen[0][1]


@dataclass(slots=True)
class _Work:
    """What one reading does in its thread, so that it can be ended from the event loop."""

    session: Session | None = None
    is_over: bool = False

    def begin(self, session: Session) -> None:
        self.session = session
        if self.is_over:
            session.abort()

    def end(self) -> None:
        self.is_over = True
        if self.session is not None:
            self.session.abort()


class SqlReader:
    """Params of a target: `user`, `database` (Oracle: the service), `tls` ("", require, verify), `space` (what table
    spaces may hold) and `replicas` (how many there should be). The secret is the password.
    """

    def __init__(self, connect: Connect, clock: Callable[[], float] = time.monotonic) -> None:
        self._connect = connect
        self._clock = clock
        self._rates = Rates(clock)
        self._increases = Increases(clock)
        self._kept: dict[tuple[int, str], tuple[float, tuple[Sensor, ...]]] = {}

    async def read(self, target: Target) -> Reading:
        work = _Work()
        try:
            return await asyncio.to_thread(self._read, target, work)
        finally:
            work.end()

    def _read(self, target: Target, work: _Work) -> Reading:
        began = self._clock()
        allowed, expected = sizes(target.params.get("space", "")), _expected(target.params)
        session = self._connect(target)
        took_ms = (self._clock() - began) * 1000
        try:
            work.begin(session)
            asked = _Asked(session, self._clock, began + BUDGET_S)
            settings = _Settings(target.check_id, allowed, expected)
            sensors = [Sensor("delay", "", Metric.DB_CONNECT, "", round(took_ms, 1), "ms", metric=Metric.DB_CONNECT)]
            for item in load(session.engine):
                if item.fits(session.version):
                    sensors += self._sensors(item, asked, settings)
        finally:
            work.session = None
            session.close()
        system = System(vendor=session.product, version=session.release)
        return Reading(system, sensors=tuple(sensors), troubles=tuple(asked.troubles))

    def _sensors(self, item: Item, asked: "_Asked", settings: "_Settings") -> tuple[Sensor, ...]:
        """Return what an item tells; one that is asked seldom stands until its time is over."""
        key, now = (settings.check_id, item.name), self._clock()
        kept = self._kept.get(key)
        if kept is not None and now - kept[0] < item.every_s:
            return kept[1]
        rows = asked.rows(item)
        if rows is None:
            return ()
        found = tuple(self._figures(item, rows, settings))
        self._kept[key] = (now, found)
        return found

    def _figures(self, item: Item, rows: Iterable[Row], settings: "_Settings") -> Iterator[Sensor]:
        made = [one for row in rows if (one := self._figure(item, row, settings)) is not None]
        if item.is_most and made:
            made = [max(made, key=lambda one: one.value or 0.0)]
        yield from made

    def _figure(self, item: Item, row: Row, settings: "_Settings") -> Sensor | None:
        instance, detail = (
            clean_line(str(row.get(name) or ""), LONGEST_DETAIL) for name in (item.instance, item.detail)
        )
        if item.is_state:
            instance = instance or item.name
            return _state(item, instance, detail, _level(item, row.get(item.value)))
        value = number(row.get(item.value))
        if value is None:
            return None
        value = self._counted(item, instance, value, settings)
        if value is None:
            return None
        name = "" if item.is_most else instance
        if item.is_most and not detail:
            detail = instance
        says = f"{worded(item.metric, name, value, item.unit)}: {detail}" if detail else ""
        kind = {"%": "percent", "s": "delay", "ms": "delay"}.get(item.unit, "count")
        return Sensor(kind, name, item.name, name, value, item.unit, metric=item.metric, says=says)

    def _counted(self, item: Item, instance: str, value: float, settings: "_Settings") -> float | None:
        if item.per == "second":
            rate = self._rates.per_second(settings.check_id, f"{item.name} {instance}", value)
            return None if rate is None else round(rate * item.factor, 3)
        if item.per:
            key = (settings.check_id, item.name, instance)
            value = self._increases.of(key, value, PERIODS[item.per], may_fall=item.per == "day")
        if item.is_quota:
            most = settings.allowed.get(instance)
            return round(100 * value / most, 2) if most else None
        if item.expected:
            wanted = settings.expected.get(item.expected)
            return None if wanted is None else max(0.0, wanted - value)
        return round(value * item.factor, 6)


@dataclass(frozen=True, slots=True)
class _Settings:
    check_id: int
    allowed: Mapping[str, float]
    expected: Mapping[str, float]


class _Asked:
    """The statements of one reading: each once, none after the time for all is over."""

    def __init__(self, session: Session, clock: Callable[[], float], end: float) -> None:
        self.troubles: list[str] = []
        self._session, self._clock, self._end = session, clock, end
        self._answers: dict[str, Sequence[Row] | None] = {}

    def rows(self, item: Item) -> Sequence[Row] | None:
        """Return the rows, None where they can't be had; why, unless the item is optional, is a trouble."""
        if item.sql not in self._answers:
            self._answers[item.sql] = self._ask(item)
        return self._answers[item.sql]

    def _ask(self, item: Item) -> Sequence[Row] | None:
        if self._clock() > self._end:
            self.troubles.append(tr("{name}: not asked, the answers took too long", name=item.name))
            return None
        try:
            return self._session.rows(item.sql)
        except QueryFailed as error:
            if not (item.is_optional and error.is_absent):
                self.troubles.append(f"{item.name}: {clean_line(str(error), LONGEST_DETAIL)}")
            return None


def number(value: object) -> float | None:
    """Return a figure as a number; None for what is none."""
    if isinstance(value, bool):
        return float(value)
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if abs(found) < 1e300 else None  # NaN and infinities compare as false


def _expected(params: Mapping[str, str]) -> dict[str, float]:
    text = params.get("replicas", "").strip()
    return {"replicas": float(int(text))} if text else {}


def _level(item: Item, value: object) -> int | None:
    if item.levels:
        return item.levels.get(str(value), item.levels.get("*"))
    found = number(value)
    return None if found is None else min(2, max(0, int(found)))


def _state(item: Item, instance: str, detail: str, level: int | None) -> Sensor | None:
    if level is None:
        return None
    what = " ".join(filter(None, (metric_name(item.metric), instance)))
    says = f"{what}: {detail}" if level and detail else what if level else ""
    value = float(level)
    return Sensor("state", instance, item.name, instance, value, "", level, item.metric, says)
