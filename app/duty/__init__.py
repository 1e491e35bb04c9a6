"""The shift: who is on duty, the shift log, the hand-over (REQUIREMENTS B12)."""

from app.duty.handover import (
    HandoverItem,
    HandoverRow,
    draft,
    handover,
    handovers,
    offer,
    sign_for,
)
from app.duty.roster import Duty, RosterRow, add_turn, now_on_duty, roster, void_turn
from app.duty.shift_log import LogRow, correct, log_page, record_gap, void_entry, write

__all__ = [
    "Duty",
    "HandoverItem",
    "HandoverRow",
    "LogRow",
    "RosterRow",
    "add_turn",
    "correct",
    "draft",
    "handover",
    "handovers",
    "log_page",
    "now_on_duty",
    "offer",
    "record_gap",
    "roster",
    "sign_for",
    "void_entry",
    "void_turn",
    "write",
]
