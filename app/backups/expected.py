"""Expected runs appear by themselves, so that a missing or late one turns red and opens an incident (F3)."""

import uuid
from datetime import datetime, timedelta

from dateutil.rrule import rruleset, rrulestr
from sqlalchemy import select

from app.backups.matching import attach_reported
from app.desk import Tx, command
from app.incidents.alarms import raise_alarm
from app.permissions import Permission
from app.times import to_local, to_utc
from app.words import tr
from models.backups import BackupPlan, BackupRun
from models.enums import BackupResult, Severity, Source

AHEAD = timedelta(hours=24)
BEHIND = timedelta(days=3)
MOST_A_PLAN = 500


def occurrences(rule: str, starts_at: datetime, first: datetime, last: datetime) -> list[datetime]:
    """Return when a rule falls due within first..last (both UTC); the rule counts in local wall time."""
    begins = to_local(starts_at).replace(tzinfo=None)
    found = rrulestr(rule, dtstart=begins)
    assert not isinstance(found, rruleset)
    lower, upper = (to_local(moment).replace(tzinfo=None) for moment in (first, last))
    falls = found.xafter(lower, count=MOST_A_PLAN, inc=True)
    return [to_utc(fall) for fall in _until(falls, upper)]


@command(Permission.BACKUP_RECORD)
def expect_runs(tx: Tx) -> int:
    """Write the runs that the plans expect from BEHIND to AHEAD of now, and turn what did not come red.

    Returns how many rows were added or changed; a repetition changes nothing.
    """
    changed = 0
    plans = tx.session.scalars(select(BackupPlan).where(BackupPlan.is_enabled, BackupPlan.voided_at.is_(None))).all()
    for plan in plans:
        changed += _expect(tx, plan)
    return changed + _turn_red(tx)


def _expect(tx: Tx, plan: BackupPlan) -> int:
    first = max(plan.starts_at, tx.now - BEHIND)
    known = set(
        tx.session.scalars(
            select(BackupRun.expected_at).where(BackupRun.plan_id == plan.id, BackupRun.expected_at >= first)
        )
    )
    new = [at for at in occurrences(plan.rule, plan.starts_at, first, tx.now + AHEAD) if at not in known]
    for at in new:
        run = BackupRun(
            key=uuid.uuid5(plan.key, at.isoformat()), plan_id=plan.id, job=plan.job or plan.name, host=plan.host,
            format=plan.format, expected_at=at, happened_at=at, result=BackupResult.EXPECTED,
        )  # fmt: skip
        attach_reported(tx, plan, tx.add(run))
    return len(new)


def _turn_red(tx: Tx) -> int:
    """Mark expected runs that have not come within their grace as missing, and open an incident per plan."""
    query = (
        select(BackupRun, BackupPlan)
        .join(BackupPlan, BackupPlan.id == BackupRun.plan_id)
        .where(BackupRun.result == BackupResult.EXPECTED, BackupRun.expected_at < tx.now)
        .order_by(BackupRun.id)
    )
    changed = 0
    for run, plan in tx.session.execute(query).all():
        assert run.expected_at is not None
        if tx.now - run.expected_at <= timedelta(minutes=plan.grace_minutes):
            continue
        run.result = BackupResult.MISSING
        changed += 1
        title = tr(
            "Backup {name} did not run (due {due})", name=plan.name, due=f"{to_local(run.expected_at):%m-%d %H:%M}"
        )
        raise_alarm(tx, cause_key(plan), plan.ci_id, Severity.WARNING, title, source=Source.BACKUP)
    return changed


def cause_key(plan: BackupPlan) -> str:
    """Return the cause of the plan's incidents: one is open at a time."""
    return f"backup:{plan.id}"


def _until(falls: object, upper: datetime) -> list[datetime]:
    kept: list[datetime] = []
    for fall in falls:  # type: ignore[attr-defined]
        if fall > upper:
            break
        kept.append(fall)
    return kept
