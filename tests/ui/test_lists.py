"""Lists that show nothing say which it is: being read, not readable, or empty; columns give way for lack of room."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from app.errors import Refused
from app.words import tr
from tests.ui.test_table import COLUMNS, Row, rows
from ui.context import Context
from ui.docks import board
from ui.docks.board import BoardDock
from ui.rows import Column
from ui.table import Table

PATIENCE_MS = 30_000


class Answers:
    """A query whose answer is held back, then fails or succeeds as set."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.error: Refused | None = Refused("gone")
        self.rows: list[Row] = []

    def __call__(self, _tx: Any) -> list[Row]:
        self.gate.wait(PATIENCE_MS / 1_000)
        if self.error:
            raise self.error
        return self.rows


@pytest.fixture
def table(qtbot: QtBot, context: Context) -> Table:
    made = Table("t", COLUMNS, context)
    qtbot.addWidget(made)
    made.empty.say("Nothing here yet.")
    made.resize(500, 300)
    made.show()
    return made


def test_a_list_being_read_says_so_and_not_that_it_is_empty(qtbot: QtBot, context: Context, table: Table) -> None:
    answers = Answers()
    table.fill(answers)
    qtbot.waitUntil(lambda: table.empty.words == tr("Loading…"), timeout=PATIENCE_MS)
    answers.error = None
    answers.gate.set()
    qtbot.waitUntil(lambda: table.empty.words == "Nothing here yet.", timeout=PATIENCE_MS)


def test_a_list_that_could_not_be_read_says_so_and_tries_again(qtbot: QtBot, context: Context, table: Table) -> None:
    answers = Answers()
    answers.gate.set()
    table.fill(answers)
    qtbot.waitUntil(lambda: table.empty.words == Refused("gone").sentence(), timeout=PATIENCE_MS)
    assert table.empty._button.text() == tr("Try again")
    answers.error, answers.rows = None, rows(1, 2)
    table.empty._button.click()
    qtbot.waitUntil(lambda: len(table.rows.rows) == 2, timeout=PATIENCE_MS)
    assert not table.empty.isVisible()


def test_rows_stay_when_reading_them_again_fails(qtbot: QtBot, context: Context, table: Table) -> None:
    told: list[object] = []
    table.failed.connect(told.append)
    answers = Answers()
    answers.gate.set()
    table.set_rows(rows(1))
    table.fill(answers)
    qtbot.waitUntil(lambda: bool(told), timeout=PATIENCE_MS)
    assert len(table.rows.rows) == 1
    assert not table.empty.isVisible()


def test_a_board_that_could_not_be_read_never_says_that_nothing_is_watched(
    qtbot: QtBot, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = Answers()
    answers.gate.set()
    monkeypatch.setattr(board, "devices", SimpleNamespace(board=answers))
    dock = BoardDock(context)
    qtbot.addWidget(dock)
    dock.resize(700, 400)
    dock.show()
    assert dock.surface.empty.words == ""
    dock.load()
    qtbot.waitUntil(lambda: dock.surface.empty.words == Refused("gone").sentence(), timeout=PATIENCE_MS)
    answers.error = None
    dock.surface.empty._button.click()
    qtbot.waitUntil(lambda: dock.surface.empty.words == tr("Nothing is watched yet."), timeout=PATIENCE_MS)


def test_the_least_important_columns_give_way_and_come_back(qtbot: QtBot, context: Context) -> None:
    columns = (
        Column("a", "A", lambda row: row.name, 100, stretch=True),
        Column("b", "B", lambda row: "b", 100, drops=1),
        Column("c", "C", lambda row: "c", 100, drops=2),
        Column("d", "D", lambda row: "d", 100),
    )
    table = Table("narrow", columns, context)
    qtbot.addWidget(table)
    table.set_rows(rows(1))
    table.show()
    seen = {}
    for width in (700, 380, 290, 700):
        table.resize(width, 200)
        seen[width] = "".join(each.key for at, each in enumerate(columns) if not table.isColumnHidden(at))
        qtbot.waitUntil(lambda: table.horizontalScrollBar().maximum() == 0, timeout=PATIENCE_MS)
        assert [column.key for column in table.shown_columns()] == ["a", "b", "c", "d"]
    assert seen == {700: "abcd", 380: "abcd", 290: "abd"}
