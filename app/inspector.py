"""Everything that the inspector shows of one thing, in one look."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app import access, backups, charts, cmdb, devices, incidents, work_orders
from app.access.visit_rows import Inside, VisitDetail
from app.backups.queries import RunRow
from app.board_row import BoardRow
from app.charts import InterfaceRow, Measured
from app.cmdb.places import chain, every_place
from app.cmdb.rows import CiDetail, HistoryRow
from app.desk import ReadTx
from app.devices import CheckRow, StateRow, ThresholdRow
from app.errors import NotFound
from app.incidents import IncidentDetail, IncidentRow
from app.words import tr
from app.work_orders import WorkOrderRow
from models.cmdb import Ci
from models.enums import PlaceKind

LISTED = 50
ROOMS = (PlaceKind.ROOM, PlaceKind.OFFICE)


@dataclass(frozen=True, slots=True)
class Witnesses:
    """Who was in the device's room when its latest incident happened; `room` empty where it stands in none."""

    room: str
    at: datetime | None
    number: str
    people: tuple[Inside, ...]


@dataclass(frozen=True, slots=True)
class CiSheet:
    """A configuration item with all that belongs to it; lists newest first."""

    detail: CiDetail
    watch: BoardRow | None
    children: int
    measured: tuple[Measured, ...]
    main: tuple[Measured, ...]
    incidents: tuple[IncidentRow, ...]
    interfaces: tuple[InterfaceRow, ...]
    states: tuple[StateRow, ...]
    changes: tuple[HistoryRow, ...]
    witnesses: Witnesses
    backups: tuple[RunRow, ...]
    checks: tuple[CheckRow, ...]
    limits: tuple[ThresholdRow, ...]


def ci(tx: ReadTx, ci_id: int) -> CiSheet:
    """Return the sheet of a configuration item. Raises NotFound."""
    detail = cmdb.detail(tx, ci_id)
    found = tuple(incidents.of_ci(tx, ci_id, limit=LISTED))
    interfaces = tuple(charts.interfaces(tx, ci_id))
    measured = tuple(charts.measured_of(tx, ci_id, detail.draft.class_name))
    return CiSheet(
        detail=detail,
        watch=devices.state_of(tx, ci_id),
        children=_children(tx, ci_id),
        measured=measured,
        main=tuple(charts.main_two(measured, charts.busiest(interfaces))),
        incidents=found,
        interfaces=interfaces,
        states=tuple(devices.history(tx, ci_id, LISTED)),
        changes=tuple(cmdb.history(tx, ci_id)[:LISTED]),
        witnesses=_witnesses(tx, detail.draft.place_id, found),
        backups=tuple(backups.runs_of_ci(tx, ci_id)),
        checks=tuple(devices.checks_of(tx, ci_id)),
        limits=tuple(devices.thresholds_of(tx, ci_id, detail.draft.class_name)),
    )


def watch(tx: ReadTx, ci_id: int) -> BoardRow | None:
    """Return what the watch says of a device now: what changes most often, and alone."""
    return devices.state_of(tx, ci_id)


def incident(tx: ReadTx, incident_id: int) -> IncidentDetail:
    """Return an incident. Raises NotFound."""
    return incidents.detail(tx, incident_id)


def visit(tx: ReadTx, visit_id: int) -> VisitDetail:
    """Return a visit. Raises NotFound."""
    found = access.detail(tx, visit_id)
    if found is None:
        raise NotFound(tr("visit"), visit_id)
    return found


def work_order(tx: ReadTx, order_id: int) -> WorkOrderRow:
    """Return a work order. Raises NotFound."""
    found = work_orders.rows(tx, [order_id])
    if not found:
        raise NotFound(tr("work order"), order_id)
    return found[0]


def backup_run(tx: ReadTx, run_id: int) -> RunRow:
    """Return a backup run. Raises NotFound."""
    found = backups.runs_by_id(tx, [run_id])
    if not found:
        raise NotFound(tr("backup run"), run_id)
    return found[0]


def _children(tx: ReadTx, ci_id: int) -> int:
    query = select(func.count(Ci.id)).where(Ci.parent_id == ci_id, Ci.voided_at.is_(None))
    return tx.session.scalar(query) or 0


def _witnesses(tx: ReadTx, place_id: int | None, found: tuple[IncidentRow, ...]) -> Witnesses:
    places = chain(every_place(tx), place_id)
    room = next((place for place in reversed(places) if place.kind in ROOMS), None)
    if room is None or not found:
        return Witnesses(room.name if room else "", None, "", ())
    latest = found[0]
    people = tuple(access.inside_at(tx, room.id, latest.happened_at))
    return Witnesses(room.name, latest.happened_at, latest.number, people)
