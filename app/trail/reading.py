"""Entries of the audit trail, newest first, by page and by what they are about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, func, literal, or_, select

from app import audit
from app.desk import ReadTx
from app.paging import PAGE, capped_count
from app.text import LIKE_ESCAPE, like_pattern
from models.audit import AuditEntry
from models.enums import Post

LOOKED_THROUGH = 200_000
"""A search goes through this many of the newest entries."""
ACCOUNTS = ("person", "person_post", "password", "system_right", "login_lock", "setting")
"""Tables whose entries say who may do what."""
PAST_THE_PROGRAM = "direct edit"
"""What the triggers call a change that no command made."""


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One entry as the list shows it; `reason` is empty for administrators, who see no words of the desk's work."""

    id: int
    at: datetime
    person: str
    seat: str
    command: str
    reason: str
    table: str
    key: str

    @property
    def is_past_the_program(self) -> bool:
        return self.command == PAST_THE_PROGRAM


def page(
    tx: ReadTx,
    text: str = "",
    chip: str = "",
    *,
    after: TrailRow | None = None,
    backwards: bool = False,
    limit: int = PAGE,
) -> list[TrailRow]:
    """Return the `limit` entries after (with `backwards`: before) the row `after`, newest first.

    `chip` is "sign-ins", "acts", "accounts", "past" or "". Each word of `text` is looked for in who, where and what.
    """
    reason = AuditEntry.reason if _sees_values(tx) else literal("", String)
    columns = (AuditEntry.id, AuditEntry.at, AuditEntry.person, AuditEntry.seat, AuditEntry.command, reason)
    query = select(*columns, AuditEntry.table_name, AuditEntry.row_key).where(*_conditions(tx, text, chip))
    if after is not None:
        query = query.where(AuditEntry.id > after.id if backwards else AuditEntry.id < after.id)
    query = query.order_by(AuditEntry.id if backwards else AuditEntry.id.desc()).limit(limit)
    found = [TrailRow(*row) for row in tx.session.execute(query)]
    return found[::-1] if backwards else found


def count(tx: ReadTx, text: str = "", chip: str = "") -> int:
    """Return how many entries there are, counted up to COUNT_LIMIT."""
    return capped_count(tx, select(AuditEntry.id).where(*_conditions(tx, text, chip)))


def changes(tx: ReadTx, entry_id: int) -> tuple[tuple[str, Any, Any], ...]:
    """Return (column, old, new) of what an entry changed; nothing for whoever may not read the values."""
    if not _sees_values(tx):
        return ()
    found = audit.entry(tx, entry_id)
    return found.changes if found else ()


def _sees_values(tx: ReadTx) -> bool:
    return tx.is_sqlite or Post.ADMINISTRATOR not in tx.person.posts


def _conditions(tx: ReadTx, text: str, chip: str) -> list[ColumnElement[bool]]:
    held: list[ColumnElement[bool]] = []
    match chip:
        case "sign-ins":
            held.append(AuditEntry.table_name == "sign_in")
        case "acts":
            held.append(AuditEntry.table_name == "act")
        case "accounts":
            held.append(AuditEntry.table_name.in_(ACCOUNTS))
        case "past":
            held.append(AuditEntry.command == PAST_THE_PROGRAM)
    searched = [AuditEntry.person, AuditEntry.seat, AuditEntry.command, AuditEntry.table_name, AuditEntry.row_key]
    if _sees_values(tx):
        searched.append(AuditEntry.reason)
    for word in text.split():
        pattern = like_pattern(word)
        held.append(or_(*(column.ilike(pattern, escape=LIKE_ESCAPE) for column in searched)))
    if text or chip:
        newest = tx.session.scalar(select(func.max(AuditEntry.id))) or 0
        held.append(AuditEntry.id > newest - LOOKED_THROUGH)
    return held
