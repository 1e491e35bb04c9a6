"""Keeps what is entered in a round's form, field by field, and says what became of it."""

from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.errors import BadInput, Conflict, WatchroomError
from app.words import tr
from ui.conflict import ask, differences
from ui.context import Context
from ui.pages.inspection_form import RoundForm
from ui.pages.inspection_row import ItemRow
from ui.subjects import inspections

if TYPE_CHECKING:
    from app.inspections.rows import Round, Saved
    from app.outbox import Kept


class Keeping(QObject):
    """Writes each settled field at once; `found` is the round that the form shows."""

    began = Signal()
    kept = Signal(object)
    """When it was written, by the database's clock where there is one."""
    refused = Signal(object, str)
    """The line whose text was not kept, and words for a banner where the line's own do not say all."""
    failed = Signal(object)

    def __init__(self, context: Context, form: RoundForm, parent: QObject) -> None:
        super().__init__(parent)
        self._context, self._form = context, form
        self.found: Round | None = None
        form.line_made.connect(lambda line: line.save_asked.connect(self._keep))
        form.opinion_settled.connect(self._keep_opinion)

    def _keep(self, line: ItemRow) -> None:
        if self.found is None:
            return
        value, note = line.field.value, line.note.value
        self.began.emit()
        self._context.work.do(
            inspections.set_value,
            self.found.id,
            line.item.code,
            value,
            note,
            line.version,
            is_abnormal=line.wants_abnormal,
            done=partial(self._was_kept, line, value, note),
            kept=partial(self._waits_here, line, value, note),
            failed=partial(self._was_refused, line),
            owner=line,
        )

    def _was_kept(self, line: ItemRow, value: str, note: str, saved: "Saved") -> None:
        line.saved(saved, value, note)
        self.kept.emit(saved.saved_at)

    def _waits_here(self, line: ItemRow, value: str, note: str, kept: "Kept") -> None:
        """Show the line as entered; what is entered next at it follows on this one, so it names the next version."""
        line.waits(value, note)
        self.kept.emit(kept.entered_at)

    def _was_refused(self, line: ItemRow, error: WatchroomError) -> None:
        line.refused(error.sentence())
        words = ""
        if isinstance(error, Conflict) and "value" in error.theirs:
            words = tr("{who} filled in “{item}” meanwhile. What you typed is still in the field.",
                       who=error.who, item=line.item.title)  # fmt: skip
            self._ask_both(line, error)
        elif not isinstance(error, BadInput):
            words = error.sentence()
        self.refused.emit(line, words)

    def _ask_both(self, line: ItemRow, conflict: Conflict) -> None:
        """Show what both found at the item, and keep what is chosen."""
        yours = {"value": line.field.value, "note": line.note.value}
        theirs = {name: str(conflict.theirs.get(name) or "") for name in yours}
        was = {"value": line.item.value, "note": line.item.note}
        titles = {"value": line.item.title, "note": tr("Remarks")}
        version = conflict.theirs.get("version")

        def decide(kept: frozenset[str]) -> None:
            chosen = {name: theirs[name] if name in kept else yours[name] for name in yours}
            line.settle(int(str(version)), theirs["value"], theirs["note"], chosen["value"], chosen["note"])

        ask(conflict, differences(was, theirs, yours, titles.__getitem__), _as_is, decide, self._form)

    def _keep_opinion(self, opinion: str) -> None:
        if self.found is None:
            return
        row = self.found.row
        self.began.emit()
        self._context.work.do(
            inspections.set_opinion,
            row.id,
            row.version,
            opinion,
            done=lambda _version: self._opinion_kept(opinion),
            failed=self.failed.emit,
            owner=self,
        )

    def _opinion_kept(self, opinion: str) -> None:
        if self._form.opinion:
            self._form.opinion.kept = opinion
        self.kept.emit(datetime.now(UTC))


def _as_is(_name: str, value: object) -> str:
    return str(value or "")
