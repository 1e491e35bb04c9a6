"""Incidents: one state machine, one time line, one notification log (REQUIREMENTS B3-B8)."""

import uuid
from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Flag, Id, Keyed, Line, Prose, Recorded, Versioned, database_now, to, words
from models.enums import EventKind, Grade, IncidentState, Medium, Priority, Severity, Source, WorkOrderState

_OPEN = "state NOT IN ('closed', 'noise')"
_ALLOWED = {
    IncidentState.NEW: {"acknowledge", "assign", "resolve", "noise"},
    IncidentState.ACKNOWLEDGED: {"assign", "resolve", "noise"},
    IncidentState.ASSIGNED: {"assign", "resolve", "noise"},
    IncidentState.RESOLVED: {"resolve", "close", "reopen"},
    IncidentState.CLOSED: {"reopen"},
    IncidentState.NOISE: {"reopen"},
}


def _where(name: str, column: str, condition: str) -> Index:
    return Index(name, column, sqlite_where=text(condition), postgresql_where=text(condition))


class Incident(Keyed, Recorded, Versioned, Base):
    """A request or an alarm. `cause_key` is set for alarms: at most one open incident per cause.

    `severity` is the check's, `grade` a person's judgement, `priority` chooses the target times.
    `acknowledge_due_at` is when the clock of REQUIREMENTS B4 runs out, `answered_at` the first acknowledgement,
    which a reopening or an expiry does not take away; `escalates_at` is when the chain's next step is due.
    """

    __tablename__ = "incident"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    happened_at: Mapped[datetime] = mapped_column(server_default=database_now())
    state: Mapped[IncidentState] = mapped_column(words(IncidentState), default=IncidentState.NEW)
    grade: Mapped[Grade] = mapped_column(words(Grade))
    severity: Mapped[Severity | None] = mapped_column(words(Severity))
    priority: Mapped[Priority] = mapped_column(words(Priority), default=Priority.NORMAL)
    source: Mapped[Source] = mapped_column(words(Source))
    ci_id: Mapped[int | None] = mapped_column(to("ci"))
    title: Mapped[str] = mapped_column(String(250))
    description: Mapped[Prose]
    cause_key: Mapped[str | None] = mapped_column(String(200))
    caller: Mapped[Line]
    caller_department: Mapped[Line]
    caller_telephone: Mapped[Line]
    acknowledge_due_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[int | None] = mapped_column(to("person"))
    acknowledge_reason: Mapped[Line]
    acknowledge_expires_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None] = mapped_column(to("person"))
    escalation_level: Mapped[int] = mapped_column(default=0, server_default="0")
    escalates_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(to("person"))
    is_first_line: Mapped[Flag]
    cause: Mapped[Prose]
    solution: Mapped[Prose]
    review: Mapped[Prose]
    satisfaction: Mapped[int | None]
    closed_at: Mapped[datetime | None]
    search: Mapped[str] = mapped_column(String(500), default="", server_default="")
    __table_args__ = (
        Index(
            "ix_incident_cause_open",
            "cause_key",
            unique=True,
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index("ix_incident_open", "happened_at", "id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        Index("ix_incident_happened", "happened_at", "id"),
        Index("ix_incident_state", "state", "happened_at", "id"),
        Index("ix_incident_grade", "grade", "happened_at", "id"),
        Index("ix_incident_ci", "ci_id", "happened_at", "id"),
        Index("ix_incident_cause", "cause_key"),
        Index("ix_incident_due", "state", "acknowledge_due_at"),
        _where("ix_incident_escalates", "escalates_at", "escalates_at IS NOT NULL"),
        _where("ix_incident_expires", "acknowledge_expires_at", "acknowledge_expires_at IS NOT NULL"),
        _where("ix_incident_caller", "id", "caller <> ''"),
    )

    @property
    def steps(self) -> frozenset[str]:
        """The steps that may follow the present state."""
        return frozenset(_ALLOWED[self.state])

    def allows(self, step: str) -> bool:
        """Tell whether `step` (acknowledge, assign, resolve, noise, close, reopen) may follow the state."""
        return step in _ALLOWED[self.state]

    @property
    def is_open(self) -> bool:
        return self.state not in (IncidentState.CLOSED, IncidentState.NOISE)

    @property
    def needs_review(self) -> bool:
        """Grades I to III can't be closed without their review (REQUIREMENTS B7)."""
        return self.grade in (Grade.I, Grade.II, Grade.III)

    @property
    def lacks_review(self) -> bool:
        """Closed without the review that its grade needs; what came from an older register may be so."""
        return self.state is IncidentState.CLOSED and self.needs_review and not self.review


class IncidentEvent(Recorded, Base):
    """One line of an incident's time line, never changed afterwards; `key` is set where a form made it."""

    __tablename__ = "incident_event"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    key: Mapped[uuid.UUID | None] = mapped_column(unique=True)
    incident_id: Mapped[int] = mapped_column(to("incident"), index=True)
    kind: Mapped[EventKind] = mapped_column(words(EventKind))
    person_id: Mapped[int | None] = mapped_column(to("person"))
    text: Mapped[Prose]


class Notification(Keyed, Recorded, Base):
    """Who was told of an incident, when, how and by whom (REQUIREMENTS B6)."""

    __tablename__ = "notification"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    incident_id: Mapped[int] = mapped_column(to("incident"), index=True)
    contact_id: Mapped[int | None] = mapped_column(to("contact"))
    name: Mapped[str] = mapped_column(String(80))
    number: Mapped[Line]
    medium: Mapped[Medium] = mapped_column(words(Medium))
    person_id: Mapped[int | None] = mapped_column(to("person"))
    result: Mapped[Line]


class WorkOrder(Keyed, Recorded, Versioned, Base):
    """A task that came out of an incident or a finding (its whole life cycle comes later)."""

    __tablename__ = "work_order"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    title: Mapped[str] = mapped_column(String(250))
    ci_id: Mapped[int | None] = mapped_column(to("ci"))
    incident_id: Mapped[int | None] = mapped_column(to("incident"))
    inspection_id: Mapped[int | None] = mapped_column(to("inspection"))
    assignee_id: Mapped[int | None] = mapped_column(to("person"))
    due_at: Mapped[datetime | None]
    state: Mapped[WorkOrderState] = mapped_column(words(WorkOrderState), default=WorkOrderState.OPEN)
    result: Mapped[Prose]


class Counter(Base):
    """The last number given out in a numbered series, e.g. `E-20261123`."""

    __tablename__ = "counter"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    last: Mapped[int]
