"""What is due by itself while the collector runs, beyond watching: expected backups, due rounds, copies, drills."""

import os
import subprocess
from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

from app import autostart, backups, copies, drills, facts, inspections, settings
from app.collector.store import Chore
from app.database import Database
from app.desk import Desk, ReadTx
from app.errors import WatchroomError
from app.shared import rule_watch, server_log


def of(database: Database) -> Sequence[Chore]:
    """Return the chores of a database's collector."""
    chores = [
        Chore(timedelta(minutes=1), lambda desk: desk.do(backups.expect_runs)),
        Chore(timedelta(minutes=10), lambda desk: desk.do(inspections.expect_rounds)),
        Chore(timedelta(minutes=1), compare_facts),
    ]
    backup, drill = Aside(database, "backup"), Aside(database, "drill")
    chores.append(Chore(timedelta(minutes=10), lambda desk: drill.start_if(desk.read(drills.is_due))))
    if database.is_embedded:
        chores.append(Chore(timedelta(minutes=1), lambda desk: copy_when_due(database, desk)))
    else:
        chores += [
            Chore(timedelta(seconds=1), lambda desk: desk.do(server_log.enter_refusals)),
            Chore(timedelta(seconds=10), lambda desk: desk.do(server_log.unlock_due)),
            Chore(timedelta(minutes=1), lambda desk: desk.do(rule_watch.compare)),
            Chore(timedelta(minutes=1), lambda desk: backup.start_if(desk.read(is_copy_due))),
        ]
    return chores


def compare_facts(desk: Desk) -> None:
    """Follow what devices say of themselves; nothing is written while nothing changed."""
    if desk.read(facts.has_news):
        desk.do(facts.compare)


class Aside:
    """A command of this program that takes long: run beside the collector, which goes on watching; once at a time."""

    def __init__(self, database: Database, command: str) -> None:
        self._line = [*autostart.command(), command]
        self._environment = {**os.environ, "WATCHROOM_DB": database.url}
        self._process: subprocess.Popen[bytes] | None = None

    def start_if(self, is_due: bool) -> None:
        """Start it unless it is not due or still runs."""
        if is_due and (self._process is None or self._process.poll() is not None):
            quiet = subprocess.DEVNULL
            self._process = subprocess.Popen(
                self._line, env=self._environment, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
            )

    def wait(self, timeout_s: float = 0) -> int | None:
        """Return how it ended, None when it was not started. Raises subprocess.TimeoutExpired."""
        return self._process.wait(timeout_s) if self._process is not None else None


def is_copy_due(tx: ReadTx) -> bool:
    """Tell whether the hour of the nightly copy has passed since the last one, and a folder was chosen."""
    at = time.fromisoformat(settings.get(tx, "copies.at"))
    return bool(settings.get(tx, "copies.folder")) and copies.is_due(tx, at)


def copy_when_due(database: Database, desk: Desk) -> None:
    """Make the nightly copy when its hour has passed and a folder was chosen; what became of it is recorded."""
    if not desk.read(is_copy_due):
        return
    folder = desk.read(settings.get, "copies.folder")
    try:
        made = copies.make_copy(
            database, Path(folder), desk.read(lambda tx: tx.now), desk.read(settings.get, "copies.keep")
        )
    except WatchroomError as error:
        desk.do(copies.record_copy, folder, 0, False, error.sentence())
    else:
        desk.do(copies.record_copy, str(made), made.stat().st_size, True, "")
