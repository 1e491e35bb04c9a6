"""Inline banners: what happened, what was kept and what to do next, without a box in the way."""

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from app.words import tr
from ui.labels import PlainLabel

Level = Literal["info", "warning", "error"]
MARKS = {"info": "ⓘ", "warning": "▲", "error": "■"}
MOST_SHOWN = 4


class Step(NamedTuple):
    """A button of a banner."""

    title: str
    call: Callable[[], object]


class Message(PlainLabel):
    """Keeps room for every line of its text, also in a window that is as small as its contents let it be."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))


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
        self.label = Message(text, parent=self, wraps=True)
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
    """The place for banners below a list or a page: one per key, errors first, then the newest; none takes the focus.

    Below, so that a message moves nothing from under the hand: what stands over it only ends earlier.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: dict[str, Banner] = {}
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self.hide()

    def show_banner(
        self,
        key: str,
        level: Level,
        text: str,
        steps: Sequence[Step] = (),
        *,
        can_close: bool = True,
        goes_after_ms: int = 0,
    ) -> None:
        """Show a banner under `key` in the place of the one that had it, new above its like; it may go by itself."""
        before = self._shown.get(key)
        if before is not None and before.label.text() == text and before.property("level") == level and not steps:
            return
        place = self._top_of(level) if before is None else self._layout.indexOf(before)
        self._drop(key)
        banner = Banner(level, text, steps, self, can_close=can_close)
        banner.closed.connect(lambda: self.clear(key))
        if goes_after_ms:
            QTimer.singleShot(goes_after_ms, banner, banner.closed.emit)
        self._shown[key] = banner
        self._layout.insertWidget(place, banner)
        while len(self._shown) > MOST_SHOWN:
            self._drop(next(iter(self._shown)))
        self.show()

    def error(self, text: str) -> None:
        """Say that something went wrong."""
        self.show_banner("error", "error", text)

    def clear(self, key: str) -> None:
        self._drop(key)
        self.setVisible(bool(self._shown))

    def text(self, key: str) -> str:
        """Return the words under `key`, empty when nothing is shown."""
        banner = self._shown.get(key)
        return banner.label.text() if banner else ""

    def _top_of(self, level: Level) -> int:
        """Return where a new one goes: what is wrong stays above what is only worth knowing."""
        return 0 if level == "error" else sum(each.property("level") == "error" for each in self._shown.values())

    def _drop(self, key: str) -> None:
        banner = self._shown.pop(key, None)
        if banner is not None:
            self._layout.removeWidget(banner)
            banner.hide()
            banner.deleteLater()


class Footer(Banners):
    """The banners along a window's lower edge; the window keeps the room that they ask for (`height_changed`)."""

    height_changed = Signal(int)

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._height = 0
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(0)
        self._soon.timeout.connect(self._settle)
        for each in (self, window):
            each.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self and kind in (QEvent.Type.LayoutRequest, QEvent.Type.Show, QEvent.Type.Hide):
            self._soon.start()
        elif watched is not self and kind is QEvent.Type.Resize:
            self._settle()
        return False

    def _settle(self) -> None:
        """Lie along the lower edge, and tell when another height is wanted."""
        room = self.parentWidget()
        assert room is not None
        height = 0 if self.isHidden() else self._layout.totalHeightForWidth(room.width())
        self.setGeometry(0, room.height() - height, room.width(), height)
        if height != self._height:
            self._height = height
            self.height_changed.emit(height)
