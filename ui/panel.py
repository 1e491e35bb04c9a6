"""What panels (docks) and pages have in common: a slim bar, banners, and the keys that the window sends
them.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QToolButton, QWidget

from app.times import age
from ui.context import Context
from ui.labels import ElidedLabel, PlainLabel

TICK_MS = 1_000
ICON = 16


class Bar(QWidget):
    """Icon, name, count, what the panel puts there, age of the data, buttons of the frame."""

    float_asked = Signal()

    def __init__(self, name: str, title: str, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("dockTitle")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(context.theme.size("dock_title"))
        self._icons, self._icon_name = context.icons, name
        self._icon = PlainLabel("", parent=self)
        self.title = PlainLabel(title, "strong", self)
        self.count = ElidedLabel("", "secondary", self)
        self.age = PlainLabel("", "secondary", self)
        self._stamp: datetime | None = None
        self._old_after = timedelta(0)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._show_age)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(10, 0, 4, 0)
        self._layout.setSpacing(8)
        for widget, stretch in ((self._icon, 0), (self.title, 0), (self.count, 1), (self.age, 0)):
            self._layout.addWidget(widget, stretch)
        self._paint_icons()
        context.theme.changed.connect(self._paint_icons)

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.maximumHeight())

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget (chips, filter box, button) before the age of the data."""
        self._layout.insertWidget(self._layout.indexOf(self.age), widget, stretch)

    def add_button(self, text: str, call: Callable[[], object], *, is_main: bool = False) -> QPushButton:
        """Add one of the panel's own actions and return its button."""
        button = QPushButton(text, self)
        button.setProperty("main", is_main)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _on=False: call())
        self.add(button)
        return button

    def add_icon_button(self, icon: str, name: str, call: Callable[[], object]) -> QToolButton:
        """Add a button that is an icon only (its name is the tooltip), at the far end."""
        button = QToolButton(self)
        button.setProperty("slim", True)
        button.setProperty("icon_name", icon)
        button.setIconSize(QSize(ICON, ICON))
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda _on=False: call())
        self._layout.addWidget(button)
        self._paint_icons()
        return button

    def show_name(self, is_shown: bool) -> None:
        """Show icon and name, or leave them to a tab."""
        self._icon.setVisible(is_shown)
        self.title.setVisible(is_shown)

    def set_age(self, at: datetime | None, old_after: timedelta = timedelta(minutes=1)) -> None:
        """Show how old the data is from now on; past `old_after` it is marked as old (UX rule 1)."""
        self._stamp, self._old_after = at, old_after
        if at is None:
            self._ticks.stop()
        else:
            self._ticks.start()
        self._show_age()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.float_asked.emit()

    def _show_age(self) -> None:
        if self._stamp is None:
            self.age.setText("")
            return
        now = datetime.now(UTC)
        is_old = now - self._stamp > self._old_after
        self.age.setText(("▲ " if is_old else "") + age(self._stamp, now))
        self.age.set_role("old" if is_old else "secondary")

    def _paint_icons(self) -> None:
        pixmap = self._icons.pixmap(self._icon_name, ICON, "secondary", self.devicePixelRatioF())
        self._icon.setPixmap(pixmap)
        for button in self.findChildren(QToolButton):
            button.setIcon(self._icons.icon(str(button.property("icon_name")), ICON, "secondary"))


class Panel:
    """The window's keys, as a panel or page may answer them. What it does not answer, it leaves alone."""

    def refresh(self) -> None:
        """Ask for the data anew (F5)."""

    def focus_filter(self) -> None:
        """Put the keyboard into the filter box (Ctrl+F)."""

    def export(self) -> None:
        """Export what is listed (Ctrl+E)."""

    def print_list(self) -> None:
        """Print what is listed (Ctrl+P)."""
