"""The desk before a server that is killed, frozen or behind a wire that swallows everything."""

import tempfile
import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app import duty
from app.connecting import parsed
from app.database import Database, cli_identity, open_database
from app.desk import Desk, ReadTx
from app.errors import DatabaseAway, Refused
from app.trials.server import Server, Wire, binaries, remove
from models.duty import ShiftLogEntry

try:
    binaries()
except Refused:
    pytest.skip("NOT TESTED: needs Debian's PostgreSQL 15 or later", allow_module_level=True)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="watchroom-away-"))
    made = Server(folder, "fsync = off\n")
    made.create()
    made.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", str(folder))
        open_database(made.dsn(), create=True).engine.dispose()
    yield made
    made.stop()
    remove(folder)


@pytest.fixture
def database(server: Server, home: Path) -> Iterator[Database]:
    server.thaw()
    opened = open_database(server.dsn())
    yield opened
    server.thaw()
    opened.engine.dispose()


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    """A desk with short deadlines, watched as the window's workers are."""
    made = database.desk(cli_identity(), "A1").within(1.0)
    ending = threading.Event()

    def watch() -> None:
        while not ending.wait(0.05):
            made.lines.cut_overdue()

    watching = threading.Thread(target=watch)
    watching.start()
    yield made
    ending.set()
    watching.join()


def write(desk: Desk, text: str) -> int:
    return desk.do(duty.write, uuid.uuid4(), text)


def count(tx: ReadTx) -> int:
    return tx.session.scalar(select(func.count(ShiftLogEntry.id))) or 0


def test_a_frozen_server_holds_nobody_longer_than_the_deadline(server: Server, desk: Desk) -> None:
    desk.read(count)
    server.freeze()
    began = time.monotonic()
    with pytest.raises(DatabaseAway):
        desk.read(count)
    assert time.monotonic() - began < 20
    server.thaw()
    assert desk.read(count) >= 0


def test_the_first_write_after_a_crash_finds_a_new_connection(server: Server, desk: Desk) -> None:
    write(desk, "之前")
    server.kill()
    server.start()
    write(desk, "之后")


def test_a_statement_that_takes_too_long_is_ended_by_the_server_too(desk: Desk) -> None:
    with pytest.raises(DatabaseAway):
        desk.read(lambda tx: tx.connection.exec_driver_sql("SELECT pg_sleep(60)").all())
    desk.read(count)


def test_a_wire_that_swallows_everything_is_given_up(server: Server, database: Database, desk: Desk) -> None:
    wire = Wire(server.port)
    through = open_database(server.dsn().replace(f":{server.port}/", f":{wire.port}/"))
    behind = Desk(through.engine, desk.identity, "A1", None, lines=desk.lines, limit_s=1.0)
    behind.read(count)
    wire.cut()
    with pytest.raises(DatabaseAway):
        behind.read(count)
    wire.mend()
    behind.read(count)
    through.engine.dispose()
    wire.close()


@pytest.mark.parametrize(
    ("url", "hosts", "ports"),
    [
        ("postgresql://a,b/w", "a,b", "5432,5432"),
        ("postgresql://me:p%40w@a:5433,b:5434/w?target_session_attrs=read-write", "a,b", "5433,5434"),
        ("postgresql://[::1]:5433,[::2]/w", "::1,::2", "5433,5432"),
    ],
)
def test_several_hosts_stand_in_one_url(url: str, hosts: str, ports: str) -> None:
    found = parsed(url)
    assert (found.query["host"], found.query["port"]) == (hosts, ports)
    assert parsed(found.render_as_string(hide_password=False)) == found
