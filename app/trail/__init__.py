"""The audit trail as it is read and reviewed: its entries by page, and the auditor's notes (REQUIREMENTS H4)."""

from typing import TYPE_CHECKING

from app.late import late
from app.trail.notes import NoteRow, ReviewStanding, Summary, notes, standing, summary, write_note
from app.trail.reading import TrailRow, changes, count, page

if TYPE_CHECKING:
    from app.trail.paper import note_pdf
else:
    __getattr__ = late("app.trail", paper=("note_pdf",))

__all__ = [
    "NoteRow",
    "ReviewStanding",
    "Summary",
    "TrailRow",
    "changes",
    "count",
    "note_pdf",
    "notes",
    "page",
    "standing",
    "summary",
    "write_note",
]
