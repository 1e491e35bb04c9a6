"""The audit trail: the keyed hash, seals, and the proof that nothing was touched (DESIGN 3)."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, literal, select, text
from sqlalchemy.exc import ProgrammingError

from app import audit_checks
from app.audit_checks import NO_PLACE, Finding
from app.audit_hash import chained, entry_hash
from app.desk import ReadTx, Tx, command
from app.permissions import Permission
from app.shared import fingerprints
from app.words import tr
from models.audit import AuditEntry, AuditSeal
from models.schema import audited_tables

SEAL_AT_MOST = 20_000
_SEALING = 0x77617463
"""The advisory lock that lets one sealer at a time extend the chain."""
_SETTLED = "transaction_id < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
_entry = AuditEntry.__table__
_seal = AuditSeal.__table__


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify` found: entries and seals read, entries not sealed yet, findings (none when the trail is whole).

    `unchecked` names the tables whose rows were not compared, since this sign-in sees only some of them.
    """

    entries: int
    seals: int
    unsealed: int
    last_seal: int
    last_digest: str
    findings: tuple[Finding, ...]
    unchecked: tuple[str, ...] = ()

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
    """Seal the entries that no seal covers yet, SEAL_AT_MOST or one transaction more; return how many were sealed.

    A seal's range is of ids on SQLite. On PostgreSQL, where ids commit out of order, it is of transactions, and only
    those below the oldest running one are taken: none of them can bring an entry any more.
    """
    connection = tx.session.connection()
    if not tx.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _SEALING})
    last = connection.execute(select(_seal).order_by(_seal.c.id.desc()).limit(1)).mappings().first()
    rows = _to_seal(tx, last["last_id"] if last else NO_PLACE)
    if not rows:
        return 0
    digest = chained(last["digest"] if last else "", (row.hash for row in rows))
    fields: dict[str, Any] = {
        "first_id": rows[0].place,
        "last_id": rows[-1].place,
        "count": len(rows),
        "digest": digest,
        "sealed_at": tx.now,
    }
    own = entry_hash(tx.audit_key, *audit_checks.sealed_fields(tx, fields))
    connection.execute(insert(AuditSeal).values(hash=own, **fields))
    return len(rows)


def _to_seal(tx: Tx, after: int) -> Sequence[Row[Any, Any]]:
    """Return place and hash of the settled entries behind `after`, whole transactions in the order of their places."""
    place = (_entry.c.id if tx.is_sqlite else _entry.c.transaction_id).label("place")
    query = select(place, _entry.c.hash).order_by(place, _entry.c.id)
    if tx.is_sqlite:
        return tx.connection.execute(query.where(place > after).limit(SEAL_AT_MOST)).all()
    if after == NO_PLACE:
        # what another database's trail brought along has no transaction of this one
        brought = select(literal(0).label("place"), _entry.c.hash).where(place.is_(None)).order_by(_entry.c.id)
        rows = tx.connection.execute(brought).all()
        if rows:
            return rows
    settled = query.where(place > after, text(_SETTLED))
    rows = tx.connection.execute(settled.limit(SEAL_AT_MOST + 1)).all()
    if len(rows) <= SEAL_AT_MOST:
        return rows
    whole = [row for row in rows if row.place < rows[-1].place]
    return whole or tx.connection.execute(query.where(place == rows[-1].place)).all()


def last_seal(tx: ReadTx) -> tuple[int, str]:
    """Return the newest seal's number and digest, (0, "") before the first: printed records carry it."""
    row = tx.connection.execute(select(_seal.c.id, _seal.c.digest).order_by(_seal.c.id.desc()).limit(1)).first()
    return (row.id, row.digest) if row else (0, "")


def verify(tx: ReadTx, remembered: tuple[int, str] = (0, "")) -> Verdict:
    """Check every entry's hash, every seal, the triggers, and that each audited row equals its newest entry.

    `remembered` is the last seal that this client verified; a trail that no longer holds it was cut. Raises Refused
    for somebody who sees only part of the trail.
    """
    findings: list[Finding] = []
    try:
        hidden = audit_checks.prepare(tx)
        findings += audit_checks.trigger_findings(tx)
        return _verdict(tx, remembered, hidden, findings)
    except ProgrammingError as error:  # a table or function is not what the program knows
        return Verdict(0, 0, 0, 0, "", (*findings, audit_checks.unreadable(error)))


def _verdict(tx: ReadTx, remembered: tuple[int, str], hidden: frozenset[str], findings: list[Finding]) -> Verdict:
    """Add what else is found to `findings` and return the verdict."""
    findings += fingerprints.findings(tx)
    sums, entry_findings = audit_checks.read_entries(tx)
    seals = [dict(row) for row in tx.connection.execute(select(_seal).order_by(_seal.c.id)).mappings()]
    if audit_checks.has_other_key(tx):  # nothing could be told from hashes, each would look changed
        findings.append(Finding(0, key_lost()))
    else:
        findings += entry_findings
        findings += audit_checks.seal_findings(tx, seals, sums, remembered)
        findings += audit_checks.chain_findings(tx)
        findings += audit_checks.moved_findings(tx)
        for table in audited_tables():
            if table.name not in hidden:
                findings += audit_checks.row_findings(tx, table)
    last = seals[-1] if seals else None
    return Verdict(
        entries=len(sums),
        seals=len(seals),
        unsealed=sum(1 for one in sums if not last or one.place > last["last_id"]),
        last_seal=last["id"] if last else 0,
        last_digest=last["digest"] if last else "",
        findings=tuple(findings),
        unchecked=(*sorted(hidden), *audit_checks.unproved(tx)),
    )


def key_lost() -> str:
    return tr(
        "the key of this trail is not on this machine (the folder 'keys' beside the settings): put it back from a copy;"
        " without it nobody can tell whether the trail is whole"
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


def entry(tx: ReadTx, entry_id: int) -> EntryRow | None:
    """Return one entry with what it changed."""
    row = tx.connection.execute(select(_entry).where(_entry.c.id == entry_id)).first()
    return _entry_row(row) if row else None


def _entry_row(row: Any) -> EntryRow:
    old: dict[str, Any] = json.loads(row.old) if row.old else {}
    new: dict[str, Any] = json.loads(row.new) if row.new else {}
    changes = tuple((name, old.get(name), value) for name, value in new.items() if old.get(name) != value)
    return EntryRow(row.id, row.at, row.person, row.seat, row.command, row.reason, row.table_name, row.row_key, changes)


def first_broken(verdict: Verdict) -> Finding | None:
    """Return the finding about the lowest entry."""
    return min(verdict.findings, key=lambda f: f.entry_id, default=None)
