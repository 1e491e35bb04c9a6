"""Runs: entered by hand or taken from a tool's report; the same run twice is one row (F3)."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import select

from app.backups.expected import cause_key
from app.backups.matching import expected_run, plan_for, with_lateness
from app.desk import Tx, command
from app.errors import BadInput
from app.importers.records import BackupRunRecord
from app.incidents.alarms import raise_alarm
from app.permissions import Permission
from app.text import clean, clean_line
from app.times import checked
from app.words import label, tr
from models.backups import BackupPlan, BackupRun
from models.enums import BackupFormat, BackupResult, Severity, Source
from models.incidents import Incident

_REPORTABLE = (BackupResult.OK, BackupResult.WARNING, BackupResult.FAILED, BackupResult.RUNNING)


class Taken(Enum):
    """What taking a report did."""

    ADDED = "added"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class RunEntry:
    """A run as a person enters it."""

    key: uuid.UUID
    plan_id: int
    started_at: datetime
    ended_at: datetime | None
    result: BackupResult
    size_bytes: int | None = None
    message: str = ""


@command(Permission.BACKUP_RECORD)
def record_run(tx: Tx, entry: RunEntry) -> int:
    """Enter a run by hand and return its id. Raises BadInput."""
    made = tx.already(BackupRun, entry.key)
    if made:
        return made.id
    plan = tx.find(BackupPlan, entry.plan_id)
    started = checked(entry.started_at, "started_at")
    if entry.ended_at is not None and entry.ended_at < started:
        raise BadInput(tr("The run ends before it begins."), "ended_at")
    if entry.result not in _REPORTABLE:
        raise BadInput(tr("Choose how the run ended."), "result")
    run = expected_run(tx, plan, started)
    if run is None:
        run = BackupRun(key=entry.key, plan_id=plan.id, job=plan.job or plan.name, host=plan.host, format=plan.format)
        run.happened_at = tx.happened(started)
        tx.session.add(run)
    run.started_at, run.ended_at, run.size_bytes = started, entry.ended_at, entry.size_bytes
    run.message = clean(entry.message)
    run.result = with_lateness(entry.result, plan, run)
    run.version = (run.version or 0) + 1
    tx.session.flush()
    _tell(tx, plan, run)
    return run.id


@command(Permission.BACKUP_RECORD)
def take_reported(tx: Tx, records: tuple[BackupRunRecord, ...]) -> dict[Taken, int]:
    """Take reports of tools in; return how many rows were added, changed and left as they were."""
    done = dict.fromkeys(Taken, 0)
    for record in records:
        done[_take(tx, record)] += 1
    return done


def _take(tx: Tx, record: BackupRunRecord) -> Taken:
    plan = plan_for(tx, record.format, record.job, record.host)
    run = tx.session.scalars(select(BackupRun).where(BackupRun.external_id == record.external_id)).first()
    is_new = run is None
    if run is None and plan is not None and record.started_at is not None:
        run = expected_run(tx, plan, record.started_at)
    if run is None:
        run = BackupRun(key=uuid.uuid5(uuid.NAMESPACE_OID, record.external_id), format=record.format)
        run.happened_at = record.started_at or record.ended_at or tx.now
        tx.session.add(run)
    before = _known(run)
    _fill(run, record, plan)
    if _known(run) == before:
        return Taken.UNCHANGED
    run.version = (run.version or 0) + 1
    tx.session.flush()
    if plan is not None:
        _tell(tx, plan, run)
    return Taken.ADDED if is_new else Taken.CHANGED


def _fill(run: BackupRun, record: BackupRunRecord, plan: BackupPlan | None) -> None:
    """Write what the report knows; a later, poorer view of the same run takes nothing away."""
    run.external_id, run.plan_id = record.external_id, plan.id if plan else run.plan_id
    run.format = record.format or BackupFormat.MANUAL
    run.job, run.host = clean_line(record.job) or run.job or "", clean_line(record.host) or run.host or ""
    if not record.is_time_guessed or run.started_at is None:
        run.started_at = record.started_at or run.started_at
        run.ended_at = record.ended_at or run.ended_at
    run.size_bytes = run.size_bytes if record.size_bytes is None else record.size_bytes
    run.files = run.files if record.files is None else record.files
    run.message = clean(record.message) or run.message or ""
    told_before = run.result not in (None, BackupResult.EXPECTED, BackupResult.MISSING)
    if not (record.is_listing and told_before):
        run.result = with_lateness(record.result, plan, run)


def _known(run: BackupRun) -> tuple[object, ...]:
    return (
        run.external_id, run.plan_id, run.job, run.host, run.started_at, run.ended_at, run.result, run.size_bytes,
        run.files, run.message,
    )  # fmt: skip


def _tell(tx: Tx, plan: BackupPlan, run: BackupRun) -> None:
    """Open the plan's incident for a failed run; a good one marks it as cleared."""
    if run.result is BackupResult.FAILED:
        title = tr("Backup {name}: {result}", name=plan.name, result=label(run.result))
        raise_alarm(tx, cause_key(plan), plan.ci_id, Severity.WARNING, title, source=Source.BACKUP)
    elif run.result in (BackupResult.OK, BackupResult.WARNING, BackupResult.LATE):
        still = select(Incident).where(Incident.cause_key == cause_key(plan), Incident.cleared_at.is_(None))
        for incident in tx.session.scalars(still):
            incident.cleared_at = tx.now
