"""A line of the incident queue; loads no database layer, so that the queue can be shown before it is there."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.enums import Grade, IncidentState, Priority, Severity, Source

UNREACHABLE_CAUSE = ":reachability"


def waited(happened_at: datetime, recorded_at: datetime, answered_at: datetime) -> timedelta:
    """Return how long an acknowledgement took from the record; of what was entered later, from when it happened."""
    began = recorded_at if recorded_at <= answered_at else happened_at
    return max(timedelta(0), answered_at - began)


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """A line of the queue. `acknowledge_due_at` is when the clock of REQUIREMENTS B4 runs out."""

    id: int
    version: int
    number: str
    state: IncidentState
    grade: Grade
    severity: Severity | None
    priority: Priority
    source: Source
    ci_id: int | None
    ci_name: str | None
    title: str
    happened_at: datetime
    recorded_at: datetime
    acknowledge_due_at: datetime
    answered_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    acknowledge_reason: str
    acknowledge_expires_at: datetime | None
    assignee_id: int | None
    assignee: str | None
    escalation_level: int
    cleared_at: datetime | None
    caller: str
    cause_key: str | None

    @property
    def is_open(self) -> bool:
        return self.state not in (IncidentState.CLOSED, IncidentState.NOISE)

    @property
    def is_unacknowledged(self) -> bool:
        return self.state is IncidentState.NEW

    @property
    def is_unreachable(self) -> bool:
        """Whether the alarm says that the device can't be reached at all."""
        return self.cause_key is not None and self.cause_key.endswith(UNREACHABLE_CAUSE)

    @property
    def answered_after(self) -> timedelta | None:
        """How long the first acknowledgement took; None while there is none."""
        return None if self.answered_at is None else waited(self.happened_at, self.recorded_at, self.answered_at)
