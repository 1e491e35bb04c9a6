"""A window's surroundings over a real desk."""

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
    """A dark window's context; a bug on a worker fails the test."""
    qapp.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    work = Work(lambda: desk)
    crashes: list[str] = []
    work.crashed.connect(crashes.append)
    yield Context(
        work, Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory(), desk.identity, desk.seat
    )
    work.close()
    qapp.setStyleSheet("")
    assert not crashes, crashes[0]
