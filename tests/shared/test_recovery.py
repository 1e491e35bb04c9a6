"""Backed up by the backup login, drilled, and brought back to a moment out of the WAL archive; seats load anew."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app import backups, copies, drills, feed, settings
from app.cli import main
from app.database import Database, cli_identity, collector_identity, open_database
from app.shared.roles import BACKUP
from tests.shared.debian_server import STARTS_WITHIN_S, DebianServer, debian_server, wait_until

pytestmark = pytest.mark.slow
ROOM = "watchroom"
ARCHIVE = """
archive_mode = on
archive_command = 'test ! -f {folder}/wal/%f && /bin/cp %p {folder}/wal/%f'
wal_level = replica
"""
PASSWORD = "backup-2026-x"


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    """A server that archives its WAL, with a login that may do nothing but replicate."""
    with debian_server() as started:
        (started.folder / "wal").mkdir()
        started.configure(ARCHIVE)
        started.restart()
        started.new_room(ROOM)
        started.sql(f"CREATE ROLE backup LOGIN REPLICATION PASSWORD '{PASSWORD}'")
        started.sql(f"GRANT {BACKUP} TO backup")
        started.sql("SELECT watchroom_private.take_fingerprints()", ROOM)
        yield started


@pytest.fixture
def room(server: DebianServer, home: Path) -> Iterator[Database]:
    opened = open_database(server.url(database=ROOM))
    yield opened
    opened.engine.dispose()


def archived(server: DebianServer) -> None:
    """Switch to another WAL file, and wait until the one before is in the archive."""
    ((name,),) = server.sql("SELECT pg_walfile_name(pg_switch_wal())")
    wait_until((server.folder / "wal" / str(name)).exists)


def test_the_backup_login_backs_up_and_the_wal_brings_back_a_moment(
    server: DebianServer, room: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    desk, service = room.desk(cli_identity(), "A1"), room.desk(collector_identity(), "C1")
    monkeypatch.setenv("WATCHROOM_BACKUP_DB", server.url("backup", PASSWORD, ROOM))
    base = copies.copy_now(service, str(server.folder / "copies"), 2)
    done = drills.drill(room, service)
    assert done.succeeded, done.note
    assert service.read(backups.restore_tests)[0].succeeded

    desk.do(settings.put, "unit.name", "before", 0)
    kept = desk.read(feed.here)
    (moment,) = server.sql("SELECT clock_timestamp()")[0]
    assert isinstance(moment, datetime)
    time.sleep(0.05)  # the next change shall bear another moment
    desk.do(settings.put, "unit.name", "after", 1)
    archived(server)

    target = server.folder / "recovered"
    until = moment.astimezone(UTC).isoformat()
    arguments = [str(base), "--wal", str(server.folder / "wal"), "--to", str(target), "--until", until]
    assert main(["recover", "--lang", "en", *arguments]) == 0
    assert "the trail whole" in capsys.readouterr().out
    assert main(["recover", "--lang", "en", *arguments]) == 2, "a folder that is there is not written over"
    capsys.readouterr()
    beyond = ["--to", str(server.folder / "beyond"), "--until", (moment + timedelta(days=1)).isoformat()]
    assert main(["recover", "--lang", "en", *arguments[:3], *beyond]) == 2
    assert "before configured recovery target" in capsys.readouterr().err
    assert [path.name for path in server.folder.iterdir() if "beyond" in path.name] == []
    room.engine.dispose()
    _serve_instead(server, target)
    recovered = open_database(server.url(database=ROOM))
    try:
        later = recovered.desk(cli_identity(), "A1")
        assert later.read(settings.get, "unit.name") == "before"
        changes, _place = later.read(feed.since, kept)
        assert changes.is_reset, "a seat that was connected before loads anew"
        later.do(settings.put, "unit.name", "goes on", later.read(settings.row, "unit.name").version)
    finally:
        recovered.engine.dispose()


def _serve_instead(server: DebianServer, data: Path) -> None:
    server.stop()
    server.data = data
    server.run("pg_ctl", "-D", str(data), "-w", "-t", str(STARTS_WITHIN_S), "-l", str(server.folder / "2.log"), "start")
