"""The program's own way to the database under kill -9: commands through the desk, the trail, `watchroom verify`."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

from app.paths import HOME_VARIABLE
from app.trials.ledger import Damage

MOST_LINES = 12
"""A writer is killed when it has acknowledged so many incidents, or fewer."""


def kill_once(folder: Path, acknowledged: set[int], chance: random.Random, *, is_early: bool = False) -> Damage:
    """Let a desk write in `folder`, kill it when it has just acknowledged something, and return the damage."""
    writer = [sys.executable, "-m", "app.trials.desk_writer", _url(folder), *(["early"] if is_early else [])]
    with subprocess.Popen(writer, stdout=subprocess.PIPE, env=_environment(folder)) as running:
        assert running.stdout is not None
        for _ in range(chance.randint(1, MOST_LINES)):
            acknowledged.update(_number(running.stdout.readline()))
        running.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        for line in running.stdout:
            acknowledged.update(_number(line))
    return _damage(folder, acknowledged)


def is_trail_whole(folder: Path) -> bool:
    """Tell whether `watchroom verify` finds the audit trail whole."""
    verify = [sys.executable, "-m", "app", "verify", "--db", _url(folder)]
    return subprocess.run(verify, capture_output=True, env=_environment(folder), check=False).returncode == 0


def _damage(folder: Path, acknowledged: set[int]) -> Damage:
    connection = sqlite3.connect(folder / "desk.db")
    try:
        is_whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        present = {row[0] for row in connection.execute("SELECT id FROM incident")}
        complete = {row[0] for row in connection.execute("SELECT incident_id FROM incident_event")}
    except sqlite3.DatabaseError:
        return Damage(lost=len(acknowledged), torn=0, is_whole=False)
    finally:
        connection.close()
    return Damage(len(acknowledged - present), len(present - complete), is_whole)


def _url(folder: Path) -> str:
    return f"sqlite:///{folder / 'desk.db'}"


def _environment(folder: Path) -> dict[str, str]:
    return {**os.environ, HOME_VARIABLE: str(folder)}


def _number(line: bytes) -> set[int]:
    return {int(line)} if line.endswith(b"\n") else set()
