"""A device's curves: what is measured of it, which two say most about its class, and the points to draw."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.ci_classes import class_of
from app.collector.figures import metric_name
from app.collector.history import Curve, SeriesRow, newest, read, series_of
from app.collector.history.far import Far, places
from app.collector.history.remote import StoreAway, set_up
from app.collector.history.store import KEPT_S
from app.collector.samples import Metric
from app.desk import ReadTx
from app.errors import BadInput
from app.words import tr
from models.duty import ShiftLogEntry
from models.enums import ShiftLogKind

RECENT = timedelta(minutes=15)
KEPT_HERE = timedelta(seconds=KEPT_S)
TOGETHER = {
    Metric.IF_IN: Metric.IF_OUT,
    Metric.IF_IN_PACKETS: Metric.IF_OUT_PACKETS,
    Metric.IF_IN_UTILISATION: Metric.IF_OUT_UTILISATION,
    Metric.IF_IN_ERRORS: Metric.IF_OUT_ERRORS,
    Metric.IF_IN_DISCARDS: Metric.IF_OUT_DISCARDS,
}
_NETWORK = (Metric.CPU, Metric.IF_IN, Metric.IF_IN_UTILISATION, Metric.MEMORY)
_SERVER = (Metric.CPU, Metric.MEMORY, Metric.DISK, Metric.LOAD)
_POWER = (Metric.UPS_LOAD, Metric.UPS_BATTERY, Metric.VOLTAGE, Metric.POWER)
_ROOM = (Metric.TEMPERATURE, Metric.HUMIDITY)
_ANY = (Metric.HTTP_TIME_MS, Metric.TCP_CONNECT_MS, Metric.PING_RTT_MS, Metric.PING_LOSS)
MAIN: Mapping[str, tuple[str, ...]] = {
    "network": _NETWORK,
    "security": _NETWORK,
    "server": _SERVER,
    "storage": (Metric.DISK, *_SERVER),
    "room": (*_ROOM, *_POWER),
    "ups": _POWER,
    "pdu": (Metric.POWER, Metric.CURRENT, Metric.VOLTAGE),
    "san_switch": _NETWORK,
    "middleware": (Metric.HEAP, Metric.THREADS, Metric.QUEUE_READY, Metric.POOL, *_SERVER),
}
"""The metrics to show first, by class or its group; what is not measured is passed over."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Something that can be drawn: one series, or the two directions of an interface."""

    name: str
    metric: str
    instance: str
    unit: str
    series: tuple[int, ...]

    @property
    def key(self) -> str:
        return f"{self.metric}|{self.instance}"


@dataclass(frozen=True, slots=True)
class Chart:
    """The curves of something measured between two moments, and when nothing was watched at all.

    `trouble` says what of it could not be read, "" when all of it could.
    """

    measured: Measured
    since: datetime
    until: datetime
    curves: tuple[Curve, ...]
    unwatched: tuple[tuple[datetime, datetime], ...]
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class InterfaceRow:
    """An interface's newest figures; None where the device does not tell."""

    id: int
    name: str
    label: str
    is_up: bool | None
    in_bps: float | None
    out_bps: float | None
    utilisation: float | None
    errors_ps: float | None
    discards_ps: float | None


def measured_of(tx: ReadTx, ci_id: int, class_name: str) -> list[Measured]:
    """Return what can be drawn of a device, what says most about its class first."""
    rows = series_of(tx.connection, ci_id)
    found = [*_measured(rows)]
    order = (*(MAIN.get(class_name) or MAIN.get(class_of(class_name).group, _SERVER)), *_ANY)
    rank = {metric: place for place, metric in enumerate(order)}
    return sorted(found, key=lambda one: (rank.get(one.metric, len(rank)), one.name, one.instance))


def main_two(measured: Iterable[Measured], busiest: str = "") -> list[Measured]:
    """Return the first two of different metrics; of interfaces the `busiest` one."""
    chosen: dict[str, Measured] = {}
    for one in measured:
        if one.metric not in chosen or one.instance == busiest != "":
            chosen[one.metric] = one
    return list(chosen.values())[:2]


def chart(tx: ReadTx, measured: Measured, span: timedelta, max_points: int) -> Chart:
    """Return the curves of the last `span`, gaps kept as gaps, from the database and the store it hands them to."""
    since, until = tx.now - span, tx.now
    curves, trouble = _curves(tx, measured, since, until + timedelta(seconds=1), max_points)
    return Chart(measured, since, until, curves, unwatched(tx, since, until), trouble)


def _curves(
    tx: ReadTx, measured: Measured, since: datetime, until: datetime, max_points: int
) -> tuple[tuple[Curve, ...], str]:
    """Return the curves and what of them could not be read: a store that is away leaves those of the database."""
    try:
        far = _far(tx, measured.series, since)
        return tuple(
            read(tx.connection, one, since, until, max_points, far=far.get(one)) for one in measured.series
        ), ""
    except (StoreAway, BadInput) as away:
        trouble = away.sentence()
    return tuple(read(tx.connection, one, since, until, max_points) for one in measured.series), trouble


def _far(tx: ReadTx, series: Collection[int], since: datetime) -> dict[int, Far]:
    """Return what the store elsewhere has of `series`; nothing when all of the span is here."""
    remote = set_up(tx) if since < tx.now - KEPT_HERE else None
    if remote is None:
        return {}
    return {one: Far(remote, place) for one, place in places(tx.connection, series).items()}


def unwatched(tx: ReadTx, since: datetime, until: datetime) -> tuple[tuple[datetime, datetime], ...]:
    """Return when no collector ran: each gap's line was written when the next one began."""
    query = (
        select(ShiftLogEntry.happened_at, ShiftLogEntry.recorded_at)
        .where(
            ShiftLogEntry.kind == ShiftLogKind.GAP,
            ShiftLogEntry.voided_at.is_(None),
            ShiftLogEntry.happened_at < until,
            ShiftLogEntry.recorded_at > since,
        )
        .order_by(ShiftLogEntry.happened_at)
        .limit(500)
    )
    return tuple((start, end) for start, end in tx.session.execute(query))


def interfaces(tx: ReadTx, ci_id: int) -> list[InterfaceRow]:
    """Return a device's interfaces with their newest figures, by name; empty for a device without any."""
    rows = [row for row in series_of(tx.connection, ci_id) if row.metric.startswith("if.")]
    values = _newest(tx, [row.id for row in rows])
    by_name: dict[str, dict[str, float | None]] = {}
    labels: dict[str, str] = {}
    for row in rows:
        by_name.setdefault(row.instance, {})[row.metric] = values.get(row.id)
        labels[row.instance] = labels.get(row.instance) or row.label
    ordered = sorted(by_name, key=lambda name: (len(name), name))
    return [_interface(number, name, labels[name], by_name[name]) for number, name in enumerate(ordered)]


def busiest(rows: Iterable[InterfaceRow]) -> str:
    """Return the name of the interface with the most traffic, empty without any."""
    loads = [((row.in_bps or 0) + (row.out_bps or 0), row.name) for row in rows]
    return max(loads)[1] if loads and max(loads)[0] > 0 else ""


def _measured(rows: list[SeriesRow]) -> Iterable[Measured]:
    by_key = {(row.metric, row.instance): row for row in rows}
    others = set(TOGETHER.values())
    for row in rows:
        if row.metric in others and (_first_of(row.metric), row.instance) in by_key:
            continue
        pair = by_key.get((TOGETHER.get(row.metric, ""), row.instance))
        ids = (row.id, pair.id) if pair else (row.id,)
        name = _pair_name(row.metric) if pair else metric_name(row.metric)
        yield Measured(name, row.metric, row.instance, row.unit, ids)


def _first_of(metric: str) -> str:
    return next((first for first, second in TOGETHER.items() if second == metric), "")


def _pair_name(metric: str) -> str:
    """Return what both directions together are called."""
    return {
        Metric.IF_IN: tr("Traffic"),
        Metric.IF_IN_UTILISATION: tr("Utilisation"),
        Metric.IF_IN_PACKETS: tr("Packets"),
        Metric.IF_IN_ERRORS: tr("Errors"),
    }.get(metric, tr("Discards"))


def _newest(tx: ReadTx, series: list[int]) -> dict[int, float | None]:
    """Return the newest value of each series, as far as they are of the device's last answer."""
    found = newest(tx.connection, series, int((tx.now - RECENT).timestamp()))
    last = max((at for at, _ in found.values()), default=0)
    return {one: value for one, (at, value) in found.items() if at == last}


def _interface(number: int, name: str, label: str, values: Mapping[str, float | None]) -> InterfaceRow:
    def most(*metrics: str) -> float | None:
        known = [value for metric in metrics if (value := values.get(metric)) is not None]
        return max(known) if known else None

    up = values.get(Metric.IF_UP)
    return InterfaceRow(
        number,
        name,
        label,
        None if up is None else up > 0,
        values.get(Metric.IF_IN),
        values.get(Metric.IF_OUT),
        most(Metric.IF_IN_UTILISATION, Metric.IF_OUT_UTILISATION),
        most(Metric.IF_IN_ERRORS, Metric.IF_OUT_ERRORS),
        most(Metric.IF_IN_DISCARDS, Metric.IF_OUT_DISCARDS),
    )
