"""How wide a table's columns are and which are shown: what a person chose, and what gives way for lack of room."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QTableView

from app.words import tr
from ui.memory import Memory
from ui.rows import Column

NARROWEST = 36
WIDEST_FIT = 480
SQUEEZED = 0.7
"""The part of its width that a stretching column keeps before another column is dropped."""
KEPT_AFTER_MS = 500


class Columns(QObject):
    """The columns of one table, kept under `name`; `wanted_width` measures what shows the loaded rows whole."""

    def __init__(
        self,
        view: QTableView,
        columns: Sequence[Column],
        memory: Memory,
        name: str,
        wanted_width: Callable[[Column], int],
    ) -> None:
        super().__init__(view)
        self._view, self._columns, self._memory = view, tuple(columns), memory
        self._name, self._wanted_width = f"columns/{name}", wanted_width
        self._header = view.horizontalHeader()
        self._widths = [column.width for column in columns]
        self._hidden: set[int] = set()
        self._dropped: set[int] = set()
        self._is_fitting = self._is_enlarged = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(KEPT_AFTER_MS)
        self._timer.timeout.connect(self._keep)
        self._header.setMinimumSectionSize(NARROWEST)
        self._header.sectionResized.connect(self._resized)
        self._header.sectionMoved.connect(lambda *_places: self._timer.start())
        self._header.sectionHandleDoubleClicked.connect(self._widen)
        self._header.customContextMenuRequested.connect(self._show_menu)

    @property
    def chosen(self) -> list[Column]:
        """The columns that are to be shown, in their order on the screen, room or not: for copies and exports."""
        order = [self._header.logicalIndex(place) for place in range(self._header.count())]
        return [self._columns[at] for at in order if at in self._dropped or not self._header.isSectionHidden(at)]

    @property
    def dropped(self) -> list[Column]:
        """The columns for which there is no room now."""
        return [self._columns[at] for at in sorted(self._dropped)]

    def restore(self) -> None:
        """Show the columns as the person left them."""
        kept = self._memory.get(self._name, {})
        self._is_enlarged = False
        entries = [kept.get(each.key, (each.width, each.shown, at)) for at, each in enumerate(self._columns)]
        self._widths = [max(NARROWEST, int(width)) for width, _is_shown, _place in entries]
        self._hidden = {at for at, (_width, is_shown, _place) in enumerate(entries) if not is_shown}
        for place, at in enumerate(sorted(range(len(entries)), key=lambda at: int(entries[at][2]))):
            self._header.moveSection(self._header.visualIndex(at), place)
        self.fit()

    def enlarge(self, larger: float, without: Sequence[str]) -> None:
        """Show the columns `larger` times as wide and leave some out, without keeping this."""
        self._is_enlarged = True
        self._widths = [round(column.width * larger) for column in self._columns]
        self._hidden = {at for at, column in enumerate(self._columns) if column.key in without}
        self.fit()

    def fit(self) -> None:
        """Fit the columns into the view: stretching ones give way first, then the least important are dropped."""
        shown = [at for at in range(len(self._columns)) if at not in self._hidden]
        room = self._view.viewport().width()
        dropped = self._without_room(shown, room)
        self._is_fitting = True
        for at in range(len(self._columns)):
            is_hidden = at in self._hidden or at in dropped
            if self._view.isColumnHidden(at) != is_hidden:
                self._view.setColumnHidden(at, is_hidden)
        self._dropped = dropped
        self._share(room, [at for at in shown if at not in dropped])
        self._is_fitting = False

    def _without_room(self, shown: Sequence[int], room: int) -> set[int]:
        dropped: set[int] = set()
        least = sum(self._least(at) for at in shown)
        droppable = [at for at in shown if self._columns[at].drops]
        for at in sorted(droppable, key=lambda at: -self._columns[at].drops):
            if least <= room:
                break
            dropped.add(at)
            least -= self._least(at)
        return dropped

    def _share(self, room: int, shown: Sequence[int]) -> None:
        """Give the stretching columns what the others leave, by their widths; no column ends in an empty strip."""
        flexible = [at for at in shown if self._columns[at].stretch]
        rest = room - sum(self._widths[at] for at in shown if at not in flexible)
        whole = sum(self._columns[at].width for at in flexible)
        for at in shown:
            share = rest * self._columns[at].width // whole if at in flexible else self._widths[at]
            self._view.setColumnWidth(at, max(self._least(at), share))

    def _least(self, at: int) -> int:
        return round(self._columns[at].width * SQUEEZED) if self._columns[at].stretch else self._widths[at]

    def _resized(self, at: int, _before: int, width: int) -> None:
        if width and not self._is_fitting:
            self._widths[at] = width
            self._timer.start()

    def _widen(self, at: int) -> None:
        self._view.setColumnWidth(at, min(WIDEST_FIT, max(NARROWEST, self._wanted_width(self._columns[at]))))

    def _show_menu(self, position: QPoint) -> None:
        menu = QMenu(self._view)
        for at, column in enumerate(self._columns):
            title = tr("{column} (no room)", column=column.title) if at in self._dropped else column.title
            action = QAction(title, menu, checkable=True, checked=at not in self._hidden)
            action.setEnabled(at in self._hidden or len(self.chosen) > 1)
            action.toggled.connect(partial(self._choose, at))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(tr("Restore columns"), self._forget)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self._header.mapToGlobal(position))

    def _choose(self, at: int, is_shown: bool) -> None:
        if is_shown:
            self._hidden.discard(at)
        else:
            self._hidden.add(at)
        self.fit()
        self._keep()

    def _forget(self) -> None:
        self._memory.forget(self._name)
        self.restore()

    def _keep(self) -> None:
        if self._is_enlarged:
            return
        entries: dict[str, Any] = {}
        for at, column in enumerate(self._columns):
            entries[column.key] = [self._widths[at], at not in self._hidden, self._header.visualIndex(at)]
        self._memory.put(self._name, entries)
