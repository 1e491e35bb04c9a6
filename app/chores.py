"""What is due by itself while the collector runs, beyond watching: expected backups, due rounds, the nightly copy."""

from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path

from app import backups, copies, inspections, settings
from app.collector.store import Chore
from app.database import Database
from app.desk import Desk
from app.errors import WatchroomError
from app.shared import rule_watch, server_log


def of(database: Database) -> Sequence[Chore]:
    """Return the chores of a database's collector."""
    chores = [
        Chore(timedelta(minutes=1), lambda desk: desk.do(backups.expect_runs)),
        Chore(timedelta(minutes=10), lambda desk: desk.do(inspections.expect_rounds)),
    ]
    if database.is_embedded:
        chores.append(Chore(timedelta(minutes=1), lambda desk: copy_when_due(database, desk)))
    else:
        chores += [
            Chore(timedelta(seconds=1), lambda desk: desk.do(server_log.enter_refusals)),
            Chore(timedelta(seconds=10), lambda desk: desk.do(server_log.unlock_due)),
            Chore(timedelta(minutes=1), lambda desk: desk.do(rule_watch.compare)),
        ]
    return chores


def copy_when_due(database: Database, desk: Desk) -> None:
    """Make the nightly copy when its hour has passed and a folder was chosen; what became of it is recorded."""
    folder = desk.read(settings.get, "copies.folder")
    if not folder or not desk.read(copies.is_due, time.fromisoformat(desk.read(settings.get, "copies.at"))):
        return
    try:
        made = copies.make_copy(
            database, Path(folder), desk.read(lambda tx: tx.now), desk.read(settings.get, "copies.keep")
        )
    except WatchroomError as error:
        desk.do(copies.record_copy, folder, 0, False, error.sentence())
    else:
        desk.do(copies.record_copy, str(made), made.stat().st_size, True, "")
