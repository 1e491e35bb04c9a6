"""Working on an incident: acknowledge, assign, note, judge, tell people, correct what was written."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.desk import Tx, command
from app.errors import BadInput, NotFound
from app.incidents.changing import check_step, is_logged, locked, log, required, stop_clock, unreviewed
from app.incidents.opening import update_searched
from app.permissions import Permission
from app.text import clean, clean_line
from app.words import label, tr
from models.cmdb import Ci
from models.enums import EventKind, Grade, IncidentState, Medium, Priority
from models.incidents import Incident, Notification
from models.people import Contact, Person

AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Which incidents an acknowledgement of several reached, and which somebody had acknowledged before."""

    done: tuple[int, ...]
    passed_over: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class IncidentWords:
    """What people may correct of an incident at any time."""

    title: str
    description: str
    ci_id: int | None
    priority: Priority
    cause: str
    solution: str
    review: str


@command(Permission.INCIDENT_HANDLE, keeps=True)
def acknowledge(tx: Tx, incident_id: int, reason: str = "", expires_at: datetime | None = None) -> None:
    """Stop the clock of an incident: who, when and why (UX rule 4). Without a reason: "seen, being handled".

    At `expires_at` it asks to be acknowledged anew. Raises Refused when somebody did it before, or BadInput.
    """
    incident = locked(tx, incident_id)
    check_step(tx, incident, "acknowledge")
    _acknowledge(tx, incident, reason, expires_at)


@command(Permission.INCIDENT_HANDLE, keeps=True)
def acknowledge_many(
    tx: Tx, incident_ids: Sequence[int], reason: str = "", expires_at: datetime | None = None
) -> Acknowledged:
    """Acknowledge several with one note; those that somebody acknowledged before are passed over and told."""
    if len(incident_ids) > AT_ONCE:
        raise BadInput(tr("At most {n} incidents at once.", n=AT_ONCE))
    done, passed_over = [], []
    for incident_id in sorted(set(incident_ids)):
        incident = tx.session.get(Incident, incident_id, with_for_update=True)
        if incident is None or not incident.allows("acknowledge"):
            passed_over.append(incident_id)
            continue
        incident.version += 1
        _acknowledge(tx, incident, reason, expires_at)
        done.append(incident_id)
    return Acknowledged(tuple(done), tuple(passed_over))


@command(Permission.INCIDENT_HANDLE)
def assign(tx: Tx, incident_id: int, version: int, assignee_id: int, note: str = "") -> None:
    """Hand the incident to a person; who hands it out has thereby acknowledged it. Raises Refused or Conflict."""
    incident = locked(tx, incident_id, version)
    check_step(tx, incident, "assign")
    assignee = tx.session.get(Person, assignee_id)
    if assignee is None or not assignee.is_active:
        raise BadInput(tr("Choose a person of the desk."), "assignee")
    if incident.acknowledged_at is None:
        stop_clock(tx, incident, clean_line(note) or tr("assigned to {name}", name=assignee.name))
    incident.state = IncidentState.ASSIGNED
    incident.assignee_id = assignee_id
    incident.acknowledge_expires_at = None
    words = clean(note)
    log(tx, incident, EventKind.ASSIGNED, f"→ {assignee.name}" + (f"：{words}" if words else ""))


@command(Permission.INCIDENT_HANDLE, keeps=True)
def add_note(tx: Tx, incident_id: int, key: uuid.UUID, text: str, happened_at: datetime | None = None) -> None:
    """Add a line to the time line; the same key again changes nothing. Raises BadInput for an empty one."""
    words = required(text, "text", tr("The note is empty."))
    if is_logged(tx, key):
        return
    incident = tx.find(Incident, incident_id)
    log(tx, incident, EventKind.NOTE, words, key=key, happened_at=happened_at)


@command(Permission.INCIDENT_HANDLE)
def set_grade(tx: Tx, incident_id: int, version: int, grade: Grade, reason: str) -> None:
    """Judge how serious the incident is (REQUIREMENTS B7); says why. Raises BadInput or Conflict."""
    why = required(reason, "reason", tr("Say why the grade changes."))
    incident = locked(tx, incident_id, version)
    if incident.grade is grade:
        return
    lacked = incident.lacks_review
    log(tx, incident, EventKind.GRADED, f"{incident.grade.value} → {grade.value}：{why}")
    incident.grade = grade
    _keep_reviewed(incident, lacked, "grade")


@command(Permission.INCIDENT_HANDLE)
def correct(tx: Tx, incident_id: int, version: int, words: IncidentWords) -> None:
    """Save what people wrote of the incident; the time line names what changed. Raises BadInput or Conflict."""
    incident = locked(tx, incident_id, version)
    if words.ci_id is not None and tx.session.get(Ci, words.ci_id) is None:
        raise BadInput(tr("This device is not in the configuration database."), "ci")
    new = {
        "title": clean_line(words.title, 250) or incident.title,
        "description": clean(words.description),
        "ci_id": words.ci_id,
        "priority": words.priority,
        "cause": clean(words.cause),
        "solution": clean(words.solution),
        "review": clean(words.review),
    }
    changed = [name for name, value in new.items() if getattr(incident, name) != value]
    lacked = incident.lacks_review
    for name in changed:
        setattr(incident, name, new[name])
    _keep_reviewed(incident, lacked, "review")
    if changed:
        update_searched(tx, incident)
        log(tx, incident, EventKind.UPDATED, "、".join(_field_titles()[name] for name in changed))


def _keep_reviewed(incident: Incident, lacked: bool, field: str) -> None:
    """Refuse what would leave a closed incident of grades I to III without its review (B7)."""
    if incident.lacks_review and not lacked:
        raise unreviewed(incident, field)


@command(Permission.INCIDENT_HANDLE)
def record_notification(
    tx: Tx,
    incident_id: int,
    key: uuid.UUID,
    name: str,
    medium: Medium,
    *,
    number: str = "",
    result: str = "",
    contact_id: int | None = None,
    happened_at: datetime | None = None,
) -> int:
    """Write down who was told, when, how, by whom and what came of it (REQUIREMENTS B6), and return the line's id."""
    told = required(name, "name", tr("Who was told?"))
    made = tx.already(Notification, key)
    if made is not None:
        return made.id
    incident = tx.find(Incident, incident_id)
    if contact_id is not None and tx.session.get(Contact, contact_id) is None:
        raise NotFound(tr("contact"), contact_id)
    line = tx.add(
        Notification(
            key=key,
            incident_id=incident_id,
            contact_id=contact_id,
            name=clean_line(told, 80),
            number=clean_line(number, 60),
            medium=medium,
            person_id=tx.person.id,
            result=clean_line(result, 250),
            happened_at=tx.happened(happened_at),
        )
    )
    parts = (f"{line.name} {line.number}".strip(), label(medium), line.result)
    log(tx, incident, EventKind.NOTIFIED, " · ".join(part for part in parts if part), happened_at=happened_at)
    return line.id


def _acknowledge(tx: Tx, incident: Incident, reason: str, expires_at: datetime | None) -> None:
    if expires_at is not None and expires_at <= tx.now:
        raise BadInput(tr("The acknowledgement would already have expired."), "expires_at")
    why = clean_line(reason, 250) or tr("seen, being handled")
    stop_clock(tx, incident, why, expires_at)
    log(tx, incident, EventKind.ACKNOWLEDGED, why)


def _field_titles() -> dict[str, str]:
    return {
        "title": tr("Content", context="incident"),
        "description": tr("Description"),
        "ci_id": tr("Device"),
        "priority": tr("Priority"),
        "cause": tr("Cause"),
        "solution": tr("Solution"),
        "review": tr("Review", context="incident"),
    }
