"""The columns of the queue, as the control room reads them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.times import clock, duration, to_local
from app.words import label, tr
from models.enums import IncidentState, Priority, Severity, State
from ui.rows import Column, Look, Pill, Ring, Tinted

if TYPE_CHECKING:
    from app.incidents import IncidentRow

AT_ONCE = timedelta(seconds=2)
CLOCK = "clock"
HIDDEN = "＊＊＊"
_SHAPES = {Severity.WARNING: State.WARNING, Severity.CRITICAL: State.CRITICAL}
_TOKENS = {State.WARNING: "warning", State.CRITICAL: "critical", State.UNREACHABLE: "unreachable"}
_PRIORITY_TOKENS = {Priority.URGENT: "critical", Priority.HIGH: "warning"}


class DatabaseClock:
    """The database's time on this machine: its own clock moved by the difference seen last.

    `within` is how long an incident may wait for its acknowledgement.
    """

    def __init__(self) -> None:
        self._ahead = timedelta(0)
        self.within = timedelta(minutes=10)

    def set(self, now: datetime, within: timedelta) -> None:
        """Take over the database's time, just read, and the term."""
        self._ahead = now - datetime.now(UTC)
        self.within = within

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead


def queue_columns(time: DatabaseClock, is_private: Callable[[], bool] = lambda: False) -> tuple[Column, ...]:
    """Return the queue's columns, whose clocks follow `time`; callers are hidden while `is_private` says so."""
    now = time.now

    def device(row: "IncidentRow") -> str:
        return row.ci_name or (HIDDEN if row.caller and is_private() else row.caller) or "—"

    return (
        Column("number", tr("Number"), lambda row: row.number, 122, sort="number", drops=2),
        Column("grade", tr("Grade"), lambda row: row.grade.value, 52, sort="grade", drops=1),
        Column("state", tr("State", context="incident"), state_text, 122, look=state_look, sort="state"),
        Column("source", tr("Source"), lambda row: label(row.source), 84, drops=4),
        Column("ci", tr("Device"), device, 92, stretch=True),
        Column("title", tr("Content", context="incident"), lambda row: row.title, 170, stretch=True),
        Column("happened", tr("Happened"), lambda row: happened_text(row, now()), 94, right=True, sort="happened"),
        Column(
            CLOCK,
            tr("To acknowledge"),
            lambda row: clock_text(row, now()),
            118,
            look=lambda row: clock_look(row, time),
        ),
        Column("answer", tr("By whom, and why"), answer_text, 150, stretch=True, drops=3),
    )


def state_text(row: "IncidentRow") -> str:
    """Return what the pill says: of an open alarm how bad it is, of others how far they are."""
    shape = _shape(row)
    if shape is None:
        return label(row.state)
    return tr("Recovered") if shape is State.NORMAL else label(shape)


def state_look(row: "IncidentRow") -> Look:
    shape = _shape(row)
    if shape is State.NORMAL:
        return Pill(tr("Recovered"), "normal", shape)
    if shape is not None:
        return Pill(label(shape), _TOKENS[shape], shape)
    token = _PRIORITY_TOKENS.get(row.priority, "text") if row.is_open else "secondary"
    return Pill(label(row.state), "normal" if row.state is IncidentState.RESOLVED else token)


def happened_text(row: "IncidentRow", now: datetime) -> str:
    """Return the local time of today, day and time of other days, the year where it is another one."""
    local, today = to_local(row.happened_at), to_local(now)
    if local.date() == today.date():
        return f"{local:%H:%M:%S}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def clock_text(row: "IncidentRow", now: datetime) -> str:
    if row.is_unacknowledged:
        return clock(row.acknowledge_due_at - now)
    taken = row.answered_after
    if taken is None:
        return "—"
    if taken < AT_ONCE and row.cause_key is None:
        return tr("at the call") if row.caller else tr("when entered")
    return tr("after {span}", span=duration(taken))


def clock_look(row: "IncidentRow", time: DatabaseClock) -> Look:
    """Return the ring running out, or in how long it was answered."""
    now = time.now()
    if not row.is_unacknowledged:
        return Tinted(clock_text(row, now), "secondary")
    left = row.acknowledge_due_at - now
    if left <= timedelta(0):
        return Ring(1.0, clock_text(row, now), "critical")
    token = "critical" if left <= time.within / 2 else "warning"
    return Ring(min(1.0, left / time.within), clock_text(row, now), token)


def answer_text(row: "IncidentRow") -> str:
    """Return who acknowledged and why, and who has it now."""
    if row.is_unacknowledged:
        return "—"
    who = row.acknowledged_by or "—"
    words = tr("{who}: {why}", who=who, why=row.acknowledge_reason) if row.acknowledge_reason else who
    if row.assignee and row.assignee not in row.acknowledge_reason:
        words += f" → {row.assignee}"
    return words


def _shape(row: "IncidentRow") -> State | None:
    """Return the device state that an open alarm stands for, None for calls and what has ended."""
    if row.severity is None or not row.is_open or row.state is IncidentState.RESOLVED:
        return None
    if row.cleared_at is not None:
        return State.NORMAL
    return State.UNREACHABLE if row.is_unreachable else _SHAPES[row.severity]
