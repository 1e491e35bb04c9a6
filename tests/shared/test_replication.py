"""A real pair by streaming replication: the desk goes on before the standby once it is promoted."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import duty
from app.database import cli_identity, open_database
from app.desk import ReadTx
from app.errors import DatabaseAway, Refused
from app.outbox import Kept, Outbox, do_or_keep, send
from app.trials.server import Server, binaries, remove
from models.duty import ShiftLogEntry

try:
    binaries()
except Refused:
    pytest.skip("NOT TESTED: needs Debian's PostgreSQL 15 or later", allow_module_level=True)


@pytest.fixture
def pair(home: Path) -> Iterator[tuple[Server, Server]]:
    """A primary and the standby that streams from it, synchronously."""
    folder = Path(tempfile.mkdtemp(prefix="watchroom-pair-"))
    folder.chmod(0o755)
    primary, standby = (Server(folder / name, "fsync = off\n") for name in ("a", "b"))
    try:
        primary.create()
        primary.start()
        open_database(primary.dsn(), create=True).engine.dispose()
        standby.follow(primary)
        standby.start()
        primary.settle_alone("\nfsync = off\nsynchronous_standby_names = '*'\nsynchronous_commit = remote_apply\n")
        yield primary, standby
    finally:
        primary.stop()
        standby.stop()
        remove(folder)


def lines(tx: ReadTx) -> list[str]:
    return list(tx.session.scalars(select(ShiftLogEntry.text).order_by(ShiftLogEntry.id)))


def test_what_was_acknowledged_and_what_was_kept_is_on_the_promoted_standby(
    pair: tuple[Server, Server], home: Path
) -> None:
    primary, standby = pair
    hosts = f"127.0.0.1:{standby.port},127.0.0.1:{primary.port}"
    url = primary.dsn().replace(f"127.0.0.1:{primary.port}", hosts) + "?target_session_attrs=read-write"
    database = open_database(url)
    desk, outbox = database.desk(cli_identity(), "A1"), Outbox(home / "outbox.db", home)
    desk.do(duty.write, uuid.uuid4(), "主库在")
    primary.kill()
    assert isinstance(do_or_keep(desk, outbox, uuid.uuid4(), duty.write, (uuid.uuid4(), "主库不在")), Kept)
    with pytest.raises(DatabaseAway):
        desk.do(duty.write, uuid.uuid4(), "不能暂存")
    standby.promote()
    assert send(desk, outbox).sent == 1
    assert desk.read(lines) == ["主库在", "主库不在"]
    database.engine.dispose()
