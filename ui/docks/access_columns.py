"""The columns of the access log, as the door's book has them (REQUIREMENTS E1)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from app.times import age, to_local
from app.words import label, tr
from models.enums import State, VisitState
from ui.rows import Column, Look, Pill, Tinted

if TYPE_CHECKING:
    from app.access import VisitRow

ENTERED, LEFT = "entered", "left"


def visit_columns() -> tuple[Column, ...]:
    """Return the list's columns; a click on the pill in the first two lets in and lets out."""
    return (
        Column(ENTERED, tr("Entered", context="visit"), entered_text, 112, look=entered_look, sort="happened"),
        Column(LEFT, tr("Left", context="visit"), lambda row: moment_text(row.left_at), 98, look=left_look),
        Column("unit", tr("Unit", context="person"), lambda row: row.unit or "—", 110, stretch=True),
        Column("people", tr("People", context="visit"), people_text, 110, stretch=True),
        Column("headcount", tr("Headcount"), lambda row: str(row.headcount), 84, right=True, drops=3),
        Column("purpose", tr("Purpose"), lambda row: row.purpose, 130, stretch=True, drops=1),
        Column("linked", tr("Linked", context="visit"), lambda row: row.linked or "—", 120, drops=5),
        Column("items", tr("Carried items"), lambda row: row.items or "—", 134, stretch=True, drops=6),
        Column("approver", tr("Approved by"), approver_text, 150, drops=4),
        Column("escort", tr("Escort"), lambda row: row.escort or "—", 84, drops=7),
        Column("state", tr("State", context="visit"), state_text, 132, look=state_look, drops=2),
        Column("room", tr("Machine room"), lambda row: row.room, 90, shown=False, drops=8),
        Column("number", tr("Number"), lambda row: row.number, 130, shown=False, drops=8),
        Column("remarks", tr("Remarks"), remarks_text, 140, shown=False, drops=8),
    )


def moment_text(moment: datetime | None) -> str:
    """Return the local time of today, day and time of other days, the year where it is another one."""
    if moment is None:
        return ""
    local, today = to_local(moment), to_local(datetime.now(UTC))
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%m-%d %H:%M}" if local.year == today.year else f"{local:%Y-%m-%d}"


def entered_text(row: "VisitRow") -> str:
    if row.state is VisitState.ANNOUNCED:
        return tr("due {time}", time=moment_text(row.announced_for)) if row.announced_for else ""
    return moment_text(row.entered_at)


def entered_look(row: "VisitRow") -> Look | None:
    """Return the pill that lets an announced visit in; an overdue one is marked here too, where all screens show it."""
    if row.is_overdue:
        return Tinted(entered_text(row), "warning", State.WARNING)
    return Pill(tr("Let in"), "accent") if row.state is VisitState.ANNOUNCED else None


def left_look(row: "VisitRow") -> Look | None:
    """Return the pill that lets people out."""
    return Pill(tr("Let out"), "accent") if row.state is VisitState.INSIDE else None


def people_text(row: "VisitRow") -> str:
    """Return the names, and how many there are where some are not named."""
    named = row.people.count("、") + 1 if row.people else 0
    return tr("{names}, {n} people", names=row.people, n=row.headcount) if row.headcount > named else row.people


def approver_text(row: "VisitRow") -> str:
    if not row.approver:
        return tr("own staff") if row.is_own_staff else "—"
    return tr("{name} ({how})", name=row.approver, how=label(row.approval)) if row.approval else row.approver


def state_text(row: "VisitRow") -> str:
    """Return inside, by how much a visit is overdue, left, announced for when, or void and why."""
    if row.state is VisitState.VOID:
        return tr("Void: {reason}", reason=row.void_reason)
    if row.is_overdue and row.planned_until is not None:
        return tr("overdue {span}", span=age(row.planned_until, datetime.now(UTC)))
    if row.state is VisitState.INSIDE and 0 < row.still_inside < row.headcount:
        return tr("{n} still inside", n=row.still_inside)
    if row.state is VisitState.ANNOUNCED:
        return tr("due {time}", time=moment_text(row.announced_for)) if row.announced_for else label(row.state)
    return label(row.state)


def state_look(row: "VisitRow") -> Look | None:
    if row.is_overdue:
        return Tinted(state_text(row), "warning", State.WARNING)
    if row.state is VisitState.INSIDE:
        return Tinted(state_text(row), "normal", State.NORMAL)
    if row.state is VisitState.ANNOUNCED:
        return Tinted(state_text(row), "unknown", State.UNKNOWN)
    return Tinted(state_text(row), "secondary")


def remarks_text(row: "VisitRow") -> str:
    later = tr("entered later") if row.is_entered_later else ""
    return "　".join(part for part in (row.remarks, later) if part)
