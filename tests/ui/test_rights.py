"""What a person's posts do not allow is grey and says which post may."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton
from pytestqt.qtbot import QtBot

from app.desk import Identity
from app.permissions import Permission
from app.words import label
from models.enums import Post
from ui.context import Context
from ui.rights import permissions_of

PATIENCE_MS = 30_000
ROOT = Path(__file__).resolve().parents[2]
OPERATOR = Identity(1, "甲", "jia", frozenset({Post.OPERATOR}))
AUDITOR = Identity(2, "乙", "yi", frozenset({Post.AUDITOR}))


@pytest.fixture
def button(qtbot: QtBot, context: Context) -> QPushButton:
    made = QPushButton("Register")
    qtbot.addWidget(made)
    context.rights.guard(made, "access.enter")
    return made


def test_a_button_is_grey_for_the_wrong_post_and_names_the_right_one(
    qtbot: QtBot, context: Context, button: QPushButton
) -> None:
    assert button.isEnabled()
    context.rights.seat(AUDITOR, context.work)
    qtbot.waitUntil(lambda: not button.isEnabled(), timeout=PATIENCE_MS)
    assert label(Post.OPERATOR) in button.toolTip()
    assert label(Post.AUDITOR) not in button.toolTip()


def test_whatever_else_enables_it_a_guarded_button_stays_grey_until_it_may(
    qtbot: QtBot, context: Context, button: QPushButton
) -> None:
    context.rights.seat(AUDITOR, context.work)
    qtbot.waitUntil(lambda: not button.isEnabled(), timeout=PATIENCE_MS)
    button.setEnabled(True)
    assert not button.isEnabled()
    context.rights.seat(OPERATOR, context.work)
    assert button.isEnabled()
    assert button.toolTip() == ""


def test_a_menu_entry_is_grey_with_its_reason_in_sight(qtbot: QtBot, context: Context) -> None:
    menu = QMenu()
    qtbot.addWidget(menu)
    action: QAction = menu.addAction("Void")
    context.rights.guard(action, "access.void")
    context.rights.seat(OPERATOR, context.work)
    qtbot.waitUntil(lambda: not action.isEnabled(), timeout=PATIENCE_MS)
    assert menu.toolTipsVisible()
    assert label(Post.ROOM_MANAGER) in action.toolTip()


def test_a_closed_menu_leaves_nothing_guarded(qtbot: QtBot, context: Context) -> None:
    menu = QMenu()
    context.rights.guard(menu.addAction("Void"), "access.void")
    menu.deleteLater()
    qtbot.waitUntil(lambda: not context.rights._guards, timeout=PATIENCE_MS)
    context.rights.seat(AUDITOR, context.work)


def test_every_command_that_the_window_names_is_one_of_the_door() -> None:
    sources = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "ui").rglob("*.py"))
    named = set(re.findall(r'needs=\(?"([a-z_]+\.[a-z_.]+)"', sources))
    named |= set(re.findall(r'\), "([a-z_]+\.[a-z_.]+)"\)', sources))
    assert len(named) > 40
    found = permissions_of(None, None, named)  # type: ignore[arg-type]
    assert all(isinstance(permission, Permission) for permission in found.values())
