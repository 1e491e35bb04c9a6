"""The one table: pages by key, updates in place, copies, remembered columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester, QTest
from pytestqt.qtbot import QtBot

from ui.context import Context
from ui.rows import Ask, Call, Column, Pill, Rows
from ui.table import Table


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    name: str
    count: int = 0


COLUMNS = (
    Column("name", "Name", lambda row: row.name, 120, sort="name", stretch=True),
    Column("count", "Count", lambda row: str(row.count), 80, right=True, sort="count", value=lambda row: row.count),
    Column("state", "State", lambda row: "ok", 80, look=lambda row: Pill("ok", "normal")),
)


def rows(*numbers: int) -> list[Row]:
    return [Row(number, f"row {number:07}", number % 7) for number in numbers]


class Numbers:
    """A source of rows 0..total-1, asked by key."""

    def __init__(self, total: int) -> None:
        self.held = rows(*range(total))
        self.asked: list[Ask] = []

    def page(self, ask: Ask) -> Call:
        self.asked.append(ask)
        return Call(self._page, (ask,))

    def count(self, ask: Ask) -> Call:
        return Call(lambda _tx: min(10_001, len(self._found(ask))))

    def _found(self, ask: Ask) -> list[Row]:
        found = [row for row in self.held if ask.text in row.name]
        return found[::-1] if ask.descending else found

    def _page(self, _tx: Any, ask: Ask) -> Sequence[Row]:
        found = self._found(ask)
        at = None if ask.after is None else [row.id for row in found].index(ask.after.id)
        if ask.backwards:
            end = len(found) if at is None else at
            return found[max(0, end - ask.limit) : end]
        start = 0 if at is None else at + 1
        return found[start : start + ask.limit]


@pytest.fixture
def model(qtbot: QtBot) -> Rows:
    made = Rows(COLUMNS)
    QAbstractItemModelTester(made, QAbstractItemModelTester.FailureReportingMode.Fatal, made)
    return made


def shown(context: Context, qtbot: QtBot, total: int, **values: Any) -> tuple[Table, Numbers]:
    source = Numbers(total)
    table = Table("numbers", COLUMNS, context, source=source, **values)
    qtbot.addWidget(table)
    table.setGeometry(300, 300, 400, 300)
    QCursor.setPos(0, 0)
    table.show()
    table.load()
    qtbot.waitUntil(lambda: bool(table.rows.rows) or total == 0)
    return table, source


def names(model: Rows) -> list[int]:
    return [row.id for row in model.rows]


def test_a_thousand_updates_are_announced_once(qtbot: QtBot, model: Rows) -> None:
    model.reset(rows(*range(1000)))
    told: list[Any] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    for row in rows(*range(1000)):
        model.patch([replace(row, count=99)])
    qtbot.waitUntil(lambda: bool(told))
    assert told == [(0, 999)]
    assert all(row.count == 99 for row in model.rows)


@pytest.mark.parametrize(
    "after",
    [(1, 2, 3), (), (3, 2, 1), (9, 1, 8, 2, 7, 3, 6), (2,), (4, 5), (3, 9, 1)],
)
def test_merging_ends_with_exactly_the_new_rows(model: Rows, after: tuple[int, ...]) -> None:
    model.reset(rows(1, 2, 3))
    model.merge(rows(*after))
    assert names(model) == list(after)
    assert [model.place(number) for number in after] == list(range(len(after)))


def test_a_selected_row_stays_selected_while_others_come_and_go(qtbot: QtBot, context: Context) -> None:
    table = Table("t", COLUMNS, context)
    qtbot.addWidget(table)
    table.set_rows(rows(1, 2, 3))
    table.select_key(2)
    table.set_rows(rows(9, 3, 8, 2))
    assert [row.id for row in table.selected_rows] == [2]


def test_scrolling_down_loads_the_next_page_and_lets_the_first_rows_go(qtbot: QtBot, context: Context) -> None:
    table, _source = shown(context, qtbot, 6000)
    bar = table.verticalScrollBar()

    def reached() -> bool:
        bar.setValue(bar.maximum())
        return bool(table.rows.rows[0].id > 0 and table.rows.rows[-1].id > 2500)

    qtbot.waitUntil(reached, timeout=10_000)
    assert len(table.rows.rows) <= 2000
    assert names(table.rows) == list(range(table.rows.rows[0].id, table.rows.rows[-1].id + 1))


def test_a_page_added_above_leaves_the_view_where_it_is(qtbot: QtBot, context: Context) -> None:
    table, _source = shown(context, qtbot, 5000)
    table._go_to_end(backwards=True)
    qtbot.waitUntil(lambda: table.rows.rows[-1].id == 4999)
    table.verticalScrollBar().setValue(1000)
    qtbot.waitUntil(lambda: table.rows.rows[0].id < 4700)
    top = table.rows.rows[table.rowAt(0)].id
    assert 4800 + 1000 // 28 - 1 <= top <= 4800 + 1000 // 28 + 1


def test_new_rows_above_do_not_move_what_is_read(qtbot: QtBot, context: Context) -> None:
    table, source = shown(context, qtbot, 300)
    table.verticalScrollBar().setValue(700)
    before = table.rows.rows[table.rowAt(0)].id
    source.held = [*rows(1000, 1001, 1002), *source.held]
    table.refresh()
    qtbot.waitUntil(lambda: table.rows.place(1000) == 0)
    assert table.rows.rows[table.rowAt(0)].id == before


def test_at_the_top_a_new_row_is_seen_at_once(qtbot: QtBot, context: Context) -> None:
    table, source = shown(context, qtbot, 300)
    source.held = [*rows(1000), *source.held]
    table.refresh()
    qtbot.waitUntil(lambda: table.rows.place(1000) == 0)
    assert table.rowAt(0) == 0


def test_the_count_stops_at_ten_thousand(qtbot: QtBot, context: Context) -> None:
    table = Table("numbers", COLUMNS, context, source=Numbers(12_000))
    qtbot.addWidget(table)
    with qtbot.waitSignal(table.counted) as told:
        table.load()
    assert told.args == ["10,000+"]


def test_a_click_on_the_header_asks_the_source_to_sort(qtbot: QtBot, context: Context) -> None:
    table, source = shown(context, qtbot, 500)
    table._sort_by(0)
    table._sort_by(0)
    qtbot.waitUntil(lambda: table.rows.rows[0].id == 499)
    assert (source.asked[-1].sort, source.asked[-1].descending) == ("name", True)


def test_only_the_newest_question_is_answered(qtbot: QtBot, context: Context) -> None:
    table, _source = shown(context, qtbot, 500)
    table.set_filter("row 0000001")
    table.set_filter("row 0000123")
    qtbot.waitUntil(lambda: names(table.rows) == [123])


def test_rows_held_in_memory_are_filtered_and_sorted_by_value(qtbot: QtBot, context: Context) -> None:
    table = Table("t", COLUMNS, context)
    qtbot.addWidget(table)
    table.set_rows([Row(1, "b", 10), Row(2, "a", 9), Row(3, "c", 100)])
    table._sort_by(1)
    assert names(table.rows) == [2, 1, 3]
    table.set_filter("B")
    assert names(table.rows) == [1]


def test_copying_gives_the_shown_columns_of_the_selected_rows(qtbot: QtBot, context: Context) -> None:
    table = Table("t", COLUMNS, context)
    qtbot.addWidget(table)
    table.set_rows([Row(1, "one\nline", 5), Row(2, "two", 6)])
    table.setColumnHidden(2, True)
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "one line\t5\ntwo\t6"


def test_widths_and_hidden_columns_are_remembered(qtbot: QtBot, context: Context) -> None:
    first = Table("kept", COLUMNS, context)
    qtbot.addWidget(first)
    first.setColumnWidth(1, 133)
    first.columns._choose(2, False)
    second = Table("kept", COLUMNS, context)
    qtbot.addWidget(second)
    assert second.columnWidth(1) == 133
    assert second.isColumnHidden(2)


def test_letters_are_left_to_the_input_method(qtbot: QtBot, context: Context) -> None:
    table = Table("t", COLUMNS, context)
    qtbot.addWidget(table)
    table.set_rows(rows(1, 2, 3))
    table.setCurrentIndex(table.rows.index(0, 0))
    QTest.keyClicks(table, "row 0000003")
    assert table.current_row is not None
    assert table.current_row.id == 1


def test_an_empty_table_offers_the_next_step(qtbot: QtBot, context: Context) -> None:
    table = Table("t", COLUMNS, context)
    qtbot.addWidget(table)
    taken: list[bool] = []
    table.empty.say("Nothing here yet.", "Add one", lambda: taken.append(True))
    table.show()
    table.set_rows([])
    assert table.empty.isVisible()
    table.empty._button.click()
    table.set_rows(rows(1))
    assert taken == [True]
    assert not table.empty.isVisible()


def test_an_update_takes_no_focus_and_keeps_several_selected_rows(qtbot: QtBot, context: Context) -> None:
    table, source = shown(context, qtbot, 300)
    table.select_rows([3, 5, 7])
    source.held = [row for row in source.held if row.id != 4]
    table.refresh()
    qtbot.waitUntil(lambda: table.rows.place(4) is None)
    assert [row.id for row in table.selected_rows] == [3, 5, 7]
    assert table.selectionModel().isSelected(table.rows.index(table.rows.place(5) or 0, 0))


def test_a_row_is_taken_by_keyboard_and_not_where_focus_only_falls(qtbot: QtBot, context: Context) -> None:
    table, _source = shown(context, qtbot, 3)
    for reason, taken in ((Qt.FocusReason.OtherFocusReason, None), (Qt.FocusReason.TabFocusReason, 0)):
        table.clearFocus()
        table.setFocus(reason)
        assert (table.current_row and table.current_row.id) == taken
