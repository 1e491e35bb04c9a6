"""The shift: who is on duty, the shift log, the hand-over (REQUIREMENTS B12)."""

from typing import TYPE_CHECKING

from app.duty.desk_view import HandoverDraft, PersonName, ShiftName, handover_draft, people, shifts
from app.duty.handover import (
    HandoverItem,
    HandoverRow,
    by_number,
    draft,
    handover,
    handovers,
    offer,
    sign_for,
)
from app.duty.roster import Duty, RosterRow, add_turn, now_on_duty, roster, void_turn
from app.duty.shift_log import LogRow, correct, log_of_month, log_page, record_gap, void_entry, write
from app.late import late

if TYPE_CHECKING:
    from app.duty.paper import handover_pdf, log_pdf, log_xlsx, section_titles
else:
    __getattr__ = late("app.duty", paper=("handover_pdf", "log_pdf", "log_xlsx", "section_titles"))

__all__ = [
    "Duty",
    "HandoverDraft",
    "HandoverItem",
    "HandoverRow",
    "LogRow",
    "PersonName",
    "RosterRow",
    "ShiftName",
    "add_turn",
    "by_number",
    "correct",
    "draft",
    "handover",
    "handover_draft",
    "handover_pdf",
    "handovers",
    "log_of_month",
    "log_page",
    "log_pdf",
    "log_xlsx",
    "now_on_duty",
    "offer",
    "people",
    "record_gap",
    "roster",
    "section_titles",
    "shifts",
    "sign_for",
    "void_entry",
    "void_turn",
    "write",
]
