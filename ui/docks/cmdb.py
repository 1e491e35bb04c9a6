"""The CMDB tree dock: every configuration item by place, by class and by service, live (REQUIREMENTS D1)."""

from time import monotonic
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.context import Context
from ui.dock import Dock
from ui.docks.cmdb_menu import Actions
from ui.docks.cmdb_model import TOP, Levels, Path, TreeModel
from ui.docks.cmdb_view import TreeView
from ui.filters import Chip, ChipBar, FilterBox
from ui.live import Changed
from ui.subjects import cmdb

if TYPE_CHECKING:
    from app.cmdb.rows import Found
    from app.first_rows import FirstRows
    from app.tree_node import TreeNode

VIEWS = ("place", "class", "service")
TABLES = ("ci", "place", "relation")
REFRESH_MS = 250
REST = 3
"""A slow answer is asked for again only after this many times as long."""
STALE_MS = 10_000
OPEN_AT_FIRST = 1
REMEMBERED = 300


class CmdbDock(Dock):
    """Three views of one tree. A selection goes to the inspector; a selection elsewhere is shown here."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("tree", tr("CMDB"), context, parent)
        self._term = ""
        self._is_following = False
        self._is_refreshing = False
        self._is_missed = False
        self._began = 0.0
        self._set_up()
        self._actions = Actions(context, self)
        self._actions.failed.connect(lambda error: self.banners.error(error.sentence()))
        self._actions.done.connect(lambda text: self.banners.show_banner("done", "info", text))
        self._actions.register(context.commands)
        self.bar.add_icon_button("plus", tr("Add or import"), self._show_add_menu)
        self._connect()

    @property
    def view_name(self) -> str:
        """`place`, `class` or `service`."""
        return self.chips.current

    @property
    def current(self) -> "TreeNode | None":
        index = self.view.currentIndex()
        return self.model.node(index) if index.isValid() else None

    def _set_up(self) -> None:
        self.chips = ChipBar(
            [
                Chip("place", tr("By place")),
                Chip("class", tr("By class")),
                Chip("service", tr("By service")),
            ],
            self,
        )
        self.filter = FilterBox(tr("Search: text, pinyin, initials, address"), self)
        self.filter.setMaximumWidth(16_777_215)
        box = QHBoxLayout()
        box.setContentsMargins(10, 8, 10, 6)
        box.addWidget(self.filter)
        self.model = TreeModel(self)
        self.view = TreeView(self.model, self.context, self)
        chips = QHBoxLayout()
        chips.setContentsMargins(10, 8, 10, 0)
        chips.addWidget(self.chips)
        chips.addStretch(1)
        self.body.addLayout(chips)
        self.body.addLayout(box)
        self.body.addWidget(self.view, 1)
        self.widget().setFocusProxy(self.view)
        remembered = self.context.memory.get("tree/view", VIEWS[0])
        if remembered in VIEWS:
            self.chips.choose(remembered)
        self._gathering = QTimer(self)
        self._gathering.setSingleShot(True)
        self._gathering.setInterval(REFRESH_MS)
        self._ageing = QTimer(self)
        self._ageing.setInterval(STALE_MS)

    def _connect(self) -> None:
        self.chips.chosen.connect(self._change_view)
        self.filter.typed.connect(self._search)
        self.model.wanted.connect(self._load)
        self.view.selectionModel().currentChanged.connect(self._select)
        self.view.expanded.connect(self._remember)
        self.view.collapsed.connect(self._remember)
        self.view.activated.connect(self._open)
        self.view.customContextMenuRequested.connect(self._show_menu)
        self._gathering.timeout.connect(self.refresh)
        self._ageing.timeout.connect(self.refresh)
        live, nav = self.context.live, self.context.nav
        live.changed.connect(self._follow)
        live.states_changed.connect(lambda _ids: self._gathering.start())
        live.reset.connect(self.load)
        nav.selected.connect(self._follow_selection)

    def load(self) -> None:
        """Show the view anew, opened as it was left; called once the window is there."""
        if not self._ageing.isActive():
            self._ageing.start()
        opened = self._opened()
        keys = [TOP, *(path[-1] for path in opened)]
        self._read_levels(keys, lambda levels: self._show(levels, opened))
        self._count()

    def stand_in(self, first: "FirstRows") -> None:
        if self.view_name == VIEWS[0]:
            self.model.reset_to(first.tree)
            self.view.show_empty()

    def refresh(self) -> None:
        """Bring what is shown up to date in place: selection, scroll and open branches stay."""
        if self._is_refreshing or not self.isVisible():
            self._is_missed = True
            return
        self._is_refreshing, self._is_missed = True, False
        self._began = monotonic()
        if self._term:
            self._read_found(lambda found: self._refreshed(found.levels))
        else:
            self._read_levels(self.model.loaded_keys() or [TOP], self._refreshed)
        self._count()

    def samples(self) -> dict[str, object]:
        rack = self.model.first_rack()
        return {"rack": rack} if rack is not None else {}

    def focus_filter(self) -> None:
        self.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.filter.selectAll()

    def export(self) -> None:
        self._actions.export()

    def reveal(self, ci_id: int) -> None:
        """Open the branches above a configuration item and make it the current one; the focus stays where it is."""
        view = self.view_name

        def show(path: Path) -> None:
            if path and view == self.view_name and not self._term:
                self._read_levels([TOP, *path[:-1]], lambda levels: self._show_path(levels, path))

        self.context.work.read(cmdb.path_to, self.view_name, ci_id, done=show, owner=self)

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        if self._is_missed:
            self._gathering.start()

    def _read_levels(self, keys: list[str], done: Any) -> None:
        def failed(error: WatchroomError) -> None:
            self._is_refreshing = False
            for key in keys:
                self.model.give_up(key)
            if self.model.rowCount():
                self.say_unread(error)
            else:
                self.view.empty.fail(error, self.load)

        self.view.empty.begin()
        self.view.show_empty()
        self.context.work.read(cmdb.levels, self.view_name, keys, done=done, failed=failed, owner=self)

    def _read_found(self, done: Any) -> None:
        term, view = self._term, self.view_name

        def show(found: "Found") -> None:
            self._is_refreshing = False
            if (term, view) == (self._term, self.view_name):
                done(found)

        self.context.work.read(cmdb.find, view, term, done=show, owner=self)

    def _load(self, key: str) -> None:
        self._read_levels([key], self.model.merge)

    def _show(self, levels: Levels, opened: set[Path]) -> None:
        self._say_empty()
        self.view.empty.end()
        current = self._current_path()
        self.model.reset_to(levels)
        self.view.show_empty()
        if not opened:
            opened = {(node.key,) for node in levels.get(TOP, ())[:OPEN_AT_FIRST]}
        self._expand(opened)
        self._set_current(self.model.find(current))

    def _expand(self, paths: set[Path]) -> None:
        for path in sorted(paths, key=len):
            index = self.model.find(path)
            if index.isValid():
                self.view.expand(index)

    def _refreshed(self, levels: Levels) -> None:
        self._is_refreshing = False
        took_ms = round((monotonic() - self._began) * 1_000)
        self._gathering.setInterval(max(REFRESH_MS, REST * took_ms))
        self.model.merge(levels)
        if self._term:
            self._expand_all()
        if self._is_missed:
            self._gathering.start()

    def _show_path(self, levels: Levels, path: Path) -> None:
        """Open each branch on the way; what is on its way already is filled from these levels at once."""
        for depth in range(1, len(path)):
            index = self.model.find(path[:depth])
            if not index.isValid():
                return
            self.model.take(index, levels.get(path[depth - 1], ()))
            self.view.expand(index)
        self._set_current(self.model.find(path))
        self.view.scrollTo(self.view.currentIndex())

    def _search(self, term: str) -> None:
        self._term = term
        if not term:
            self.load()
            return

        def show(found: "Found") -> None:
            self.model.reset_to(found.levels)
            self._expand_all()
            self.view.empty.say(tr("Nothing matches “{text}”.", text=term))
            self.view.show_empty()
            self.banners.clear("more")
            if found.has_more:
                text = tr("Only the first {n} are shown: type more of the name.", n=found.count)
                self.banners.show_banner("more", "info", text)

        self._read_found(show)

    def _expand_all(self) -> None:
        for index in list(self.model.loaded()):
            self.view.expand(index)

    def _change_view(self, view: str) -> None:
        self.context.memory.put("tree/view", view)
        self.banners.clear("more")
        if self._term:
            self._search(self._term)
        else:
            self.load()

    def _follow(self, changed: Changed) -> None:
        if changed.touches(*TABLES):
            self._gathering.start()

    def _follow_selection(self, kind: str, key: object) -> None:
        if kind != "ci" or not isinstance(key, int) or not self.isVisible() or self.view.underMouse():
            return
        current = self.current
        if current is None or current.kind != "ci" or current.id != key:
            self.reveal(key)

    def _select(self, index: QModelIndex) -> None:
        node = self.model.node(index) if index.isValid() else None
        if node is not None and node.kind == "ci" and not self._is_following:
            self.context.nav.select("ci", node.id)

    def _set_current(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        self._is_following = True
        self.view.setCurrentIndex(index)
        self._is_following = False

    def _current_path(self) -> Path:
        index = self.view.currentIndex()
        return self.model.path(index) if index.isValid() else ("",)

    def _open(self, index: QModelIndex) -> None:
        node = self.model.node(index)
        if node is not None:
            self._actions.open(node)

    def _opened(self) -> set[Path]:
        paths = self.context.memory.get(f"tree/open/{self.view_name}", [])
        return {tuple(map(str, path)) for path in paths if isinstance(path, list) and path}

    def _remember(self, _index: QModelIndex) -> None:
        if not self._term:
            opened = [list(self.model.path(i)) for i in self.model.loaded() if self.view.isExpanded(i)]
            self.context.memory.put(f"tree/open/{self.view_name}", opened[:REMEMBERED])

    def _count(self) -> None:
        self.context.work.read(cmdb.size, done=lambda n: self.set_count(f"{n:,}"), owner=self)

    def _say_empty(self) -> None:
        if self.view_name == "service":
            why = tr("No business service is recorded yet.")
            self.view.empty.say(why, tr("Add a business service…"), lambda: self._actions.add("service"))
        else:
            why = tr("Nothing is recorded yet. Add what you look after, or import a sheet.")
            self.view.empty.say(why, tr("Import a sheet…"), self._actions.import_sheet)

    def _show_add_menu(self) -> None:
        self._popup(self._actions.add_menu(self), self.bar.mapToGlobal(self.bar.rect().bottomRight()))

    def _show_menu(self, place: QPoint) -> None:
        index = self.view.indexAt(place)
        node = self.model.node(index) if index.isValid() else None
        menu = self._actions.menu_of(node, self) if node else self._actions.add_menu(self)
        self._popup(menu, self.view.viewport().mapToGlobal(place))

    def _popup(self, menu: QMenu, place: QPoint) -> None:
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(place)
