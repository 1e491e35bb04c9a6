"""Racks: what hangs where, and that no two things hang in one place (REQUIREMENTS D2)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from app.cmdb.places import every_place, path_of
from app.cmdb.rows import RackRow, RackUnit
from app.cmdb.watch import is_stale
from app.desk import ReadTx, Tx
from app.errors import BadInput, NotFound
from app.words import tr
from models.cmdb import Ci, Place
from models.enums import PlaceKind
from models.monitoring import DeviceBeat, DeviceState


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a rack's height taken by one thing; `top` is where the next one may begin."""

    ci_id: int
    name: str
    bottom: float
    top: float


def span(ci_id: int, name: str, u_bottom: float, u_height: float | None) -> Span:
    """Return what something takes up; decimals are kept to a hundredth of a U."""
    height = 1.0 if u_height is None else u_height
    return Span(ci_id, name, round(u_bottom, 2), round(u_bottom + height, 2))


def in_the_way(taken: Iterable[Span], wanted: Span) -> Span | None:
    """Return what already hangs where `wanted` would, other than itself; touching is no overlap."""
    for other in taken:
        if other.ci_id != wanted.ci_id and other.bottom < wanted.top and wanted.bottom < other.top:
            return other
    return None


def check_room(height_u: float, taken: Iterable[Span], wanted: Span) -> None:
    """Raise BadInput when `wanted` reaches out of the rack or overlaps what hangs there."""
    if wanted.bottom < 1 or wanted.top > height_u + 1:
        raise BadInput(
            tr("{units} lies outside the rack of {height} U.", units=words(wanted), height=_plain(height_u)),
            "u_bottom",
        )
    other = in_the_way(taken, wanted)
    if other is not None:
        raise BadInput(
            tr(
                "{units} is taken: “{name}” hangs at {taken}.", units=words(wanted), name=other.name, taken=words(other)
            ),
            "u_bottom",
        )


def words(of: Span) -> str:
    """Return a span as people write it: "U38", "U38-U39", "U10.5-U12"."""
    last = max(of.bottom, round(of.top - 1, 2)) if of.top - of.bottom >= 1 else of.bottom
    return f"U{_plain(of.bottom)}" if last == of.bottom else f"U{_plain(of.bottom)}-U{_plain(last)}"


def check_placement(tx: Tx, ci: Ci) -> None:
    """Raise BadInput when the configuration item does not fit where it is to hang. Locks the rack's row."""
    if ci.u_bottom is None:
        return
    rack = tx.session.scalars(select(Place).where(Place.id == ci.place_id).with_for_update()).first()
    if rack is None or rack.kind is not PlaceKind.RACK or rack.height_u is None:
        raise BadInput(tr("Only a rack has units: choose a rack, or leave the lowest U empty."), "u_bottom")
    rows = tx.session.execute(
        select(Ci.id, Ci.name, Ci.u_bottom, Ci.u_height).where(
            Ci.place_id == rack.id, Ci.voided_at.is_(None), Ci.u_bottom.is_not(None)
        )
    )
    taken = [span(i, name, bottom, height) for i, name, bottom, height in rows if bottom is not None]
    check_room(rack.height_u, taken, span(ci.id or 0, ci.name, ci.u_bottom, ci.u_height))


def rack(tx: ReadTx, place_id: int) -> RackRow:
    """Return a rack with what hangs in it, the highest first. Raises NotFound when it is no rack."""
    row = tx.session.get(Place, place_id)
    if row is None or row.kind is not PlaceKind.RACK or row.height_u is None:
        raise NotFound(tr("rack"), place_id)
    units = _units(tx, place_id)
    return RackRow(
        id=row.id,
        version=row.version,
        name=row.name,
        path=path_of(every_place(tx), row.id),
        height_u=row.height_u,
        units=tuple(unit for unit in units if unit.u_bottom is not None),
        loose=tuple(unit for unit in units if unit.u_bottom is None),
    )


def _units(tx: ReadTx, place_id: int) -> list[RackUnit]:
    rows = tx.session.execute(
        select(
            Ci.id,
            Ci.version,
            Ci.name,
            Ci.class_name,
            Ci.u_bottom,
            Ci.u_height,
            DeviceState.state,
            DeviceBeat.checked_at,
            DeviceState.interval_s,
        )
        .outerjoin(DeviceState, DeviceState.ci_id == Ci.id)
        .outerjoin(DeviceBeat, DeviceBeat.ci_id == Ci.id)
        .where(Ci.place_id == place_id, Ci.voided_at.is_(None))
        .order_by(Ci.u_bottom.desc(), Ci.name)
    )
    return [
        RackUnit(
            row.id,
            row.version,
            row.name,
            row.class_name,
            row.u_bottom,
            1.0 if row.u_height is None else row.u_height,
            row.state,
            is_stale(tx, row.checked_at, row.interval_s),
        )
        for row in rows
    ]


def _plain(units: float) -> str:
    return f"{units:g}"
