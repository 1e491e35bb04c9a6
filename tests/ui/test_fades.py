"""What just changed fades, briefly, and only where the system does not ask for less motion."""

from dataclasses import replace
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.test_table import COLUMNS, rows
from ui.context import Context
from ui.fades import MOST, STRONGEST, Fades
from ui.motion import Motion
from ui.table import Table

PATIENCE_MS = 30_000


@pytest.fixture
def table(qtbot: QtBot, context: Context) -> Table:
    made = Table("t", COLUMNS, context)
    qtbot.addWidget(made)
    made.set_rows(rows(1, 2, 3))
    made.show()
    return made


def test_a_changed_row_fades_and_then_no_timer_runs(qtbot: QtBot, table: Table) -> None:
    assert not table.fades.is_running
    table.patch([replace(rows(2)[0], count=99)])
    qtbot.waitUntil(lambda: table.fades.is_running, timeout=PATIENCE_MS)
    assert table.fades.strength(1) == 0
    qtbot.waitUntil(lambda: not table.fades.is_running, timeout=PATIENCE_MS)
    assert table.fades.strength(2) == 0


def test_the_first_rows_of_a_list_are_no_news_but_later_ones_are(qtbot: QtBot, table: Table) -> None:
    assert not table.fades.is_running
    table.set_rows(rows(1, 2, 3, 4))
    assert 0 < table.fades.strength(4) <= STRONGEST


def test_an_update_that_changes_nothing_starts_nothing(qtbot: QtBot, table: Table) -> None:
    table.patch(rows(1, 2, 3))
    table.rows.flush()
    assert not table.fades.is_running


def test_nothing_fades_where_the_system_asks_for_less_motion(context: Context, table: Table) -> None:
    context.theme.is_still = True
    table.set_rows(rows(1, 2, 3, 4))
    assert not table.fades.is_running


def test_a_flood_of_changes_does_not_fade(table: Table) -> None:
    fades = Fades(table)
    fades.begin(range(MOST + 1))
    assert not fades.is_running


@pytest.mark.parametrize(("answer", "is_still"), [("false", True), ("true", False), ("", False)])
def test_the_systems_switch_is_asked(
    qtbot: QtBot, context: Context, tmp_path: Path, answer: str, is_still: bool
) -> None:
    switch = tmp_path / "switch"
    switch.write_text(f"#!/bin/sh\necho {answer}\n")
    switch.chmod(0o755)
    motion = Motion(context.theme, asked=str(switch))
    with qtbot.waitSignal(motion._process.finished, timeout=PATIENCE_MS):
        motion.ask()
    assert context.theme.is_still is is_still
