"""Alarms open, update and clear one incident per cause (REQUIREMENTS B3); called by the collector."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.desk import Tx, command
from app.incidents.changing import log, start_clock
from app.incidents.opening import IncidentDraft, create, update_searched, with_grade_of
from app.incidents.queue import is_open
from app.permissions import Permission
from app.text import clean_line
from app.words import label, tr
from models.enums import EventKind, IncidentState, Severity, Source
from models.incidents import Incident


@command(Permission.ALARM)
def open_alarm(
    tx: Tx,
    cause_key: str,
    ci_id: int | None,
    severity: Severity,
    title: str,
    at: datetime | None = None,
    *,
    source: Source = Source.MONITORING,
) -> int:
    """Open the incident of a cause and return its id; the one that is open already is updated instead."""
    return raise_alarm(tx, cause_key, ci_id, severity, title, at, source=source)


@command(Permission.ALARM)
def update_alarm(
    tx: Tx, cause_key: str, ci_id: int | None, severity: Severity, title: str, at: datetime | None = None
) -> int | None:
    """Say what the alarm of a cause is now, and return its incident's id; it is opened where none is open.

    An incident that a person marked as noise stays so, until the alarm clears and comes again: then None.
    """
    if _open_one(tx, cause_key) is None and _is_muted(tx, cause_key):
        return None
    return raise_alarm(tx, cause_key, ci_id, severity, title, at)


@command(Permission.ALARM)
def clear_alarm(tx: Tx, cause_key: str, text: str = "", at: datetime | None = None) -> int | None:
    """Mark that the cause is gone and return its incident's id, None where there is none.

    The incident keeps its state and its clock: recovery is not an acknowledgement (UX rule 2).
    """
    incident = _open_one(tx, cause_key) or _muted(tx, cause_key)
    if incident is None or incident.cleared_at is not None:
        return None
    incident.cleared_at = tx.happened(at)
    log(tx, incident, EventKind.CLEARED, clean_line(text), happened_at=at)
    return incident.id


def raise_alarm(
    tx: Tx,
    cause_key: str,
    ci_id: int | None,
    severity: Severity,
    title: str,
    at: datetime | None = None,
    *,
    source: Source = Source.MONITORING,
) -> int:
    """The same for other subjects' commands (a backup that is missing): open or update, and return the id."""
    incident = _open_one(tx, cause_key)
    if incident is None:
        draft = IncidentDraft(title, source, ci_id=ci_id, cause_key=cause_key, happened_at=at)
        opened = _try_to_open(tx, with_grade_of(draft, severity))
        if opened is not None:
            return opened
        incident = _open_one(tx, cause_key)
        assert incident is not None, "the open cause that refused ours must be there"
    _update(tx, incident, severity, clean_line(title, 250), at)
    return incident.id


def _try_to_open(tx: Tx, draft: IncidentDraft) -> int | None:
    """Return the new incident's id, or None when another collector opened the cause at the same moment."""
    try:
        with tx.session.begin_nested():
            return create(tx, draft, uuid.uuid4()).id
    except IntegrityError as error:
        if "cause" not in str(error.orig):
            raise
        return None


def _update(tx: Tx, incident: Incident, severity: Severity, title: str, at: datetime | None) -> None:
    """Write down what changed. What is worse, came back or was thought solved asks to be acknowledged anew."""
    is_back = incident.cleared_at is not None or incident.state is IncidentState.RESOLVED
    is_worse = severity is Severity.CRITICAL and incident.severity is not Severity.CRITICAL
    if not is_back and incident.severity is severity and incident.title == title:
        return
    incident.severity, incident.title, incident.cleared_at = severity, title, None
    update_searched(tx, incident)
    words = tr("{severity}: {title}", severity=label(severity), title=title)
    log(tx, incident, EventKind.UPDATED, tr("again: {what}", what=words) if is_back else words, happened_at=at)
    asks_anew = incident.state in (IncidentState.ACKNOWLEDGED, IncidentState.RESOLVED)
    if (is_worse or is_back) and asks_anew:
        incident.resolved_at = incident.resolved_by = None
        start_clock(tx, incident)


def _open_one(tx: Tx, cause_key: str) -> Incident | None:
    query = select(Incident).where(Incident.cause_key == cause_key, is_open()).with_for_update()
    return tx.session.scalars(query).first()


def _muted(tx: Tx, cause_key: str) -> Incident | None:
    """Return the cause's incident that was marked as noise while the alarm still holds."""
    query = select(Incident).where(
        Incident.cause_key == cause_key, Incident.state == IncidentState.NOISE, Incident.cleared_at.is_(None)
    )
    return tx.session.scalars(query.order_by(Incident.id.desc())).first()


def _is_muted(tx: Tx, cause_key: str) -> bool:
    return _muted(tx, cause_key) is not None
