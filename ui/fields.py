"""Kinds of form fields: each shows a value, reads one back and can be marked wrong."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QMimeData, QStringListModel, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QTextOption
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from app.text import TEXT_LIMIT
from ui.choices import Choice
from ui.editors import Editor, Field, Kind, Suggest
from ui.moments import Moment

__all__ = ["Choice", "Editor", "Field", "Kind", "complete", "editor"]

SUGGEST_MS = 150
LONGEST_LINE = 2_000
LONGEST_WRAPPED = 1_000
WIDEST_OFFER, OFFER_PAD = 480, 32


class Line(Editor):
    def __init__(self, field: Field, parent: QWidget) -> None:
        self._line = QLineEdit(parent)
        super().__init__(self._line, field)
        self._line.setMaxLength(LONGEST_LINE)
        self._line.setPlaceholderText(field.hint)
        if field.kind is Kind.SECRET:
            self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.textChanged.connect(lambda _text: self.changed.emit())
        if field.suggest:
            complete(self._line, field.suggest)

    def value(self) -> str:
        text = self._line.text()
        return text if self.field.kind is Kind.SECRET else text.strip()

    def set_value(self, value: Any) -> None:
        self._line.setText("" if value is None else str(value))
        self._line.setCursorPosition(0)  # of a long text the beginning is seen


class LinesBox(QPlainTextEdit):
    """Several lines; Enter makes a new one, Ctrl+Enter belongs to the form, Tab leaves."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if is_enter and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            event.ignore()
            return
        super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Take a pasted text as far as it could be stored: a million characters would freeze the window."""
        room = max(0, TEXT_LIMIT - len(self.toPlainText()))
        pasted = source.text()[:room]
        self._suit(pasted)
        self.insertPlainText(pasted)

    def show_text(self, text: str) -> None:
        """Show a text in place of what is there, as far as it could be stored."""
        self._suit(text[:TEXT_LIMIT])
        self.setPlainText(text[:TEXT_LIMIT])

    def _suit(self, text: str) -> None:
        """Break very long lines anywhere: looking for words in them takes Qt a time that grows with their square."""
        if max(map(len, text.split("\n")), default=0) > LONGEST_WRAPPED:
            self.setWordWrapMode(QTextOption.WrapMode.WrapAnywhere)


class Lines(Editor):
    def __init__(self, field: Field, parent: QWidget) -> None:
        self._box = LinesBox(parent)
        super().__init__(self._box, field)
        self._box.setTabChangesFocus(True)
        self._box.setPlaceholderText(field.hint)
        self._box.setFixedHeight(self._box.fontMetrics().lineSpacing() * field.lines + 16)
        self._box.textChanged.connect(self.changed)

    def value(self) -> str:
        return self._box.toPlainText().strip()

    def set_value(self, value: Any) -> None:
        self._box.show_text("" if value is None else str(value))


class Chooser(Editor):
    def __init__(self, field: Field, parent: QWidget) -> None:
        self._box = QComboBox(parent)
        super().__init__(self._box, field)
        if not field.required:
            self._box.addItem("", None)
        for choice in field.choices:
            self._box.addItem(choice.title, choice.value)
        self._box.setCurrentIndex(0 if not field.required or len(field.choices) == 1 else -1)
        self._box.currentIndexChanged.connect(lambda _at: self.changed.emit())

    def value(self) -> Any:
        at = self._box.currentIndex() - (0 if self.field.required else 1)
        return self.field.choices[at].value if at >= 0 else None

    def set_value(self, value: Any) -> None:
        first = 0 if self.field.required else 1
        values = [choice.value for choice in self.field.choices]
        self._box.setCurrentIndex(values.index(value) + first if value in values else first - 1)


class Combo(Editor):
    """A text with a list of usual ones."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self._box = QComboBox(parent)
        super().__init__(self._box, field)
        self._box.setEditable(True)
        self._box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self._box.addItems([choice.title for choice in field.choices])
        self._box.setEditText("")
        self._box.editTextChanged.connect(lambda _text: self.changed.emit())
        self._offer_below()
        line = self._box.lineEdit()
        if line is not None:
            line.setMaxLength(LONGEST_LINE)
            line.setPlaceholderText(field.hint)
            if field.suggest:
                complete(line, field.suggest)

    def value(self) -> str:
        return self._box.currentText().strip()

    def set_value(self, value: Any) -> None:
        self._box.setEditText("" if value is None else str(value))

    def _offer_below(self) -> None:
        """Complete in a list below: inline, the first Enter on a selected text would not reach the form."""
        completer = self._box.completer()
        if completer is not None:
            completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
            completer.setFilterMode(Qt.MatchFlag.MatchContains)
            _frame_offers(completer)


class Number(Editor):
    def __init__(self, field: Field, parent: QWidget) -> None:
        self._box: QSpinBox | QDoubleSpinBox
        if field.kind is Kind.NUMBER:
            self._box = QSpinBox(parent)
            self._box.setRange(int(field.least), int(min(field.most, 2**31 - 1)))
        else:
            self._box = QDoubleSpinBox(parent)
            self._box.setRange(field.least, field.most)
        super().__init__(self._box, field)
        self._box.setSuffix(f" {field.unit}" if field.unit else "")
        self._box.valueChanged.connect(lambda _value: self.changed.emit())

    def value(self) -> float:
        return self._box.value()

    def set_value(self, value: Any) -> None:
        if isinstance(self._box, QSpinBox):
            self._box.setValue(int(value or 0))
        else:
            self._box.setValue(float(value or 0))


class Flag(Editor):
    def __init__(self, field: Field, parent: QWidget) -> None:
        self._box = QCheckBox(field.hint or field.title, parent)
        super().__init__(self._box, field)
        self._box.toggled.connect(lambda _on: self.changed.emit())

    def value(self) -> bool:
        return self._box.isChecked()

    def set_value(self, value: Any) -> None:
        self._box.setChecked(bool(value))

    def is_empty(self) -> bool:
        return False


EDITORS: dict[Kind, type[Any]] = {
    Kind.TEXT: Line,
    Kind.SECRET: Line,
    Kind.LINES: Lines,
    Kind.CHOICE: Chooser,
    Kind.COMBO: Combo,
    Kind.MOMENT: Moment,
    Kind.NUMBER: Number,
    Kind.DECIMAL: Number,
    Kind.FLAG: Flag,
}


def editor(field: Field, parent: QWidget) -> Editor:
    """Return the editor of a field, showing its initial value."""
    made: Editor = field.make(field, parent) if field.make else EDITORS[field.kind](field, parent)
    made.widget.setObjectName(f"field-{field.key}")
    made.widget.setAccessibleName(field.title)
    if field.initial is not None:
        made.set_value(field.initial)
    return made


def complete(line: QLineEdit, suggest: Suggest) -> None:
    """Offer `suggest`'s answers under the line while it is typed in (whatever they have in common: text,
    pinyin).
    """
    texts = QStringListModel(line)
    completer = QCompleter(texts, line)
    completer.setCompletionMode(QCompleter.CompletionMode.UnfilteredPopupCompletion)
    line.setCompleter(completer)
    _frame_offers(completer)
    timer = QTimer(line)
    timer.setSingleShot(True)
    timer.setInterval(SUGGEST_MS)

    def show(found: Sequence[str]) -> None:
        texts.setStringList(list(found))
        offered = completer.popup()
        offered.setMinimumWidth(min(WIDEST_OFFER, offered.sizeHintForColumn(0) + OFFER_PAD))
        if found and line.hasFocus():
            completer.complete()

    timer.timeout.connect(lambda: suggest(line.text().strip(), show))
    line.textEdited.connect(lambda text: timer.start() if text.strip() else timer.stop())


def _frame_offers(completer: QCompleter) -> None:
    """Set the list of offers apart from the form that it covers (the style sheet knows it by this name)."""
    completer.popup().setObjectName("offers")
