"""Sharing with other seats, from the page in the window to the connection file that the next start takes up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import moving
from app.desk import Desk
from app.errors import BadInput, Refused
from app.moving import Server, sharing
from app.shared import connections
from tests.shared.debian_server import SUPERUSER, SUPERUSER_PASSWORD, DebianServer, debian_server
from tests.ui.real import real_desk
from ui.context import Context
from ui.pages.shared_setup import SharedSetupPage

WAIT_MS = 90_000


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    with debian_server() as running:
        yield running


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def page(qtbot: QtBot, context: Context, server: DebianServer, tmp_path: Path) -> SharedSetupPage:
    made = SharedSetupPage(context)
    qtbot.addWidget(made)
    made.set_values(
        {
            "host": "127.0.0.1",
            "port": server.port,
            "database": "moved",
            "sslmode": "prefer",
            "superuser": SUPERUSER,
            "password": SUPERUSER_PASSWORD,
            "seats": "A1\n大厅",
            "folder": str(tmp_path / "seats"),
        }
    )
    return made


def test_names_of_seats_are_one_a_line_and_each_its_own() -> None:
    assert moving.seat_names(" A1\n\n大厅\n") == ("A1", "大厅")
    for typed in ("", "A1\nA1"):
        with pytest.raises(BadInput):
            moving.seat_names(typed)


def test_a_server_that_allows_too_few_connections_is_told_with_its_setting(server: DebianServer, home: Path) -> None:
    asked = Server("127.0.0.1", server.port, "nowhere", SUPERUSER, SUPERUSER_PASSWORD, "prefer")
    assert "max_connections" in sharing.look_at(asked, 400).troubles[0]
    seats = tuple(f"S{n}" for n in range(400))
    with pytest.raises(Refused, match="max_connections"):
        sharing.share(f"sqlite:///{home / 'none.db'}", asked, seats, home)


def test_the_page_tells_what_a_server_is(qtbot: QtBot, page: SharedSetupPage) -> None:
    page.check()
    qtbot.waitUntil(lambda: "PostgreSQL" in page.answer.text(), timeout=WAIT_MS)
    assert "NOT encrypted" in page.answer.text()
    assert "the database will be made" in page.answer.text()
    assert page.move_button.isEnabled()


def test_a_wrong_password_is_said_and_what_was_typed_stays(qtbot: QtBot, page: SharedSetupPage) -> None:
    page.set_values({"password": "wrong"})
    page.check()
    qtbot.waitUntil(page.check_button.isEnabled, timeout=WAIT_MS)
    assert "password is wrong" in page._errors["password"].text()
    assert page.values()["host"] == "127.0.0.1"


def test_a_server_without_tls_is_said_beside_the_button_and_not_as_our_database_being_away(
    qtbot: QtBot, page: SharedSetupPage
) -> None:
    page.set_values({"sslmode": "verify-full"})
    page.check()
    qtbot.waitUntil(lambda: "TLS" in page.answer.text(), timeout=WAIT_MS)
    assert not page.context.work.is_away


def test_the_page_moves_the_database_and_writes_the_seats_files(
    qtbot: QtBot, page: SharedSetupPage, tmp_path: Path
) -> None:
    paused: list[bool] = []
    page.pause_asked.connect(paused.append)
    page.move_all()
    qtbot.waitUntil(lambda: not page.restart_button.isHidden(), timeout=WAIT_MS)
    assert "the same on both sides" in page.answer.text()
    assert paused == [True]
    assert {path.name for path in (tmp_path / "seats").iterdir()} == {"A1.toml", "大厅.toml"}
    taken = connections.read(connections.own_file())
    assert taken.seat == "A1"
    assert SUPERUSER_PASSWORD not in connections.own_file().read_text()
