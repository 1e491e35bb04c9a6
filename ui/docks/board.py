"""The status board's dock: filters, the painted surface or the table, a device's menu."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QMenu, QStackedWidget, QWidget

from app.board_row import STALE_AFTER_INTERVALS, BoardRow
from app.ci_classes import catalogue
from app.errors import WatchroomError
from app.words import tr, trn
from models.enums import State
from ui.board_model import Filter, Grouping
from ui.board_surface import BoardSurface, abnormal
from ui.board_table import BoardTable
from ui.choice_button import ChoiceButton
from ui.choices import Choice
from ui.context import Context
from ui.dock import Dock
from ui.filters import Chip, ChipBar, FilterBox
from ui.live import Changed
from ui.on_demand import on_demand
from ui.subjects import devices
from ui.veil import Veil

if TYPE_CHECKING:
    from app.devices import Beat
    from app.first_rows import FirstRows
    from ui import device_menu, list_files
else:
    device_menu = on_demand("ui.device_menu")
    list_files = on_demand("ui.list_files")

ALL, ABNORMAL = "all", "abnormal"
BEATS_MS = 5_000
"""How often the board asks what was checked: the feed tells of states that turned, not of every check."""
STORED_WITHIN = timedelta(seconds=10)
"""A check may be stored after one that was made later."""
_TABLES = ("check_item", "ci", "place", "relation")


class BoardDock(Dock):
    """All watched devices, worst first, patched in place as their states change."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("board", tr("Device status"), context, parent)
        self.surface = BoardSurface(context.theme, self)
        self.chips = ChipBar((Chip(ALL, tr("All", context="devices")), Chip(ABNORMAL, tr("Abnormal"))), self)
        self.classes = ChoiceButton(tr("Class of device"), _groups(), self)
        self.grouping = ChoiceButton(tr("Grouping"), _groupings(), self)
        self.view = ChoiceButton(tr("View of the board"), _views(), self)
        self.box = FilterBox(parent=self)
        self._known: dict[int, BoardRow] = {}
        self._beats = QTimer(self)
        self._beats.setInterval(BEATS_MS)
        self._is_wall = False
        self._views = QStackedWidget(self)
        self._views.addWidget(self.surface)
        self.veil = Veil(context.theme, self._views)
        self.body.addWidget(self._views)
        self.surface.empty.say(tr("Nothing is watched yet."), tr("Begin…"), lambda: context.nav.open("welcome"))
        self._fill_bar()
        self._connect()

    @cached_property
    def menu(self) -> "device_menu.DeviceMenu":
        return device_menu.DeviceMenu(self.context, self)

    @cached_property
    def table(self) -> BoardTable:
        """The same devices as a list, made when it is first looked at."""
        table = BoardTable(self.context, self)
        self._follow_view(table)
        self._views.addWidget(table)
        return table

    def load(self) -> None:
        """Ask for every device anew."""
        self.surface.empty.begin()
        self.surface.empty.show_over(not self._known)
        self.context.work.read(devices.board, done=self._show, failed=self._say_failed, owner=self)
        self._beats.start()

    def stand_in(self, first: "FirstRows") -> None:
        self._show(first.board)

    def samples(self) -> dict[str, object]:
        cells = self.surface.board.cells
        return {"ci": cells[0]} if cells else {}

    def refresh(self) -> None:
        self.load()

    def focus_filter(self) -> None:
        self.box.setFocus()
        self.box.selectAll()

    def export(self) -> None:
        list_files.export(self.context, self, tr("Device status"), self.table.table.shown_columns(), self._shown())

    def print_list(self) -> None:
        list_files.print_list(self.context, tr("Device status"), self.table.table.shown_columns(), self._shown())

    def show_states(self, states: frozenset[State]) -> None:
        """Show only devices in these states (a click on the head strip)."""
        self.surface.set_filter(self._filter(states))
        if self._is_list:
            self.table.show_devices(self._shown())

    def _fill_bar(self) -> None:
        for part in (self.chips, self.classes, self.grouping, self.box, self.view):
            self.bar.add(part)
        self.bar.let_give_way((self.view, self.grouping, self.box, self.classes, self.chips.button(ABNORMAL)))
        kept = self.context.memory.get("board", {})
        self.grouping.choose(int(kept.get("grouping", 0)))
        self.view.choose(int(kept.get("view", 0)))
        self._regroup()
        self._views.setCurrentIndex(self.view.value)

    def _connect(self) -> None:
        context = self.context
        self.chips.chosen.connect(lambda _key: self._refilter())
        self.box.typed.connect(lambda _text: self._refilter())
        self.classes.chosen.connect(lambda _group: self._refilter())
        self.grouping.chosen.connect(lambda _grouping: self._regroup())
        self.view.chosen.connect(self._change_view)
        self._follow_view(self.surface)
        self._beats.timeout.connect(self.ask_beats)
        context.live.states_changed.connect(self._refresh_rows)
        context.live.changed.connect(self._take_changes)
        context.live.reset.connect(self.load)
        context.live.away.connect(lambda _error: self.veil.lower_over())
        context.live.back.connect(self.veil.lift)
        context.nav.selected.connect(self._follow_selection)
        context.nav.perspective_changed.connect(lambda name: self._show_wall(name == "wall"))

    def _show(self, rows: Sequence[BoardRow]) -> None:
        known = {row.ci_id: row for row in rows}
        self.surface.empty.end()
        if known != self._known or not known:
            self._known = known
            self.surface.set_rows(rows)
        self._retell()

    def _say_failed(self, error: WatchroomError) -> None:
        """Say that the devices could not be read: in their place while none is shown, else above them."""
        if self._known:
            self.say_unread(error)
        else:
            self.surface.empty.fail(error, self.load)

    def _refresh_rows(self, ci_ids: frozenset[int]) -> None:
        if ci_ids:
            self.context.work.read(devices.board_rows, ci_ids, done=partial(self._patch, ci_ids), owner=self)

    def ask_beats(self) -> None:
        """Ask for the checks since the newest known one; while the database is away that is told elsewhere."""
        if self._known and self.isVisible():
            since = self._newest() or datetime(1970, 1, 1, tzinfo=UTC)
            ask = partial(self.context.work.read, devices.beats, since - STORED_WITHIN)
            ask(done=self._take_beats, failed=lambda _away: None, owner=self)

    def _take_beats(self, beats: "Sequence[Beat]") -> None:
        rows = []
        for ci_id, checked_at, value, heartbeat in beats:
            row = self._known.get(ci_id)
            if row is not None and row.checked_at != checked_at:
                rows.append(row._replace(checked_at=checked_at, value=value, heartbeat=heartbeat))
        if rows:
            self._patch(frozenset(), rows)

    def _newest(self) -> datetime | None:
        return max((row.checked_at for row in self._known.values() if row.checked_at), default=None)

    def _old_after(self) -> timedelta:
        """Return by when the device that is asked most often must have been asked again."""
        intervals = (row.interval_s for row in self._known.values() if row.checked_at)
        return timedelta(seconds=STALE_AFTER_INTERVALS * min(intervals, default=60))

    def _patch(self, asked: frozenset[int], rows: Sequence[BoardRow]) -> None:
        found = {row.ci_id: row for row in rows}
        gone = [ci_id for ci_id in asked if ci_id not in found and ci_id in self._known]
        self._known.update(found)
        for ci_id in gone:
            del self._known[ci_id]
        if gone:
            self.surface.remove(gone)
        self.surface.patch(rows)
        self._retell(rows)

    def _take_changes(self, changed: Changed) -> None:
        if changed.touches(*_TABLES):
            self.load()
        elif changed.touches("incident"):
            self.context.work.read(
                devices.rows_of_incidents, changed.of("incident"), done=self._patch_known, owner=self
            )

    def _patch_known(self, rows: Sequence[BoardRow]) -> None:
        self._patch(frozenset(row.ci_id for row in rows), rows)

    def _retell(self, changed: Sequence[BoardRow] | None = None) -> None:
        """Say how many there are and how fresh they are, and bring the table up to date."""
        bad_states = abnormal()
        bad = sum(1 for row in self._known.values() if row.state in bad_states)
        self.chips.set_count(ABNORMAL, bad)
        self.set_count(trn("{n} device · worst first", "{n} devices · worst first", len(self._known)))
        self.set_age(self._newest() or (datetime.now(UTC) if self._known else None), self._old_after())
        if not self._is_list:
            return
        self.table.show_devices(self._shown()) if changed is None else self.table.patch(changed)

    @property
    def _is_list(self) -> bool:
        return self._views.currentWidget() is not self.surface

    def _follow_view(self, view: BoardSurface | BoardTable) -> None:
        view.selected.connect(lambda ci_id: self.context.nav.select("ci", ci_id))
        view.activated.connect(lambda ci_id: self.context.nav.open("ci", ci_id))
        view.menu_asked.connect(self._show_menu)

    def _shown(self) -> list[BoardRow]:
        wanted = self._filter()
        return [row for row in self._known.values() if wanted.takes(row)]

    def _filter(self, states: frozenset[State] | None = None) -> Filter:
        if states is None:
            states = abnormal() if self.chips.current == ABNORMAL else frozenset()
        words = tuple(self.box.text().casefold().split())
        return Filter(states=states, group=self.classes.value, words=words)

    def _refilter(self) -> None:
        self.surface.set_filter(self._filter())
        if self._is_list:
            self.table.show_devices(self._shown())

    def _regroup(self) -> None:
        self.surface.set_grouping(self.grouping.value)
        self._keep()

    def _change_view(self, index: int) -> None:
        self._views.setCurrentWidget(self.table if index else self.surface)
        if self._is_list:
            self.table.show_devices(self._shown())
        self._keep()

    def _show_wall(self, is_wall: bool) -> None:
        """Show every device on the wall, the worst in front, and what the person had chosen when it is left."""
        if is_wall is self._is_wall:
            return
        self._is_wall = is_wall
        self.surface.set_wall(is_wall)
        self.surface.set_grouping(Grouping.STATE if is_wall else self.grouping.value)
        self.surface.set_filter(Filter() if is_wall else self._filter())
        self._views.setCurrentWidget(self.surface if is_wall or not self.view.value else self.table)
        if is_wall:
            self.surface.go_to_top()

    def _keep(self) -> None:
        kept = {"grouping": self.grouping.place, "view": self.view.place}
        self.context.memory.put("board", kept)

    def _follow_selection(self, kind: str, key: object) -> None:
        if kind == "ci" and isinstance(key, int) and key != self.surface.current and key in self._known:
            self.surface.select(key, tell=False)

    def _show_menu(self, ci_id: int, place: QPoint) -> None:
        row = self._known.get(ci_id)
        if row is not None:
            menu: QMenu = self.menu.build(row)
            menu.popup(place)


def _groups() -> list[Choice]:
    every = Choice("", tr("Every class"))
    return [every, *(Choice(group.label, group.label) for group in catalogue().groups.values())]


def _groupings() -> list[Choice]:
    return [
        Choice(Grouping.CLASS, tr("By class")),
        Choice(Grouping.PLACE, tr("By place")),
        Choice(Grouping.SERVICE, tr("By service")),
        Choice(Grouping.STATE, tr("By state")),
    ]


def _views() -> list[Choice]:
    return [Choice(0, tr("Tiles")), Choice(1, tr("Table"))]
