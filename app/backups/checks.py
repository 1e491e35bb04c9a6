"""Restore tests and the signed daily check of the backup log (F3, F4)."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select

from app import signatures
from app.backups.queries import calendar
from app.desk import ReadTx, Tx, command
from app.errors import Refused
from app.permissions import Permission
from app.text import clean
from app.times import to_local
from app.words import tr
from models.backups import BackupCheck, BackupPlan, RestoreTest
from models.enums import BackupResult
from models.people import Person


@dataclass(frozen=True, slots=True)
class DailyCheck:
    """One day's check: how many runs were expected and how many succeeded, and who signed."""

    id: int
    day: date
    person: str
    expected: int
    succeeded: int
    note: str
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class RestoreTestRow:
    id: int
    plan: str
    succeeded: bool
    happened_at: datetime
    duration_minutes: int | None
    person: str
    note: str


def checks(tx: ReadTx, limit: int = 60) -> list[DailyCheck]:
    """Return the daily checks, newest day first."""
    query = _checks().order_by(BackupCheck.day.desc()).limit(limit)
    return [DailyCheck(*row) for row in tx.session.execute(query)]


def check_of(tx: ReadTx, day: date) -> DailyCheck | None:
    """Return a day's check, None while nobody has signed it."""
    found = tx.session.execute(_checks().where(BackupCheck.day == day)).first()
    return DailyCheck(*found) if found else None


@command(Permission.BACKUP_RECORD)
def sign_day(tx: Tx, key: uuid.UUID, day: date, note: str = "") -> int:
    """Sign the check of one day's backups; the figures are the log's own. Raises Refused when it was signed already."""
    made = tx.already(BackupCheck, key)
    if made:
        return made.id
    if tx.person.id is None:
        raise Refused(tr("Sign in to sign the daily check."))
    if day > to_local(tx.now).date():
        raise Refused(tr("This day has not come yet."))
    if tx.session.scalar(select(BackupCheck.id).where(BackupCheck.day == day)):
        raise Refused(tr("The backups of {day} have been checked and signed already.", day=day.isoformat()))
    (figures,) = calendar(tx, day, day)
    good = (BackupResult.OK, BackupResult.WARNING, BackupResult.LATE)
    row = BackupCheck(
        key=key, day=day, person_id=tx.person.id, expected=len(figures.runs), note=clean(note),
        succeeded=sum(1 for run in figures.runs if run.result in good),
    )  # fmt: skip
    tx.add(row)
    content = {"day": day, "expected": row.expected, "succeeded": row.succeeded, "note": row.note}
    signatures.sign(tx, "backup_check", row.id, "checker", tx.person.id, content)
    return row.id


@command(Permission.BACKUP_RECORD)
def test_restore(
    tx: Tx, key: uuid.UUID, plan_id: int, succeeded: bool, *, duration_minutes: int | None = None, note: str = "",
    run_id: int | None = None, happened_at: datetime | None = None,
) -> int:  # fmt: skip
    """Record that a restore was tried, and return the record's id."""
    made = tx.already(RestoreTest, key)
    if made:
        return made.id
    tx.find(BackupPlan, plan_id)
    row = RestoreTest(
        key=key, plan_id=plan_id, run_id=run_id, succeeded=succeeded, duration_minutes=duration_minutes,
        person_id=tx.person.id, note=clean(note), happened_at=tx.happened(happened_at),
    )  # fmt: skip
    return tx.add(row).id


def restore_tests(tx: ReadTx, plan_id: int | None = None, limit: int = 100) -> list[RestoreTestRow]:
    """Return restore tests, newest first."""
    query = (
        select(
            RestoreTest.id, BackupPlan.name, RestoreTest.succeeded, RestoreTest.happened_at,
            RestoreTest.duration_minutes, Person.name, RestoreTest.note,
        )
        .join(BackupPlan, BackupPlan.id == RestoreTest.plan_id)
        .join(Person, Person.id == RestoreTest.person_id, isouter=True)
        .where(RestoreTest.voided_at.is_(None))
        .order_by(RestoreTest.happened_at.desc(), RestoreTest.id.desc())
        .limit(limit)
    )  # fmt: skip
    if plan_id is not None:
        query = query.where(RestoreTest.plan_id == plan_id)
    return [RestoreTestRow(*row[:5], row[5] or "", row[6]) for row in tx.session.execute(query)]


def _checks() -> Select[*tuple[Any, ...]]:
    return select(
        BackupCheck.id, BackupCheck.day, Person.name, BackupCheck.expected, BackupCheck.succeeded,
        BackupCheck.note, BackupCheck.recorded_at,
    ).join(Person, Person.id == BackupCheck.person_id)  # fmt: skip
