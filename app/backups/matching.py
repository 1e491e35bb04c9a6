"""Which plan a reported run belongs to, and which expected run it fulfils."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.desk import Tx
from models.backups import BackupPlan, BackupRun
from models.enums import BackupFormat, BackupResult

EARLY = timedelta(hours=2)


def plan_for(tx: Tx, format: BackupFormat, job: str, host: str) -> BackupPlan | None:
    """Return the enabled plan with this tool, job and host; a plan's empty job or host fits any."""
    plans = tx.session.scalars(
        select(BackupPlan)
        .where(BackupPlan.format == format, BackupPlan.is_enabled, BackupPlan.voided_at.is_(None))
        .order_by(BackupPlan.id)
    )
    fitting = [p for p in plans if p.job in ("", job) and p.host in ("", host) and (p.job or p.host)]
    return max(fitting, key=lambda p: (bool(p.job), bool(p.host)), default=None)


def expected_run(tx: Tx, plan: BackupPlan, started_at: datetime) -> BackupRun | None:
    """Return the open expected run that a run started then fulfils: the last one due before it, or soon after."""
    query = (
        select(BackupRun)
        .where(
            BackupRun.plan_id == plan.id,
            BackupRun.expected_at.is_not(None),
            BackupRun.expected_at <= started_at + EARLY,
            BackupRun.external_id.is_(None),
            BackupRun.result.in_((BackupResult.EXPECTED, BackupResult.MISSING)),
        )
        .order_by(BackupRun.expected_at.desc())
    )
    return tx.session.scalars(query).first()


def attach_reported(tx: Tx, plan: BackupPlan, run: BackupRun) -> None:
    """Do nothing unless a report came before its expectation was written: then the expectation is closed by it."""
    assert run.expected_at is not None
    query = (
        select(BackupRun)
        .where(
            BackupRun.plan_id == plan.id,
            BackupRun.expected_at.is_(None),
            BackupRun.external_id.is_not(None),
            BackupRun.started_at >= run.expected_at - EARLY,
            BackupRun.started_at <= run.expected_at + timedelta(minutes=plan.grace_minutes),
        )
        .order_by(BackupRun.started_at)
    )
    reported = tx.session.scalars(query).first()
    if reported is not None:
        run.result, run.started_at, run.ended_at = reported.result, reported.started_at, reported.ended_at
        run.size_bytes, run.files, run.message = reported.size_bytes, reported.files, reported.message


def with_lateness(result: BackupResult, plan: BackupPlan | None, run: BackupRun) -> BackupResult:
    """Return LATE for a good run that began after its grace, else `result`."""
    if plan is None or run.expected_at is None or run.started_at is None or result is not BackupResult.OK:
        return result
    is_late = run.started_at - run.expected_at > timedelta(minutes=plan.grace_minutes)
    return BackupResult.LATE if is_late else result
