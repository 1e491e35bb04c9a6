"""Ending an incident: resolve, close, mark as noise; and opening it again (REQUIREMENTS B3, B7, B8)."""

from sqlalchemy import select

from app.desk import Tx, command
from app.errors import BadInput, Refused
from app.incidents.changing import check_step, locked, log, required, start_clock, stop_clock, unreviewed
from app.incidents.queue import is_open
from app.permissions import Permission
from app.text import clean
from app.words import tr
from models.enums import EventKind, IncidentState
from models.incidents import Incident


@command(Permission.INCIDENT_HANDLE)
def resolve(tx: Tx, incident_id: int, version: int, cause: str, solution: str, *, is_first_line: bool = False) -> None:
    """Write down cause and solution, both required (REQUIREMENTS B8). Raises BadInput, Refused or Conflict.

    `is_first_line`: the desk solved it itself (REQUIREMENTS B2).
    """
    why = required(cause, "cause", tr("What was the cause?"))
    how = required(solution, "solution", tr("How was it solved?"))
    incident = locked(tx, incident_id, version)
    check_step(tx, incident, "resolve")
    _end_clock(tx, incident, tr("resolved"))
    incident.state = IncidentState.RESOLVED
    incident.cause, incident.solution, incident.is_first_line = why, how, is_first_line
    incident.resolved_at, incident.resolved_by = tx.now, tx.person.id
    log(tx, incident, EventKind.RESOLVED, how)


@command(Permission.INCIDENT_CLOSE)
def close(tx: Tx, incident_id: int, version: int, *, review: str = "", satisfaction: int | None = None) -> None:
    """Close a resolved incident. Grades I to III need their review: analysis and preventive measures (B7).

    `satisfaction` is the caller's mark from 1 to 5 (B11). Raises BadInput, Refused or Conflict.
    """
    if satisfaction is not None and not 1 <= satisfaction <= 5:
        raise BadInput(tr("The mark is a number from 1 to 5."), "satisfaction")
    incident = locked(tx, incident_id, version)
    check_step(tx, incident, "close")
    incident.review = clean(review) or incident.review
    if incident.needs_review and not incident.review:
        raise unreviewed(incident, "review")
    incident.state = IncidentState.CLOSED
    incident.closed_at = tx.now
    incident.satisfaction = satisfaction if satisfaction is not None else incident.satisfaction
    log(tx, incident, EventKind.CLOSED)


@command(Permission.INCIDENT_HANDLE)
def mark_as_noise(tx: Tx, incident_id: int, version: int, reason: str) -> None:
    """End an incident that was none; says why. Raises BadInput, Refused or Conflict."""
    why = required(reason, "reason", tr("Say why this is noise."))
    incident = locked(tx, incident_id, version)
    check_step(tx, incident, "noise")
    _end_clock(tx, incident, tr("noise"))
    incident.state = IncidentState.NOISE
    incident.closed_at = tx.now
    log(tx, incident, EventKind.NOISE, why)


@command(Permission.INCIDENT_CLOSE)
def reopen(tx: Tx, incident_id: int, version: int, reason: str) -> None:
    """Open an ended incident again; whoever does it has thereby acknowledged it. Raises BadInput or Refused.

    An alarm's incident stays ended while another one of its cause is open.
    """
    why = required(reason, "reason", tr("Say why it is opened again."))
    incident = locked(tx, incident_id, version)
    check_step(tx, incident, "reopen")
    if incident.state in (IncidentState.CLOSED, IncidentState.NOISE):
        _refuse_second_of_cause(tx, incident)
    incident.resolved_at = incident.resolved_by = incident.closed_at = None
    start_clock(tx, incident)
    stop_clock(tx, incident, why[:250])
    log(tx, incident, EventKind.REOPENED, why)


def _end_clock(tx: Tx, incident: Incident, reason: str) -> None:
    if incident.acknowledged_at is None:
        stop_clock(tx, incident, reason)
    incident.acknowledge_expires_at = None


def _refuse_second_of_cause(tx: Tx, incident: Incident) -> None:
    if incident.cause_key is None:
        return
    other = tx.session.scalar(select(Incident.number).where(Incident.cause_key == incident.cause_key, is_open()))
    if other is not None:
        raise Refused(tr("{number} is open for the same cause: go on there.", number=other))
