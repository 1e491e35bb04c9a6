"""The control room of an end-to-end test."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.database import Database, cli_identity, open_database
from app.desk import Desk
from app.seat import Seat as Opening
from tests.e2e.room import CollectorRun, Seat, close_seat, make_player, open_seat


@pytest.fixture
def url(home: Path) -> str:
    return f"sqlite:///{home / 'room.db'}"


@pytest.fixture
def room(url: str) -> Iterator[Database]:
    """The embedded database as the first start of the program leaves it."""
    first = Opening(url, "A1")
    first.open()
    assert first.database is not None
    first.database.engine.dispose()
    opened = open_database(url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def desk(room: Database) -> Desk:
    return room.desk(cli_identity(), "T1")


@pytest.fixture
def collector(url: str, home: Path) -> CollectorRun:
    return CollectorRun(url, home)


@pytest.fixture
def sit_down(qtbot: QtBot, url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Seat]]:
    """Opens desktops whose only player is one that writes down what it is given."""
    folder = tmp_path / "player"
    log = make_player(folder)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    opened: list[Seat] = []

    def sit() -> Seat:
        opened.append(open_seat(qtbot, url, log))
        return opened[-1]

    yield sit
    for seat in opened:
        close_seat(seat)
