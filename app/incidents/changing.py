"""What every change of an incident has in common: the locked row, the clock, the line in the time line."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from app import settings
from app.desk import ReadTx, Tx
from app.errors import BadInput, NotFound, Refused
from app.text import clean
from app.times import moment
from app.words import label, tr
from models.enums import EventKind, IncidentState
from models.incidents import Incident, IncidentEvent
from models.people import Person


def locked(tx: Tx, incident_id: int, version: int | None = None) -> Incident:
    """Return the incident, held against everybody else until the transaction ends; its version is raised.

    Raises NotFound, or Conflict when `version` is given and is not the present one.
    """
    incident = tx.session.get(Incident, incident_id, with_for_update=True)
    if incident is None:
        raise NotFound(tr("incident"), incident_id)
    return tx.get(Incident, incident_id, incident.version if version is None else version)


def check_step(tx: ReadTx, incident: Incident, step: str) -> None:
    """Raise Refused when the state machine of the model does not allow `step` now."""
    if incident.allows(step):
        return
    if step == "acknowledge" and incident.acknowledged_at is not None:
        raise Refused(
            tr(
                "{number} was acknowledged by {who} at {time}. Nothing was changed.",
                number=incident.number,
                who=person_name(tx, incident.acknowledged_by),
                time=moment(incident.acknowledged_at, tx.now),
            )
        )
    raise Refused(
        tr(
            "{number} is {state}; this step does not follow from there. Nothing was changed.",
            number=incident.number,
            state=label(incident.state),
        )
    )


def unreviewed(incident: Incident, field: str) -> BadInput:
    """Return why an incident of its grade is not closed, or left closed, without a review (REQUIREMENTS B7)."""
    sentence = tr("An incident of grade {grade} is closed only with its review.", grade=incident.grade.value)
    return BadInput(sentence, field)


def log(
    tx: Tx,
    incident: Incident,
    kind: EventKind,
    text: str = "",
    *,
    key: uuid.UUID | None = None,
    happened_at: datetime | None = None,
) -> None:
    """Add a line to the incident's time line, by whoever acts."""
    line = IncidentEvent(incident_id=incident.id, kind=kind, person_id=tx.person.id, text=text, key=key)
    line.happened_at = tx.happened(happened_at)
    tx.add(line)


def is_logged(tx: ReadTx, key: uuid.UUID) -> bool:
    """Whether a form with this key has already left its line."""
    return tx.session.scalar(select(IncidentEvent.id).where(IncidentEvent.key == key)) is not None


def start_clock(tx: ReadTx, incident: Incident) -> None:
    """Make the incident unacknowledged, with the whole time to acknowledge it before it (REQUIREMENTS B4)."""
    incident.state = IncidentState.NEW
    incident.acknowledged_at = incident.acknowledged_by = incident.acknowledge_expires_at = None
    incident.acknowledge_reason = ""
    incident.escalation_level = 0
    incident.acknowledge_due_at = incident.escalates_at = tx.now + acknowledge_within(tx)


def stop_clock(tx: ReadTx, incident: Incident, reason: str, expires_at: datetime | None = None) -> None:
    """Write down who acknowledges, when and why; a state further on than ACKNOWLEDGED stays."""
    if incident.state is IncidentState.NEW:
        incident.state = IncidentState.ACKNOWLEDGED
    incident.acknowledged_at = tx.now
    incident.answered_at = incident.answered_at or tx.now
    incident.acknowledged_by = tx.person.id
    incident.acknowledge_reason = reason
    incident.acknowledge_expires_at = expires_at
    incident.escalates_at = None


def acknowledge_within(tx: ReadTx) -> timedelta:
    """Return how long an incident may wait for its acknowledgement, and a step of the chain for the next."""
    return timedelta(minutes=settings.get(tx, "escalation.minutes"))


def required(text: str, field: str, sentence: str) -> str:
    """Return `text` cleaned. Raises BadInput with `sentence` when nothing is left."""
    cleaned = clean(text)
    if not cleaned:
        raise BadInput(sentence, field)
    return cleaned


def person_name(tx: ReadTx, person_id: int | None) -> str:
    """Return a person's name, or a dash for a service or command-line identity."""
    name = tx.session.scalar(select(Person.name).where(Person.id == person_id)) if person_id else None
    return name or "—"
