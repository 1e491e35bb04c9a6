"""The desk's own figures for a form, by the names that templates use (`resources/templates/README.md`)."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from app.collector.history import newest
from app.desk import ReadTx
from app.inspections.rounds import places_of_room
from app.inspections.rows import WAITING, KnownFigure
from app.template_items import Item
from app.times import day_range, to_local
from app.words import tr
from models.access import Visit, VisitMember
from models.backups import BackupCheck, BackupPlan, BackupRun, RestoreTest
from models.cmdb import Ci
from models.enums import (
    BackupResult,
    CiState,
    IncidentState,
    InspectionState,
    ItemResult,
    State,
    VisitState,
    WorkOrderState,
)
from models.history import series
from models.incidents import Incident, WorkOrder
from models.inspections import Inspection, InspectionValue
from models.monitoring import DeviceState

_GOOD = (BackupResult.OK, BackupResult.WARNING, BackupResult.LATE)
_LINK_UP = "if.up"
_NEWEST = timedelta(minutes=30)
_NIGHT = timedelta(hours=24)
_WEEK = timedelta(days=7)

Figure = Callable[[ReadTx, int | None, datetime | None], str | None]


def desk_figure(tx: ReadTx, item: Item, room_id: int | None, since: datetime | None) -> KnownFigure | None:
    """Return the item's figure as of now, None for one that the program can't give.

    `since` is when the last round ended; what is counted since then reaches back a year at most.
    """
    name = item.filling.desk if item.filling else ""
    figure = _FIGURES.get(name)
    value = figure(tx, room_id, since) if figure else None
    return None if value is None else KnownFigure(item.code, value, tx.now, tr("this desk"))


def _backups_last_night(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    due = (BackupRun.expected_at >= tx.now - _NIGHT) & (BackupRun.expected_at <= tx.now)
    return _part(tx, func.count(BackupRun.id), due, BackupRun.result.in_(_GOOD))


def _backup_days_signed(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    """Count from the first signed day of this year on, so that the program's first year is not all missing."""
    today = to_local(tx.now).date()
    first = tx.session.scalar(select(func.min(BackupCheck.day)).where(BackupCheck.day >= today.replace(month=1, day=1)))
    if first is None:
        return None
    signed = tx.session.scalar(select(func.count(BackupCheck.id)).where(BackupCheck.day >= first)) or 0
    return f"{signed} / {max(signed, (today - first).days + 1)}"


def _plans_restored(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    start = _year_start(tx)
    tested = select(RestoreTest.plan_id).where(
        RestoreTest.happened_at >= start, RestoreTest.succeeded, RestoreTest.voided_at.is_(None)
    )
    plans = BackupPlan.is_enabled & BackupPlan.voided_at.is_(None)
    return _part(tx, func.count(BackupPlan.id), plans, BackupPlan.id.in_(tested))


def _devices_over_limit(tx: ReadTx, room_id: int | None, _since: datetime | None) -> str | None:
    query = (
        select(func.count())
        .select_from(DeviceState)
        .join(Ci, Ci.id == DeviceState.ci_id)
        .where(DeviceState.state.in_((State.WARNING, State.CRITICAL)), Ci.voided_at.is_(None))
    )
    if room_id is not None:
        query = query.where(Ci.place_id.in_(places_of_room(tx, room_id)))
    return str(tx.session.scalar(query) or 0)


def _out_of_warranty(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    in_use = (Ci.voided_at.is_(None), Ci.state == CiState.IN_USE)
    known = tx.session.scalar(select(func.count(Ci.id)).where(*in_use, Ci.warranty_until.is_not(None)))
    if not known:
        return None
    today = to_local(tx.now).date()
    return str(tx.session.scalar(select(func.count(Ci.id)).where(*in_use, Ci.warranty_until < today)) or 0)


def _incidents_open(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    ended = (IncidentState.CLOSED, IncidentState.NOISE)
    return str(tx.session.scalar(select(func.count(Incident.id)).where(Incident.state.not_in(ended))) or 0)


def _device_faults(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    """Count the incidents of devices in the last calendar year."""
    year = to_local(tx.now).date().replace(month=1, day=1)
    start, end = day_range((year - timedelta(days=1)).replace(month=1, day=1), year - timedelta(days=1))
    query = select(func.count(Incident.id)).where(
        Incident.happened_at >= start, Incident.happened_at < end, Incident.ci_id.is_not(None),
        Incident.state != IncidentState.NOISE,
    )  # fmt: skip
    return str(tx.session.scalar(query) or 0)


def _rounds_done(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    today = to_local(tx.now).date()
    due = (
        (Inspection.due_on >= today.replace(month=1, day=1))
        & (Inspection.due_on <= today)
        & Inspection.corrects_id.is_(None)
        & (Inspection.state != InspectionState.VOID)
    )
    return _part(tx, func.count(Inspection.id), due, Inspection.state.not_in(WAITING))


def _findings_closed(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    """Count this year's findings that became incidents or work orders, and of them those that are ended."""
    query = (
        select(Incident.state, WorkOrder.state)
        .select_from(InspectionValue)
        .join(Inspection, Inspection.id == InspectionValue.inspection_id)
        .join(Incident, Incident.id == InspectionValue.incident_id, isouter=True)
        .join(WorkOrder, WorkOrder.id == InspectionValue.work_order_id, isouter=True)
        .where(
            Inspection.happened_at >= _year_start(tx), InspectionValue.result == ItemResult.ABNORMAL,
            Inspection.state.not_in((InspectionState.VOID, InspectionState.CORRECTED)),
            or_(InspectionValue.incident_id.is_not(None), InspectionValue.work_order_id.is_not(None)),
        )
    )  # fmt: skip
    found = tx.session.execute(query).all()
    ended = (None, IncidentState.RESOLVED, IncidentState.CLOSED, IncidentState.NOISE)
    closed = sum(1 for incident, order in found if incident in ended and order in (None, WorkOrderState.DONE))
    return f"{closed} / {len(found)}" if found else None


def _links_down(tx: ReadTx, room_id: int | None, _since: datetime | None) -> str | None:
    links = select(series.c.id).where(series.c.metric == _LINK_UP)
    if room_id is not None:
        links = links.where(series.c.ci_id.in_(select(Ci.id).where(Ci.place_id.in_(places_of_room(tx, room_id)))))
    last = newest(tx.connection, tx.session.scalars(links).all(), int((tx.now - _NEWEST).timestamp()))
    values = [value for _, value in last.values()]
    return str(sum(1 for value in values if value == 0)) if values else None


def _visits(tx: ReadTx, since: datetime) -> tuple[int, int]:
    """Return how many visits since then are registered completely, and how many there were."""
    query = select(Visit).where(
        Visit.entered_at >= since, Visit.voided_at.is_(None), Visit.state.in_((VisitState.INSIDE, VisitState.LEFT))
    )
    visits = tx.session.scalars(query).all()
    unnamed = set(
        tx.session.scalars(
            select(VisitMember.visit_id)
            .join(Visit, Visit.id == VisitMember.visit_id)
            .where(Visit.entered_at >= since, VisitMember.certificate.is_(None), Visit.is_own_staff.is_(False))
        )
    )
    long_ago = tx.now - _NIGHT
    complete = [
        visit
        for visit in visits
        if visit.purpose
        and (visit.approver or visit.is_own_staff)
        and visit.id not in unnamed
        and (visit.left_at or (visit.entered_at and visit.entered_at > long_ago))
    ]
    return len(complete), len(visits)


def _visits_complete(tx: ReadTx, _room: int | None, _since: datetime | None) -> str | None:
    complete, whole = _visits(tx, _year_start(tx))
    return f"{complete} / {whole}" if whole else None


def _visits_incomplete(tx: ReadTx, _room: int | None, since: datetime | None) -> str | None:
    complete, whole = _visits(tx, since or tx.now - _WEEK)
    return str(whole - complete)


def _part(tx: ReadTx, counted: ColumnElement[int], whole: ColumnElement[bool], part: ColumnElement[bool]) -> str | None:
    """Return "17 / 18"; None when there is nothing to count."""
    total = tx.session.scalar(select(counted).where(whole)) or 0
    done = tx.session.scalar(select(counted).where(whole, part)) or 0
    return f"{done} / {total}" if total else None


def _year_start(tx: ReadTx) -> datetime:
    return day_range(to_local(tx.now).date().replace(month=1, day=1))[0]


_FIGURES: dict[str, Figure] = {
    "backups.last_night": _backups_last_night,
    "backups.days_signed_of_all": _backup_days_signed,
    "backups.restored_of_plans": _plans_restored,
    "devices.over_limit": _devices_over_limit,
    "devices.out_of_warranty": _out_of_warranty,
    "incidents.open": _incidents_open,
    "incidents.year_by_device": _device_faults,
    "inspections.done_of_due": _rounds_done,
    "inspections.findings_closed_of_all": _findings_closed,
    "links.down": _links_down,
    "visits.complete_of_all": _visits_complete,
    "visits.incomplete": _visits_incomplete,
}
