"""The palette: commands at once, things from the database, keyboard only."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.desk import Desk
from tests.ui.real import add_switch, real_desk
from ui.commands import Command
from ui.context import Context
from ui.palette import Palette


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.show()
    return made


@pytest.fixture
def palette(window: QWidget, context: Context) -> Palette:
    made = Palette(context, window)
    made.called = []  # type: ignore[attr-defined]  # what the commands of these tests note down
    for name, title in (("wall", "Wall mode"), ("call", "Register a call…"), ("deaf", "Switched off")):
        context.commands.add(Command(name, title, "view", "F9"), lambda name=name: made.called.append(name))  # type: ignore[attr-defined]
    context.commands.enable("deaf", False)
    made.open_empty()
    return made


def titles(palette: Palette) -> list[str]:
    return [entry.title for entry in palette.entries if entry.call]


def test_what_can_be_called_now_is_listed_first(qtbot: QtBot, palette: Palette) -> None:
    assert titles(palette) == ["Wall mode", "Register a call"]


def test_typing_narrows_the_commands_at_once_and_enter_calls_one(qtbot: QtBot, palette: Palette) -> None:
    qtbot.keyClicks(palette.box, "regi")
    assert titles(palette) == ["Register a call"]
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert palette.called == ["call"]  # type: ignore[attr-defined]
    assert palette.isHidden()


def test_the_arrows_go_around_and_pass_over_group_titles(qtbot: QtBot, palette: Palette) -> None:
    qtbot.keyClick(palette.box, Qt.Key.Key_Up)
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert palette.called == ["call"]  # type: ignore[attr-defined]


def test_initials_find_a_device_and_enter_selects_it(
    qtbot: QtBot, palette: Palette, context: Context, desk: Desk
) -> None:
    ci_id = add_switch(desk)
    qtbot.keyClicks(palette.box, "hxjhj")
    qtbot.waitUntil(lambda: titles(palette) == ["核心交换机-1"], timeout=20_000)
    with qtbot.waitSignal(context.nav.selected) as selected:
        qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert selected.args == ["ci", ci_id]


def test_nothing_found_says_so(qtbot: QtBot, palette: Palette) -> None:
    qtbot.keyClicks(palette.box, "zzzz")
    qtbot.waitUntil(lambda: [entry.title for entry in palette.entries] == ["Nothing fits “zzzz”."])
    qtbot.keyClick(palette.box, Qt.Key.Key_Return)
    assert not palette.isHidden()
