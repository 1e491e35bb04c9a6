"""A window's surroundings without a database: a desk whose transactions are nothing, so that only `ui` is
tried.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


class BareDesk:
    """Runs queries and commands with no transaction at all."""

    is_remote = False

    def __init__(self) -> None:
        self.is_closed = False

    def within(self, limit_s: float) -> "BareDesk":
        return self

    def read(self, query: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return query(None, *args, **values)

    def do(self, command: Callable[..., Any], *args: Any, **values: Any) -> Any:
        return command(None, *args, **values)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture
def desk() -> BareDesk:
    return BareDesk()


@pytest.fixture
def context(qapp: QApplication, desk: BareDesk) -> Iterator[Any]:
    """A dark window's context; a bug on a worker fails the test."""
    from ui.commands import Commands
    from ui.context import Context
    from ui.icons import Icons
    from ui.live import Live
    from ui.memory import Memory
    from ui.nav import Nav
    from ui.shapes import Shapes
    from ui.theme import Theme
    from ui.work import Work

    qapp.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    work = Work(lambda: desk)  # type: ignore[arg-type, return-value]
    crashes: list[str] = []
    work.crashed.connect(crashes.append)
    yield Context(work, Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory(), seat="A1")
    work.close()
    qapp.setStyleSheet("")
    assert not crashes, crashes[0]
