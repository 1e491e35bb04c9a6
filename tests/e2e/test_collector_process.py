"""The collector's process when it dies, comes back, or is started twice."""

import subprocess
import sys
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from app import audit, devices
from app.database import Database, collector_identity
from app.desk import Desk, Tx, command
from app.paths import lock_file
from app.permissions import Permission
from models.enums import CheckKind
from models.monitoring import CollectorBeat
from tests.e2e.room import PATIENCE_MS, ROOT, CollectorRun, beat_of, gaps, heartbeat_of

DEVICES = 20


@command(Permission.WATCH)
def age_beat(tx: Tx, by: timedelta) -> None:
    """Make the last sign of life older, as if time had passed."""
    tx.connection.execute(update(CollectorBeat).values(beat_at=tx.now - by))


@pytest.fixture
def watched(desk: Desk) -> list[int]:
    """Ports of this machine that refuse, asked as often as the program allows."""
    return [_watch_port(desk, number) for number in range(DEVICES)]


def _watch_port(desk: Desk, number: int) -> int:
    ci_id = desk.do(devices.add_device, uuid.uuid4(), f"port {number}", "server", "127.0.0.1", ())
    desk.do(
        devices.add_check, uuid.uuid4(), ci_id, CheckKind.TCP, "127.0.0.1", port=1 + number, interval_s=5, retries=0
    )
    return ci_id


def test_killed_in_the_middle_of_its_work_it_loses_nothing_and_goes_on(
    qtbot: QtBot, room: Database, desk: Desk, watched: list[int], collector: CollectorRun
) -> None:
    def bars() -> list[bytes]:
        return [desk.read(heartbeat_of, ci_id) for ci_id in watched]

    for _ in range(3):
        with collector:
            before = bars()
            qtbot.waitUntil(lambda before=before: all(map(_is_longer, bars(), before)), timeout=PATIENCE_MS)
            kept = bars()
            collector.kill()
            assert all(map(bytes.startswith, bars(), kept))
    assert desk.read(audit.verify).is_whole
    with room.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert collector.said == ""


def _is_longer(now: bytes, before: bytes) -> bool:
    return len(now) > len(before)


@pytest.mark.slow
def test_the_time_without_a_collector_is_noted_as_a_gap(
    qtbot: QtBot, room: Database, desk: Desk, watched: list[int], collector: CollectorRun
) -> None:
    with collector:
        qtbot.waitUntil(lambda: desk.read(beat_of) is not None, timeout=PATIENCE_MS)
        collector.kill()
    assert desk.read(gaps) == []
    room.desk(collector_identity(), "T1").do(age_beat, timedelta(minutes=7))
    with collector:
        qtbot.waitUntil(lambda: len(desk.read(gaps)) == 1, timeout=PATIENCE_MS)
    assert "7 min" in desk.read(gaps)[0]


@pytest.mark.slow
def test_a_second_collector_on_one_database_is_refused_with_the_first_ones_number(
    qtbot: QtBot, desk: Desk, url: str, watched: list[int], collector: CollectorRun
) -> None:
    with collector:
        qtbot.waitUntil(lambda: desk.read(beat_of) is not None, timeout=PATIENCE_MS)
        second = run_watchroom("collect", "--db", url)
    assert second.returncode == 2
    assert str(collector.process_id) in second.stderr
    assert len(second.stderr.splitlines()) == 1


def test_a_second_desktop_on_one_database_is_refused_in_one_line(desk: Desk, url: str) -> None:
    path = Path(url.removeprefix("sqlite:///"))
    with lock_file(path.with_name(f"{path.name}.desktop"), "first"):
        second = run_watchroom("--db", url)
    assert second.returncode == 2
    assert "already in use" in second.stderr
    assert len(second.stderr.splitlines()) == 1


def run_watchroom(*arguments: str) -> subprocess.CompletedProcess[str]:
    command_line = [sys.executable, "-m", "app", *arguments, "--lang", "en"]
    return subprocess.run(command_line, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
