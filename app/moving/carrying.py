"""`watchroom move`: an embedded database carried over into a shared one, counted and verified (docs/decisions/022).

Each table is carried in a transaction of its own and remembered in `moved_table`, so that a move that was cut off goes
on where it stopped. Triggers are off meanwhile (the session replicates); what they would have entered is entered here.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from app import audit
from app.audit_hash import fingerprint
from app.database import Database, cli_identity
from app.desk import Tx, command
from app.errors import BadInput, Refused
from app.keyfiles import held_or_made
from app.moving import rows, trail
from app.moving.source import held_still, mark_moved, state_of
from app.moving.target import forget_init
from app.paths import config_dir
from app.permissions import Permission
from app.secrets import key_file
from app.shared import setting_up
from app.table_words import table_titles
from app.words import tr
from models.audit import Meta
from models.base import Base
from models.moving import MovedTable, MovedTrail
from models.schema import metadata

LEFT_OUT = frozenset(
    {"meta", "collector_roster", "collector_lease", "audit_entry", "audit_seal"}
    | {"moved_trail", "moved_seal", "moved_table"}
)
"""What belongs to each database by itself, and the trail, which is carried in its own way."""
_FROM_THE_START = frozenset({"meta", "collector_roster", "collector_lease", "audit_entry", "audit_seal"})
_moved: Table = Base.metadata.tables[MovedTrail.__tablename__]
_tables: Table = Base.metadata.tables[MovedTable.__tablename__]

Tell = Callable[[str, float], None]
"""Takes a line for people and how far the move is, 0..1."""


@dataclass(frozen=True, slots=True)
class TableCount:
    """A table as both sides gave it."""

    name: str
    rows: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What was carried, counted on both sides; `keys` name the files to copy to whoever runs a collector."""

    tables: tuple[TableCount, ...]
    keys: tuple[Path, ...] = ()

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)


@dataclass(slots=True)
class _Progress:
    tell: Tell
    total: int
    done: int = 0
    name: str = ""
    size: int = 0

    def begin(self, name: str, size: int) -> None:
        self.name, self.size = name, size
        self.say(0)

    def say(self, here: int) -> None:
        name = table_titles().get(self.name, tr("Other records"))
        words = tr("{table}: {n} of {total}", table=name, n=f"{here:,}", total=f"{self.size:,}")
        self.tell(words, (self.done + here) / max(1, self.total))

    def end(self) -> None:
        self.done += self.size


def move(
    source: Database,
    target: Database,
    tell: Tell = lambda _line, _part: None,
    before_end: Callable[[], None] = lambda: None,
    *,
    is_own_desktop: bool = False,
) -> Moved:
    """Carry `source` over into `target`, or finish a move that was cut off; both are open.

    `before_end` is called when everything is carried and the same on both sides, before the move counts as finished.
    `is_own_desktop`: this process is the desktop on the source, and holds its lock.

    Raises BadInput for the wrong kinds of database, Refused when the source is in use or its trail is not whole, or
    when the target holds other data. A move that is finished changes nothing.
    """
    if not source.is_embedded or target.is_embedded:
        raise BadInput(tr("An embedded database (sqlite:///…) is moved into a shared one (postgresql://…)."))
    with held_still(source, is_own_desktop) as reading:
        state = state_of(reading)
        with _loading(target) as connection:
            begun = _begin(connection, source, state)
        if begun.finished_at is None:
            _carry_everything(source, reading, target, begun, tell)
            before_end()
            _finish(source, target)
            _count_for_planner(target)
        mark_moved(reading, target.engine.url.render_as_string(hide_password=True))
    return Moved(_counts(target), _hand_over_keys(source, target))


def carried_tables() -> list[Table]:
    """Return the tables that are copied row by row, those that others refer to first."""
    return [table for table in metadata.sorted_tables if table.name not in LEFT_OUT]


def _hand_over_keys(source: Database, target: Database) -> tuple[Path, ...]:
    """Give the shared database the key of the devices' secrets on this machine; return what others need."""
    old, new = (key_file(config_dir(), database.uuid) for database in (source, target))
    if not old.exists():
        return ()
    held_or_made(new, old.read_bytes)
    return (new,)


def _count_for_planner(target: Database) -> None:
    """Let the server look at what came, so that it chooses its indexes from the first question on."""
    with target.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


@contextlib.contextmanager
def _loading(target: Database) -> Iterator[Connection]:
    """Yield a connection whose writes run no triggers, committed at the end. Raises Refused without that right."""
    with target.engine.connect() as connection, connection.begin():
        try:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        except DBAPIError as error:
            raise Refused(
                tr(
                    "Moving needs the server's superuser for once, as 'watchroom init' does: {reason}",
                    reason=error.orig,
                )
            ) from error
        yield connection


def _begin(connection: Connection, source: Database, state: str) -> Any:
    """Return the row of this move, made where it is new; what was carried of another state is dropped first."""
    assert source.audit_key is not None
    begun = connection.execute(select(_moved)).first()
    if begun is not None and begun.database_uuid != source.uuid:
        raise Refused(tr("The target holds what was moved from {source}. Nothing was changed.", source=begun.source))
    if begun is not None and begun.finished_at is None and begun.source_state != state:
        _drop(connection)
        begun = None
    if begun is not None:
        return begun
    forget_init(connection)
    _refuse_others_data(connection)
    connection.execute(
        insert(_moved).values(
            database_uuid=source.uuid,
            key_fingerprint=fingerprint(source.audit_key),
            source=str(source.path)[-250:],
            source_state=state,
            began_at=text("clock_timestamp()"),
        )
    )
    return connection.execute(select(_moved)).one()


def _refuse_others_data(connection: Connection) -> None:
    for table in carried_tables():
        found = rows.count(connection, table)
        if found:
            raise Refused(
                tr(
                    "The target is not empty: {table} has {n} rows. Nothing was changed; name an empty database.",
                    table=table.name,
                    n=found,
                )
            )


def _drop(connection: Connection) -> None:
    """Take back what a move that was cut off left of a state that the source has no longer."""
    for table in reversed(metadata.sorted_tables):
        if table.name not in _FROM_THE_START:
            connection.execute(delete(table))
    connection.execute(text("DELETE FROM audit_entry"))


def _carry_everything(source: Database, reading: Connection, target: Database, begun: Any, tell: Tell) -> None:
    """Carry trail and tables that are not there yet, each in one transaction that compares both sides at its end."""
    tables = carried_tables()
    sizes = {table.name: rows.count(reading, table) for table in tables}
    trail_name = metadata.tables["audit_entry"].name
    sizes[trail_name] = rows.count(reading, metadata.tables[trail_name])
    progress = _Progress(tell, sum(sizes.values()))
    hand = trail.Hand(
        cli_identity().login, "move", "moving.move", tr("carried over from {source}", source=begun.source)
    )
    with target.engine.connect() as connection:
        there = set(connection.scalars(select(_tables.c.name)))
    for table in (metadata.tables[trail_name], *tables):
        progress.begin(table.name, sizes[table.name])
        if table.name not in there:
            with _loading(target) as connection:
                content = _carry_one(reading, connection, table, hand, progress)
                connection.execute(
                    insert(_tables).values(
                        name=table.name, rows=content.rows, digest=content.digest, carried_at=text("clock_timestamp()")
                    )
                )
        progress.end()


def _carry_one(
    reading: Connection, writing: Connection, table: Table, hand: trail.Hand, progress: _Progress
) -> rows.Content:
    if table.name == "audit_entry":
        content = trail.carry_trail(reading, writing)
        writing.execute(update(_moved).values(entries=content.rows, digest=trail.last_digest(reading)))
        _refuse_difference(table, content, trail.carried_content(writing, content.rows))
        return content
    content = rows.carry(reading, writing, table, progress.say)
    _refuse_difference(table, content, rows.content(writing, table))
    if table.info.get("audited", True):
        trail.picture(writing, table, hand)
    return content


def _refuse_difference(table: Table, there: rows.Content, here: rows.Content) -> None:
    if there != here:
        raise Refused(
            tr(
                "{table} differs: {there} rows there, {here} here. The move is not finished.",
                table=table.name,
                there=there.rows,
                here=here.rows,
            )
        )


def _counts(target: Database) -> tuple[TableCount, ...]:
    """Return what was carried and found the same on both sides, in that order."""
    with target.engine.connect() as connection:
        found = connection.execute(select(_tables.c.name, _tables.c.rows).order_by(_tables.c.carried_at)).all()
    return tuple(TableCount(name, n) for name, n in found)


def _finish(source: Database, target: Database) -> None:
    """Draw a new epoch, enter the move, seal everything and let the whole trail be verified. Raises Refused.

    The rules are renewed once more: the entry that says which rules hold went with what 'init' had made.
    """
    setting_up.prepare(target.engine)
    desk = target.desk(cli_identity(), "move")
    with _loading(target) as connection:
        epoch = hashlib.sha256(f"{target.epoch}{source.uuid}".encode()).hexdigest()[:32]
        connection.execute(update(Meta).where(Meta.name == "epoch").values(value=epoch))
        connection.execute(update(_moved).values(finished_at=text("clock_timestamp()")))
    desk.do(enter_move, source.uuid)
    while desk.do(audit.seal):
        continue
    broken = audit.first_broken(desk.read(audit.verify))
    if broken is not None:
        raise Refused(tr("The trail that was carried over is not whole: {what}", what=broken.what))


@command(Permission.COPY)
def enter_move(tx: Tx, database_uuid: str) -> None:
    """Leave the entry that names what was moved: the old trail's length, its last seal and its key."""
    moved = tx.connection.execute(select(_moved).where(_moved.c.database_uuid == database_uuid)).one()
    words = (
        f"{moved.source} {moved.database_uuid} entries={moved.entries} seal={moved.digest} key={moved.key_fingerprint}"
    )
    tx.act("moved", words)
