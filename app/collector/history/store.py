"""Writing history: samples as they come, closed hours packed and rolled up, old rows dropped."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import chain, compress
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Engine, Table, and_, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.collector.history import fresh
from app.collector.history.packing import Samples, Seconds, Values, merged, pack, unpack
from app.collector.history.rollup import FIVE_MINUTES_S, HOUR_S, Slices, pack_slices, rolled
from app.collector.samples import Metric, Outcome, Sample, Sweep
from app.text import clean_line
from app.trouble import worded
from models.history import FIRST_SECOND, packed_hour, rollup_1h, rollup_5m, series

GRACE_S: Final = 600
"""An hour is packed this long after its end; what comes later still is merged into it."""

KEPT_S: Final = HOUR_S
"""Hours that a store elsewhere has stay fresh this long, so that the newest curves are drawn without asking it."""

_SERIES_AT_ONCE: Final = 1000
"""Series packed in one transaction, so that others are not kept waiting."""

_RTT: Final = (Metric.PING_RTT_MS, "")
_LOSS: Final = (Metric.PING_LOSS, "")
_DAY_S: Final = 86_400

SeriesKey = tuple[str, str]
"""Metric and instance."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days raw samples, five-minute and hourly roll-ups are kept."""

    raw_days: int = 90
    five_minute_days: int = 400
    hour_days: int = 3700


@dataclass(slots=True)
class Delivery:
    """How far a store elsewhere has taken the fresh rows; shared by who sends and who packs.

    `hours` is how long a row waits here to be taken, 0 where history stays here; `mark` the last row taken, None until
    the store has said.
    """

    hours: int = 0
    mark: int | None = None


_SHORT: Final = Retention(raw_days=35, five_minute_days=200, hour_days=1100)
_LONG: Final = Retention(raw_days=400, five_minute_days=1100, hour_days=3700)
RETENTION: Final = (
    ("if.", _SHORT),
    ("sensor.", _SHORT),
    ("ping.", _SHORT),
    ("temperature.", _LONG),
    ("humidity.", _LONG),
    ("ups.", _LONG),
)
"""By the beginning of the metric's name, the rest keeps `Retention()`: room and power figures are the ones audited."""


class History:
    """The store's writing side. One per collector; `append` within the collector's own transaction."""

    def __init__(self, engine: Engine) -> None:
        self.delivery = Delivery()
        self._engine = engine
        self._ids: dict[int, dict[SeriesKey, int]] = {}
        self._rtts: dict[int, int] = {}
        self._losses: dict[int, int] = {}
        self._unsure: set[int] = set()

    def append(self, connection: Connection, outcomes: Iterable[Outcome], sweeps: Iterable[Sweep] = ()) -> int:
        """Keep what checks measured and return how many samples that is; the same again changes nothing.

        Of two figures of one series in one second the later stands. Figures that are no finite number become holes;
        outcomes of times outside 2000..2100 are left out. What did not answer has no samples: a gap.
        """
        self._make_sure(connection)
        ids: list[int] = []
        values: list[float | None] = []
        times: list[float] = []
        counts: list[int] = []
        for outcome in outcomes:
            samples = outcome.samples
            if not samples:
                continue
            try:
                known = self._ids[outcome.ci_id]
                ids += [known[sample.metric, sample.instance] for sample in samples]
            except KeyError:
                known = self._learn(connection, outcome.ci_id, samples)
                ids += [known[sample.metric, sample.instance] for sample in samples]
            values += [sample.value for sample in samples]
            times.append(outcome.at.timestamp())
            counts.append(len(samples))
        at = np.repeat(np.array(times, np.float64).astype(np.int64), counts)
        columns = [(np.array(ids, np.int64), at, np.array(values, np.float64))]
        columns += [self._of_sweep(connection, sweep) for sweep in sweeps]
        return fresh.write(connection, *(np.concatenate(parts) for parts in zip(*columns, strict=True)))

    def _of_sweep(self, connection: Connection, sweep: Sweep) -> tuple[fresh.Ids, Seconds, Values]:
        """Return the samples of the hosts that answered: series, times and values."""
        came = ~np.isnan(sweep.rtt_ms)
        devices = [target.ci_id for target in sweep.targets]
        rtt_ms, loss = sweep.rtt_ms, sweep.loss
        if not came.all():
            devices, rtt_ms, loss = list(compress(devices, came.tolist())), rtt_ms[came], loss[came]
        count = len(devices)
        try:
            ids = self._ping_ids(devices)
        except KeyError:
            for place in np.flatnonzero(came).tolist():
                ci_id = sweep.targets[place].ci_id
                if ci_id not in self._rtts:
                    known = self._learn(connection, ci_id, sweep.outcome(place).samples)
                    self._rtts[ci_id], self._losses[ci_id] = known[_RTT], known[_LOSS]
            ids = self._ping_ids(devices)
        return ids, np.full(2 * count, int(sweep.at.timestamp())), np.concatenate((rtt_ms, loss))

    def _ping_ids(self, devices: Sequence[int]) -> fresh.Ids:
        """Return the series of the round trips, then of the losses. Raises KeyError for a device not known yet."""
        rtts, losses = map(self._rtts.__getitem__, devices), map(self._losses.__getitem__, devices)
        return np.fromiter(chain(rtts, losses), np.int64, 2 * len(devices))

    def _make_sure(self, connection: Connection) -> None:
        """Forget the series whose transaction was rolled back."""
        if not self._unsure:
            return
        gone, unsure = set(self._unsure), sorted(self._unsure)
        for start in range(0, len(unsure), _SERIES_AT_ONCE):
            some = series.c.id.in_(unsure[start : start + _SERIES_AT_ONCE])
            gone.difference_update(connection.scalars(select(series.c.id).where(some)))
        if gone:
            self._rtts, self._losses = {}, {}
            for ci_id, ids in self._ids.items():
                self._ids[ci_id] = {key: series_id for key, series_id in ids.items() if series_id not in gone}
        self._unsure = set()

    def _learn(self, connection: Connection, ci_id: int, samples: Sequence[Sample]) -> dict[SeriesKey, int]:
        """Return the ids of the CI's series by metric and instance, those of `samples` made where they are new."""
        ids = self._ids.setdefault(ci_id, {})
        made = _register(connection, ci_id, samples)
        ids.update(made)
        self._unsure.update(made.values())
        return ids

    @worded()
    def pack(self, now: datetime) -> int:
        """Pack what is fresh of closed hours; return how many samples were. Safe to repeat and to be killed in.

        Hours that a store elsewhere has taken whole are dropped; others wait for it as long as `delivery` says.
        """
        closed = (int(now.timestamp()) - GRACE_S) // HOUR_S * HOUR_S
        done = 0
        hour = self._next_hour(FIRST_SECOND - 1, closed)
        while hour is not None:
            done += self._close_hour(hour, closed)
            hour = self._next_hour(hour, closed)
        return done

    def _next_hour(self, after: int, closed: int) -> int | None:
        with self._engine.connect() as connection:
            hour = fresh.oldest_hour(connection, after)
        return None if hour is None or hour >= closed else hour

    def _close_hour(self, hour: int, closed: int) -> int:
        delivery = self.delivery
        if not delivery.hours:
            return self._pack_hour(hour)
        if hour >= closed - KEPT_S:
            return 0
        with self._engine.connect() as connection:
            last = fresh.newest_row_of(connection, hour)
        if delivery.mark is not None and last <= delivery.mark:
            with self._writing() as connection:
                fresh.drop_hour(connection, hour, last)
            return 0
        return self._pack_hour(hour) if hour < closed - delivery.hours * HOUR_S else 0

    @worded()
    def keep_here(self, ids: fresh.Ids, at: Seconds, values: Values) -> None:
        """Pack samples, in order of series and time, that a store elsewhere refused."""
        hours = at // HOUR_S * HOUR_S
        for hour in np.unique(hours).tolist():
            among = hours == hour
            parts = {one: among & (ids == one) for one in np.unique(ids[among]).tolist()}
            with self._writing() as connection:
                _write_packed(connection, hour, {one: Samples(at[here], values[here]) for one, here in parts.items()})

    def _pack_hour(self, hour: int) -> int:
        """Pack one hour: blobs first, then the fresh rows go; between the two, reading sees each sample once.

        Rows that came since they were read stay for the next round, which merges them.
        """
        with self._engine.connect() as connection:
            parts, rows = fresh.of_hour(connection, hour)
        ids = sorted(parts)
        for start in range(0, len(ids), _SERIES_AT_ONCE):
            with self._writing() as connection:
                _write_packed(connection, hour, {one: parts[one] for one in ids[start : start + _SERIES_AT_ONCE]})
        with self._writing() as connection:
            fresh.drop(connection, rows)
        return sum(len(part.at) for part in parts.values())

    @worded()
    def drop_old(self, now: datetime) -> int:
        """Delete what is past its retention; return how many rows went."""
        today = int(now.timestamp()) // _DAY_S * _DAY_S
        gone = 0
        for keep, ids in self._by_retention().items():
            limits = (
                (packed_hour, keep.raw_days),
                (rollup_5m, keep.five_minute_days),
                (rollup_1h, keep.hour_days),
            )
            for start in range(0, len(ids), _SERIES_AT_ONCE):
                some = ids[start : start + _SERIES_AT_ONCE]
                for table, days in limits:
                    with self._writing() as connection:
                        old = and_(table.c.series_id.in_(some), table.c.hour < today - days * _DAY_S)
                        gone += connection.execute(delete(table).where(old)).rowcount
        return gone

    def _by_retention(self) -> dict[Retention, list[int]]:
        with self._engine.connect() as connection:
            rows = connection.execute(select(series.c.id, series.c.metric)).all()
        found: dict[Retention, list[int]] = {}
        for series_id, metric in rows:
            keep = next((keep for start, keep in RETENTION if metric.startswith(start)), Retention())
            found.setdefault(keep, []).append(series_id)
        return found

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
            yield connection


def _register(connection: Connection, ci_id: int, new: Sequence[Sample]) -> dict[SeriesKey, int]:
    """Make the series that are missing and return the ids of all of `new`."""
    rows = [
        {
            "ci_id": ci_id,
            "metric": sample.metric,
            "instance": clean_line(sample.instance, 200),
            "unit": clean_line(sample.unit, 16),
            "label": clean_line(sample.label, 250),
        }
        for sample in new
    ]
    connection.execute(_insert(connection, series).on_conflict_do_nothing(), rows)
    query = select(series.c.metric, series.c.instance, series.c.id).where(series.c.ci_id == ci_id)
    found = {(metric, instance): series_id for metric, instance, series_id in connection.execute(query)}
    return {(one.metric, one.instance): found[one.metric, clean_line(one.instance, 200)] for one in new}


def _insert(connection: Connection, table: Table) -> Any:
    return (sqlite if connection.dialect.name == "sqlite" else postgresql).insert(table)


def _write_packed(connection: Connection, hour: int, parts: dict[int, Samples]) -> None:
    """Merge `parts` with what is packed already and write blob and roll-ups of each series."""
    query = select(packed_hour.c.series_id, packed_hour.c.data).where(
        packed_hour.c.hour == hour, packed_hour.c.series_id.in_(list(parts))
    )
    before = {series_id: unpack(hour, data) for series_id, data in connection.execute(query)}
    whole = {one: merged(before[one], new) if one in before else new for one, new in parts.items()}
    five = {one: rolled(samples, FIVE_MINUTES_S) for one, samples in whole.items()}
    key = {"hour": hour}
    _replace(
        connection,
        packed_hour,
        [key | {"series_id": one, "data": pack(hour, samples)} for one, samples in whole.items()],
    )
    _replace(
        connection,
        rollup_5m,
        [key | {"series_id": one, "data": pack_slices(hour, slices)} for one, slices in five.items() if len(slices)],
    )
    hours = [(one, rolled(samples, HOUR_S)) for one, samples in whole.items()]
    _replace(connection, rollup_1h, [key | _hour_row(one, slices) for one, slices in hours if len(slices)])


def _hour_row(series_id: int, slices: Slices) -> dict[str, Any]:
    return {
        "series_id": series_id,
        "count": int(slices.count[0]),
        "low": float(slices.low[0]),
        "mean": float(slices.mean[0]),
        "high": float(slices.high[0]),
    }


def _replace(connection: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> None:
    if not rows:
        return
    ids = [row["series_id"] for row in rows]
    connection.execute(delete(table).where(table.c.hour == rows[0]["hour"], table.c.series_id.in_(ids)))
    connection.execute(insert(table), list(rows))
