"""A year of measured figures for the charts of some devices: hours, five minutes of a month, samples of some days."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import insert, select

from app.collector.history import fresh
from app.collector.history.packing import Samples, pack
from app.collector.history.rollup import FIVE_MINUTES_S, HOUR_S, Slices, pack_slices, rolled
from app.collector.history.store import GRACE_S
from app.demo.scene import Row, Scene, words
from app.demo.site import Site
from models.history import packed_hour, rollup_1h, rollup_5m, series

STEP_S = 60
DAY_S = 86_400
RAW_DAYS, FIVE_MINUTE_DAYS, HOUR_DAYS = 3, 30, 365
RISING_S = 240
"""What ends badly does so within this time before the moment."""

Times = NDArray[np.int64]
Values = NDArray[np.float64]


def write(scene: Scene, site: Site) -> None:
    """Write every series of `figures.json`, as a collector would have left it."""
    told = words("figures")
    ids = _register(scene, site, told)
    for series_id, figure in zip(ids, told, strict=True):
        _write_series(scene, series_id, figure)


def _register(scene: Scene, site: Site, told: list[Row]) -> list[int]:
    rows = [
        {
            "ci_id": site.devices[figure["device"]].ci_id,
            "metric": figure["metric"],
            "instance": figure.get("instance", ""),
            "unit": figure["unit"],
            "label": "",
        }
        for figure in told
    ]
    scene.tx.connection.execute(insert(series), rows)
    columns = (series.c.id, series.c.ci_id, series.c.metric, series.c.instance)
    found = {(ci, metric, name): one for one, ci, metric, name in scene.tx.connection.execute(select(*columns))}
    return [found[row["ci_id"], row["metric"], row["instance"]] for row in rows]


def _write_series(scene: Scene, series_id: int, figure: Row) -> None:
    end = int(scene.moment.timestamp())
    closed = (end - GRACE_S) // HOUR_S * HOUR_S
    days = min(HOUR_DAYS, len(scene.days))
    draw = np.random.default_rng([scene.seed, series_id])
    raw_from = closed - min(RAW_DAYS, days) * DAY_S
    five_from = closed - min(FIVE_MINUTE_DAYS, days) * DAY_S
    hours_from = closed - days * DAY_S
    raw = _samples(draw, figure, raw_from, end, STEP_S, end)
    fives = _samples(draw, figure, five_from, raw_from, FIVE_MINUTES_S, end)
    coarse = _samples(draw, figure, hours_from, five_from, FIVE_MINUTES_S * 4, end)
    is_fresh = raw.at >= closed
    at, values = raw.at[is_fresh], raw.values[is_fresh]
    fresh.write(scene.tx.connection, np.full(len(at), series_id, np.int64), at, values)
    kept = Samples(raw.at[~is_fresh], raw.values[~is_fresh])
    _write_packed(scene, series_id, kept)
    _write_fives(scene, series_id, [rolled(fives, FIVE_MINUTES_S), rolled(kept, FIVE_MINUTES_S)])
    _write_hours(scene, series_id, [rolled(part, HOUR_S) for part in (coarse, fives, kept)])


def _samples(draw: np.random.Generator, figure: Row, first: int, last: int, step: int, end: int) -> Samples:
    """Return a figure's samples: higher by day and on working days, noisy, and risen at the end where told so."""
    at: Times = np.arange(first, last, step, dtype=np.int64)
    hour = (at % DAY_S) / HOUR_S + 8
    is_working = ((at // DAY_S + 3) % 7 < 5) * 0.7 + 0.3
    wave = np.clip(np.sin((hour - 8) / 12 * np.pi), -0.25, 1) * is_working
    values = figure["base"] + figure["day"] * wave + draw.normal(0, figure["noise"], len(at))
    values += figure.get("growth", 0) * (1 - (end - at) / (HOUR_DAYS * DAY_S))
    if "end" in figure:
        risen = np.clip(1 - (end - at) / RISING_S, 0, 1)
        values = values * (1 - risen) + figure["end"] * risen
    if figure["unit"] == "%":
        values = np.clip(values, 0, 100)
    return Samples(at, np.round(np.clip(values, 0, None), 2))


def _write_packed(scene: Scene, series_id: int, samples: Samples) -> None:
    rows = [
        {"series_id": series_id, "hour": hour, "data": pack(hour, Samples(samples.at[cut], samples.values[cut]))}
        for hour, cut in _by_hour(samples.at)
    ]
    _insert(scene, packed_hour, rows)


def _write_fives(scene: Scene, series_id: int, parts: list[Slices]) -> None:
    slices = Slices.joined(parts)
    rows = []
    for hour, cut in _by_hour(slices.at):
        low, mean, high = slices.low[cut], slices.mean[cut], slices.high[cut]
        data = pack_slices(hour, Slices(slices.at[cut], slices.count[cut], low, mean, high))
        rows.append({"series_id": series_id, "hour": hour, "data": data})
    _insert(scene, rollup_5m, rows)


def _by_hour(at: Times) -> Iterator[tuple[int, slice]]:
    """Yield each hour that rising times fall into, and where they do."""
    hours, starts = np.unique(at // HOUR_S * HOUR_S, return_index=True)
    ends = [*starts[1:].tolist(), len(at)]
    for hour, start, end in zip(hours.tolist(), starts.tolist(), ends, strict=True):
        yield hour, slice(start, end)


def _write_hours(scene: Scene, series_id: int, parts: list[Slices]) -> None:
    slices = Slices.joined(parts)
    columns = (slices.at, slices.count, slices.low, slices.mean, slices.high)
    rows = [
        {"series_id": series_id, "hour": at, "count": count, "low": low, "mean": mean, "high": high}
        for at, count, low, mean, high in zip(*(column.tolist() for column in columns), strict=True)
    ]
    _insert(scene, rollup_1h, rows)


def _insert(scene: Scene, table: Any, rows: list[Row]) -> None:
    if rows:
        scene.tx.connection.execute(insert(table), rows)
