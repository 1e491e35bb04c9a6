"""The main window: menus, head strip, perspectives, docks, and pages in the centre."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QMenuBar,
    QSizePolicy,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app.errors import DatabaseAway, ResultUnknown, WatchroomError
from app.words import tr
from ui.banner import Footer
from ui.commands import Command
from ui.context import Context
from ui.dock import Dock
from ui.labels import PlainLabel
from ui.layouts import Layouts, Sizes, page_of, perspective_titles
from ui.menus import Menus, standard_commands
from ui.motion import Motion
from ui.page import Page
from ui.panel import Panel
from ui.perspective_bar import PerspectiveBar

WALL = "wall"
UNREACHED = "unreached"
SETTLES_MS = 1_500
TAKES_ROOM = (QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
TAKES_NONE = (QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
"""Pages behind the open one must not keep the centre as wide as they would be."""
QWIDGETSIZE_MAX = (1 << 24) - 1
CENTRE = Qt.DockWidgetArea.TopDockWidgetArea


class Window(QMainWindow):
    """The shell. The composition root gives it docks, pages and a head strip, then calls `open_on`."""

    close_asked = Signal()
    """The person closes the window: the composition root decides between the tray and the end."""
    page_made = Signal(str, object)
    """A page by its name, when it was first opened."""

    def __init__(self, context: Context, title: str, person: str = "") -> None:
        super().__init__()
        self._context = context
        self.setObjectName("window")
        self.setWindowTitle(title)
        self.layouts = Layouts(self, context.memory, person, context.theme.size("grid"))
        self.docks: dict[str, Dock] = {}
        self._builders: dict[str, Callable[[], Page]] = {}
        self._pages: dict[str, Page] = {}
        self._hidden_for_page: list[Dock] = []
        self._is_page_aside = False
        self._sizes: Sizes = {}
        self.perspective = ""
        self._before_wall = "duty"
        self._may_close = False
        self._settling = QTimer(self)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLES_MS)
        self._motion = Motion(context.theme, self)
        self.banners = Footer(self)
        self._head = QHBoxLayout()
        self._seat = PlainLabel("", "secondary")
        self._centre = QWidget(self)
        self._stack = QStackedWidget(self._centre)
        self._set_up_docks()
        self.setMenuWidget(self._top())
        self._connect()

    def _set_up_docks(self) -> None:
        self.setDockNestingEnabled(True)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        for corner, area in (
            (Qt.Corner.TopLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.LeftDockWidgetArea),
            (Qt.Corner.TopRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
            (Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea),
        ):
            self.setCorner(corner, area)
        centre = QVBoxLayout(self._centre)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addWidget(self._stack)
        self.setCentralWidget(self._centre)
        self._show_centre(False)

    def _show_centre(self, is_shown: bool) -> None:
        """Give the centre to the pages or to the docks; it stays there, flat: without one Qt lets the sides grow."""
        self._stack.setVisible(is_shown)
        self._centre.setMaximumHeight(QWIDGETSIZE_MAX if is_shown else 0)

    def _top(self) -> QWidget:
        """Return menu bar and head strip as one widget above the docks."""
        top = QWidget(self)
        top.setObjectName("top")
        self.menu_bar = QMenuBar(top)
        self.menu_bar.setFixedHeight(self._context.theme.size("menu"))
        self.menu_bar.setNativeMenuBar(False)
        menu_row = QHBoxLayout()
        menu_row.setSpacing(0)
        menu_row.addWidget(self.menu_bar, 1)
        menu_row.addWidget(self._seat)
        menu_row.setContentsMargins(0, 0, 12, 0)
        self.head = QWidget(top)
        self.head.setObjectName("head")
        self.head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.head.setFixedHeight(self._context.theme.size("head"))
        self.head.setLayout(self._head)
        self._head.setContentsMargins(16, 0, 16, 0)
        self._head.addStretch(1)
        self.perspective_bar = PerspectiveBar(self)
        self.perspective_bar.chosen.connect(self.set_perspective)
        self._head.addWidget(self.perspective_bar, 0, Qt.AlignmentFlag.AlignVCenter)
        layout = QVBoxLayout(top)
        layout.setContentsMargins(0, 0, 0, self._context.theme.size("grid"))
        layout.setSpacing(0)
        layout.addLayout(menu_row)
        layout.addWidget(self.head)
        return top

    def _connect(self) -> None:
        commands = self._context.commands
        for command in standard_commands():
            commands.declare(command)
        commands.registered.connect(lambda name: self.addAction(commands.action(name)))
        for name, call in self._own_calls().items():
            commands.register(name, call)
        for name, title in perspective_titles().items():
            command = Command(f"perspective-{name}", title, "view", "", 3)
            commands.add(command, partial(self.set_perspective, name))
        self._menus = Menus(self.menu_bar, commands)
        self._context.nav.opened.connect(self._open_page)
        self._context.nav.moved.connect(self._show_ways)
        self._context.work.failed.connect(self.show_error)
        self._context.live.away.connect(self._show_away)
        self._context.live.back.connect(lambda: self.banners.clear("away"))
        self.banners.height_changed.connect(self._make_room)
        self._show_ways()

    def _own_calls(self) -> dict[str, Callable[[], object]]:
        nav = self._context.nav
        return {
            "filter": lambda: self.panel().focus_filter(),
            "refresh": lambda: self.panel().refresh(),
            "export": lambda: self.panel().export(),
            "print": lambda: self.panel().print_list(),
            "back": nav.back,
            "forward": nav.forward,
            "wall": self.turn_wall,
            "restore-layout": self.restore_layout,
            "quit": self.close_asked.emit,
        }

    def add_dock(self, dock: Dock) -> None:
        """Take a dock in; Ctrl+1…9 and an entry of the View menu lead to it, in the order of adding."""
        self.docks[dock.name] = dock
        self.addDockWidget(CENTRE, dock)
        dock.setTitleBarWidget(dock.bar)
        number = len(self.docks)
        keys = f"Ctrl+{number}" if number <= 9 else ""
        command = Command(f"panel-{dock.name}", dock.windowTitle(), "view", keys, 2)
        self._context.commands.add(command, lambda: self.show_dock(dock))

    def add_page(self, name: str, build: Callable[[], Page]) -> None:
        """Know a page by name; it is built when it is first opened."""
        self._builders[name] = build

    @property
    def pages(self) -> QWidget:
        """Where the open page is shown."""
        return self._stack

    @property
    def page_names(self) -> list[str]:
        """The names by which pages are opened."""
        return list(self._builders)

    def samples(self) -> dict[str, object]:
        """Return a key for each page that shows one record, from what docks and pages list (for pictures)."""
        kept: dict[str, object] = {}
        panels: list[Dock | Page] = [*self.docks.values(), *self._pages.values()]
        for panel in panels:
            kept.update(panel.samples())
        return kept

    def set_head(self, strip: QWidget) -> None:
        """Put the head strip into its place, left of the perspectives."""
        self._head.takeAt(0)
        self._head.insertWidget(0, strip, 1)

    def set_seat(self, text: str) -> None:
        """Show unit, seat and person at the right of the menus."""
        self._seat.setText(text)

    def open_on(self, perspective: str) -> None:
        """Show the window where it was, in a perspective."""
        is_full = self.layouts.restore_geometry()
        self.set_perspective(perspective)
        self._settling.start()
        QTimer.singleShot(SETTLES_MS, self, self._motion.ask)
        if perspective == WALL:
            self.showFullScreen()
        elif is_full:
            self.showMaximized()
        else:
            self.show()
        for dock in self.docks.values():
            if not dock.visibleRegion().isEmpty():
                dock.build()
        self._take_keyboard()

    def _take_keyboard(self) -> None:
        """Put the keyboard into a panel rather than onto the first button of the window."""
        focused, first = QApplication.focusWidget(), self.panel()
        if isinstance(first, Dock) and not (focused and first.isAncestorOf(focused)):
            next((dock for dock in (first, *self.docks.values()) if not dock.isHidden()), first).focus_content()

    def build_rest(self) -> None:
        """Make the content of the docks that were behind a tab when the window was first painted."""
        for dock in self.docks.values():
            dock.build()

    def set_perspective(self, name: str) -> None:
        """Lay the docks out for a post; how they lay before is kept under the perspective that is left."""
        self._leave_page()
        if self.perspective:
            self.layouts.keep(self.perspective)
        if name == WALL and self.perspective != WALL:
            self._before_wall = self.perspective or "duty"
        self.perspective = name
        is_wall = name == WALL
        for part in (self.menu_bar, self._seat):
            part.setVisible(not is_wall)
        self.perspective_bar.fit(self.width(), is_wall=is_wall)
        self.head.setFixedHeight(self._context.theme.size("head_wall" if is_wall else "head"))
        self.layouts.arrange(name, cast(dict[str, QDockWidget], self.docks))
        self.perspective_bar.show_chosen(name)
        self._context.commands.action("wall").setChecked(is_wall)
        self._context.nav.perspective_changed.emit(name)
        if self.isVisible():
            self._take_keyboard()
        if page_of(name) in self._builders:
            self._context.nav.open(page_of(name))

    def turn_wall(self) -> None:
        """Enter wall mode, or return from it to where the person was."""
        if self.perspective == WALL:
            self.set_perspective(self._before_wall)
            self.showMaximized()
        else:
            self.set_perspective(WALL)
            self.showFullScreen()
            self._take_keyboard()

    def restore_layout(self) -> None:
        """Put this perspective back to its default layout."""
        self._leave_page()
        self.layouts.forget(self.perspective)
        self.layouts.restore_default(self.perspective, self.docks)

    def show_dock(self, dock: Dock) -> None:
        """Bring a dock to the front and put the keyboard into it."""
        if self._stack.isVisible() and dock in self._hidden_for_page:
            self._context.nav.open("")
        dock.show()
        dock.raise_()
        dock.focus_content()

    def panel(self) -> Panel:
        """Return the dock or page that has the keyboard, else the open page, else the queue or the first dock."""
        widget: QWidget | None = QApplication.focusWidget()
        while widget is not None:
            if isinstance(widget, Dock | Page):
                return widget
            widget = widget.parentWidget()
        page = self._stack.currentWidget() if self._stack.isVisible() else None
        if isinstance(page, Page):
            return page
        return self.docks.get("queue") or next(iter(self.docks.values()), None) or Panel()

    def show_error(self, error: WatchroomError) -> None:
        """Say what nobody else took, in a banner; `Away` takes back what a database that is back makes untrue."""
        is_passing = isinstance(error, DatabaseAway) and not isinstance(error, ResultUnknown)
        self.banners.show_banner(UNREACHED if is_passing else "error", "error", error.sentence())

    def show_alarm(self, key: str, words: str) -> None:
        """Keep a red banner as long as something is wrong with watching itself; empty words take it away."""
        if words:
            self.banners.show_banner(key, "error", words, can_close=False)
        else:
            self.banners.clear(key)

    def let_close(self) -> None:
        """Close the window for good."""
        self._may_close = True
        self.close()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() is QEvent.Type.WindowStateChange:
            self._settling.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """While the window finds its size (shown, maximized), the default layout follows; later it is the person's."""
        super().resizeEvent(event)
        self.perspective_bar.fit(self.width(), is_wall=self.perspective == WALL)
        if self._settling.isActive():
            QTimer.singleShot(0, self, self.layouts.fit)

    def closeEvent(self, event: QCloseEvent) -> None:
        self.keep_layout()
        if self._may_close:
            super().closeEvent(event)
            return
        event.ignore()
        self.close_asked.emit()

    def keep_layout(self) -> None:
        """Remember window and docks as they are, and write it to disk."""
        if self.perspective:
            self._leave_page()
            self.layouts.keep(self.perspective)
        if self.perspective != WALL:
            self.layouts.keep_geometry()
        self._context.memory.write()

    def _show_away(self, error: WatchroomError) -> None:
        words = tr("{what} The window shows what it had; it tries again by itself.", what=error.sentence())
        self.banners.show_banner("away", "error", words, can_close=False)

    def _open_page(self, name: str, key: object) -> None:
        if not name:
            self._leave_page()
            return
        page = self._pages.get(name)
        if page is None:
            page = self._pages[name] = self._builders[name]()
            self._stack.addWidget(page)
            self.page_made.emit(name, page)
        for each in self._pages.values():
            each.setSizePolicy(*(TAKES_ROOM if each is page else TAKES_NONE))
        self._stack.setCurrentWidget(page)
        self._enter_page()
        page.show_row(key)

    def set_page_aside(self, is_aside: bool) -> None:
        """Show the panels in the place of the open page while the seat is locked, then that page as it was left."""
        if is_aside and not self._stack.isHidden():
            self._leave_page()
            self._is_page_aside = True
        elif not is_aside and self._is_page_aside:
            self._is_page_aside = False
            self._enter_page()

    def _enter_page(self) -> None:
        """Give the centre to the page and the keyboard with it, before a panel that is left takes it by chance."""
        if self._stack.isHidden():
            focused = QApplication.focusWidget()
            if focused is not None and focused.window() is self:
                focused.clearFocus()
            with self._sizes_kept():
                self._hidden_for_page = self._centre_docks()
                for dock in self._hidden_for_page:
                    dock.hide()
                self._show_centre(True)

    def _leave_page(self) -> None:
        if self._stack.isHidden():
            return
        with self._sizes_kept():
            self._show_centre(False)
            for dock in self._hidden_for_page:
                dock.show()
            self._hidden_for_page = []

    @contextmanager
    def _sizes_kept(self) -> Iterator[None]:
        """Keep the panels at the sides as wide as they are, and those in the centre as high as they were."""
        if self._stack.isHidden():
            self._sizes = self.layouts.sizes()  # a wide page squeezes the sides only while it is open
        yield
        self.layouts.resize_soon(self._sizes, cast(dict[str, QDockWidget], self.docks))

    def _make_room(self, height: int) -> None:
        """End the docks above the banners; of those in the centre the lowest one gives the room as far as it can."""
        sizes = self.layouts.sizes()
        needed = height - self.contentsMargins().bottom()
        centre = [dock for dock in self._centre_docks() if dock.objectName() in sizes]
        for dock in sorted(centre, key=lambda dock: dock.geometry().bottom(), reverse=True):
            given = min(needed, max(0, dock.height() - dock.minimumSizeHint().height()))
            sizes[dock.objectName()][1] -= given
            needed -= given
        self.setContentsMargins(0, 0, 0, height)
        self.layouts.resize_soon(sizes, cast(dict[str, QDockWidget], self.docks))

    def _centre_docks(self) -> list[Dock]:
        """Return the docks that lie where a page opens, those in front of their tabs last."""
        areas = (CENTRE, Qt.DockWidgetArea.BottomDockWidgetArea)
        return [
            dock
            for dock in self.docks.values()
            if not dock.isFloating() and not dock.isHidden() and self.dockWidgetArea(dock) in areas
        ]

    def _show_ways(self) -> None:
        self._context.commands.enable("back", self._context.nav.can_go_back)
        self._context.commands.enable("forward", self._context.nav.can_go_forward)
