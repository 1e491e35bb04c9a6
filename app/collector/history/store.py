"""Writing history: samples as they come, closed hours packed and rolled up, old rows dropped."""

import math
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Engine, Table, and_, delete, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from app.collector.history.packing import Samples, merged, pack, unpack
from app.collector.history.rollup import FIVE_MINUTES_S, HOUR_S, Slices, pack_slices, rolled
from app.collector.samples import Outcome, Sample
from app.text import clean_line
from models.history import FIRST_SECOND, LAST_SECOND, hot, packed_hour, rollup_1h, rollup_5m, series

GRACE_S: Final = 600
"""An hour is packed this long after its end; what comes later still is merged into it."""

_SERIES_AT_ONCE: Final = 1000
"""Series packed in one transaction, so that others are not kept waiting."""

_LARGEST: Final = 1e38
_DAY_S: Final = 86_400

SeriesKey = tuple[str, str]
"""Metric and instance."""

HotRow = tuple[int, int, float | None]
"""At, series, value."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How many days raw samples, five-minute and hourly roll-ups are kept."""

    raw_days: int = 90
    five_minute_days: int = 400
    hour_days: int = 3700


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
        self._engine = engine
        self._ids: dict[int, dict[SeriesKey, int]] = {}
        self._unsure: set[int] = set()

    def append(self, connection: Connection, outcomes: Iterable[Outcome]) -> int:
        """Keep what checks measured and return how many rows that is; the same again changes nothing.

        Of two figures of one series in one second the later stands. Figures that are no finite number become holes;
        outcomes of times outside 2000..2100 are left out. What did not answer has no samples: a gap.
        """
        self._make_sure(connection)
        rows: list[HotRow] = []
        for outcome in outcomes:
            at = int(outcome.at.timestamp())
            if not outcome.samples or not FIRST_SECOND <= at < LAST_SECOND:
                continue
            try:
                rows += _hot_rows(at, self._ids[outcome.ci_id], outcome.samples)
            except KeyError:
                rows += _hot_rows(at, self._learn(connection, outcome), outcome.samples)
        write_hot(connection, rows)
        return len(rows)

    def _make_sure(self, connection: Connection) -> None:
        """Forget the series whose transaction was rolled back."""
        if not self._unsure:
            return
        present = set(connection.scalars(select(series.c.id).where(series.c.id.in_(self._unsure))))
        for ids in self._ids.values():
            for key in [key for key, series_id in ids.items() if series_id in self._unsure - present]:
                del ids[key]
        self._unsure = set()

    def _learn(self, connection: Connection, outcome: Outcome) -> dict[SeriesKey, int]:
        """Return the ids of the CI's series by metric and instance, those of `outcome` made where they are new."""
        ids = self._ids.setdefault(outcome.ci_id, {})
        made = _register(connection, outcome.ci_id, outcome.samples)
        ids.update(made)
        self._unsure.update(made.values())
        return ids

    def pack(self, now: datetime) -> int:
        """Pack what is hot of closed hours; return how many samples were. Safe to repeat and to be killed in."""
        closed = (int(now.timestamp()) - GRACE_S) // HOUR_S * HOUR_S
        done = 0
        while (hour := self._oldest_hour(closed)) is not None:
            packed = self._pack_hour(hour)
            if not packed:
                break
            done += packed
        return done

    def _oldest_hour(self, closed: int) -> int | None:
        with self._engine.connect() as connection:
            first = connection.scalar(select(func.min(hot.c.at)))
        return None if first is None or first >= closed else first // HOUR_S * HOUR_S

    def _pack_hour(self, hour: int) -> int:
        """Pack one hour: blobs first, then the hot rows go; between the two, reading sees each sample once."""
        query = select(hot.c.series_id, hot.c.at, hot.c.value).where(*_within(hot, hour))
        with self._engine.connect() as connection:
            rows = connection.execute(query).all()
        parts = _by_series(rows)
        ids = sorted(parts)
        for start in range(0, len(ids), _SERIES_AT_ONCE):
            with self._writing() as connection:
                _write_packed(connection, hour, {one: parts[one] for one in ids[start : start + _SERIES_AT_ONCE]})
        return self._drop_hot(hour, len(rows))

    def _drop_hot(self, hour: int, expected: int) -> int:
        """Delete the hour's hot rows unless some came since they were read: then the next round merges them."""
        with self._writing() as connection:
            present = connection.scalar(select(func.count()).select_from(hot).where(*_within(hot, hour)))
            if present != expected:
                return 0
            connection.execute(delete(hot).where(*_within(hot, hour)))
        return expected

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


def write_hot(connection: Connection, rows: Sequence[HotRow]) -> None:
    """Insert `rows`; where one is there already, the later value stands."""
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT OR REPLACE INTO history_hot (at, series_id, value) VALUES (?, ?, ?)", rows)
        return
    connection.exec_driver_sql(
        "CREATE TEMP TABLE IF NOT EXISTS arriving (at bigint, series_id int, value float8) ON COMMIT DELETE ROWS"
    )
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy("COPY arriving FROM STDIN") as copy:
        for (at, series_id), value in {(row[0], row[1]): row[2] for row in rows}.items():
            copy.write_row((at, series_id, value))
    connection.exec_driver_sql(
        "INSERT INTO history_hot (at, series_id, value) SELECT at, series_id, value FROM arriving"
        " ON CONFLICT (at, series_id) DO UPDATE SET value = excluded.value"
    )
    connection.exec_driver_sql("TRUNCATE arriving")


def _hot_rows(at: int, ids: dict[SeriesKey, int], samples: Iterable[Sample]) -> list[HotRow]:
    """Return one outcome's rows. Raises KeyError for a series that has no id yet."""
    return [
        (
            at,
            ids[sample.metric, sample.instance],
            value if (value := sample.value) is not None and -_LARGEST < value < _LARGEST else None,
        )
        for sample in samples
    ]


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


def _within(table: Table, hour: int) -> tuple[Any, Any]:
    return table.c.at >= hour, table.c.at < hour + HOUR_S


def _by_series(rows: Sequence[Any]) -> dict[int, Samples]:
    """Return the rows (series, at, value) as samples by series, in order of time."""
    if not rows:
        return {}
    ids = np.fromiter((row[0] for row in rows), np.int64, len(rows))
    at = np.fromiter((row[1] for row in rows), np.int64, len(rows))
    values = np.fromiter((math.nan if row[2] is None else row[2] for row in rows), np.float64, len(rows))
    order = np.lexsort((at, ids))
    ids, at, values = ids[order], at[order], values[order]
    starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1]))
    ends = np.append(starts[1:], len(ids))
    return {int(ids[start]): Samples(at[start:end], values[start:end]) for start, end in zip(starts, ends, strict=True)}


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
