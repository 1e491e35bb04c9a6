"""The filter box and the chips (saved filters with their counts) that docks put into their title bars."""

from collections.abc import Sequence
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLineEdit, QPushButton, QWidget

from app.words import tr

TYPED_MS = 180


class Chip(NamedTuple):
    key: str
    title: str


class FilterBox(QLineEdit):
    """A one-line filter; `typed` comes when the typing rests, at once with Enter, and empty with Esc."""

    typed = Signal(str)

    def __init__(self, hint: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("filter", True)
        self.setPlaceholderText(hint or tr("Filter"))
        self.setAccessibleName(hint or tr("Filter"))
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(96)
        self.setMaximumWidth(240)
        self.setMaxLength(200)
        self._said = ""
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(TYPED_MS)
        self._timer.timeout.connect(self._say)
        self.textChanged.connect(lambda _text: self._timer.start())
        self.returnPressed.connect(self._say)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._clears(event):
            self.clear()
            self._say()
            return
        super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.installEventFilter(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.removeEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_asked = event.type() is QEvent.Type.ShortcutOverride
        if is_asked and isinstance(event, QKeyEvent) and self._clears(event):
            event.accept()
            return True
        return super().eventFilter(watched, event)

    def _clears(self, event: QKeyEvent) -> bool:
        """Whether Esc is this box's own now, before the window's."""
        return event.key() == Qt.Key.Key_Escape and bool(self.text())

    def _say(self) -> None:
        self._timer.stop()
        text = self.text().strip()
        if text != self._said:
            self._said = text
            self.typed.emit(text)


class ChipBar(QWidget):
    """One of several saved filters is on; each shows its count where one is known."""

    chosen = Signal(str)

    def __init__(self, chips: Sequence[Chip], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._titles = {chip.key: chip.title for chip in chips}
        self._buttons: dict[str, QPushButton] = {}
        self._group = QButtonGroup(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        for chip in chips:
            button = QPushButton(chip.title, self)
            button.setProperty("chip", True)
            button.setCheckable(True)
            button.setObjectName(f"chip-{chip.key}")
            button.clicked.connect(lambda _on, key=chip.key: self.chosen.emit(key))
            self._group.addButton(button)
            self._buttons[chip.key] = button
            layout.addWidget(button)
        if chips:
            self._buttons[chips[0].key].setChecked(True)

    @property
    def current(self) -> str:
        """The key of the chip that is on, or an empty text."""
        return next((key for key, button in self._buttons.items() if button.isChecked()), "")

    def choose(self, key: str) -> None:
        """Turn a chip on as if it had been clicked."""
        self._buttons[key].setChecked(True)
        self.chosen.emit(key)

    def button(self, key: str) -> QPushButton:
        """Return a chip's button, for a dock that hides chips where there is no room."""
        return self._buttons[key]

    def set_count(self, key: str, count: int | str | None) -> None:
        """Show a count behind the chip's title; None shows none."""
        title = self._titles[key]
        self._buttons[key].setText(title if count is None else f"{title} {count}")
