"""Reading history: a curve of a span, from raw samples or roll-ups, thinned with its lows and highs kept."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Table, select

from app.collector.history import fresh
from app.collector.history.far import Far, united
from app.collector.history.packing import Damaged, Samples, Seconds, Values, merged, unpack_all
from app.collector.history.rollup import FIVE_MINUTES_S, HOUR_S, Slices, grouped, rolled, unpack_slices
from models.history import packed_hour, rollup_1h, rollup_5m, series

MOST_POINTS: Final = 2400
_GAP_STEPS: Final = 2.5
"""A silence longer than this many usual steps is a gap: no line is drawn across it."""


_STEPS_LOOKED_AT: Final = 2000


class Level(StrEnum):
    """What a curve was made from."""

    RAW = "raw"
    FIVE_MINUTES = "5m"
    HOURS = "1h"


@dataclass(frozen=True, slots=True)
class SeriesRow:
    id: int
    ci_id: int
    metric: str
    instance: str
    unit: str
    label: str


@dataclass(frozen=True, slots=True)
class Curve:
    """Points in order of time (seconds since 1970). Where nothing was measured stands one point of NaN."""

    level: Level
    at: Values
    low: Values
    mean: Values
    high: Values

    def __len__(self) -> int:
        return len(self.at)


def series_of(connection: Connection, ci_id: int) -> list[SeriesRow]:
    """Return what is measured of a CI, by metric and instance."""
    columns = (series.c.id, series.c.ci_id, series.c.metric, series.c.instance, series.c.unit, series.c.label)
    query = select(*columns).where(series.c.ci_id == ci_id).order_by(series.c.metric, series.c.instance)
    return [SeriesRow(*row) for row in connection.execute(query)]


def read(
    connection: Connection,
    series_id: int,
    since: datetime,
    until: datetime,
    max_points: int = MOST_POINTS,
    level: Level | None = None,
    far: Far | None = None,
) -> Curve:
    """Return the series from `since` (included) to `until` (excluded) in about `max_points` points, plus one a gap.

    The level is the coarsest that still has `max_points` in the span, unless one is asked for; where raw samples are
    past their retention the next coarser level stands in. What the store `far` has of the series is among it; raises
    StoreAway when that can't be read.
    """
    first, end = int(since.astimezone(UTC).timestamp()), int(until.astimezone(UTC).timestamp())
    chosen = level or _level(end - first, max_points)
    slices = _slices(connection, series_id, first, end, chosen)
    if far is not None:
        slices = united(slices, _far(far, first, end, chosen))
    slices = _cut(slices, first, end)
    broken = _broken(slices, chosen)
    return _curve(chosen, *_thinned(slices, broken, first, end, max_points))


def read_raw(
    connection: Connection, series_ids: Collection[int], since: datetime, until: datetime
) -> dict[int, Samples]:
    """Return the samples of each series from `since` (included) to `until` (excluded), all in two questions."""
    first, end = int(since.astimezone(UTC).timestamp()), int(until.astimezone(UTC).timestamp())
    packed: dict[int, list[tuple[int, bytes]]] = {}
    table = packed_hour
    query = select(table.c.series_id, table.c.hour, table.c.data).order_by(table.c.hour)
    query = query.where(table.c.series_id.in_(series_ids), table.c.hour > first - HOUR_S, table.c.hour < end)
    for row in connection.execute(query):
        packed.setdefault(row.series_id, []).append((row.hour, row.data))
    raw = fresh.read_many(connection, series_ids, first, end)
    whole = {one: merged(*unpack_all(packed.get(one, ())), raw[one]) for one in series_ids}
    return {one: _within(samples, first, end) for one, samples in whole.items()}


def _within(samples: Samples, first: int, end: int) -> Samples:
    inside = (samples.at >= first) & (samples.at < end)
    return Samples(samples.at[inside], samples.values[inside])


def _level(span_s: int, max_points: int) -> Level:
    if span_s >= max_points * HOUR_S:
        return Level.HOURS
    return Level.FIVE_MINUTES if span_s >= max_points * FIVE_MINUTES_S else Level.RAW


def _slices(connection: Connection, series_id: int, first: int, end: int, level: Level) -> Slices:
    """Return the level's slices; what is finer and not rolled up yet is rolled up here, what is gone stands coarser."""
    raw = fresh.read(connection, series_id, first, end)
    packed_from = first if level is Level.RAW else int(raw.at[0]) if len(raw.at) else end
    raw = merged(*_packed(connection, series_id, packed_from, end), raw)
    wanted = {Level.RAW: 1, Level.FIVE_MINUTES: FIVE_MINUTES_S, Level.HOURS: HOUR_S}[level]
    parts = [_raw_slices(raw) if level is Level.RAW else rolled(raw, wanted)]
    if level is not Level.HOURS:
        parts.insert(0, _five_minutes(connection, series_id, first, _begin(parts, end)))
    parts.insert(0, _hours(connection, series_id, first, _begin(parts, end)))
    return Slices.joined(parts)


def _far(far: Far, first: int, end: int, level: Level) -> Slices:
    if level is Level.RAW:
        return far.raw(first, end)
    return far.rolled(first, end, FIVE_MINUTES_S if level is Level.FIVE_MINUTES else HOUR_S)


def _begin(parts: list[Slices], end: int) -> int:
    """Return the hour with which the finer parts begin: what is older has to be had coarser."""
    begins = [int(part.at[0]) for part in parts if len(part)]
    return begins[0] // HOUR_S * HOUR_S if begins else end


def _raw_slices(samples: Samples) -> Slices:
    return Slices(samples.at, np.ones(len(samples.at), np.int64), samples.values, samples.values, samples.values)


def _packed(connection: Connection, series_id: int, first: int, end: int) -> list[Samples]:
    """Return the packed hours; one that can't be read is a gap, or its roll-up, not the loss of the chart."""
    return unpack_all(tuple(row) for row in connection.execute(_blobs(packed_hour, series_id, first, end)))


def _blobs(table: Table, series_id: int, first: int, end: int) -> Any:
    return (
        select(table.c.hour, table.c.data)
        .where(table.c.series_id == series_id, table.c.hour > first - HOUR_S, table.c.hour < end)
        .order_by(table.c.hour)
    )


def _five_minutes(connection: Connection, series_id: int, first: int, end: int) -> Slices:
    parts = []
    for hour, data in connection.execute(_blobs(rollup_5m, series_id, first, end)):
        try:
            parts.append(unpack_slices(hour, data))
        except Damaged:
            continue
    return Slices.joined(parts)


def _hours(connection: Connection, series_id: int, first: int, end: int) -> Slices:
    table = rollup_1h
    query = (
        select(table.c.hour, table.c.count, table.c.low, table.c.mean, table.c.high)
        .where(table.c.series_id == series_id, table.c.hour > first - HOUR_S, table.c.hour < end)
        .order_by(table.c.hour)
    )
    rows = connection.execute(query).all()
    at = np.array([row[0] for row in rows], np.int64)
    count = np.array([row[1] for row in rows], np.int64)
    low, mean, high = (np.array([row[column] for row in rows], np.float64) for column in (2, 3, 4))
    return Slices(at, count, low, mean, high)


def _taken(slices: Slices, which: Any) -> Slices:
    return Slices(slices.at[which], slices.count[which], slices.low[which], slices.mean[which], slices.high[which])


def _cut(slices: Slices, first: int, end: int) -> Slices:
    inside = (slices.at >= first) & (slices.at < end)
    return slices if inside.all() else _taken(slices, inside)


def _broken(slices: Slices, level: Level) -> Any:
    """Return, for each slice, how many gaps lie before it: a silence, or a figure that was not available."""
    if not len(slices):
        return np.empty(0, np.int64)
    steps = slices.at[1:] - slices.at[:-1]
    usual = {Level.RAW: 1.0, Level.FIVE_MINUTES: FIVE_MINUTES_S, Level.HOURS: HOUR_S}[level]
    if len(steps):
        usual = max(usual, float(np.median(steps[:: 1 + len(steps) // _STEPS_LOOKED_AT])))
    is_missing = np.isnan(slices.mean)
    breaks = np.append(False, steps > usual * _GAP_STEPS)
    breaks[1:] |= is_missing[:-1]
    return np.cumsum(breaks | is_missing)


def _thinned(slices: Slices, broken: Seconds, first: int, end: int, max_points: int) -> tuple[Slices, Seconds]:
    """Return at most `max_points` slices a side of each gap, with lows, highs and weighted means, and their gaps."""
    there = ~np.isnan(slices.mean)
    if not there.all():
        slices, broken = _taken(slices, there), broken[there]
    if len(slices) <= max_points:
        return slices, broken
    width = max(1, -(-(end - first) // max_points))
    keys = (slices.at - first) // width + broken * (max_points + 2)
    groups = grouped(keys, slices.mean)
    starts = np.searchsorted(keys, groups.at)
    weight = np.add.reduceat(slices.count, starts)
    thin = Slices(
        slices.at[starts],
        weight,
        np.minimum.reduceat(slices.low, starts),
        np.add.reduceat(slices.mean * slices.count, starts) / weight,
        np.maximum.reduceat(slices.high, starts),
    )
    return thin, broken[starts]


def _curve(level: Level, slices: Slices, broken: Seconds) -> Curve:
    """Put a point of NaN into each gap."""
    before = np.flatnonzero(broken[1:] != broken[:-1]) + 1
    middles = (slices.at[before - 1] + slices.at[before]) / 2
    return Curve(
        level,
        np.insert(slices.at.astype(np.float64), before, middles),
        np.insert(slices.low, before, np.nan),
        np.insert(slices.mean, before, np.nan),
        np.insert(slices.high, before, np.nan),
    )
