"""What lists, the detail page and the ledger show of an incident, and the columns that they are read from."""

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import aliased

from app.incident_row import IncidentRow
from models.cmdb import Ci
from models.enums import EventKind, Grade, IncidentState, Medium, Source
from models.incidents import Incident
from models.people import Person

_answerer = aliased(Person)
_assignee = aliased(Person)


@dataclass(frozen=True, slots=True)
class EventRow:
    """A line of the time line."""

    id: int
    kind: EventKind
    happened_at: datetime
    recorded_at: datetime
    person: str | None
    text: str


@dataclass(frozen=True, slots=True)
class NotificationRow:
    """Who was told, when, how and by whom (REQUIREMENTS B6)."""

    id: int
    happened_at: datetime
    recorded_at: datetime
    name: str
    number: str
    medium: Medium
    person: str | None
    result: str


@dataclass(frozen=True, slots=True)
class IncidentDetail:
    """Everything that the incident's page and its printed record show; time line and log oldest first."""

    row: IncidentRow
    description: str
    caller_department: str
    caller_telephone: str
    resolved_at: datetime | None
    resolved_by: str | None
    is_first_line: bool
    cause: str
    solution: str
    review: str
    satisfaction: int | None
    closed_at: datetime | None
    steps: frozenset[str]
    needs_review: bool
    events: tuple[EventRow, ...]
    notifications: tuple[NotificationRow, ...]

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def version(self) -> int:
        return self.row.version


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A line of the month's ledger, oldest first."""

    id: int
    number: str
    happened_at: datetime
    recorded_at: datetime
    source: Source
    grade: Grade
    state: IncidentState
    ci_name: str | None
    title: str
    caller: str
    acknowledged_by: str | None
    answered_at: datetime | None
    assignee: str | None
    resolved_at: datetime | None
    closed_at: datetime | None
    cause: str
    solution: str


@dataclass(frozen=True, slots=True)
class Similar:
    """A past incident that may be the same trouble, with how it was solved."""

    id: int
    number: str
    title: str
    happened_at: datetime
    ci_name: str | None
    state: IncidentState
    cause: str
    solution: str


@cache
def incident_rows() -> Select[*tuple[Any, ...]]:
    """Return the query of `IncidentRow`s, to which lists add WHERE and ORDER BY."""
    return (
        select(
            Incident.id,
            Incident.version,
            Incident.number,
            Incident.state,
            Incident.grade,
            Incident.severity,
            Incident.priority,
            Incident.source,
            Incident.ci_id,
            Ci.name,
            Incident.title,
            Incident.happened_at,
            Incident.recorded_at,
            Incident.acknowledge_due_at,
            Incident.answered_at,
            Incident.acknowledged_at,
            _answerer.name,
            Incident.acknowledge_reason,
            Incident.acknowledge_expires_at,
            Incident.assignee_id,
            _assignee.name,
            Incident.escalation_level,
            Incident.cleared_at,
            Incident.caller,
            Incident.cause_key,
        )
        .outerjoin(Ci, Ci.id == Incident.ci_id)
        .outerjoin(_answerer, _answerer.id == Incident.acknowledged_by)
        .outerjoin(_assignee, _assignee.id == Incident.assignee_id)
    )


@cache
def ledger_rows() -> Select[*tuple[Any, ...]]:
    """Return the query of `LedgerRow`s."""
    return (
        select(
            Incident.id,
            Incident.number,
            Incident.happened_at,
            Incident.recorded_at,
            Incident.source,
            Incident.grade,
            Incident.state,
            Ci.name,
            Incident.title,
            Incident.caller,
            _answerer.name,
            Incident.answered_at,
            _assignee.name,
            Incident.resolved_at,
            Incident.closed_at,
            Incident.cause,
            Incident.solution,
        )
        .outerjoin(Ci, Ci.id == Incident.ci_id)
        .outerjoin(_answerer, _answerer.id == Incident.acknowledged_by)
        .outerjoin(_assignee, _assignee.id == Incident.assignee_id)
    )
