"""The one table: rows of 28 px without a grid, paged by key, patched in place, copied, filtered and
remembered.
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import partial
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    Qt,
    Signal,
)
from PySide6.QtGui import QFocusEvent, QGuiApplication, QKeyEvent, QKeySequence, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from app.errors import WatchroomError
from ui.cells import Cells, repaint_row, row_under
from ui.columns import Columns
from ui.context import Context
from ui.empty import Empty
from ui.fades import Fades
from ui.pager import Pager
from ui.rows import COUNTED, Ask, Column, Rows, Source, flat, held_in_order, identity
from ui.viewports import own_viewport
from ui.work import Job

__all__ = ["Column", "Table"]

MEASURED_ROWS = 500
_BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class Table(QTableView):
    """Rows under columns. Give it a `Source` (paged by the database) or `set_rows` (short lists held in
    memory).

    `activated_row` is Enter or a double click, `current_row` the row that the keyboard is on, or None.
    """

    activated_row = Signal(object)
    current_row_changed = Signal(object)
    menu_asked = Signal(object, QPoint)
    """The row under the menu (or None) and the global place for the menu."""
    counted = Signal(str)
    """How many rows there are, as text: "312" or "10,000+"."""
    export_asked = Signal()
    print_asked = Signal()
    failed = Signal(object)

    def __init__(
        self,
        name: str,
        columns: Sequence[Column],
        context: Context,
        *,
        source: Source | None = None,
        key: Callable[[Any], Hashable] = identity,
        is_dim: Callable[[Any], bool] | None = None,
        is_void: Callable[[Any], bool] | None = None,
        sort: str = "",
        descending: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName(f"table-{name}")
        self._name, self._context = name, context
        self.rows = Rows(columns, key, self)
        self.empty = Empty(own_viewport(self), waits=source is not None)
        self._filling: Job | None = None
        self._held: list[Any] = []
        self._ask = Ask(sort=sort, descending=descending)
        self.fades = Fades(self, lambda: context.theme.is_still)
        self.cells = Cells(context.theme, self.rows, self.fades, is_dim, is_void, self)
        self._pager = Pager(self, context.work, source) if source else None
        self._set_up()
        self.columns = Columns(self, self.rows.columns, context.memory, name, self._wanted_width)
        self.columns.restore()
        self._mark_sort()
        context.theme.changed.connect(self.viewport().update)

    def _set_up(self) -> None:
        self.setModel(self.rows)
        self.setItemDelegate(self.cells)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._ask_menu)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setMinimumSectionSize(self._context.theme.size("row"))
        self.verticalHeader().setDefaultSectionSize(self._context.theme.size("row"))
        self._set_up_header()
        self.activated.connect(lambda index: self.activated_row.emit(self.rows.rows[index.row()]))
        self.selectionModel().currentRowChanged.connect(self._say_current)
        self.rows.freshened.connect(self.fades.begin)
        self.fades.moved.connect(self._repaint_fading)
        self.rows.modelReset.connect(self._update_empty)
        self.rows.rowsInserted.connect(self._update_empty)
        self.rows.rowsRemoved.connect(self._update_empty)

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setFixedHeight(self._context.theme.size("header"))
        header.setSectionsClickable(True)
        header.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        header.sectionClicked.connect(self._sort_by)

    @property
    def ask(self) -> Ask:
        """The question that the table shows the answer to: filter, chip and sort."""
        return self._ask

    @property
    def current_row(self) -> Any | None:
        index = self.currentIndex()
        return self.rows.rows[index.row()] if index.isValid() else None

    @property
    def selected_rows(self) -> list[Any]:
        """The selected rows from top to bottom."""
        numbers = sorted(index.row() for index in self.selectionModel().selectedRows())
        return [self.rows.rows[number] for number in numbers]

    def load(self) -> None:
        """Ask the source for the first page; answers of earlier questions are dropped."""
        if self._pager:
            self._pager.load()

    def stand_in(self, rows: Sequence[Any]) -> None:
        """Show rows that answer the table's first question, until its own answer comes."""
        if self._pager:
            self._pager.stand_in(rows)

    def refresh(self) -> None:
        """Ask again for what is loaded and change in place what differs: selection and scroll stay (after
        a feed).
        """
        if self._pager:
            self._pager.refresh()

    def patch(self, rows: Iterable[Any]) -> None:
        """Put newer versions of loaded rows in their place."""
        self.rows.patch(rows)

    def set_rows(self, rows: Iterable[Any]) -> None:
        """Show a short list held in memory, changing only what differs from the list before."""
        self._held = list(rows)
        self._show_held()

    def set_filter(self, text: str) -> None:
        self._asked(self._ask._replace(text=text))

    def set_chip(self, chip: str) -> None:
        self._asked(self._ask._replace(chip=chip))

    def select_key(self, key: Hashable) -> bool:
        """Select the row of a key and scroll to it; return whether it is loaded."""
        place = self.rows.place(key)
        if place is None:
            return False
        self.setCurrentIndex(self.rows.index(place, 0))
        self.scrollTo(self.rows.index(place, 0))
        return True

    def set_wall(self, is_wall: bool, without: Sequence[str] = ()) -> None:
        """Show rows that can be read at five metres, `without` some columns, or the usual ones."""
        self.cells.role, self.cells.pill_role = ("wall_second", "wall_second") if is_wall else ("text", "secondary")
        self.verticalHeader().setDefaultSectionSize(self._context.theme.size("wall_row" if is_wall else "row"))
        self.horizontalHeader().setVisible(not is_wall)
        fonts = self._context.theme.tokens.fonts
        if is_wall:
            self.columns.enlarge(fonts["wall_second"] / fonts["text"], without)
        else:
            self.columns.restore()
        self.scrollToTop()
        self.viewport().update()

    def copy(self) -> None:
        """Put the selected rows on the clipboard: shown columns, parted by tabs."""
        columns = self.shown_columns()
        lines = ["\t".join(flat(column.text(row)) for column in columns) for row in self.selected_rows]
        if lines:
            QGuiApplication.clipboard().setText("\n".join(lines))

    def shown_columns(self) -> list[Column]:
        """Return the columns as they stand on the screen, for copies and exports."""
        return self.columns.chosen

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show exactly these rows in place of the loaded ones; what the person looks at keeps its place."""
        kept = self._anchor()
        self.rows.merge(rows)
        self._return_to(kept)
        self._update_empty()

    def extend(self, rows: Sequence[Any], *, above: bool) -> None:
        """Add a page above or below the loaded rows; what the person looks at keeps its place."""
        fresh = [row for row in rows if self.rows.place(self.rows.key_of(row)) is None]
        kept = self._anchor(always=True)
        self.rows.insert(0 if above else len(self.rows.rows), fresh)
        self._return_to(kept)

    def trim(self, first: int, last: int) -> None:
        """Let go of the loaded rows from `first` up to and without `last`; the view keeps its place."""
        kept = self._anchor(always=True)
        self.rows.cut(first, last)
        self._return_to(kept)

    def say_count(self, count: int) -> None:
        self.counted.emit(f"{COUNTED - 1:,}+" if count >= COUNTED else f"{count:,}")

    def say_failed(self, error: WatchroomError, again: Callable[[], object]) -> None:
        """Say that the rows could not be read: in the list while it shows none, else by `failed`."""
        if self.rows.rows:
            self.empty.end()
            self.failed.emit(error)
        else:
            self.empty.fail(error, again)

    def await_rows(self) -> None:
        """Say that rows are being read, should there be none to see and the answer be slow."""
        self.empty.begin()
        self._update_empty()

    def fill(
        self, query: Callable[..., Any], *args: object, show: Callable[[Any], object] | None = None, **values: object
    ) -> None:
        """Read the rows of a short list and show them, or hand the answer to `show`; a failure is said in the list."""

        def done(answer: Any) -> None:
            self.empty.end()
            (show or self.set_rows)(answer)

        again = partial(self.fill, query, *args, show=show, **values)
        self.await_rows()
        if self._filling is not None:
            self._filling.cancel()
        self._filling = self._context.work.read(
            query, *args, done=done, failed=lambda error: self.say_failed(error, again), owner=self, **values
        )

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif event.key() == Qt.Key.Key_Home:
            self._go_to_end(backwards=False)
        elif event.key() == Qt.Key.Key_End:
            self._go_to_end(backwards=True)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Take the first row for whoever comes by keyboard, none where focus only falls here: a page was opened."""
        if self.currentIndex().isValid() or event.reason() in _BY_KEYBOARD:
            super().focusInEvent(event)
        else:
            QWidget.focusInEvent(self, event)

    def keyboardSearch(self, search: str) -> None:
        """Letters belong to the input method; the filter box is for searching."""

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(row_under(self, event.position().toPoint()))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.columns.fit()
        self.cells.dropped = self.columns.dropped
        self.empty.place()

    def _hover(self, row: int) -> None:
        if row != self.cells.hovered:
            before, self.cells.hovered = self.cells.hovered, row
            repaint_row(self, self.rows, before)
            repaint_row(self, self.rows, row)

    def _asked(self, ask: Ask) -> None:
        self._ask = ask
        if self._pager:
            self._pager.load()
        else:
            self._show_held()

    def _show_held(self) -> None:
        self.show_rows(held_in_order(self._held, self.rows.columns, self._ask))
        self.say_count(len(self.rows.rows))

    def _sort_by(self, section: int) -> None:
        column = self.rows.columns[section]
        if self._pager and not column.sort:
            self._mark_sort()
            return
        sort = column.sort or column.key
        turned = sort == self._ask.sort and not self._ask.descending
        self._asked(self._ask._replace(sort=sort, descending=turned))
        self._mark_sort()

    def _mark_sort(self) -> None:
        header = self.horizontalHeader()
        names = [column.sort or column.key for column in self.rows.columns]
        header.setSortIndicatorShown(self._ask.sort in names)
        if self._ask.sort in names:
            order = Qt.SortOrder.DescendingOrder if self._ask.descending else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(names.index(self._ask.sort), order)

    def _go_to_end(self, *, backwards: bool) -> None:
        if self._pager:
            self._pager.go_to_end(backwards=backwards)
        elif self.rows.rows:
            self.setCurrentIndex(self.rows.index(len(self.rows.rows) - 1 if backwards else 0, 0))

    def _anchor(self, *, always: bool = False) -> tuple[Hashable, int] | None:
        """Return the key of the topmost visible row and its offset, or None when the top itself is to stay
        in view.
        """
        top = self.verticalScrollBar().value()
        is_held = self.underMouse() or self.selectionModel().hasSelection()
        if not self.rows.rows or (top == 0 and not is_held and not always):
            return None
        row = max(0, self.rowAt(0))
        return self.rows.key_of(self.rows.rows[row]), self.rowViewportPosition(row)

    def _return_to(self, kept: tuple[Hashable, int] | None) -> None:
        place = None if kept is None else self.rows.place(kept[0])
        if kept is None or place is None:
            return
        self.executeDelayedItemsLayout()
        self.updateGeometries()
        bar = self.verticalScrollBar()
        bar.setValue(bar.value() + self.rowViewportPosition(place) - kept[1])

    def _say_current(self, current: QModelIndex, _before: QModelIndex) -> None:
        self.current_row_changed.emit(self.rows.rows[current.row()] if current.isValid() else None)

    def _ask_menu(self, position: QPoint) -> None:
        index = self.indexAt(position)
        row = self.rows.rows[index.row()] if index.isValid() else None
        self.menu_asked.emit(row, self.viewport().mapToGlobal(position))

    def _repaint_fading(self, keys: Iterable[Hashable]) -> None:
        for key in keys:
            place = self.rows.place(key)
            if place is not None:
                repaint_row(self, self.rows, place)

    def _update_empty(self) -> None:
        self.empty.show_over(not self.rows.rows)
        self.empty.place()

    def _wanted_width(self, column: Column) -> int:
        return self.cells.wanted_width(column, self.rows.rows[:MEASURED_ROWS])

    def select_rows(self, keys: Iterable[Hashable]) -> None:
        """Select the loaded rows of these keys together."""
        chosen = QItemSelection()
        for key in keys:
            place = self.rows.place(key)
            if place is not None:
                chosen.select(self.rows.index(place, 0), self.rows.index(place, len(self.rows.columns) - 1))
        self.selectionModel().select(chosen, QItemSelectionModel.SelectionFlag.ClearAndSelect)
