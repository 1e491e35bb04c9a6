"""The fields of a round's form: a value typed or chosen by keys, and the result that it was judged to be."""

from collections.abc import Sequence
from functools import cached_property

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QSizePolicy, QWidget

from app.words import label, tr
from models.enums import ItemResult, State
from ui.context import Context
from ui.shapes import PILL_HEIGHT, SHAPE, paint_pill, pill_width

LONGEST = 250
NOT_APPLICABLE = "-"
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_USUAL = (ItemResult.NORMAL, ItemResult.ABNORMAL)
RESULT_LOOKS = {
    ItemResult.NORMAL: (State.NORMAL, "normal"),
    ItemResult.ABNORMAL: (State.WARNING, "warning"),
    ItemResult.NOT_APPLICABLE: (State.UNKNOWN, "secondary"),
}


class LineField(QLineEdit):
    """A typed value or a remark; Enter and Down go on, Up goes back, Esc brings the kept text back."""

    settled = Signal()
    """The field is left or Enter was pressed, and its text is another than the kept one."""
    stepped = Signal(int)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setMaxLength(LONGEST)
        self._kept = ""

    @property
    def value(self) -> str:
        return self.text().strip()

    @property
    def is_changed(self) -> bool:
        return self.value != self._kept

    def keep(self, value: str, *, shows: bool = True) -> None:
        """Take `value` as what is kept; what is being typed stays unless `shows`.

        A figure that comes into the field with the keyboard is selected: typing replaces it.
        """
        self._kept = value
        if shows and self.text() != value:
            self.setText(value)
            self.setCursorPosition(0)
            if self.hasFocus():
                self.selectAll()

    def mark_wrong(self, is_wrong: bool) -> None:
        self.setProperty("wrong", is_wrong)
        self.style().unpolish(self)
        self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (*_ENTER, Qt.Key.Key_Down):
            self._settle()
            self.stepped.emit(1)
        elif event.key() == Qt.Key.Key_Up:
            self._settle()
            self.stepped.emit(-1)
        elif event.key() == Qt.Key.Key_Escape and self.is_changed:
            self.setText(self._kept)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._settle()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if event.reason() is not Qt.FocusReason.MouseFocusReason:
            self.selectAll()

    def _settle(self) -> None:
        if self.is_changed and not self.isReadOnly():
            self.settled.emit()


class ChoiceField(QWidget):
    """One of a few choices: 1, 2, 3 choose and go on, 0 is "not applicable", Left and Right change."""

    settled = Signal()
    stepped = Signal(int)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(name)
        self.setToolTip(tr("1, 2 … choose, 0: not applicable, Delete: take back"))
        self._codes = [code for code, _title in choices]
        self._kept = self._chosen = ""
        self._is_open = True
        self._buttons = [QPushButton(f"{at} {title}", self) for at, (_code, title) in enumerate(choices, 1)]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for code, button in zip(self._codes, self._buttons, strict=True):
            button.setProperty("chip", True)
            button.setCheckable(True)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
            button.clicked.connect(lambda _on, code=code: self._choose(code))
            layout.addWidget(button)
        layout.addStretch(1)

    @property
    def value(self) -> str:
        return self._chosen

    @property
    def is_changed(self) -> bool:
        return self._chosen != self._kept

    def keep(self, value: str, *, shows: bool = True) -> None:
        self._kept = value
        if shows:
            self._chosen = value
            self._show()

    def mark_wrong(self, _is_wrong: bool) -> None:
        """A choice can't be unreadable."""

    def setReadOnly(self, is_read_only: bool) -> None:
        self._is_open = not is_read_only

    def keyPressEvent(self, event: QKeyEvent) -> None:
        at = event.key() - Qt.Key.Key_1
        if 0 <= at < len(self._codes):
            self._choose(self._codes[at])
            self.stepped.emit(1)
        elif event.key() in (Qt.Key.Key_0, Qt.Key.Key_Minus):
            self._choose(NOT_APPLICABLE)
            self.stepped.emit(1)
        elif event.key() in (*_ENTER, Qt.Key.Key_Down, Qt.Key.Key_Up):
            self.stepped.emit(-1 if event.key() == Qt.Key.Key_Up else 1)
        elif event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            known = self._codes.index(self._chosen) if self._chosen in self._codes else (-1 if step > 0 else 0)
            self._choose(self._codes[(known + step) % len(self._codes)])
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self._choose("")
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus():
            painter = QPainter(self)
            painter.setPen(self.palette().highlight().color())
            painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 4, 4)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def _choose(self, code: str) -> None:
        if self._is_open:
            self._chosen = code
        self._show()
        if self.is_changed:
            self.settled.emit()

    def _show(self) -> None:
        for code, button in zip(self._codes, self._buttons, strict=True):
            button.setChecked(code == self._chosen)


class ResultPill(QWidget):
    """What an item was judged to be: shape, colour and word. A click turns an in-range value's judgement."""

    pressed = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._result: ItemResult | None = None
        self.setFixedHeight(PILL_HEIGHT + 2)
        context.theme.changed.connect(self.update)

    def show_result(self, result: ItemResult | None) -> None:
        self._result = result
        words = label(result) if result else ""
        self.setAccessibleName(words)
        self.setToolTip(tr("Click to judge it abnormal, or to leave it to the limits") if result else "")
        self.updateGeometry()
        self.update()

    @cached_property
    def _size(self) -> QSize:
        """The widest result's: asked for again and again while a form of many lines is laid out."""
        widest = max(pill_width(label(result), self._context.theme.font("secondary"), True) for result in _USUAL)
        return QSize(widest, PILL_HEIGHT + 2)

    def sizeHint(self) -> QSize:
        return self._size

    def minimumSizeHint(self) -> QSize:
        return self._size

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._result:
            self.pressed.emit()
        event.accept()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._result is None:
            return
        theme = self._context.theme
        state, token = RESULT_LOOKS[self._result]
        painter = QPainter(self)
        painter.setFont(theme.font("secondary", bold=self._result is ItemResult.ABNORMAL))
        shape = self._context.shapes.pixmap(state, SHAPE, self.devicePixelRatioF())
        paint_pill(painter, self.rect(), label(self._result), theme.colour(token), theme.colour("raised"), shape)
