"""The auditor's review of the audit trail, month by month: its figures, the note, and whether one is due (H4)."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.text import clean, clean_line
from app.times import month_range, to_local
from app.trail.reading import PAST_THE_PROGRAM
from app.words import tr
from models.audit import AuditEntry, TrailReview
from models.people import Act, Person, SignIn

KINDS = ("refused", "sign-in failed", "direct edit", "schema", "export", "print")
"""The acts that a review counts, as `app.outputs`, `app.desk` and `app.shared.server_log` enter them."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures of a period of the trail."""

    from_at: datetime
    to_at: datetime
    entries: int
    sign_ins: int
    failed_sign_ins: int
    refused: int
    past_the_program: int
    schema_changes: int
    outputs: int


@dataclass(frozen=True, slots=True)
class NoteRow:
    """A review that an auditor wrote; it never changes."""

    id: int
    from_at: datetime
    to_at: datetime
    entries: int
    verdict: str
    findings: str
    opinion: str
    person: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewStanding:
    """The newest note, and the month whose review is due (None when the last one that ended was reviewed)."""

    last: NoteRow | None
    due: date | None


@command(Permission.REVIEW)
def write_note(tx: Tx, key: uuid.UUID, month: date, findings: str, opinion: str, verdict: str = "") -> int:
    """Write the review of a month, of the present one as far as it has come, and return the note's id.

    `verdict` is what a check of the trail said just before. Raises BadInput without an opinion or for a month to come.
    """
    made = tx.already(TrailReview, key)
    if made:
        return made.id
    from_at, end = month_range(month)
    if from_at > tx.now:
        raise BadInput(tr("This month has not begun yet."), "month")
    if not clean_line(opinion):
        raise BadInput(tr("Please fill this in."), "opinion")
    to_at = min(end, tx.now)
    row = TrailReview(
        key=key,
        from_at=from_at,
        to_at=to_at,
        last_id=tx.session.scalar(select(func.max(AuditEntry.id))) or 0,
        entries=_entries(tx, from_at, to_at),
        verdict=clean_line(verdict)[:250],
        findings=clean(findings),
        opinion=clean(opinion),
        person_id=tx.person.id,
        recorded_at=tx.now,
    )
    return tx.add(row).id


def notes(tx: ReadTx) -> list[NoteRow]:
    """Return the notes, newest period first."""
    query = (
        select(TrailReview, Person.name)
        .outerjoin(Person, Person.id == TrailReview.person_id)
        .order_by(TrailReview.to_at.desc(), TrailReview.id.desc())
    )
    return [
        NoteRow(
            row.id,
            row.from_at,
            row.to_at,
            row.entries,
            row.verdict,
            row.findings,
            row.opinion,
            name or "",
            row.recorded_at,
        )
        for row, name in tx.session.execute(query)
    ]


def standing(tx: ReadTx) -> ReviewStanding:
    """Return the newest note, and the month before this one where no note reaches its end and the trail had begun."""
    found = notes(tx)
    this_month = to_local(tx.now).date().replace(day=1)
    due = (this_month - timedelta(days=1)).replace(day=1)
    end = month_range(due)[1]
    first = tx.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id).limit(1))
    is_due = first is not None and first < end and all(note.to_at < end for note in found)
    return ReviewStanding(found[0] if found else None, due if is_due else None)


def summary(tx: ReadTx, from_at: datetime, to_at: datetime) -> Summary:
    """Return the figures of the entries made in [from_at, to_at)."""
    acts = select(Act.kind, func.count(Act.id)).where(Act.at >= from_at, Act.at < to_at, Act.kind.in_(KINDS))
    counted = {str(row[0]): int(row[1]) for row in tx.session.execute(acts.group_by(Act.kind))}
    tried = select(SignIn.succeeded, func.count(SignIn.id)).where(SignIn.at >= from_at, SignIn.at < to_at)
    signed = {bool(row[0]): int(row[1]) for row in tx.session.execute(tried.group_by(SignIn.succeeded))}
    past = select(func.count(AuditEntry.id)).where(
        AuditEntry.at >= from_at, AuditEntry.at < to_at, AuditEntry.command == PAST_THE_PROGRAM
    )
    return Summary(
        from_at,
        to_at,
        _entries(tx, from_at, to_at),
        signed.get(True, 0),
        signed.get(False, 0),
        counted.get("refused", 0) + counted.get("direct edit", 0),
        tx.session.scalar(past) or 0,
        counted.get("schema", 0),
        counted.get("export", 0) + counted.get("print", 0),
    )


def _entries(tx: ReadTx, from_at: datetime, to_at: datetime) -> int:
    query = select(func.count(AuditEntry.id)).where(AuditEntry.at >= from_at, AuditEntry.at < to_at)
    return tx.session.scalar(query) or 0
