"""Five wrong passwords with psql lock an account within five seconds, by the collector's own process (SECURITY 4)."""

import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg
import pytest

from app.shared.roles import SERVICES
from models.enums import Post
from tests.e2e.room import CollectorRun
from tests.shared.debian_server import DebianServer, debian_server, wait_until

pytestmark = pytest.mark.slow
ROOM = "room"
RIGHT, WRONG = "shift-2026-night", "wrong-2026"
WITHIN_S = 5.0
ROUNDS = 3


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    """A server with the rules of a shared database and the collector's login."""
    with debian_server() as started:
        started.new_room(ROOM)
        started.sql("CREATE ROLE collector LOGIN BYPASSRLS PASSWORD 'collector-2026-x'")
        started.sql(f"GRANT {SERVICES['collector']} TO collector")
        started.sql("SELECT watchroom_private.take_fingerprints()", ROOM)
        yield started


def operator(server: DebianServer) -> str:
    """Enter a duty operator whose password is RIGHT, and return the login."""
    login = f"jia_{uuid.uuid4().hex[:8]}"
    server.sql(f"INSERT INTO person (key, name, login, search) VALUES ('{uuid.uuid4()}', '甲', '{login}', '')", ROOM)
    ((person_id,),) = server.sql(f"SELECT id FROM person WHERE login = '{login}'", ROOM)
    server.sql(f"SELECT watchroom_hold_posts({person_id}, ARRAY['{Post.OPERATOR.value}'])", ROOM)
    server.sql(f"SELECT watchroom_keep_password({person_id}, '{RIGHT}', false)", ROOM)
    return login


def opens(server: DebianServer, login: str, password: str) -> bool:
    try:
        server.connect(login, password, ROOM).close()
    except psycopg.OperationalError:
        return False
    return True


def is_locked(server: DebianServer, login: str) -> bool:
    return bool(server.sql(f"SELECT 1 FROM login_lock WHERE login = '{login}' AND ended_at IS NULL", ROOM))


def test_the_running_collector_locks_after_five_wrong_passwords(server: DebianServer, home: Path) -> None:
    took = []
    with CollectorRun(server.url("collector", "collector-2026-x", ROOM), home) as collector:
        wait_until(lambda: bool(server.sql("SELECT 1 FROM collector_beat", ROOM)), 60)
        for _ in range(ROUNDS):
            login = operator(server)
            assert opens(server, login, RIGHT)
            for _try in range(4):
                assert not opens(server, login, WRONG)
            time.sleep(2)  # the collector reads the four: they alone lock nobody
            assert opens(server, login, RIGHT)
            for _try in range(5):
                assert not opens(server, login, WRONG)
            began = time.monotonic()
            wait_until(partial(is_locked, server, login))
            took.append(time.monotonic() - began)
            assert not opens(server, login, RIGHT), "the right password opens a locked account no more"
        assert collector.said == ""
    assert max(took) < WITHIN_S, took
