"""The busiest interfaces of all devices or of one, by their newest figures (REQUIREMENTS A3)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

import numpy as np
from sqlalchemy import select

from app.collector.history import newest, read_raw
from app.collector.history.packing import Samples
from app.collector.samples import Metric
from app.desk import ReadTx
from models.cmdb import Ci
from models.history import series

RECENT = timedelta(minutes=5)
TREND = timedelta(hours=1)
TREND_POINTS = 8
SHOWN = 30


class By(StrEnum):
    """What the busiest is the busiest by."""

    TRAFFIC = "traffic"
    LOAD = "load"
    PACKETS = "packets"
    ERRORS = "errors"


_RANKED = {
    By.TRAFFIC: (Metric.IF_IN, Metric.IF_OUT),
    By.LOAD: (Metric.IF_IN_UTILISATION, Metric.IF_OUT_UTILISATION),
    By.PACKETS: (Metric.IF_IN_PACKETS, Metric.IF_OUT_PACKETS),
    By.ERRORS: (Metric.IF_IN_ERRORS, Metric.IF_OUT_ERRORS, Metric.IF_IN_DISCARDS, Metric.IF_OUT_DISCARDS),
}
"""Of the ranked figures the largest counts, of errors their sum."""


@dataclass(frozen=True, slots=True)
class TalkerRow:
    """An interface with its newest figures; None where the device does not tell.

    `trend` is the hour's course of its busier direction in bit/s, oldest first; NaN where nothing was measured.
    """

    ci_id: int
    device: str
    instance: str
    label: str
    in_bps: float | None
    out_bps: float | None
    load: float | None
    in_packets: float | None
    out_packets: float | None
    errors: float | None
    trend: tuple[float, ...]

    @property
    def id(self) -> tuple[int, str]:
        return self.ci_id, self.instance


def talkers(tx: ReadTx, by: str = By.TRAFFIC, ci_id: int | None = None, most: int = SHOWN) -> list[TalkerRow]:
    """Return the `most` busiest interfaces, the busiest first; those that carry nothing of it are left out."""
    ranked = _ranked(tx, By(by), ci_id)[:most]
    wanted = {ci for ci, _ in ranked}
    query = select(series.c.id, series.c.ci_id, series.c.instance, series.c.metric, series.c.label)
    query = query.where(series.c.ci_id.in_(wanted), series.c.metric.like("if.%"))
    chosen = set(ranked)
    rows = [row for row in tx.connection.execute(query) if (row.ci_id, row.instance) in chosen]
    found = tx.session.execute(select(Ci.id, Ci.name).where(Ci.id.in_(wanted)))
    names = {one: name for one, name in found}  # noqa: C416 - a result is no mapping
    values = _newest(tx, [row.id for row in rows])
    figures: dict[tuple[int, str], dict[str, float]] = {}
    ids: dict[tuple[int, str], dict[str, int]] = {}
    labels: dict[tuple[int, str], str] = {}
    for row in rows:
        key = (row.ci_id, row.instance)
        ids.setdefault(key, {})[row.metric] = row.id
        labels[key] = max(labels.get(key, ""), row.label or row.instance, key=len)
        if row.id in values:
            figures.setdefault(key, {})[row.metric] = values[row.id]
    shown = [key for key in ranked if key in figures]
    busier = {key: ids[key][_busier(figures[key])] for key in shown if _busier(figures[key]) in ids[key]}
    trends = _trends(tx, busier)
    return [_row(key, names[key[0]], labels[key], figures[key], trends.get(key, ())) for key in shown]


def _ranked(tx: ReadTx, by: By, ci_id: int | None) -> list[tuple[int, str]]:
    """Return the interfaces that carry something, the busiest first."""
    query = select(series.c.id, series.c.ci_id, series.c.instance).where(series.c.metric.in_(_RANKED[by]))
    query = query.join(Ci, Ci.id == series.c.ci_id).where(Ci.voided_at.is_(None))
    if ci_id is not None:
        query = query.where(series.c.ci_id == ci_id)
    of = {row.id: (row.ci_id, row.instance) for row in tx.connection.execute(query)}
    carried: dict[tuple[int, str], float] = {}
    for one, value in _newest(tx, list(of)).items():
        before = carried.get(of[one], 0.0)
        carried[of[one]] = before + value if by is By.ERRORS else max(before, value)
    return sorted((key for key, value in carried.items() if value > 0), key=lambda key: (-carried[key], key))


def _newest(tx: ReadTx, ids: list[int]) -> dict[int, float]:
    if not ids:
        return {}
    found = newest(tx.connection, ids, int((tx.now - RECENT).timestamp()))
    return {one: value for one, (_, value) in found.items()}


def _row(
    key: tuple[int, str], device: str, label: str, told: Mapping[str, float], trend: tuple[float, ...]
) -> TalkerRow:
    return TalkerRow(
        key[0],
        device,
        key[1],
        label,
        told.get(Metric.IF_IN),
        told.get(Metric.IF_OUT),
        _together(max, told, Metric.IF_IN_UTILISATION, Metric.IF_OUT_UTILISATION),
        told.get(Metric.IF_IN_PACKETS),
        told.get(Metric.IF_OUT_PACKETS),
        _together(sum, told, *_RANKED[By.ERRORS]),
        trend,
    )


def _together(how: Callable[[list[float]], float], told: Mapping[str, float], *metrics: str) -> float | None:
    known = [told[metric] for metric in metrics if metric in told]
    return how(known) if known else None


def _busier(told: Mapping[str, float]) -> str:
    """Return the direction that carries more now."""
    return max((Metric.IF_IN, Metric.IF_OUT), key=lambda metric: told.get(metric, -1.0))


def _trends(tx: ReadTx, ids: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], tuple[float, ...]]:
    """Return the hour's course of each interface, whose series `ids` names."""
    first = tx.now - TREND
    found = read_raw(tx.connection, set(ids.values()), first, tx.now + timedelta(seconds=1))
    return {key: _course(found[one], first.timestamp()) for key, one in ids.items()}


def _course(samples: Samples, first: float) -> tuple[float, ...]:
    """Return the means of the hour's TREND_POINTS parts."""
    part = (samples.at - first) // (TREND.total_seconds() / TREND_POINTS)
    return tuple(_mean(samples.values[part == number]) for number in range(TREND_POINTS))


def _mean(values: Iterable[float]) -> float:
    known = [value for value in values if not np.isnan(value)]
    return float(np.mean(known)) if known else float("nan")
