"""The window's workers before a server that freezes: answered in time, released, and back without a restart."""

import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import func, select

from app import duty
from app.database import cli_identity, open_database
from app.desk import ReadTx
from app.errors import DatabaseAway, Refused, WatchroomError
from app.listening import listen
from app.outbox import Outbox
from app.trials.server import Server, binaries, remove
from models.duty import ShiftLogEntry
from ui.live import Live
from ui.work import Work

try:
    binaries()
except Refused:
    pytest.skip("NOT TESTED: needs Debian's PostgreSQL 15 or later", allow_module_level=True)

PATIENCE_MS = 30_000


@pytest.fixture
def server() -> Iterator[Server]:
    folder = Path(tempfile.mkdtemp(prefix="watchroom-window-"))
    made = Server(folder, "fsync = off\n")
    made.create()
    made.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", str(folder))
        open_database(made.dsn(), create=True).engine.dispose()
    yield made
    made.thaw()
    made.stop()
    remove(folder)


def lines(tx: ReadTx) -> int:
    return tx.session.scalar(select(func.count(ShiftLogEntry.id))) or 0


def test_a_frozen_server_is_told_kept_for_and_left_without_a_restart(
    qapp: QApplication, qtbot: QtBot, server: Server, home: Path
) -> None:
    database = open_database(server.dsn())
    outbox = Outbox(home / "outbox.db", home)
    work = Work(lambda: database.desk(cli_identity(), "A1"), open_outbox=lambda: outbox)
    live, told = Live(), []
    live.away.connect(lambda _error: told.append("away"))
    live.back.connect(lambda: told.append("back"))
    live.follow(work, listen)
    found: list[Any] = []
    work.read(lines, done=found.append)
    qtbot.waitUntil(lambda: found == [0], timeout=PATIENCE_MS)

    server.freeze()
    failures: list[WatchroomError] = []
    kept: list[Any] = []
    work.read(lines, failed=failures.append)
    work.do(duty.write, uuid.uuid4(), "服务器不应答", kept=kept.append)
    qtbot.waitUntil(lambda: bool(failures and kept and told), timeout=PATIENCE_MS)
    assert isinstance(failures[0], DatabaseAway)
    work.do(duty.void_entry, 1, 1, "x", failed=failures.append)
    qtbot.waitUntil(lambda: len(failures) == 2, timeout=PATIENCE_MS)
    assert "NOT saved" in failures[1].sentence()

    server.thaw()
    qtbot.waitUntil(lambda: told == ["away", "back"], timeout=PATIENCE_MS)
    work.read(lines, done=found.append)
    qtbot.waitUntil(lambda: len(found) == 2, timeout=PATIENCE_MS)
    work.close()
