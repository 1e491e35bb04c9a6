"""A window's surroundings over a real database."""

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from app.desk import Desk
from ui.commands import Commands
from ui.context import Context
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.shapes import Shapes
from ui.theme import Theme
from ui.work import Work


@pytest.fixture
def context(qapp: QApplication, desk: Desk) -> Iterator[Context]:
    """The context of a person at seat A1; a bug on a worker fails the test."""
    qapp.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    work = Work(lambda: desk)
    crashes: list[str] = []
    work.crashed.connect(crashes.append)
    live = Live()
    yield Context(work, live, theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory(), desk.identity, "A1")
    work.close()
    qapp.setStyleSheet("")
    assert not crashes, crashes[0]
