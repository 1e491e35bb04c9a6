"""Figures that the program knows already: the newest measured ones of the room's devices, and the desk's own (G1)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from app.collector.history import newest
from app.desk import ReadTx
from app.errors import BadInput, NotFound
from app.inspections.desk_figures import desk_figure
from app.inspections.limits import with_limits
from app.inspections.rounds import last_round, places_of_room
from app.inspections.rows import KnownFigure
from app.template_items import Filling, Item, Limits, Range, Take
from app.templates import judge_value, template
from models.cmdb import Ci
from models.history import series
from models.inspections import Inspection, InspectionValue

NEWEST_WITHIN = timedelta(minutes=30)
_MAINS = ("voltage.volts", "frequency.hertz")
_INCOMING = "input"


@dataclass(frozen=True, slots=True)
class Reading:
    """The newest sample of one series of a CI."""

    device: str
    metric: str
    instance: str
    label: str
    value: float
    at: datetime


def known_figures(tx: ReadTx, inspection_id: int) -> list[KnownFigure]:
    """Return what the program knows for the items of a round, in no order; what it can't know is left for the eye.

    Measured figures are those of the last NEWEST_WITHIN. Raises NotFound.
    """
    inspection = tx.session.get(Inspection, inspection_id)
    if inspection is None:
        raise NotFound("inspection", inspection_id)
    limits: dict[str, dict[str, Any]] = dict(
        tx.session.execute(
            select(InspectionValue.item, InspectionValue.limits).where(InspectionValue.inspection_id == inspection_id)
        ).all()
    )
    items = [item for item in template(inspection.template).items if item.code in limits and item.filling]
    items = [with_limits(item, limits[item.code]) if limits[item.code] else item for item in items]
    last = last_round(tx, inspection)
    found = []
    for item in items:
        assert item.filling is not None
        if item.filling.desk:
            figure = desk_figure(tx, item, inspection.room_id, last.at)
        else:
            figure = _measured(tx, item, item.filling, inspection.room_id)
        if figure is not None and _is_readable(item, figure.value):
            found.append(figure)
    return found


def _measured(tx: ReadTx, item: Item, filling: Filling, room_id: int | None) -> KnownFigure | None:
    """Return the item's figure out of the newest samples, None when there are not as many as it has numbers."""
    count = max(1, len(item.units))
    readings = _readings(tx, filling, room_id)
    if len(filling.metrics) == count:
        taken = []
        for place, metric in enumerate(filling.metrics):
            one = _taken([r for r in readings if r.metric == metric], filling.take, item.limits, place)
            if one is None:
                return None
            taken.append(one)
    else:
        taken = _of_one_device(readings, count)
    if not taken:
        return None
    words = " / ".join(_digits(reading.value) for reading in taken)
    return KnownFigure(item.code, words, min(reading.at for reading in taken), taken[0].device)


def _readings(tx: ReadTx, filling: Filling, room_id: int | None) -> list[Reading]:
    devices = select(Ci.id).where(Ci.class_name == filling.class_name, Ci.voided_at.is_(None))
    if room_id is not None:
        devices = devices.where(Ci.place_id.in_(places_of_room(tx, room_id)))
    query = (
        select(series.c.id, Ci.name, series.c.metric, series.c.instance, series.c.label)
        .join(Ci, Ci.id == series.c.ci_id)
        .where(series.c.ci_id.in_(devices), series.c.metric.in_(filling.metrics))
        .order_by(Ci.name, series.c.metric, series.c.instance)
    )
    rows = tx.session.execute(query).all()
    last = newest(tx.connection, [row.id for row in rows], int((tx.now - NEWEST_WITHIN).timestamp()))
    found = []
    for series_id, name, metric, instance, words in rows:
        if series_id in last:
            at, value = last[series_id]
            found.append(Reading(name, metric, instance, words, value, datetime.fromtimestamp(at, UTC)))
    return [reading for reading in found if _is_incoming(reading)]


def _is_incoming(reading: Reading) -> bool:
    """Leave out what a supply gives and what its battery has: the mains are its input."""
    if reading.metric not in _MAINS:
        return True
    return _INCOMING in reading.instance.casefold() or _INCOMING in reading.label.casefold()


def _taken(readings: Sequence[Reading], take: Take, limits: Limits, place: int) -> Reading | None:
    if not readings:
        return None
    if take is Take.MIN:
        return min(readings, key=lambda reading: reading.value)
    if take is Take.MAX:
        return max(readings, key=lambda reading: reading.value)
    if take is Take.WORST and len(limits.ranges) > place:
        return min(readings, key=lambda reading: _room_left(reading.value, limits.ranges[place]))
    return max(readings, key=lambda reading: reading.at)


def _room_left(value: float, limits: Range) -> float:
    """Return how far `value` is within its range; negative outside."""
    below = value - limits.low if limits.low is not None else math.inf
    above = limits.high - value if limits.high is not None else math.inf
    return min(below, above)


def _of_one_device(readings: Sequence[Reading], count: int) -> list[Reading]:
    """Return the first device's `count` readings (three phases); [] unless it has exactly as many."""
    for device in dict.fromkeys(reading.device for reading in readings):
        own = [reading for reading in readings if reading.device == device]
        if len(own) == count:
            return own
    return []


def _digits(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0") if abs(value) < 1e6 else f"{value:.0f}"


def _is_readable(item: Item, value: str) -> bool:
    try:
        judge_value(item, value)
    except BadInput:
        return False
    return True
