"""Perspectives: which docks a post sees and how they lie; kept per person and per set of screens."""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from PySide6.QtCore import QByteArray, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar

from app.words import tr
from ui.memory import Memory

VERSION = 1
LEAST = (640, 400)
NARROW, LOW = 1200, 640
"""Below this width of the screen one side must do, below this height two panels in the centre."""
LEFT_WIDTH, RIGHT_WIDTH = 268, 372
SIDES = (Qt.DockWidgetArea.LeftDockWidgetArea, Qt.DockWidgetArea.RightDockWidgetArea)

Sizes = dict[str, list[int]]
"""Width and height by a dock's object name."""


class Perspective(NamedTuple):
    """Docks by place; the docks of one column's entry are tabbed together. `heights` go with `centre`."""

    name: str
    left: tuple[str, ...] = ()
    centre: tuple[tuple[str, ...], ...] = ()
    heights: tuple[int, ...] = ()
    right: tuple[str, ...] = ()
    page: str = ""


PERSPECTIVES = (
    Perspective(
        "duty",
        ("tree",),
        (("board",), ("queue",), ("access", "backups", "shift")),
        (436, 290, 254),
        ("inspector",),
    ),
    Perspective("desk", (), (("queue",), ("access", "backups", "shift")), (640, 340), ("inspector",)),
    Perspective("room", ("tree",), (("access",), ("board",)), (560, 420), ("inspector",)),
    Perspective(
        "inspection", ("tree",), (("backups", "access"), ("queue",)), (560, 420), ("inspector",), "inspections"
    ),
    Perspective("manage", ("tree",), (("queue",), ("backups", "access", "shift")), (560, 420), ("inspector",)),
    Perspective("wall", (), (("board",), ("queue",)), (640, 440)),
)


def fitted(plan: Perspective, room: QSize) -> Perspective:
    """Return a plan as it fits a screen: on a small one panels lie behind tabs rather than cut off."""
    if room.width() < NARROW:
        plan = plan._replace(left=plan.left + plan.right, right=())
    if room.height() < LOW and len(plan.centre) > 2:
        first, *others = plan.centre
        plan = plan._replace(centre=(first, tuple(chain(*others))), heights=(plan.heights[0], sum(plan.heights[1:])))
    return plan


def page_of(name: str) -> str:
    """Return the page that a perspective opens with, "" for none."""
    return next(plan.page for plan in PERSPECTIVES if plan.name == name)


def perspective_titles() -> dict[str, str]:
    """Return the perspectives of the posts by name; the wall is entered by its own key."""
    return {
        "duty": tr("Duty", context="perspective"),
        "desk": tr("Desk", context="perspective"),
        "room": tr("Room", context="perspective"),
        "inspection": tr("Inspection", context="perspective"),
        "manage": tr("Manage", context="perspective"),
    }


class Layouts:
    """Arranges a window's docks by perspective, keeps what a person makes of it, and can put it back.

    `gap` is how far two docks are apart.
    """

    def __init__(self, window: QMainWindow, memory: Memory, person: str, gap: int) -> None:
        self._window, self._memory, self._person, self._gap = window, memory, person, gap
        self._default: tuple[Perspective, Mapping[str, QDockWidget]] | None = None

    def arrange(self, name: str, docks: Mapping[str, QDockWidget]) -> None:
        """Lay the docks out as the person left this perspective on these screens, else by default."""
        kept = self._memory.get(self._key(name))
        self._default = None
        if isinstance(kept, str) and self._restore(kept):
            self.resize_soon(self._memory.get(f"{self._key(name)}/sizes", {}), docks)
        else:
            self.restore_default(name, docks)
        self._clamp_floating()

    def keep(self, name: str) -> None:
        """Remember how the docks lie now."""
        state = bytes(self._window.saveState(VERSION).data())
        self._memory.put(self._key(name), b64encode(state).decode("ascii"))
        self._memory.put(f"{self._key(name)}/sizes", self.sizes())

    def forget(self, name: str) -> None:
        self._memory.forget(self._key(name))
        self._memory.forget(f"{self._key(name)}/sizes")

    def sizes(self) -> Sizes:
        """Return width and height of the docks in sight: Qt's own memory of them drifts when others come and go."""
        docks = self._window.findChildren(QDockWidget)
        seen = [dock for dock in docks if not dock.isFloating() and not dock.visibleRegion().isEmpty()]
        return {dock.objectName(): [dock.width(), dock.height()] for dock in seen}

    def resize_soon(self, sizes: Sizes, docks: Mapping[str, QDockWidget]) -> None:
        """Give docks the widths and heights that they had, once Qt has laid them out; nothing is painted until then."""
        self._window.setUpdatesEnabled(False)
        QTimer.singleShot(0, self._window, lambda: self._resize(sizes, docks))

    def _resize(self, sizes: Sizes, docks: Mapping[str, QDockWidget]) -> None:
        shown = [dock for dock in docks.values() if dock.objectName() in sizes and not dock.isHidden()]
        sides = [dock for dock in shown if self._window.dockWidgetArea(dock) in SIDES]
        centre = [dock for dock in shown if dock not in sides]
        widths = [sizes[dock.objectName()][0] for dock in sides]
        rest = [max(100, self._window.width() - sum(widths) - self._gap * len(sides))] * len(centre[:1])
        heights = [sizes[dock.objectName()][1] + self._tabs_over(dock) for dock in centre]
        self._window.resizeDocks(sides + centre[:1], widths + rest, Qt.Orientation.Horizontal)
        self._window.resizeDocks(centre, heights, Qt.Orientation.Vertical)
        self._window.setUpdatesEnabled(True)

    def _tabs_over(self, dock: QDockWidget) -> int:
        """Return how high the tabs over a dock are: for Qt they count with it."""
        if not self._window.tabifiedDockWidgets(dock):
            return 0
        return max((bar.height() for bar in self._window.findChildren(QTabBar) if bar.isVisible()), default=0)

    def restore_default(self, name: str, docks: Mapping[str, QDockWidget]) -> None:
        """Lay the docks out by the perspective's own plan; docks that it does not name are hidden."""
        room = self._window.screen().availableSize().expandedTo(self._window.size())
        plan = fitted(next(plan for plan in PERSPECTIVES if plan.name == name), room)
        for dock in docks.values():
            if dock.isFloating():
                dock.setFloating(False)
            dock.hide()
        columns = [[docks[each] for each in group if each in docks] for group in plan.centre]
        self._stack([group for group in columns if group])
        sides = ((plan.left, Qt.DockWidgetArea.LeftDockWidgetArea), (plan.right, Qt.DockWidgetArea.RightDockWidgetArea))
        for side, area in sides:
            shown = [docks[each] for each in side if each in docks]
            for dock in shown:
                self._window.addDockWidget(area, dock)
                dock.show()
            for dock in shown[1:]:
                self._window.tabifyDockWidget(shown[0], dock)
                shown[0].raise_()
        self._default = (plan, docks)
        self._size(plan, docks)

    def fit(self) -> None:
        """Share the window's present size out by the plan, where the default layout is in force."""
        if self._default is not None:
            self._size(*self._default)

    def keep_geometry(self) -> None:
        """Remember where the window is."""
        box = self._window.normalGeometry()
        self._memory.put(
            f"window/{screens()}",
            {"box": [box.x(), box.y(), box.width(), box.height()], "full": self._window.isMaximized()},
        )

    def restore_geometry(self) -> bool:
        """Put the window where it was, onto a screen that exists; return whether it is to be maximized."""
        kept = self._memory.get(f"window/{screens()}", {})
        box = kept.get("box")
        if box:
            self._window.setGeometry(clamped(QRect(*box), available_screens()))
        return bool(kept.get("full", not box))

    def _stack(self, groups: Sequence[Sequence[QDockWidget]]) -> None:
        """Lay groups of docks under each other in the centre, each group tabbed, its first dock in front."""
        above: QDockWidget | None = None
        for group in groups:
            if above is None:
                self._window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, group[0])
            else:
                self._window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, group[0])
                self._window.splitDockWidget(above, group[0], Qt.Orientation.Vertical)
            for dock in group[1:]:
                self._window.addDockWidget(Qt.DockWidgetArea.TopDockWidgetArea, dock)
                self._window.tabifyDockWidget(group[0], dock)
            for dock in group:
                dock.show()
            group[0].raise_()
            above = group[0]

    def _size(self, plan: Perspective, docks: Mapping[str, QDockWidget]) -> None:
        firsts = [next((docks[each] for each in group if each in docks), None) for group in plan.centre]
        shown = [(dock, height) for dock, height in zip(firsts, plan.heights, strict=True) if dock]
        self._window.resizeDocks([dock for dock, _ in shown], [height for _, height in shown], Qt.Orientation.Vertical)
        sides = [(docks[each], LEFT_WIDTH) for each in plan.left if each in docks]
        sides += [(docks[each], RIGHT_WIDTH) for each in plan.right if each in docks]
        part = min(1.0, self._window.width() / 1920 + 0.1)
        widths = [max(LEFT_WIDTH, round(width * part)) for _, width in sides]
        centre = [dock for dock in firsts[:1] if dock]
        rest = [max(100, self._window.width() - sum(widths))] * len(centre)
        across = [dock for dock, _ in sides] + centre
        self._window.resizeDocks(across, widths + rest, Qt.Orientation.Horizontal)

    def _restore(self, kept: str) -> bool:
        try:
            state = b64decode(kept, validate=True)
        except ValueError:
            return False
        return self._window.restoreState(QByteArray(state), VERSION)

    def _clamp_floating(self) -> None:
        for dock in self._window.findChildren(QDockWidget):
            if dock.isFloating():
                dock.setGeometry(clamped(dock.geometry(), available_screens()))

    def _key(self, name: str) -> str:
        return f"layout/{self._person}/{screens()}/{name}"


def available_screens() -> list[QRect]:
    return [screen.availableGeometry() for screen in QGuiApplication.screens()]


def screens() -> str:
    """Return what names this set of screens: sizes and places, sorted."""
    boxes = (screen.geometry() for screen in QGuiApplication.screens())
    return "+".join(sorted(f"{box.width()}x{box.height()}@{box.x()},{box.y()}" for box in boxes))


def clamped(box: QRect, available: Sequence[QRect]) -> QRect:
    """Return `box` moved and shrunk so that all of it lies on the screen that it shares most with, else the first."""
    if not available:
        return box

    def shared(screen: QRect) -> int:
        common = screen.intersected(box)
        return max(0, common.width()) * max(0, common.height())

    screen = max(available, key=shared)
    width = min(max(box.width(), min(LEAST[0], screen.width())), screen.width())
    height = min(max(box.height(), min(LEAST[1], screen.height())), screen.height())
    x = min(max(box.x(), screen.left()), screen.right() + 1 - width)
    y = min(max(box.y(), screen.top()), screen.bottom() + 1 - height)
    return QRect(x, y, width, height)
