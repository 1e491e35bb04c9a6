"""Opening incidents: found by the operator, told on the telephone, or found by another subject of the desk."""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select

from app.desk import Tx, command
from app.errors import BadInput
from app.incidents.changing import log, start_clock, stop_clock
from app.numbers import next_number
from app.permissions import Permission
from app.pinyin import search_text
from app.text import clean, clean_line
from app.words import tr
from models.cmdb import Ci
from models.enums import EventKind, Grade, Priority, Severity, Source
from models.incidents import Incident

CALLS = (Source.TELEPHONE, Source.HOTLINE, Source.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class IncidentDraft:
    """What is known of an incident when it is opened; `cause_key` only for what an alarm or a plan opened."""

    title: str
    source: Source = Source.OPERATOR
    description: str = ""
    ci_id: int | None = None
    grade: Grade = Grade.IV
    priority: Priority = Priority.NORMAL
    severity: Severity | None = None
    cause_key: str | None = None
    happened_at: datetime | None = None
    caller: str = ""
    caller_department: str = ""
    caller_telephone: str = ""


@command(Permission.INCIDENT_REGISTER)
def open_incident(tx: Tx, key: uuid.UUID, draft: IncidentDraft) -> int:
    """Open what a person found and return its id; whoever enters it has thereby acknowledged it (UX rule 3).

    The same key again returns the incident that is there. Raises BadInput.
    """
    made = tx.already(Incident, key)
    if made is not None:
        return made.id
    incident = create(tx, draft, key)
    stop_clock(tx, incident, tr("acknowledged when it was entered"))
    return incident.id


@command(Permission.INCIDENT_REGISTER)
def register_call(tx: Tx, key: uuid.UUID, draft: IncidentDraft) -> int:
    """Register a call and return the incident's id; the operator acknowledges it by registering it (UX rule 3).

    Raises BadInput without a caller or a symptom, or when the source is no call.
    """
    if draft.source not in CALLS:
        raise BadInput(tr("A call comes by telephone, by the hotline or from a department."), "source")
    if not clean_line(draft.caller):
        raise BadInput(tr("Who is calling?"), "caller")
    made = tx.already(Incident, key)
    if made is not None:
        return made.id
    incident = create(tx, draft, key)
    stop_clock(tx, incident, tr("acknowledged at the call"))
    return incident.id


def create(tx: Tx, draft: IncidentDraft, key: uuid.UUID | None = None) -> Incident:
    """Add an incident whose clock runs, for commands of this and of other subjects. Raises BadInput."""
    title = clean_line(draft.title, 250)
    if not title:
        raise BadInput(tr("Say in a line what is wrong."), "title")
    ci_name = _ci_name(tx, draft.ci_id)
    caller = clean_line(draft.caller, 80)
    incident = Incident(
        key=key or uuid.uuid4(),
        number=next_number(tx, "E", tx.now),
        source=draft.source,
        grade=draft.grade,
        priority=draft.priority,
        severity=draft.severity,
        ci_id=draft.ci_id,
        title=title,
        description=clean(draft.description),
        cause_key=draft.cause_key,
        caller=caller,
        caller_department=clean_line(draft.caller_department, 120),
        caller_telephone=clean_line(draft.caller_telephone, 40),
        happened_at=tx.happened(draft.happened_at),
    )
    incident.search = searched(incident, ci_name)
    start_clock(tx, incident)
    tx.add(incident)
    log(tx, incident, EventKind.OPENED, title)
    return incident


def searched(incident: Incident, ci_name: str) -> str:
    """Return what a search over incidents looks at."""
    texts = (incident.number, incident.title, ci_name, incident.caller, incident.caller_telephone)
    return search_text(*texts, limit=500)


def update_searched(tx: Tx, incident: Incident) -> None:
    """Bring what a search looks at up to the incident's present words."""
    incident.search = searched(incident, _ci_name(tx, incident.ci_id))


def with_grade_of(draft: IncidentDraft, severity: Severity) -> IncidentDraft:
    """Return the draft with the grade that a severity proposes: critical III, warning IV."""
    return replace(draft, severity=severity, grade=proposed_grade(severity))


def proposed_grade(severity: Severity) -> Grade:
    """Return the grade that the check's severity proposes; a person judges it afterwards."""
    return Grade.III if severity is Severity.CRITICAL else Grade.IV


def _ci_name(tx: Tx, ci_id: int | None) -> str:
    if ci_id is None:
        return ""
    name = tx.session.scalar(select(Ci.name).where(Ci.id == ci_id))
    if name is None:
        raise BadInput(tr("This device is not in the configuration database."), "ci")
    return name
