"""A control room for end-to-end tests: an embedded database, the collector's own process, a desktop with a player."""

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from sqlalchemy import select

from app import devices
from app.board_row import BoardRow
from app.desk import Desk, ReadTx, Tx, command
from app.devices.checks import SHORTEST_S
from app.permissions import Permission
from models.cmdb import Ci
from models.duty import ShiftLogEntry
from models.enums import CheckKind, IncidentState, ShiftLogKind, Source, State
from models.incidents import Incident
from models.monitoring import CollectorBeat
from ui.docks.board import BoardDock
from ui.docks.incidents import IncidentDock
from ui.main import Desktop, Start

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_MS = 60_000
ENDS_WITHIN_S = 30
PLAYER = '#!/bin/sh\necho "$1" >> "{log}"\n'


class CollectorRun:
    """`watchroom collect` as a process of its own, as long as the `with` lasts."""

    def __init__(self, url: str, home: Path) -> None:
        self._command = [sys.executable, "-m", "app", "collect", "--db", url, "--lang", "en"]
        self._errors = home / "collector.err"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "CollectorRun":
        with self._errors.open("ab") as errors:
            self._process = subprocess.Popen(self._command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=errors)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def process_id(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def said(self) -> str:
        return self._errors.read_text(encoding="utf-8")

    def kill(self) -> None:
        """End it as a crash would: with -9."""
        os.kill(self.process_id, signal.SIGKILL)
        assert self._process is not None
        self._process.wait(ENDS_WITHIN_S)

    def stop(self) -> None:
        """End it in order and return when it has written what it held."""
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            raise


@command(Permission.CMDB_EDIT)
def reach_through(tx: Tx, ci_id: int, parent_id: int) -> None:
    """Say that a device is reached through another one."""
    tx.find(Ci, ci_id).parent_id = parent_id


@dataclass(frozen=True, slots=True)
class AlarmRow:
    id: int
    ci_id: int | None
    state: IncidentState
    title: str
    is_cleared: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """A desktop on the room's database whose player writes down what it is told to play."""

    desktop: Desktop
    log: Path

    @property
    def board(self) -> BoardDock:
        dock = self.desktop.window.docks["board"]
        assert isinstance(dock, BoardDock)
        return dock

    @property
    def queue(self) -> IncidentDock:
        dock = self.desktop.window.docks["queue"]
        assert isinstance(dock, IncidentDock)
        return dock

    def shown(self, ci_id: int) -> BoardRow:
        """Return what the board paints of a device."""
        return self.board.surface.board.rows[ci_id]

    def shows(self, ci_id: int, state: State) -> bool:
        rows = self.board.surface.board.rows
        return ci_id in rows and rows[ci_id].state is state

    def played(self) -> list[str]:
        """Return the tones that were played, oldest first."""
        return self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else []

    def press(self, qtbot: QtBot, key: Qt.Key) -> None:
        qtbot.keyClick(self.queue.table, key)


def open_seat(qtbot: QtBot, url: str, log: Path) -> Seat:
    """Open the program's own window on `url`, where devices are watched, and return it once its board is filled."""
    desktop = Desktop(Start(url, "A1", theme="dark", collects=False, remembers=False))
    desktop.window.resize(1366, 768)
    crashes: list[str] = []
    desktop.context.work.crashed.disconnect()
    desktop.context.work.crashed.connect(crashes.append)
    desktop.open()
    seat = Seat(desktop, log)
    desktop.window.activateWindow()
    qtbot.waitUntil(lambda: bool(seat.board.surface.board.rows), timeout=PATIENCE_MS)
    assert not crashes, crashes[0]
    return seat


def close_seat(seat: Seat) -> None:
    seat.desktop.sounds.stop()
    seat.desktop.window.let_close()
    seat.desktop.window.close()
    seat.desktop.context.work.close()
    QApplication.sendPostedEvents(None, 0)


def make_player(folder: Path) -> Path:
    """Put a player into `folder` that only writes down what it is given; return the file that it writes to."""
    folder.mkdir()
    log = folder / "played"
    player = folder / "pw-play"
    player.write_text(PLAYER.format(log=log), encoding="ascii")
    player.chmod(0o755)
    return log


def watch_snmp(
    desk: Desk, name: str, port: int, community: str, params: Mapping[str, str] | None = None, retries: int = 0
) -> int:
    """Enter a server that is asked by SNMP as often as the program allows; return the CI's id."""
    ci_id = desk.do(devices.add_device, uuid.uuid4(), name, "server", "127.0.0.1", ())
    desk.do(
        devices.add_check,
        uuid.uuid4(),
        ci_id,
        CheckKind.SNMP,
        "127.0.0.1",
        port=port,
        secret=community,
        params={"timeout_s": "2", **(params or {})},
        interval_s=SHORTEST_S,
        retries=retries,
    )
    return ci_id


def alarms(tx: ReadTx) -> list[AlarmRow]:
    """Return every incident that the collector opened, oldest first."""
    found = tx.session.scalars(select(Incident).where(Incident.source == Source.MONITORING).order_by(Incident.id))
    return [AlarmRow(row.id, row.ci_id, row.state, row.title, row.cleared_at is not None) for row in found]


def beat_of(tx: ReadTx) -> CollectorBeat | None:
    return tx.session.scalars(select(CollectorBeat)).first()


def gaps(tx: ReadTx) -> list[str]:
    query = select(ShiftLogEntry.text).where(ShiftLogEntry.kind == ShiftLogKind.GAP)
    return list(tx.session.scalars(query))


def heartbeat_of(tx: ReadTx, ci_id: int) -> bytes:
    (row,) = devices.board_rows(tx, frozenset({ci_id}))
    return row.heartbeat
