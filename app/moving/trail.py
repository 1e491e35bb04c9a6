"""The audit trail that is carried over: its entries under this database's hash, its seals as they stood.

A carried entry keeps what it says; its hash is made anew as PostgreSQL's entries have it, and the seals made here cover
it like any other. Where the old trail's key is at hand, `findings` makes the old hashes again from what the entries say
and holds them against the old seals: that proves that nothing changed on the way, or since.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import Connection, Select, Table, select, text

from app.audit_hash import chained, entry_hash, fingerprint
from app.database import held_audit_key
from app.moving.rows import ROWS_AT_ONCE, Content, Digest, copy_rows, read, set_sequence
from app.words import tr
from models.audit import AuditEntry, AuditSeal
from models.base import Base
from models.moving import MovedSeal, MovedTrail
from models.triggers import key_column, postgresql_row_json

SAME_TEXT = ("SET LOCAL timezone = 'UTC'", "SET LOCAL extra_float_digits = 1", "SET LOCAL bytea_output = 'hex'")
"""Rows are pictured as the triggers picture them."""
_entries: Table = Base.metadata.tables[AuditEntry.__tablename__]
_seals: Table = Base.metadata.tables[AuditSeal.__tablename__]
_moved_seals: Table = Base.metadata.tables[MovedSeal.__tablename__]
_trail: Table = Base.metadata.tables[MovedTrail.__tablename__]
_HASHED = [_entries.c[name] for name in ("id", "at", "person", "seat", "command", "reason", "table_name", "row_key")]
_HASHED += [_entries.c.old, _entries.c.new]
_MOMENT = "%Y-%m-%d %H:%M:%S.%f"


@dataclass(frozen=True, slots=True)
class Hand:
    """Who moves, as the entries say it."""

    person: str
    seat: str
    command: str
    reason: str


def carry_trail(source: Connection, target: Connection) -> Content:
    """Copy entries and seals; return what the entries say."""
    transaction = target.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
    digest = Digest()

    def rows() -> Iterator[Sequence[Any]]:
        for row in read(source, _entries):
            digest.add(_said(row))
            yield _entry(row, transaction)

    copy_rows(target, _entries, rows())
    copy_rows(target, _moved_seals, read(source, _seals))
    set_sequence(target, _entries)
    return digest.content()


def carried_content(target: Connection, count: int) -> Content:
    """Return what the carried entries say here."""
    digest = Digest()
    for row in target.execute(_carried(count)):
        digest.add(row)
    return digest.content()


def last_digest(source: Connection) -> str:
    """Return the digest of the old trail's newest seal."""
    return source.scalar(select(_seals.c.digest).order_by(_seals.c.id.desc()).limit(1)) or ""


def picture(target: Connection, table: Table, hand: Hand) -> None:
    """Write an entry for each row that was carried: as the old trail left it, and as it stands here."""
    for statement in SAME_TEXT:
        target.exec_driver_sql(statement)
    transaction = target.scalar(text("SELECT pg_current_xact_id()::text::bigint"))
    key = key_column(table)
    query = (
        f'SELECT CAST(t."{key}" AS text), {postgresql_row_json(table, "t")}, before.new FROM "{table.name}" AS t'
        f" LEFT JOIN (SELECT DISTINCT ON (row_key) row_key, new FROM audit_entry WHERE table_name = '{table.name}'"
        f' ORDER BY row_key, id DESC) AS before ON before.row_key = CAST(t."{key}" AS text)'
    )
    streamed = {"stream_results": True, "yield_per": ROWS_AT_ONCE}
    found = target.exec_driver_sql(query, execution_options=streamed)
    for batch in found.partitions(ROWS_AT_ONCE):
        ids = target.scalars(
            text("SELECT nextval(pg_get_serial_sequence('audit_entry', 'id')) FROM generate_series(1, :n)"),
            {"n": len(batch)},
        ).all()
        at = target.scalar(select(text("clock_timestamp()")))
        copy_rows(
            target,
            _entries,
            (
                _made(number, at, hand, table.name, row_key, old, new, transaction)
                for number, (row_key, new, old) in zip(ids, batch, strict=True)
            ),
        )


def findings(connection: Connection, keys: Callable[[str, str], bytes | None]) -> Iterator[tuple[int, str]]:
    """Yield what is not as the old trail's seals say: entry and sentence. `keys` gives a trail's key, None without."""
    for trail in connection.execute(select(_trail).where(_trail.c.finished_at.is_not(None))):
        key = keys(trail.database_uuid, trail.key_fingerprint)
        if key is not None:
            yield from _findings(connection, trail.entries, key)


def unproved(connection: Connection, keys: Callable[[str, str], bytes | None]) -> list[str]:
    """Return what could not be looked at because its key is not on this machine."""
    trails = connection.execute(select(_trail).where(_trail.c.finished_at.is_not(None)))
    return [
        tr("seals from {source} (key {name})", source=trail.source, name=f"{trail.database_uuid}.key")
        for trail in trails
        if keys(trail.database_uuid, trail.key_fingerprint) is None
    ]


def _findings(connection: Connection, count: int, key: bytes) -> Iterator[tuple[int, str]]:
    seals = connection.execute(select(_moved_seals).order_by(_moved_seals.c.id)).all()
    hashes = [entry_hash(key, *fields) for fields in _as_they_were(connection, count)]
    previous, position = "", 0
    for seal in seals:
        size: int = seal._mapping["count"]
        covered = hashes[position : position + size]
        position += len(covered)
        if entry_hash(key, seal.first_id, seal.last_id, size, seal.digest) != seal.hash:
            yield seal.first_id, tr("the carried seal {n} was changed", n=seal.id)
        elif len(covered) != size or chained(previous, covered) != seal.digest:
            yield seal.first_id, tr("an entry under the carried seal {n} is not what it was", n=seal.id)
        previous = seal.digest


def _as_they_were(connection: Connection, count: int) -> Iterator[tuple[object, ...]]:
    """Yield what the old hashes are over, in the order of the entries."""
    for row in connection.execute(_carried(count)):
        yield row.id, row.at.strftime(_MOMENT), *row[2:]


def _carried(count: int) -> Select[Any]:
    query = select(*_HASHED).where(_entries.c.id <= count).order_by(_entries.c.id)
    return query.execution_options(yield_per=ROWS_AT_ONCE, stream_results=True)


def _said(row: Any) -> tuple[Any, ...]:
    """Return what an entry says: all but its transaction and its hash."""
    return tuple(getattr(row, column.name) for column in _HASHED)


def held_key(database_uuid: str, key_fingerprint: str) -> bytes | None:
    """Return the key of an old trail where this machine has it."""
    key = held_audit_key(database_uuid)
    return key if key is not None and fingerprint(key) == key_fingerprint else None


def _entry(row: Any, transaction: int) -> tuple[Any, ...]:
    """Return a row of `audit_entry`, whose hash is over all but itself."""
    fields = (row.at, row.person, row.seat, row.command, row.reason, row.table_name, row.row_key, row.old, row.new)
    return _hashed(row.id, fields, transaction)


def _made(
    number: int, at: Any, hand: Hand, table: str, row_key: str, old: str | None, new: str, transaction: int
) -> tuple[Any, ...]:
    fields = (at, hand.person, hand.seat, hand.command, hand.reason, table, row_key, old, new)
    return _hashed(number, fields, transaction)


def _hashed(number: int, fields: tuple[Any, ...], transaction: int) -> tuple[Any, ...]:
    at, *rest = fields
    moment = at.astimezone(UTC).strftime(_MOMENT)
    return (number, *fields, transaction, entry_hash(None, number, moment, *rest, transaction))
