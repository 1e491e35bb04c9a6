"""One drill: the newest backup restored into a scratch folder, opened, counted, verified, thrown away, recorded."""

import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app import audit, copies
from app.database import Database, cli_identity, open_database
from app.desk import Desk, ReadTx
from app.drills.records import record_drill
from app.errors import Refused, WatchroomError
from app.moving.rows import count
from app.paths import refuse_full_disk
from app.times import full_moment
from app.words import tr
from models.backups import DatabaseCopy
from models.schema import metadata

SPARE_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Drilled:
    """What became of a drill; `note` is the sentence of its record."""

    path: Path
    succeeded: bool
    seconds: float
    note: str


def drill(database: Database, desk: Desk, backup: Path | None = None, scratch: Path | None = None) -> Drilled:
    """Restore `backup` (the newest good one when left out) into a folder below `scratch`, and record what became of it.

    A backup that can't be restored is a result, not an error. Raises Refused when there is no backup, NotAllowed.
    """
    found = backup or desk.read(_newest)
    if found is None:
        raise Refused(tr("There is no backup to restore yet."))
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="watchroom-drill-", dir=scratch) as folder:
            note, succeeded = _restore(database, found, Path(folder)), True
    except (WatchroomError, OSError) as error:
        note, succeeded = str(error), False
    took = time.monotonic() - began
    words = tr("Restored {path} to try it: {note}", path=found, note=note)
    desk.do(record_drill, uuid.uuid4(), succeeded, took, words)
    return Drilled(found, succeeded, took, words)


def drill_now(desk: Desk) -> Drilled:
    """Drill the newest copy of the database that `desk` works on."""
    database = open_database(desk.engine.url.render_as_string(hide_password=False))
    try:
        return drill(database, desk)
    finally:
        database.engine.dispose()


def _restore(database: Database, backup: Path, folder: Path) -> str:
    """Return what the restored database holds. Raises what says why it can't be restored."""
    refuse_full_disk(folder, copies.size_of(backup) + SPARE_BYTES)
    if database.is_embedded:
        copies.restore(backup, folder / "restored.db")
        return look_at(lambda: open_database(f"sqlite:///{folder / 'restored.db'}", even_moved=True))
    from app.drills.server import running

    with running(backup, folder, str(database.engine.url.database)) as url:
        return look_at(lambda: open_database(url))


def look_at(opened: Callable[[], Database]) -> str:
    """Count and verify a restored database. Raises Refused when its trail is not whole or it is empty."""
    restored = opened()
    try:
        desk = restored.desk(cli_identity(), "drill")
        broken = audit.first_broken(desk.read(audit.verify))
        if broken is not None:
            raise Refused(tr("the audit trail is not whole: {what}", what=broken.what))
        rows, newest = desk.read(_held)
        if not rows:
            raise Refused(tr("the restored database is empty."))
        return tr("{n} rows, the trail whole, the newest entry of {time}.", n=rows, time=newest)
    finally:
        restored.engine.dispose()


def _held(tx: ReadTx) -> tuple[int, str]:
    """Return how many rows there are in all, and when the newest entry was made."""
    rows = sum(count(tx.connection, table) for table in metadata.sorted_tables if table.name != "meta")
    entries = metadata.tables["audit_entry"]
    newest = tx.connection.scalar(select(entries.c.at).order_by(entries.c.id.desc()).limit(1))
    return rows, full_moment(newest) if newest else ""


def _newest(tx: ReadTx) -> Path | None:
    query = select(DatabaseCopy.path).where(DatabaseCopy.is_good).order_by(DatabaseCopy.id.desc()).limit(1)
    found = tx.session.scalar(query)
    return Path(found) if found else None
