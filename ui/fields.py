"""Kinds of form fields: each shows a value, reads one back and can be marked wrong."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from PySide6.QtCore import QDateTime, QMimeData, QObject, QStringListModel, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
    QDateTimeEdit,
    QDoubleSpinBox,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from app.text import TEXT_LIMIT

SUGGEST_MS = 150
LONGEST_LINE = 2_000
SHOWN_TIME = "yyyy-MM-dd HH:mm"


class Kind(Enum):
    TEXT = "text"
    SECRET = "secret"
    LINES = "lines"
    CHOICE = "choice"
    COMBO = "combo"
    MOMENT = "moment"
    NUMBER = "number"
    DECIMAL = "decimal"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a list: what is stored and what is read."""

    value: Any
    title: str


Suggest = Callable[[str, Callable[[Sequence[str]], None]], None]


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form. `suggest(text, tell)` completes what is typed: it calls `tell` with texts, now or
    later.

    MOMENT takes and gives aware UTC datetimes and shows local time; CHOICE gives a choice's value, COMBO a
    text. `make`, where given, builds the editor in place of the kind's own.
    """

    key: str
    title: str
    kind: Kind = Kind.TEXT
    required: bool = False
    initial: Any = None
    choices: Sequence[Choice] = ()
    hint: str = ""
    suggest: Suggest | None = None
    least: float = 0
    most: float = 1_000_000
    unit: str = ""
    lines: int = 3
    wide: bool = True
    make: "Callable[[Field, QWidget], Editor] | None" = None


class Editor(QObject):
    """The widget of a field with one way to read, write and listen to it."""

    changed = Signal()

    def __init__(self, widget: QWidget, field: Field) -> None:
        super().__init__(widget)
        self.widget, self.field = widget, field

    def value(self) -> Any:
        raise NotImplementedError

    def set_value(self, value: Any) -> None:
        raise NotImplementedError

    def is_empty(self) -> bool:
        return self.value() in (None, "")

    def mark(self, is_wrong: bool) -> None:
        """Show or take away the mark of a field that has an error."""
        self.widget.setProperty("wrong", is_wrong)
        self.widget.style().unpolish(self.widget)
        self.widget.style().polish(self.widget)


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
        self.insertPlainText(source.text()[:room])


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
        self._box.setPlainText("" if value is None else str(value)[:TEXT_LIMIT])


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


class Moment(Editor):
    """A time to the minute: shown local, given back as aware UTC."""

    def __init__(self, field: Field, parent: QWidget) -> None:
        self._edit = QDateTimeEdit(parent)
        super().__init__(self._edit, field)
        self._edit.setDisplayFormat(SHOWN_TIME)
        self._edit.setCalendarPopup(True)
        self._edit.setDateTimeRange(
            _to_qt(datetime(2000, 1, 1, tzinfo=UTC)), _to_qt(datetime(2099, 12, 31, tzinfo=UTC))
        )
        self._edit.setDateTime(QDateTime.currentDateTime())
        self._edit.dateTimeChanged.connect(lambda _time: self.changed.emit())

    def value(self) -> datetime:
        return datetime.fromtimestamp(self._edit.dateTime().toSecsSinceEpoch(), UTC)

    def set_value(self, value: Any) -> None:
        if isinstance(value, datetime):
            self._edit.setDateTime(_to_qt(value))


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
    timer = QTimer(line)
    timer.setSingleShot(True)
    timer.setInterval(SUGGEST_MS)

    def show(found: Sequence[str]) -> None:
        texts.setStringList(list(found))
        if found and line.hasFocus():
            completer.complete()

    timer.timeout.connect(lambda: suggest(line.text().strip(), show))
    line.textEdited.connect(lambda text: timer.start() if text.strip() else timer.stop())


def _to_qt(moment: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(moment.timestamp()))
