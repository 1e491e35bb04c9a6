"""The columns of the shift: its log, its hand-overs, who is on duty and whom to call (REQUIREMENTS B12)."""

from typing import TYPE_CHECKING

from app.words import label, tr
from models.enums import HandoverState, ShiftLogKind, State
from ui.docks.access_columns import moment_text
from ui.rows import Column, Look, Pill

if TYPE_CHECKING:
    from app.duty import HandoverRow, LogRow, RosterRow

KIND_TOKENS = {ShiftLogKind.FINDING: "warning", ShiftLogKind.GAP: "critical", ShiftLogKind.HANDOVER: "maintenance"}


def log_columns() -> tuple[Column, ...]:
    return (
        Column("time", tr("Time"), lambda row: moment_text(row.happened_at), 98, sort="happened"),
        Column("kind", tr("Kind"), lambda row: label(row.kind), 110, look=kind_look, drops=1),
        Column("person", tr("Written by"), lambda row: row.person or "—", 100),
        Column("text", tr("What happened"), lambda row: row.text, 320, stretch=True),
        Column("incident", tr("Incident"), lambda row: row.incident or "—", 142, drops=2),
        Column("remark", tr("Remarks"), log_remark, 140, drops=3),
    )


def kind_look(row: "LogRow") -> Look | None:
    """Return the pill of a line that is more than a note; a void one has none."""
    token = KIND_TOKENS.get(row.kind)
    return Pill(label(row.kind), token) if token and not row.void_reason else None


def log_remark(row: "LogRow") -> str:
    if row.void_reason:
        return tr("Void: {reason}", reason=row.void_reason)
    return tr("entered later") if row.is_entered_later else ""


def handover_columns() -> tuple[Column, ...]:
    return (
        Column("number", tr("Number"), lambda row: row.number, 142),
        Column("state", tr("State", context="handover"), lambda row: label(row.state), 180, look=handover_look),
        Column("shift", tr("Shift", context="duty"), lambda row: row.shift or "—", 90, drops=5),
        Column("from", tr("Handed over by"), lambda row: row.from_person, 110),
        Column("offered", tr("Handed over at"), lambda row: moment_text(row.offered_at) or "—", 104, drops=3),
        Column("to", tr("Taken over by"), lambda row: row.to_person or "—", 110),
        Column("signed", tr("Signed at"), lambda row: moment_text(row.signed_at) or "—", 104, drops=2),
        Column("items", tr("Open matters"), lambda row: str(len(row.items)), 104, right=True, drops=4),
        Column("remarks", tr("Remarks"), lambda row: row.remarks, 200, stretch=True, drops=6),
    )


def handover_look(row: "HandoverRow") -> Look:
    if row.state is HandoverState.SIGNED:
        return Pill(label(row.state), "normal", State.NORMAL)
    return Pill(label(row.state), "warning", State.WARNING)


def on_duty_columns() -> tuple[Column, ...]:
    return (
        Column("person", tr("On duty"), lambda row: row.person, 96, stretch=True),
        Column("until", tr("Until"), lambda row: moment_text(row.ends_at), 92),
        Column("telephone", tr("Telephone", context="person"), lambda row: row.telephone or "—", 108),
    )


def turn_columns() -> tuple[Column, ...]:
    """Return the columns of the week's turns."""
    return (
        Column("starts", tr("From", context="time"), lambda row: moment_text(row.starts_at), 110),
        Column("ends", tr("Until"), lambda row: moment_text(row.ends_at), 110),
        Column("shift", tr("Shift", context="duty"), lambda row: row.shift or "—", 90, drops=5),
        Column("person", tr("Person"), lambda row: row.person, 140, stretch=True),
        Column("telephone", tr("Telephone", context="person"), telephone_text, 140),
    )


def telephone_text(row: "RosterRow") -> str:
    return row.telephone or "—"
