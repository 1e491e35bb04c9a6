"""The shift log: what the shift saw and did, and gaps in watching."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput, Refused
from app.paging import PAGE, beyond
from app.permissions import Permission
from app.text import clean, clean_line, like_pattern
from app.times import month_range
from app.words import tr
from models.duty import ShiftLogEntry
from models.enums import ShiftLogKind
from models.incidents import Incident
from models.people import Person


@dataclass(frozen=True, slots=True)
class LogRow:
    """A line of the shift log; `is_entered_later` when it was written more than 5 minutes after it happened."""

    id: int
    version: int
    kind: ShiftLogKind
    happened_at: datetime
    recorded_at: datetime
    person: str
    text: str
    incident: str
    void_reason: str

    @property
    def is_entered_later(self) -> bool:
        return (self.recorded_at - self.happened_at).total_seconds() > 300


def log_page(
    tx: ReadTx,
    text: str = "",
    after: LogRow | None = None,
    limit: int = PAGE,
    *,
    backwards: bool = False,
    descending: bool = True,
    since: datetime | None = None,
) -> list[LogRow]:
    """Return the `limit` lines after (with `backwards`: before) the line `after`, by time, newest first."""
    is_down = descending is not backwards
    columns = (ShiftLogEntry.happened_at, ShiftLogEntry.id)
    query = _lines().order_by(*(column.desc() if is_down else column.asc() for column in columns))
    if text.strip():
        query = query.where(ShiftLogEntry.text.like(like_pattern(text.strip()), escape="\\"))
    if since is not None:
        query = query.where(ShiftLogEntry.happened_at >= since)
    if after is not None:
        query = query.where(beyond(columns, (after.happened_at, after.id), descending=is_down))
    found = [LogRow(*row) for row in tx.session.execute(query.limit(limit))]
    return found[::-1] if backwards else found


def log_of_month(tx: ReadTx, month: date) -> list[LogRow]:
    """Return a month's lines, oldest first, voided ones included."""
    first, last = month_range(month)
    query = _lines().where(ShiftLogEntry.happened_at >= first, ShiftLogEntry.happened_at < last)
    return [LogRow(*row) for row in tx.session.execute(query.order_by(ShiftLogEntry.happened_at, ShiftLogEntry.id))]


def _lines() -> Select[*tuple[Any, ...]]:
    return (
        select(
            ShiftLogEntry.id, ShiftLogEntry.version, ShiftLogEntry.kind, ShiftLogEntry.happened_at,
            ShiftLogEntry.recorded_at, func.coalesce(Person.name, ""), ShiftLogEntry.text,
            func.coalesce(Incident.number, ""), ShiftLogEntry.void_reason,
        )
        .join(Person, Person.id == ShiftLogEntry.person_id, isouter=True)
        .join(Incident, Incident.id == ShiftLogEntry.incident_id, isouter=True)
    )  # fmt: skip


@command(Permission.DUTY_LOG, keeps=True)
def write(
    tx: Tx, key: uuid.UUID, text: str, kind: ShiftLogKind = ShiftLogKind.NOTE, *, incident_id: int | None = None,
    happened_at: datetime | None = None,
) -> int:  # fmt: skip
    """Write a line and return its id. Raises BadInput for an empty one."""
    made = tx.already(ShiftLogEntry, key)
    if made:
        return made.id
    line = ShiftLogEntry(
        key=key, kind=kind, text=_worded(text), person_id=tx.person.id, incident_id=incident_id,
        happened_at=tx.happened(happened_at),
    )  # fmt: skip
    return tx.add(line).id


@command(Permission.DUTY_LOG)
def correct(tx: Tx, entry_id: int, version: int, text: str) -> None:
    """Change one's own line; the trail keeps the old words. Raises Refused for somebody else's."""
    line = tx.get(ShiftLogEntry, entry_id, version)
    if line.person_id != tx.person.id or line.voided_at is not None:
        raise Refused(tr("Only the writer corrects a line, and a voided one stays as it is."))
    line.text = _worded(text)


@command(Permission.DUTY_LOG)
def void_entry(tx: Tx, entry_id: int, version: int, reason: str) -> None:
    """Strike a line through, with the reason."""
    line = tx.get(ShiftLogEntry, entry_id, version)
    if not clean_line(reason):
        raise BadInput(tr("Say why the row is void."), "reason")
    line.voided_at, line.void_reason = tx.now, clean_line(reason)[:250]


@command(Permission.DUTY_LOG)
def record_gap(tx: Tx, since: datetime, until: datetime) -> None:
    """Enter that nobody watched between two times (DESIGN 5); the same gap once."""
    key = uuid.uuid5(uuid.NAMESPACE_OID, f"gap {since.isoformat()}")
    if tx.already(ShiftLogEntry, key) is None:
        span = int((until - since).total_seconds() // 60)
        text = tr("Nothing was watched for {n} minutes.", n=max(1, span))
        tx.add(ShiftLogEntry(key=key, kind=ShiftLogKind.GAP, text=text, happened_at=since))


def _worded(text: str) -> str:
    cleaned = clean(text).strip()
    if not cleaned:
        raise BadInput(tr("Write down what happened."), "text")
    return cleaned
