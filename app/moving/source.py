"""The embedded side of a move: kept still meanwhile, told apart by its state, marked afterwards."""

import contextlib
import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Connection, text

from app import audit, seals
from app.database import Database, cli_identity
from app.errors import Refused
from app.moving.rows import count
from app.paths import lock_file
from app.words import tr
from models.schema import metadata


@contextlib.contextmanager
def held_still(source: Database, is_own_desktop: bool = False) -> Iterator[Connection]:
    """Yield a connection on which nobody else can write until the body ends; the trail is sealed and whole.

    Raises Refused when a desktop or a collector is at work, or when the trail is not whole.
    """
    path = source.path
    assert path is not None
    with contextlib.ExitStack() as held:
        for ending, what in (
            ("desktop", tr("The desktop on {path}", path=path)),
            ("collector", tr("The collector of {path}", path=path)),
        ):
            if not (is_own_desktop and ending == "desktop"):
                held.enter_context(lock_file(path.with_name(f"{path.name}.{ending}"), what))
        _seal_and_verify(source)
        reading = held.enter_context(source.engine.connect().execution_options(watchroom_write=True))
        with reading.begin():
            yield reading


def state_of(reading: Connection) -> str:
    """Return what tells this state of the database from any other: counts, the trail's end, the collector's beat."""
    counts = [(table.name, count(reading, table)) for table in metadata.sorted_tables if table.name != "meta"]
    newest = reading.scalar(text("SELECT hash FROM audit_entry ORDER BY id DESC LIMIT 1"))
    beat = reading.scalar(text("SELECT max(beat_at) FROM collector_beat"))
    return hashlib.sha256(repr((counts, newest, str(beat))).encode()).hexdigest()


def mark_moved(reading: Connection, url: str) -> None:
    """Let whoever opens this database learn where it went."""
    for name, value in (("moved_to", url[:250]), ("moved_at", datetime.now(UTC).isoformat(timespec="seconds"))):
        reading.execute(
            text("INSERT OR REPLACE INTO meta (name, value) VALUES (:name, :value)"), {"name": name, "value": value}
        )


def _seal_and_verify(source: Database) -> None:
    desk = source.desk(cli_identity(), "move")
    while desk.do(audit.seal):
        continue
    broken = audit.first_broken(desk.read(audit.verify, seals.remembered(source.uuid)))
    if broken is not None:
        raise Refused(tr("The audit trail is not whole, so nothing is moved: {what}", what=broken.what))
