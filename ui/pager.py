"""Pages of a table: asked by key in both directions, so that any depth costs the same."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.errors import WatchroomError
from ui.rows import Ask, Source
from ui.work import Work

if TYPE_CHECKING:
    from ui.table import Table

PAGE = 200
MOST_LOADED = 2_000
AHEAD_PX = 1_200


class Pager(QObject):
    """Loads what a table is about to show and lets go of what is far away."""

    def __init__(self, table: "Table", work: Work, source: Source) -> None:
        super().__init__(table)
        self._table, self._work, self._source = table, work, source
        self._question = 0
        self._is_asking = False
        self._has_more_above = False
        self._has_more_below = False
        self._is_stale = False
        table.verticalScrollBar().valueChanged.connect(self._scrolled)

    def load(self) -> None:
        """Ask for the first page of the table's question and for the count."""
        self._question += 1
        self._ask(self._table.ask._replace(limit=PAGE), self._show_first)
        self._count()

    def stand_in(self, rows: Sequence[Any]) -> None:
        """Show rows that were had in another way, until the answer of `load` comes."""
        self._table.empty.end()
        self._show_first(rows)

    def go_to_end(self, *, backwards: bool) -> None:
        """Show the first or the last page, whatever lies between."""
        self._question += 1
        self._ask(self._table.ask._replace(limit=PAGE, backwards=backwards), partial(self._show_end, backwards))

    def refresh(self) -> None:
        """Ask again for the loaded stretch; several calls while an answer is under way become one."""
        if self._is_asking:
            self._is_stale = True
            return
        rows = self._table.rows.rows
        limit = max(PAGE, len(rows))
        if not self._has_more_above:
            self._ask(self._table.ask._replace(limit=limit), partial(self._show_again, limit))
        elif not self._has_more_below:
            self._ask(
                self._table.ask._replace(limit=limit, backwards=True),
                partial(self._show_again, limit, at_end=True),
            )
        else:
            self._ask(self._table.ask._replace(after=rows[0], limit=limit - 1), partial(self._show_between, rows[0]))
        self._count()

    def _ask(self, ask: Ask, show: Any) -> None:
        self._is_asking = True
        self._table.await_rows()
        call = self._source.page(ask)
        self._work.read(
            call.query,
            *call.args,
            done=partial(self._answer, self._question, show),
            failed=partial(self._fail, self._question),
            owner=self,
            **call.values,
        )

    def _answer(self, question: int, show: Any, rows: Sequence[Any]) -> None:
        if question != self._question:
            return
        self._is_asking = False
        self._table.empty.end()
        show(rows)
        if self._is_stale:
            self._is_stale = False
            self.refresh()
        else:
            self._scrolled()

    def _fail(self, question: int, error: WatchroomError) -> None:
        if question == self._question:
            self._is_asking = False
            self._table.say_failed(error, self.load)

    def _count(self) -> None:
        call = self._source.count(self._table.ask)
        if call:
            self._work.read(call.query, *call.args, done=self._table.say_count, owner=self, **call.values)

    def _show_first(self, rows: Sequence[Any]) -> None:
        self._has_more_above, self._has_more_below = False, len(rows) >= PAGE
        if not rows or list(rows) != self._table.rows.rows:
            self._table.rows.reset(rows)
            self._table.scrollToTop()

    def _show_end(self, backwards: bool, rows: Sequence[Any]) -> None:
        is_whole = len(rows) < PAGE
        self._has_more_above = backwards and not is_whole
        self._has_more_below = not backwards and not is_whole
        self._table.rows.reset(rows)
        if rows:
            self._table.setCurrentIndex(self._table.rows.index(len(rows) - 1 if backwards else 0, 0))

    def _show_again(self, limit: int, rows: Sequence[Any], *, at_end: bool = False) -> None:
        if at_end:
            self._has_more_above = len(rows) >= limit
        else:
            self._has_more_below = len(rows) >= limit
        self._table.show_rows(rows)

    def _show_between(self, first: Any, rows: Sequence[Any]) -> None:
        known = self._table.rows.row(self._table.rows.key_of(first))
        self._table.show_rows([known or first, *rows])

    def _scrolled(self, _value: int = 0) -> None:
        if self._is_asking or not self._table.rows.rows:
            return
        bar, rows = self._table.verticalScrollBar(), self._table.rows.rows
        base = self._table.ask._replace(limit=PAGE)
        if self._has_more_below and bar.maximum() - bar.value() < AHEAD_PX:
            self._ask(base._replace(after=rows[-1]), self._show_below)
        elif self._has_more_above and bar.value() < AHEAD_PX:
            self._ask(base._replace(after=rows[0], backwards=True), self._show_above)

    def _show_below(self, rows: Sequence[Any]) -> None:
        self._has_more_below = len(rows) >= PAGE
        self._table.extend(rows, above=False)
        surplus = len(self._table.rows.rows) - MOST_LOADED
        if surplus > 0:
            self._has_more_above = True
            self._table.trim(0, surplus)

    def _show_above(self, rows: Sequence[Any]) -> None:
        self._has_more_above = len(rows) >= PAGE
        self._table.extend(rows, above=True)
        if len(self._table.rows.rows) > MOST_LOADED:
            self._has_more_below = True
            self._table.trim(MOST_LOADED, len(self._table.rows.rows))
