"""What becomes of drills: the regulation's own restore-test record, under a plan of Watchroom's own (F4)."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.permissions import Permission
from app.text import clean
from app.words import tr
from models.backups import BackupPlan, DatabaseCopy, RestoreTest
from models.enums import BackupContent

PLAN_KEY = uuid.UUID("6f5b1f0e-6b0a-5b43-9d0e-5a1c8f2f7a10")
EVERY = timedelta(days=7)
STALE_AFTER = timedelta(days=8)
TRIED_AGAIN_AFTER = timedelta(hours=6)
"""How long a drill that failed waits for the next one."""


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A drill that was made."""

    at: datetime
    succeeded: bool
    note: str


@dataclass(frozen=True, slots=True)
class DrillStanding:
    """The last drill, when the last good one was, and whether people must know: it failed, or none was good for long.

    A place that has made no copy yet has nothing to restore: that is the copies' own banner.
    """

    last: DrillRow | None
    good_at: datetime | None
    is_stale: bool

    @property
    def is_red(self) -> bool:
        return self.is_stale or (self.last is not None and not self.last.succeeded)


@command(Permission.COPY)
def record_drill(tx: Tx, key: uuid.UUID, succeeded: bool, seconds: float, note: str) -> int:
    """Enter a drill as a restore test and return the record's id; a retry with the same key changes nothing."""
    made = tx.already(RestoreTest, key)
    if made:
        return made.id
    row = RestoreTest(
        key=key,
        plan_id=_plan(tx).id,
        succeeded=succeeded,
        duration_minutes=-int(-seconds // 60),
        person_id=tx.person.id,
        note=clean(note),
        happened_at=tx.now,
    )
    return tx.add(row).id


def standing(tx: ReadTx) -> DrillStanding:
    """Return how the drills stand now."""
    rows = _drills(tx)
    good_at = next((row.at for row in rows if row.succeeded), None)
    since = good_at or _first_copy(tx)
    return DrillStanding(rows[0] if rows else None, good_at, since is not None and tx.now - since > STALE_AFTER)


def is_due(tx: ReadTx) -> bool:
    """Tell whether a drill is to be made: a week after the last good one, sooner after one that failed."""
    if _first_copy(tx) is None:
        return False
    found = standing(tx)
    if found.last is None:
        return True
    return tx.now - found.last.at >= (EVERY if found.last.succeeded else TRIED_AGAIN_AFTER)


def _drills(tx: ReadTx, limit: int = 50) -> list[DrillRow]:
    """Return the drills, newest first."""
    query = (
        select(RestoreTest.happened_at, RestoreTest.succeeded, RestoreTest.note)
        .join(BackupPlan, BackupPlan.id == RestoreTest.plan_id)
        .where(BackupPlan.key == PLAN_KEY, RestoreTest.voided_at.is_(None))
        .order_by(RestoreTest.happened_at.desc(), RestoreTest.id.desc())
        .limit(limit)
    )
    return [DrillRow(*row) for row in tx.session.execute(query)]


def _first_copy(tx: ReadTx) -> datetime | None:
    query = select(DatabaseCopy.made_at).where(DatabaseCopy.is_good).order_by(DatabaseCopy.id).limit(1)
    return tx.session.scalar(query)


def _plan(tx: Tx) -> BackupPlan:
    """Return the plan of Watchroom's own copies; its runs are the copies' page, so that it expects none."""
    plan = tx.already(BackupPlan, PLAN_KEY)
    if plan is not None:
        return plan
    return tx.add(
        BackupPlan(
            key=PLAN_KEY,
            name=tr("Watchroom's own database"),
            content=BackupContent.SYSTEM,
            rule="FREQ=DAILY",
            starts_at=tx.now,
            restore_test_days=EVERY.days,
            is_enabled=False,
        )
    )
