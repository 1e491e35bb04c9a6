"""The frame of every dock: a slim title bar of its own, a place for banners, and the dock's content."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QMenu, QVBoxLayout, QWidget

from app.words import tr
from ui.banner import Banners
from ui.context import Context
from ui.panel import Bar, Panel

if TYPE_CHECKING:
    from app.first_rows import FirstRows

LEAST = (120, 60)
USUAL = (320, 240)


class Frame(QWidget):
    """Holds a dock's content; asks for the same room whatever is in it, so that no update moves its neighbours."""

    def minimumSizeHint(self) -> QSize:
        return QSize(*LEAST)

    def sizeHint(self) -> QSize:
        return QSize(*USUAL)


class Dock(QDockWidget, Panel):
    """A panel of the main window. Subclasses fill `body` and put their actions into `bar`.

    The window puts `bar` into its place once the dock is its own: before, Qt would make a native window for it.
    `name` is what layouts, menus and icons call it (board, queue, tree, inspector, access, backups ...).
    """

    def __init__(self, name: str, title: str, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.context, self.name = context, name
        self.setObjectName(f"dock-{name}")
        self.setAccessibleName(title)
        self.bar = Bar(name, title, context, self)
        self.banners = Banners()
        context.live.back.connect(self.come_back)
        self.body = QVBoxLayout()
        self.body.setContentsMargins(0, 0, 0, 0)
        self.body.setSpacing(0)
        frame = Frame(self)
        frame.setObjectName("dockBody")
        frame.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        layout = QVBoxLayout(frame)
        layout.setContentsMargins(1, 0, 1, 1)
        layout.setSpacing(0)
        layout.addLayout(self.body, 1)
        layout.addWidget(self.banners)
        self.setWidget(frame)
        self.visibilityChanged.connect(self._show_title)
        self.windowTitleChanged.connect(self.bar.title.setText)
        self.dockLocationChanged.connect(self._show_title)
        context.nav.perspective_changed.connect(self._show_title)
        self._is_built = False
        self.bar.float_asked.connect(self.turn_floating)
        self.bar.add_icon_button("dots-vertical", tr("Panel menu"), self._show_frame_menu)

    @property
    def is_built(self) -> bool:
        return self._is_built

    def build(self) -> None:
        """Make the content, once: of a dock that begins behind a tab this can wait until the window has painted."""
        if not self._is_built:
            self._is_built = True
            self._make()

    def _make(self) -> None:
        """Fill `body` and `bar`; docks that are always in front do it when they are made."""

    def focus_content(self) -> None:
        """Put the keyboard into the dock's content (Ctrl+1…9), on the first thing there that takes it."""
        content = self.widget()
        target: QWidget | None = content.focusProxy()
        each: QWidget | None = content.nextInFocusChain()
        while target is None and each is not None and each is not content:
            if content.isAncestorOf(each) and not self.banners.isAncestorOf(each) and _takes_keys(each):
                target = each
            each = each.nextInFocusChain()
        (target or content).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def load(self) -> None:
        """Ask for the dock's rows; called once, when the window has painted."""

    def stand_in(self, first: "FirstRows") -> None:
        """Show what was read before the database layer was there, until `load` brings the dock's own rows."""

    def hide_private(self, is_hidden: bool) -> None:
        """Hide what names visitors and callers while the seat is locked; most docks name nobody."""

    def set_count(self, text: str) -> None:
        """Show how many rows there are behind the title."""
        self.bar.count.setText(text)

    def set_age(self, at: datetime | None, old_after: timedelta = timedelta(minutes=1)) -> None:
        """Show how old the data is from now on; past `old_after` it is marked as old."""
        self.bar.set_age(at, old_after)

    def turn_floating(self) -> None:
        """Float the dock, or put it back."""
        self.setFloating(not self.isFloating())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_title()

    def _show_title(self, _what: object = None) -> None:
        """Leave icon and name to the tab while the dock is one of several tabs."""
        window = self.parentWidget()
        is_tab = isinstance(window, QMainWindow) and bool(window.tabifiedDockWidgets(self))
        self.bar.show_name(not (is_tab and not self.isFloating()))

    def _show_frame_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.bar.offer_hidden(menu)
        menu.addAction(tr("Dock again") if self.isFloating() else tr("Float"), self.turn_floating)
        menu.addAction(tr("Close the panel"), self.close)
        menu.popup(self.bar.mapToGlobal(self.bar.rect().bottomRight()))


def _takes_keys(widget: QWidget) -> bool:
    return bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus) and widget.isVisible() and widget.isEnabled()
