"""The form of a round, columns as on its paper: filled in by keyboard alone, patched in place, never losing text."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from app.times import minute
from app.words import tr
from ui.context import Context
from ui.labels import PlainLabel
from ui.pages.inspection_row import LAST, NOTE, NOW, PHOTO, RESULT, SERIAL, STANDARD, TITLE, ItemRow

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent

    from app.inspections.rows import Round, RoundItem

MARGIN = 12
WIDTHS = {SERIAL: 24, TITLE: 110, STANDARD: 84, LAST: 76, NOW: 172, RESULT: 72, NOTE: 90}
STRETCH = {TITLE: 5, STANDARD: 3, LAST: 2, NOW: 2, NOTE: 6}
OPINION_LINES = 3
MOST_FAULTS = 8


class OpinionBox(QPlainTextEdit):
    """The opinion on handling: kept when the box is left."""

    settled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.kept = ""
        self.setTabChangesFocus(True)
        self.setObjectName("opinion")
        self.setAccessibleName(tr("Opinion on handling"))
        self.setFixedHeight(self.fontMetrics().lineSpacing() * OPINION_LINES + 16)

    @property
    def value(self) -> str:
        return self.toPlainText().strip()

    def keep(self, value: str) -> None:
        """Take what is kept; what is being typed stays."""
        is_typed = self.value != self.kept
        self.kept = value
        if not is_typed and self.value != value:
            self.setPlainText(value)

    def focusOutEvent(self, event: "QFocusEvent") -> None:
        super().focusOutEvent(event)
        if self.value != self.kept and not self.isReadOnly():
            self.settled.emit()


class RoundForm(QScrollArea):
    """Shows one round. Its lines ask to be saved one by one; `line_made` gives each new line to the page."""

    line_made = Signal(object)
    opinion_settled = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.setWidgetResizable(True)
        self.setObjectName("roundForm")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.lines: dict[str, ItemRow] = {}
        self.opinion: OpinionBox | None = None
        self._shown: int | None = None

    def show_round(self, found: "Round") -> None:
        """Show a round: another one anew, the same one in place."""
        codes = [item.code for item in found.items]
        if self._shown != found.id or codes != list(self.lines):
            self._build(found)
        else:
            for item in found.items:
                self._patch(item)
        if self.opinion:
            self.opinion.keep(found.opinion)
            self.opinion.setReadOnly(not found.is_fillable)
        for line in self.lines.values():
            line.set_open(found.is_fillable)

    def go_to_first_empty(self) -> None:
        """Put the keyboard where the round was left: at its first empty field."""
        line = next((one for one in self.lines.values() if not one.item.is_filled), None)
        if line is not None:
            self._focus(line)

    def go_to(self, code: str) -> None:
        if code in self.lines:
            self._focus(self.lines[code])

    @property
    def is_busy(self) -> bool:
        """Whether something that was typed is not kept yet."""
        is_typed = self.opinion is not None and self.opinion.value != self.opinion.kept
        return is_typed or any(line.is_saving or line.is_changed for line in self.lines.values())

    def settle(self) -> None:
        """Ask for everything that is typed and not kept yet."""
        for line in self.lines.values():
            line.save()
        if self.opinion and self.opinion.value != self.opinion.kept and not self.opinion.isReadOnly():
            self.opinion.settled.emit()

    def _patch(self, item: "RoundItem") -> None:
        """Show an item's newer state; a state read before the line's last save comes too late."""
        line = self.lines[item.code]
        if not line.is_saving and item.version >= line.version:
            line.show_item(item)

    def _build(self, found: "Round") -> None:
        self._shown, self.lines = found.id, {}
        body = QWidget()
        body.setObjectName("roundBody")
        column = QVBoxLayout(body)
        column.setContentsMargins(MARGIN, 8, MARGIN, MARGIN)
        column.setSpacing(8)
        column.addWidget(self._grid(found, body))
        column.addWidget(PlainLabel(tr("Opinion on handling"), "strong", body))
        self.opinion = OpinionBox(body)
        self.opinion.settled.connect(lambda: self.opinion_settled.emit(self.opinion.value if self.opinion else ""))
        column.addWidget(self.opinion)
        if found.faults:
            column.addWidget(self._faults(found, body))
        column.addStretch(1)
        self.setWidget(body)
        body.setAutoFillBackground(False)

    def _grid(self, found: "Round", body: QWidget) -> QWidget:
        frame = QWidget(body)
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for column, width in WIDTHS.items():
            grid.setColumnMinimumWidth(column, width)
        for column, share in STRETCH.items():
            grid.setColumnStretch(column, share)
        for column, title in enumerate(_titles()):
            head = PlainLabel(title, "secondary", frame)
            if column == LAST:
                head.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(head, 0, column)
        at = 1
        for section in found.sections:
            grid.addWidget(_section(section.title, frame), at, 0, 1, PHOTO + 1)
            at += 1
            for item in section.items:
                self._add_line(item, grid, at, frame)
                at += 1
        return frame

    def _add_line(self, item: "RoundItem", grid: QGridLayout, at: int, frame: QWidget) -> None:
        line = ItemRow(item, len(self.lines) + 1, self._context, frame)
        line.lay_out(grid, at)
        line.stepped.connect(self._step)
        self.lines[item.code] = line
        self.line_made.emit(line)

    def _step(self, line: ItemRow, step: int) -> None:
        """Go on to the next line's field in the same column (values or remarks)."""
        lines = list(self.lines.values())
        at = lines.index(line) + step
        is_note = line.note.hasFocus()
        if 0 <= at < len(lines):
            target = lines[at].note if is_note else lines[at].field
            target.setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(target, 0, 60)
        elif at >= len(lines) and self.opinion:
            self.opinion.setFocus(Qt.FocusReason.TabFocusReason)
            self.ensureWidgetVisible(self.opinion)

    def _focus(self, line: ItemRow) -> None:
        line.field.setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(line.field, 0, 80)

    def _faults(self, found: "Round", body: QWidget) -> QWidget:
        frame = QWidget(body)
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 8, 0, 0)
        grid.setHorizontalSpacing(16)
        since = minute(found.last_at) if found.last_at else tr("30 days ago")
        title = PlainLabel(tr("Faults since {since}, gathered beforehand", since=since), "strong", frame)
        grid.addWidget(title, 0, 0, 1, 5)
        for at, fault in enumerate(found.faults[:MOST_FAULTS], 1):
            cells = (fault.number, minute(fault.happened_at), fault.device, fault.title, fault.state)
            for column, text in enumerate(cells):
                grid.addWidget(PlainLabel(text, "" if column == 3 else "secondary", frame), at, column)
        if len(found.faults) > MOST_FAULTS:
            more = tr("… and {n} more on the paper", n=len(found.faults) - MOST_FAULTS)
            grid.addWidget(PlainLabel(more, "secondary", frame), MOST_FAULTS + 1, 0, 1, 5)
        grid.setColumnStretch(3, 1)
        return frame


def _titles() -> tuple[str, ...]:
    return (
        tr("No.", context="paper"),
        tr("Item", context="inspection"),
        tr("Standard", context="inspection"),
        tr("Last time"),
        tr("This time"),
        tr("Result", context="inspection"),
        tr("Remarks", context="paper"),
    )


def _section(title: str, parent: QWidget) -> QWidget:
    label = PlainLabel(title, "strong", parent)
    label.setObjectName("sectionTitle")
    label.setContentsMargins(0, 8, 0, 2)
    return label
