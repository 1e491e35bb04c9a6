"""What panels (docks) and pages have in common: a slim bar, banners, and the keys that the window sends
them.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QMenu, QPushButton, QToolButton, QWidget

from app.errors import DatabaseAway, WatchroomError
from app.times import age
from app.words import tr
from ui.banner import Banners, Step
from ui.context import Context
from ui.labels import ElidedLabel, PlainLabel
from ui.on_demand import on_demand
from ui.table import Table

if TYPE_CHECKING:
    from ui import list_files
else:
    list_files = on_demand("ui.list_files")

TICK_MS = 1_000
WALL = "wall"
UNREAD = "unread"
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
        self._rights = context.rights
        self._icon = PlainLabel("", parent=self)
        self.title = PlainLabel(title, "strong", self)
        self.count = ElidedLabel("", "secondary", self)
        self.age = PlainLabel("", "secondary", self)
        self._stamp: datetime | None = None
        self._old_after = timedelta(0)
        self._tools: list[QWidget] = []
        self._giving_way: tuple[QWidget, ...] = ()
        self._refused: set[QWidget] = set()
        self._more: QToolButton | None = None
        self._is_plain = self._has_room = False
        self._put_away: list[QWidget] = []
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
        context.nav.perspective_changed.connect(lambda name: self._be_plain(name == WALL))

    def minimumSizeHint(self) -> QSize:
        return QSize(80, self.maximumHeight())

    def sizeHint(self) -> QSize:
        return QSize(super().sizeHint().width(), self.maximumHeight())

    def add(self, widget: QWidget, stretch: int = 0) -> None:
        """Put a widget (chips, filter box, button) before the age of the data."""
        self._layout.insertWidget(self._layout.indexOf(self.age), widget, stretch)
        self._tools.append(widget)

    def let_give_way(self, widgets: Sequence[QWidget]) -> None:
        """Name what is hidden where the bar is too narrow, the least needed first; menus offer what is hidden."""
        self._giving_way = tuple(widgets)
        self.fit()

    def allow(self, widget: QWidget, is_allowed: bool) -> None:
        """Say whether a widget is to be seen at all now, room or not."""
        (self._refused.discard if is_allowed else self._refused.add)(widget)
        if widget not in self._giving_way or not is_allowed:
            widget.setVisible(is_allowed)
        self.fit()

    def offer_more(self) -> None:
        """Offer what there is no room for in a menu of the bar's own, at its end."""
        self._more = self.add_icon_button("dots-vertical", tr("More"), self._show_more)
        self._more.hide()

    def fit(self) -> None:
        """Hide of what gives way as much as is needed for the rest to fit; call it when a text grew.

        Only what changes is touched, because each change lays the whole window out anew.
        """
        if self._is_plain or not self._has_room:
            return
        for tool in self._tools:
            inner = tool.layout()
            if inner is not None:
                inner.activate()  # so that texts that grew are counted now, not at the next round of events
        gap = self._layout.spacing()
        giving_way = [widget for widget in self._giving_way if widget not in self._refused]
        needed = self._layout.totalMinimumSize().width()
        needed += sum(_least_width(widget) + gap for widget in giving_way if widget.isHidden())
        if self._more is not None:
            needed -= 0 if self._more.isHidden() else _least_width(self._more) + gap
            is_short = needed > self.width() and bool(giving_way)
            needed += _least_width(self._more) + gap if is_short else 0
            if self._more.isHidden() is is_short:
                self._more.setVisible(is_short)
        for widget in giving_way:
            is_in_the_way = needed > self.width() and not _is_on(widget)
            if is_in_the_way:
                needed -= _least_width(widget) + gap
            if widget.isHidden() is not is_in_the_way:
                widget.setVisible(not is_in_the_way)

    def add_button(
        self, text: str, call: Callable[[], object], *, is_main: bool = False, needs: Sequence[str] = ()
    ) -> QPushButton:
        """Add one of the panel's own actions and return its button, grey for who may call none of the commands."""
        button = QPushButton(text, self)
        button.setProperty("main", is_main)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda _on=False: call())
        self._rights.guard(button, *needs)
        self.add(button)
        return button

    def add_icon_button(self, icon: str, name: str, call: Callable[[], object]) -> QToolButton:
        """Add a button that is an icon only (its name is the tooltip), at the far end."""
        button = QToolButton(self)
        button.setProperty("slim", True)
        button.setProperty("icon_name", icon)
        button.setIconSize(QSize(ICON, ICON))
        button.setIcon(self._icons.icon(icon, ICON, "secondary"))
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda _on=False: call())
        self._layout.addWidget(button)
        self._tools.append(button)
        return button

    def show_name(self, is_shown: bool) -> None:
        """Show icon and name, or leave them to a tab."""
        if self.title.isHidden() is is_shown:
            self._icon.setVisible(is_shown)
            self.title.setVisible(is_shown)
            self.fit()

    def set_age(self, at: datetime | None, old_after: timedelta = timedelta(minutes=1)) -> None:
        """Show how old the data is from now on; past `old_after` it is marked as old (UX rule 1)."""
        self._stamp, self._old_after = at, old_after
        if at is None:
            self._ticks.stop()
        else:
            self._ticks.start()
        self._show_age()

    def event(self, event: QEvent) -> bool:
        """Fit anew when something in the bar wants another width."""
        is_taken = super().event(event)
        if event.type() is QEvent.Type.LayoutRequest:
            self.fit()
        return is_taken

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._has_room = True  # before the first size there is nothing to fit into
        self.fit()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        event.accept()
        self.float_asked.emit()

    def offer_hidden(self, menu: QMenu) -> None:
        """Add to a menu what there is no room for."""
        menu.setToolTipsVisible(True)
        offered = [widget for widget in self._giving_way if widget not in self._refused]
        hidden = [widget for widget in reversed(offered) if widget.isHidden()]
        for widget in hidden:
            if isinstance(widget, QToolButton) and widget.menu():
                menu.addMenu(widget.menu()).setText(widget.toolTip())
            elif isinstance(widget, QAbstractButton):
                action = menu.addAction(widget.text(), partial(self._press, widget))
                action.setEnabled(widget.isEnabled())
                action.setToolTip(widget.toolTip())
        if hidden:
            menu.addSeparator()

    def _show_more(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.offer_hidden(menu)
        menu.popup(self.mapToGlobal(self.rect().bottomRight()))

    def _press(self, button: QAbstractButton) -> None:
        button.click()
        self.fit()

    def _be_plain(self, is_plain: bool) -> None:
        """Show only name, count and age of the data on the wall, where nobody is there to press anything."""
        if is_plain is self._is_plain:
            return
        self._is_plain = is_plain
        if is_plain:
            self._put_away = [widget for widget in self._tools if not widget.isHidden()]
        is_seen = self.isVisible()
        if is_seen:
            self.hide()  # else each of its widgets lays the whole window out anew
        for widget in self._put_away:
            widget.setVisible(not is_plain)
        if is_seen:
            self.show()
        self.fit()

    def _show_age(self) -> None:
        if self._stamp is None:
            self.age.setText("")
            return
        before = len(self.age.text())
        now = datetime.now(UTC)
        is_old = now - self._stamp > self._old_after
        self.age.setText(("▲ " if is_old else "") + age(self._stamp, now))
        self.age.set_role("old" if is_old else "secondary")
        if len(self.age.text()) != before:
            self.fit()

    def _paint_icons(self) -> None:
        pixmap = self._icons.pixmap(self._icon_name, ICON, "secondary", self.devicePixelRatioF())
        self._icon.setPixmap(pixmap)
        for button in self.findChildren(QToolButton):
            button.setIcon(self._icons.icon(str(button.property("icon_name")), ICON, "secondary"))


def _is_on(widget: QWidget) -> bool:
    """Return whether it is a chip that is on: what is chosen stays in sight."""
    return isinstance(widget, QAbstractButton) and widget.isChecked()


def _least_width(widget: QWidget) -> int:
    return widget.minimumWidth() or widget.minimumSizeHint().width()


class Panel:
    """The window's keys, as a panel or page may answer them. What it does not answer, it leaves alone."""

    banners: Banners
    _reads_when_back = False

    def samples(self) -> dict[str, object]:
        """Return, by page name, the key of a record that is listed here (for pictures)."""
        return {}

    def refresh(self) -> None:
        """Ask for the data anew (F5)."""

    def say_unread(self, error: WatchroomError, again: Callable[[], object] | None = None) -> None:
        """Say that what is shown could not be brought up to date; a button reads it `again` (all of it: `refresh`).

        What failed because the database was away is read by itself when it is back.
        """
        self._again = again or self.refresh
        self._reads_when_back = isinstance(error, DatabaseAway)
        self.banners.show_banner(UNREAD, "error", error.sentence(), (Step(tr("Try again"), self._read_again),))

    def say_read(self) -> None:
        """Take back what `say_unread` said: what is shown is up to date again."""
        self.banners.clear(UNREAD)
        self._reads_when_back = False

    def _read_again(self) -> None:
        self.say_read()
        self._again()

    def come_back(self) -> None:
        """Read what could not be read while the database was away."""
        if self._reads_when_back:
            self._read_again()

    def focus_filter(self) -> None:
        """Put the keyboard into the filter box (Ctrl+F)."""

    def export(self) -> None:
        """Export what is listed (Ctrl+E): the rows of `table`, unless the panel has something better."""
        table = getattr(self, "table", None)
        if isinstance(table, Table):
            list_files.export_table(self, table)

    def print_list(self) -> None:
        """Print what is listed (Ctrl+P): the rows of `table`, unless the panel has something better."""
        table = getattr(self, "table", None)
        if isinstance(table, Table):
            list_files.print_table(self, table)
