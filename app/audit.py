"""The audit trail: the keyed hash, seals, and the proof that nothing was touched (DESIGN 3)."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from app.audit_hash import entry_hash, fingerprint
from app.desk import ReadTx, Tx, command
from app.permissions import Permission
from models.audit import AuditEntry, AuditSeal, Meta
from models.schema import audited_tables
from models.triggers import expected_triggers, key_column, postgresql_row_json, sqlite_row_json, trigger_names

SEAL_AT_MOST = 20_000
KEY_LOST = (
    "the key of this trail is not on this machine (the folder 'keys' beside the settings): put it back from a copy;"
    " without it nobody can tell whether the trail is whole"
)
_entry = AuditEntry.__table__
_seal = AuditSeal.__table__


@dataclass(frozen=True, slots=True)
class Finding:
    """The first thing that is not as it should be; `entry_id` is 0 when it is not about one entry."""

    entry_id: int
    what: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: entries and seals read, entries not sealed yet, findings (none when the trail is whole)."""

    entries: int
    seals: int
    unsealed: int
    last_seal: int
    last_digest: str
    findings: tuple[Finding, ...]

    @property
    def is_whole(self) -> bool:
        return not self.findings


@dataclass(frozen=True, slots=True)
class EntryRow:
    """One line of a record's history; `changes` holds (column, old, new) of what differs."""

    id: int
    at: datetime
    person: str
    seat: str
    command: str
    reason: str
    table: str
    key: str
    changes: tuple[tuple[str, Any, Any], ...]


@command(Permission.SEAL)
def seal(tx: Tx) -> int:
    """Seal the entries that no seal covers yet, at most SEAL_AT_MOST; return how many were sealed.

    On PostgreSQL only entries below the oldest running transaction are taken, since ids commit out of order.
    """
    connection = tx.session.connection()
    last = connection.execute(select(_seal).order_by(_seal.c.id.desc()).limit(1)).mappings().first()
    after = last["last_id"] if last else 0
    query = select(_entry.c.id, _entry.c.hash).where(_entry.c.id > after).order_by(_entry.c.id).limit(SEAL_AT_MOST)
    if not tx.is_sqlite:
        settled = text("transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        query = query.where(settled)
    rows = connection.execute(query).all()
    if not rows:
        return 0
    digest = _chain(last["digest"] if last else "", (row.hash for row in rows))
    fields = {"first_id": rows[0].id, "last_id": rows[-1].id, "count": len(rows), "digest": digest}
    connection.execute(
        insert(AuditSeal).values(sealed_at=tx.now, hash=entry_hash(tx.audit_key, *fields.values()), **fields)
    )
    return len(rows)


def last_seal(tx: ReadTx) -> tuple[int, str]:
    """Return the newest seal's number and digest, (0, "") before the first: printed records carry it."""
    row = tx.connection.execute(select(_seal.c.id, _seal.c.digest).order_by(_seal.c.id.desc()).limit(1)).first()
    return (row.id, row.digest) if row else (0, "")


def verify(tx: ReadTx, remembered: tuple[int, str] = (0, "")) -> Verdict:
    """Check every entry's hash, every seal, the triggers, and that each audited row equals its newest entry.

    `remembered` is the last seal that this client verified; a trail that no longer holds it was cut.
    """
    findings = list(_trigger_findings(tx.connection))
    hashes, entry_findings = _read_entries(tx)
    seals = tx.connection.execute(select(_seal).order_by(_seal.c.id)).mappings().all()
    if _has_other_key(tx):  # nothing could be told from hashes, each would look changed
        findings.append(Finding(0, KEY_LOST))
    else:
        findings += entry_findings
        findings += _seal_findings(tx, [dict(s) for s in seals], hashes, remembered)
        for table in audited_tables():
            findings += _row_findings(tx, table)
    last = seals[-1] if seals else None
    return Verdict(
        entries=len(hashes),
        seals=len(seals),
        unsealed=sum(1 for entry_id in hashes if not last or entry_id > last["last_id"]),
        last_seal=last["id"] if last else 0,
        last_digest=last["digest"] if last else "",
        findings=tuple(findings),
    )


def history(tx: ReadTx, table: str, key: object, limit: int = 200) -> list[EntryRow]:
    """Return what was changed in one row, newest first, at most `limit`."""
    rows = tx.connection.execute(
        select(_entry)
        .where(_entry.c.table_name == table, _entry.c.row_key == str(key))
        .order_by(_entry.c.id.desc())
        .limit(limit)
    )
    return [_entry_row(row) for row in rows]


def _entry_row(row: Any) -> EntryRow:
    old: dict[str, Any] = json.loads(row.old) if row.old else {}
    new: dict[str, Any] = json.loads(row.new) if row.new else {}
    changes = tuple((name, old.get(name), value) for name, value in new.items() if old.get(name) != value)
    return EntryRow(row.id, row.at, row.person, row.seat, row.command, row.reason, row.table_name, row.row_key, changes)


def _chain(previous: str, hashes: Iterator[str]) -> str:
    digest = hashlib.sha256(previous.encode())
    for value in hashes:
        digest.update(value.encode())
    return digest.hexdigest()


def _trigger_findings(connection: Connection) -> Iterator[Finding]:
    for name in sorted(expected_triggers() - trigger_names(connection)):
        yield Finding(0, f"the trigger {name} is missing")


def _has_other_key(tx: ReadTx) -> bool:
    """Tell whether the trail was begun under another key than this machine's."""
    if tx.audit_key is None:
        return False
    begun_under = tx.session.scalar(select(Meta.value).where(Meta.name == "audit_key"))
    return begun_under is not None and begun_under != fingerprint(tx.audit_key)


def _read_entries(tx: ReadTx) -> tuple[dict[int, str], list[Finding]]:
    """Return every entry's stored hash by id, and what is wrong with them."""
    at = "at" if tx.is_sqlite else "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')"
    rows = tx.connection.execute(
        text(
            f"SELECT id, {at} AS at, person, seat, command, reason, table_name, row_key, old, new, hash"
            " FROM audit_entry ORDER BY id"
        ).execution_options(yield_per=5_000)
    )
    hashes: dict[int, str] = {}
    findings: list[Finding] = []
    expected = 1
    for *fields, stored in rows:
        entry_id: int = fields[0]
        if tx.is_sqlite and entry_id != expected:
            findings.append(Finding(entry_id, f"the entries {expected}..{entry_id - 1} are gone"))
        expected = entry_id + 1
        if entry_hash(tx.audit_key, *fields) != stored:
            findings.append(Finding(entry_id, "the entry was changed"))
        hashes[entry_id] = stored
    return hashes, findings


def _seal_findings(
    tx: ReadTx, seals: list[dict[str, Any]], hashes: dict[int, str], remembered: tuple[int, str]
) -> Iterator[Finding]:
    previous, after = "", 0
    held = {number: s["digest"] for number, s in ((s["id"], s) for s in seals)}
    if remembered[0] and held.get(remembered[0]) != remembered[1]:
        yield Finding(0, f"the seal {remembered[0]} that was verified here before is gone or was changed")
    ids = sorted(hashes)
    position = 0
    for s in seals:
        covered: list[str] = []
        while position < len(ids) and ids[position] <= s["last_id"]:
            covered.append(hashes[ids[position]])
            position += 1
        fields = (s["first_id"], s["last_id"], s["count"], s["digest"])
        if entry_hash(tx.audit_key, *fields) != s["hash"] or len(covered) != s["count"] or s["first_id"] <= after:
            yield Finding(s["first_id"], f"the seal {s['id']} was changed or entries under it are gone")
        elif _chain(previous, iter(covered)) != s["digest"]:
            yield Finding(s["first_id"], f"an entry under the seal {s['id']} was changed")
        previous, after = s["digest"], s["last_id"]


def _row_findings(tx: ReadTx, table: Table) -> Iterator[Finding]:
    """Compare each row with the newest entry about it: a write that went round the triggers shows here."""
    key = key_column(table)
    row_json = (
        sqlite_row_json(table, f'"{table.name}"') if tx.is_sqlite else postgresql_row_json(table, f'"{table.name}"')
    )
    newest = (
        select(_entry.c.row_key, func.max(_entry.c.id).label("id"))
        .where(_entry.c.table_name == table.name)
        .group_by(_entry.c.row_key)
        .subquery()
    )
    entries = {
        row.row_key: row
        for row in tx.connection.execute(
            select(_entry.c.row_key, _entry.c.id, _entry.c.new).join(newest, newest.c.id == _entry.c.id)
        )
    }
    rows = tx.connection.exec_driver_sql(f'SELECT CAST("{key}" AS TEXT), {row_json} FROM "{table.name}"')
    for row_key, present in rows:
        entry = entries.pop(row_key, None)
        if entry is None:
            yield Finding(0, f"{table.name} {row_key} has no entry: it was written past the program")
        elif entry.new != present:
            yield Finding(entry.id, f"{table.name} {row_key} was changed past the program")
    for row_key, entry in entries.items():
        yield Finding(entry.id, f"{table.name} {row_key} was deleted past the program")


def first_broken(verdict: Verdict) -> Finding | None:
    """Return the finding about the lowest entry."""
    return min(verdict.findings, key=lambda f: f.entry_id, default=None)
