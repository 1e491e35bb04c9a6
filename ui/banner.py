"""Inline banners: what happened, what was kept and what to do next, without a box in the way."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.words import tr
from ui.labels import PlainLabel

Level = Literal["info", "warning", "error"]
MARKS = {"info": "ⓘ", "warning": "▲", "error": "■"}
MOST_SHOWN = 4


class Step(NamedTuple):
    """A button of a banner."""

    title: str
    call: Callable[[], None]


class Banner(QWidget):
    """One banner; `closed` when the person has read it."""

    closed = Signal()

    def __init__(
        self,
        level: Level,
        text: str,
        steps: Sequence[Step] = (),
        parent: QWidget | None = None,
        *,
        can_close: bool = True,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setProperty("level", level)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 6, 4)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(MARKS[level], parent=self))
        self.label = PlainLabel(text, parent=self, wraps=True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        layout.addWidget(self.label, 1)
        for step in steps:
            button = QPushButton(step.title, self)
            button.clicked.connect(lambda _on=False, call=step.call: call())
            layout.addWidget(button)
        if can_close:
            close = QToolButton(self)
            close.setText("✕")
            close.setProperty("slim", True)
            close.setAccessibleName(tr("Close this message"))
            close.clicked.connect(self.closed)
            layout.addWidget(close)


class Banners(QWidget):
    """The place for banners above a list or a window: one per key, the newest first, none takes the focus."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Banner] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_banner(
        self, key: str, level: Level, text: str, steps: Sequence[Step] = (), *, can_close: bool = True
    ) -> None:
        """Show a banner under `key` in the place of the one that had it."""
        before = self._shown.get(key)
        if before is not None and before.label.text() == text and before.property("level") == level and not steps:
            return
        self.clear(key)
        banner = Banner(level, text, steps, self, can_close=can_close)
        banner.closed.connect(lambda: self.clear(key))
        self._shown[key] = banner
        self._layout.insertWidget(0, banner)
        while len(self._shown) > MOST_SHOWN:
            self.clear(next(iter(self._shown)))
        self.show()

    def error(self, text: str) -> None:
        """Say that something went wrong."""
        self.show_banner("error", "error", text)

    def clear(self, key: str) -> None:
        banner = self._shown.pop(key, None)
        if banner is not None:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()
        self.setVisible(bool(self._shown))

    def text(self, key: str) -> str:
        """Return the words under `key`, empty when nothing is shown."""
        banner = self._shown.get(key)
        return banner.label.text() if banner else ""
