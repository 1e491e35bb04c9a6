"""One incident whole, its like in the past, the incidents of a device, and the month's ledger."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.desk import ReadTx
from app.errors import NotFound
from app.incident_row import IncidentRow
from app.incidents.queue import is_open, rows
from app.incidents.rows import EventRow, IncidentDetail, LedgerRow, NotificationRow, Similar, incident_rows, ledger_rows
from app.paging import PAGE
from app.times import month_range
from app.words import tr
from models.cmdb import Ci
from models.enums import IncidentState
from models.incidents import Incident, IncidentEvent, Notification
from models.people import Person

SIMILAR = 8
LOOKED_THROUGH = 3_000
ALIKE = 0.2
SAME_DEVICE = 0.3

_who = aliased(Person)


def detail(tx: ReadTx, incident_id: int) -> IncidentDetail:
    """Return everything of one incident. Raises NotFound."""
    incident = tx.session.get(Incident, incident_id)
    found = rows(tx, [incident_id])
    if incident is None or not found:
        raise NotFound(tr("incident"), incident_id)
    return IncidentDetail(
        row=found[0],
        description=incident.description,
        caller_department=incident.caller_department,
        caller_telephone=incident.caller_telephone,
        resolved_at=incident.resolved_at,
        resolved_by=_name(tx, incident.resolved_by),
        is_first_line=incident.is_first_line,
        cause=incident.cause,
        solution=incident.solution,
        review=incident.review,
        satisfaction=incident.satisfaction,
        closed_at=incident.closed_at,
        steps=incident.steps,
        needs_review=incident.needs_review,
        events=timeline(tx, incident_id),
        notifications=notifications(tx, incident_id),
    )


def timeline(tx: ReadTx, incident_id: int) -> tuple[EventRow, ...]:
    """Return the incident's time line, oldest first."""
    query = (
        select(
            IncidentEvent.id,
            IncidentEvent.kind,
            IncidentEvent.happened_at,
            IncidentEvent.recorded_at,
            _who.name,
            IncidentEvent.text,
        )
        .outerjoin(_who, _who.id == IncidentEvent.person_id)
        .where(IncidentEvent.incident_id == incident_id)
        .order_by(IncidentEvent.happened_at, IncidentEvent.id)
    )
    return tuple(EventRow(*row) for row in tx.session.execute(query))


def notifications(tx: ReadTx, incident_id: int) -> tuple[NotificationRow, ...]:
    """Return who was told of the incident, oldest first."""
    query = (
        select(
            Notification.id,
            Notification.happened_at,
            Notification.recorded_at,
            Notification.name,
            Notification.number,
            Notification.medium,
            _who.name,
            Notification.result,
        )
        .outerjoin(_who, _who.id == Notification.person_id)
        .where(Notification.incident_id == incident_id)
        .order_by(Notification.happened_at, Notification.id)
    )
    return tuple(NotificationRow(*row) for row in tx.session.execute(query))


def of_ci(tx: ReadTx, ci_id: int, *, only_open: bool = False, limit: int = PAGE) -> list[IncidentRow]:
    """Return a device's incidents, newest first."""
    query = incident_rows().where(Incident.ci_id == ci_id)
    if only_open:
        query = query.where(is_open())
    query = query.order_by(Incident.happened_at.desc(), Incident.id.desc()).limit(limit)
    return [IncidentRow(*row) for row in tx.session.execute(query)]


def ledger(tx: ReadTx, month: date) -> tuple[LedgerRow, ...]:
    """Return the incidents that happened in the local month of `month`, oldest first."""
    start, end = month_range(month)
    query = ledger_rows().where(Incident.happened_at >= start, Incident.happened_at < end)
    found = tx.session.execute(query.order_by(Incident.happened_at, Incident.id))
    return tuple(LedgerRow(*row) for row in found)


def similar(
    tx: ReadTx, text: str, ci_id: int | None = None, *, but: int | None = None, limit: int = SIMILAR
) -> list[Similar]:
    """Return ended incidents that read like `text` or concern the same device, the likest first (REQUIREMENTS B2).

    Looks through the newest LOOKED_THROUGH and the device's own; alike is sharing pairs of characters.
    """
    wanted = _pairs(text)
    found: dict[int, tuple[float, Similar]] = {}
    for past, past_ci in (*_ended(tx, ci_id, 100), *_ended(tx, None, LOOKED_THROUGH)):
        if past.id == but or past.id in found:
            continue
        likeness = _likeness(wanted, _pairs(past.title))
        is_same_device = ci_id is not None and past_ci == ci_id
        if likeness >= ALIKE or (is_same_device and (likeness > 0 or not wanted)):
            found[past.id] = (likeness + SAME_DEVICE * is_same_device, past)
    best = sorted(found.values(), key=lambda scored: (-scored[0], -scored[1].id))
    return [past for _, past in best[:limit]]


def _ended(tx: ReadTx, ci_id: int | None, limit: int) -> Iterable[tuple[Similar, int | None]]:
    ended = Incident.state.in_((IncidentState.CLOSED, IncidentState.RESOLVED))
    query: Select[*tuple[Any, ...]] = (
        select(
            Incident.id,
            Incident.number,
            Incident.title,
            Incident.happened_at,
            Ci.name,
            Incident.state,
            Incident.cause,
            Incident.solution,
            Incident.ci_id,
        )
        .outerjoin(Ci, Ci.id == Incident.ci_id)
        .where(ended)
        .order_by(Incident.happened_at.desc(), Incident.id.desc())
        .limit(limit)
    )
    if ci_id is not None:
        query = query.where(Incident.ci_id == ci_id)
    for row in tx.session.execute(query):
        yield Similar(*row[:-1]), row[-1]


def _pairs(text: str) -> frozenset[str]:
    """Return the pairs of neighbouring characters, which serve Chinese and other words alike."""
    plain = "".join(sign for sign in text.casefold() if sign.isalnum())
    return frozenset(plain[at : at + 2] for at in range(len(plain) - 1))


def _likeness(wanted: frozenset[str], past: frozenset[str]) -> float:
    """Return the share of the shorter text's pairs that both have."""
    shorter = min(len(wanted), len(past))
    return len(wanted & past) / shorter if shorter else 0.0


def _name(tx: ReadTx, person_id: int | None) -> str | None:
    return tx.session.scalar(select(Person.name).where(Person.id == person_id)) if person_id else None
