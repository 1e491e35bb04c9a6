"""What `audit.verify` looks at, each check a generator of findings: triggers, entries, seals, rows (DESIGN 3)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Table, func, select, text
from sqlalchemy.exc import DBAPIError

from app.audit_hash import chained, entry_hash, fingerprint
from app.desk import ReadTx
from app.errors import Refused
from app.moving import trail
from app.words import tr
from models.audit import AuditEntry, AuditSeal, Meta
from models.schema import audited_tables
from models.trigger_check import standing
from models.triggers import key_column, postgresql_row_json, sqlite_row_json

NO_PLACE = -1
"""Lies before every entry. The place of an entry is its id on SQLite, its transaction (0 for none) on PostgreSQL."""
_entry = AuditEntry.__table__
_seal = AuditSeal.__table__
_TRAIL = frozenset({"audit_entry", "audit_seal"})
_SAME_TEXT = "SET LOCAL timezone = 'UTC'", "SET LOCAL extra_float_digits = 1", "SET LOCAL bytea_output = 'hex'"
_HIDDEN = """
SELECT relname FROM pg_class JOIN unnest(CAST(:names AS text[])) AS wanted (name) ON oid = to_regclass(wanted.name)
WHERE NOT has_table_privilege(pg_class.oid, 'SELECT') OR row_security_active(pg_class.oid) AND NOT EXISTS (
  SELECT FROM pg_policy, unnest(polroles) AS reader WHERE polrelid = pg_class.oid AND polcmd IN ('r', '*')
  AND (reader = 0 OR pg_has_role(reader, 'USAGE')))
"""
_SEES_ALL = "SELECT to_regprocedure('watchroom_sees_all()') IS NULL OR NOT row_security_active('audit_entry')"


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is not as it should be; `entry_id` is 0 when it is not about one entry."""

    entry_id: int
    what: str


def unreadable(error: DBAPIError) -> Finding:
    """Return the finding that a check could not be run, since what it reads is not as the program made it."""
    return Finding(0, tr("the rest could not be checked: {words}", words=str(error.orig).split("\n")[0]))


@dataclass(frozen=True, slots=True)
class Sum:
    """An entry's place, id and stored hash."""

    place: int
    id: int
    hash: str


def sealed_fields(tx: ReadTx, seal: Mapping[str, Any]) -> tuple[object, ...]:
    """Return what a seal's own hash is over; on SQLite its time is left out, as it was from the beginning."""
    fields = (seal["first_id"], seal["last_id"], seal["count"], seal["digest"])
    return fields if tx.is_sqlite else (*fields, seal["sealed_at"].strftime("%Y-%m-%d %H:%M:%S.%f"))


def prepare(tx: ReadTx) -> frozenset[str]:
    """Make rows read as the triggers wrote them, and return the audited tables that this sign-in sees only in part.

    Raises Refused when the trail itself is one of them.
    """
    if tx.is_sqlite:
        return frozenset()
    for setting in _SAME_TEXT:
        tx.connection.exec_driver_sql(setting)
    names = [*_TRAIL, *(table.name for table in audited_tables())]
    hidden = frozenset(tx.connection.execute(text(_HIDDEN), {"names": names}).scalars())
    sees_all = tx.connection.scalar(text(_SEES_ALL)) or tx.connection.scalar(text("SELECT watchroom_sees_all()"))
    if hidden & _TRAIL or not sees_all:
        raise Refused(
            tr("This sign-in sees only part of the audit trail. Nothing was checked: verify it as the auditor.")
        )
    return hidden


def trigger_findings(tx: ReadTx) -> Iterator[Finding]:
    """Yield what was done to the trail's triggers and functions."""
    found = standing(tx.connection)
    for name in found.missing:
        yield Finding(0, tr("the trigger {name} is missing", name=name))
    for name in found.switched_off:
        yield Finding(0, tr("the trigger {name} is switched off", name=name))
    for name in found.altered:
        yield Finding(0, tr("the trigger {name} was changed", name=name))
    for name in found.functions:
        yield Finding(0, tr("the function {name} was changed", name=name))


def has_other_key(tx: ReadTx) -> bool:
    """Tell whether the trail was begun under another key than this machine's."""
    if tx.audit_key is None:
        return False
    begun_under = tx.session.scalar(select(Meta.value).where(Meta.name == "audit_key"))
    return begun_under is not None and begun_under != fingerprint(tx.audit_key)


def read_entries(tx: ReadTx) -> tuple[list[Sum], list[Finding]]:
    """Return every entry in the order of its place, and what is wrong with them."""
    at = "at" if tx.is_sqlite else "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    order = "id" if tx.is_sqlite else "transaction_id NULLS FIRST, id"
    rows = tx.connection.execute(
        text(
            f"SELECT id, {at} AS at, person, seat, command, reason, table_name, row_key, old, new, transaction_id, hash"
            f" FROM audit_entry ORDER BY {order}"
        ).execution_options(yield_per=5_000)
    )
    sums: list[Sum] = []
    findings: list[Finding] = []
    expected = 1
    for *fields, transaction, stored in rows:
        entry_id: int = fields[0]
        if tx.is_sqlite and entry_id != expected:
            findings.append(Finding(entry_id, tr("the entries {a}..{b} are gone", a=expected, b=entry_id - 1)))
        expected = entry_id + 1
        hashed = fields if tx.is_sqlite else (*fields, transaction)
        if entry_hash(tx.audit_key, *hashed) != stored or (tx.is_sqlite and transaction is not None):
            findings.append(Finding(entry_id, tr("the entry was changed")))
        sums.append(Sum(entry_id if tx.is_sqlite else transaction or 0, entry_id, stored))
    return sums, findings


def seal_findings(
    tx: ReadTx, seals: Sequence[Mapping[str, Any]], sums: Sequence[Sum], remembered: tuple[int, str]
) -> Iterator[Finding]:
    """Yield the seals that do not hold what they name, and the one remembered here when it is gone."""
    held = {seal["id"]: seal["digest"] for seal in seals}
    if remembered[0] and held.get(remembered[0]) != remembered[1]:
        what = tr("the seal {n} that was verified here before is gone or was changed", n=remembered[0])
        yield Finding(0, what)
    previous, after, position = "", NO_PLACE, 0
    for seal in seals:
        start = position
        while position < len(sums) and sums[position].place <= seal["last_id"]:
            position += 1
        covered = sums[start:position]
        about = covered[0].id if covered else 0
        is_itself = entry_hash(tx.audit_key, *sealed_fields(tx, seal)) == seal["hash"]
        if not is_itself or len(covered) != seal["count"] or seal["first_id"] <= after:
            what = tr("the seal {n} was changed or entries under it are gone", n=seal["id"])
            yield Finding(about, what)
        elif chained(previous, (one.hash for one in covered)) != seal["digest"]:
            yield Finding(about, tr("an entry under the seal {n} was changed", n=seal["id"]))
        previous, after = seal["digest"], seal["last_id"]


def chain_findings(tx: ReadTx) -> Iterator[Finding]:
    """Yield entries whose old values are not what the entry before them about the same row left."""
    for entry_id, table, key, old, previous in tx.connection.exec_driver_sql(_gaps(tx)):
        columns = _columns_of(table)
        if old is None or previous is None or columns is None or not _is_same(previous, old, columns):
            what = tr("before this entry one about {table} {key} is gone or was added", table=table, key=key)
            yield Finding(entry_id, what)
    names = {table.name for table in audited_tables()}
    known = tx.connection.execute(select(_entry.c.table_name, func.min(_entry.c.id)).group_by(_entry.c.table_name))
    for table, entry_id in known:
        if table not in names:
            yield Finding(entry_id, tr("the entry is about {table}, which has none", table=table))


def _gaps(tx: ReadTx) -> str:
    """Return the query for entries that do not follow their row's last one: id, table, key, old, that one's new."""
    if tx.is_sqlite:
        before = (
            "(SELECT p.new FROM audit_entry p WHERE p.table_name = e.table_name AND p.row_key = e.row_key"
            " AND p.id < e.id ORDER BY p.id DESC LIMIT 1)"
        )
        return (
            f"SELECT e.id, e.table_name, e.row_key, e.old, {before} AS previous FROM audit_entry e"
            " WHERE e.old IS NOT previous"
        )
    return (
        "SELECT id, table_name, row_key, old, previous FROM (SELECT id, table_name, row_key, old,"
        " lag(new) OVER (PARTITION BY table_name, row_key ORDER BY id) AS previous FROM audit_entry) AS e"
        " WHERE old IS DISTINCT FROM previous"
    )


def moved_findings(tx: ReadTx) -> Iterator[Finding]:
    """Yield what is not as the seals of a trail that was carried over say."""
    for entry_id, what in trail.findings(tx.connection, trail.held_key):
        yield Finding(entry_id, what)


def unproved(tx: ReadTx) -> list[str]:
    """Return the carried trails whose own seals can't be looked at, for want of the key."""
    return trail.unproved(tx.connection, trail.held_key)


def row_findings(tx: ReadTx, table: Table) -> Iterator[Finding]:
    """Compare each row with the newest entry about it: a write that went round the triggers shows here."""
    key = key_column(table)
    row_json = (sqlite_row_json if tx.is_sqlite else postgresql_row_json)(table, f'"{table.name}"')
    newest = (
        select(_entry.c.row_key, func.max(_entry.c.id).label("id"))
        .where(_entry.c.table_name == table.name)
        .group_by(_entry.c.row_key)
        .subquery()
    )
    joined = select(_entry.c.row_key, _entry.c.id, _entry.c.new).join(newest, newest.c.id == _entry.c.id)
    entries = {row.row_key: row for row in tx.connection.execute(joined)}
    rows = tx.connection.exec_driver_sql(f'SELECT CAST("{key}" AS TEXT), {row_json} FROM "{table.name}"')
    columns = {c.name: c for c in table.columns}
    for row_key, present in rows:
        entry = entries.pop(row_key, None)
        if entry is None:
            what = tr("{table} {key} has no entry: it was written past the program", table=table.name, key=row_key)
            yield Finding(0, what)
        elif entry.new != present and not _is_same(entry.new, present, columns):
            what = tr("{table} {key} was changed past the program", table=table.name, key=row_key)
            yield Finding(entry.id, what)
    for row_key, entry in entries.items():
        yield Finding(entry.id, tr("{table} {key} was deleted past the program", table=table.name, key=row_key))


def _columns_of(table: str) -> Mapping[str, Column[Any]] | None:
    found = next((t for t in audited_tables() if t.name == table), None)
    return None if found is None else {c.name: c for c in found.columns}


def _is_same(before: str, after: str, columns: Mapping[str, Column[Any]]) -> bool:
    """Tell whether two pictures of a row differ only by columns that came or went with an upgrade in between."""
    try:
        old, new = json.loads(before), json.loads(after)
    except ValueError:
        return False
    if any(old[name] != new[name] for name in old.keys() & new.keys()):
        return False
    came_empty = all(name in columns and _is_default(columns[name], new[name]) for name in new.keys() - old.keys())
    return came_empty and not (old.keys() - new.keys()) & columns.keys()


def _is_default(column: Column[Any], value: object) -> bool:
    if not value:
        return True
    default = getattr(column.server_default, "arg", None)
    return default is not None and str(default).strip("'") in (str(value), str(int(value)) if value is True else "")
