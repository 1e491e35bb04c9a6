"""Backup plans: what, how often, onto what, for how long, approved by whom (REQUIREMENTS F1)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from app import plans as plans_of
from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.text import clean_line
from app.times import checked
from app.words import tr
from models.backups import BackupPlan, RestoreTest
from models.cmdb import Ci
from models.enums import BackupContent, BackupFormat


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A plan as the form gives it. `rule` is an RRULE in local time counted from `starts_at`."""

    name: str
    rule: str
    starts_at: datetime
    content: BackupContent = BackupContent.BUSINESS
    format: BackupFormat = BackupFormat.MANUAL
    ci_id: int | None = None
    job: str = ""
    host: str = ""
    grace_minutes: int = 120
    medium: str = ""
    retention_days: int = 30
    importance: str = ""
    approved_by: str = ""
    restore_test_days: int = 365
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan, with the days since its last good restore test (None: never tested)."""

    id: int
    version: int
    entry: PlanEntry
    ci_name: str
    last_restore_test: datetime | None
    is_restore_test_due: bool


def plans(tx: ReadTx) -> list[PlanRow]:
    """Return the plans that are not voided, by name."""
    tested = (
        select(RestoreTest.plan_id, func.max(RestoreTest.happened_at).label("at"))
        .where(RestoreTest.succeeded, RestoreTest.voided_at.is_(None))
        .group_by(RestoreTest.plan_id)
        .subquery()
    )
    query = (
        select(BackupPlan, func.coalesce(Ci.name, ""), tested.c.at)
        .join(Ci, Ci.id == BackupPlan.ci_id, isouter=True)
        .join(tested, tested.c.plan_id == BackupPlan.id, isouter=True)
        .where(BackupPlan.voided_at.is_(None))
        .order_by(BackupPlan.name, BackupPlan.id)
    )
    return [
        PlanRow(plan.id, plan.version, _entry(plan), ci_name, at, _is_due(tx.now, plan, at))
        for plan, ci_name, at in tx.session.execute(query)
    ]


def plan(tx: ReadTx, plan_id: int) -> PlanRow | None:
    """Return one plan, None for one that is void or none."""
    return next((row for row in plans(tx) if row.id == plan_id), None)


@command(Permission.BACKUP_PLAN)
def add_plan(tx: Tx, key: uuid.UUID, entry: PlanEntry) -> int:
    """Enter a plan and return its id. Raises BadInput for a rule or figures that can't be."""
    return plans_of.add(tx, BackupPlan, key, entry, _fill)


@command(Permission.BACKUP_PLAN)
def edit_plan(tx: Tx, plan_id: int, version: int, entry: PlanEntry) -> None:
    """Change a plan; runs that were expected already stay. Raises BadInput or Conflict."""
    plans_of.edit(tx, BackupPlan, plan_id, version, entry, _fill)


@command(Permission.BACKUP_PLAN)
def void_plan(tx: Tx, plan_id: int, version: int, reason: str) -> None:
    """End a plan, with the reason; its runs stay in the log."""
    plans_of.end(tx, BackupPlan, plan_id, version, reason)


def _fill(plan: BackupPlan, entry: PlanEntry) -> None:
    name = clean_line(entry.name)[:120]
    if not name:
        raise BadInput(tr("Name the backup."), "name")
    rule = plans_of.checked_rule(entry.rule, tr("The rule for when it runs can't be read."))
    if entry.grace_minutes < 0 or entry.retention_days < 1 or entry.restore_test_days < 1:
        raise BadInput(tr("Days and minutes are positive numbers."), "retention_days")
    plan.name, plan.rule, plan.starts_at = name, rule, _whole_minute(entry.starts_at)
    plan.content, plan.format, plan.ci_id = entry.content, entry.format, entry.ci_id
    plan.job, plan.host = clean_line(entry.job), clean_line(entry.host)
    plan.grace_minutes, plan.retention_days = entry.grace_minutes, entry.retention_days
    plan.medium, plan.importance = clean_line(entry.medium), clean_line(entry.importance)
    plan.approved_by, plan.restore_test_days = clean_line(entry.approved_by), entry.restore_test_days
    plan.is_enabled = entry.is_enabled


def _whole_minute(moment: datetime) -> datetime:
    """Return the start without its seconds, which rules can't count in."""
    return checked(moment, "starts_at").replace(second=0, microsecond=0)


def _entry(plan: BackupPlan) -> PlanEntry:
    return PlanEntry(
        plan.name, plan.rule, plan.starts_at, plan.content, plan.format, plan.ci_id, plan.job, plan.host,
        plan.grace_minutes, plan.medium, plan.retention_days, plan.importance, plan.approved_by,
        plan.restore_test_days, plan.is_enabled,
    )  # fmt: skip


def _is_due(now: datetime, plan: BackupPlan, tested_at: datetime | None) -> bool:
    since = tested_at or plan.starts_at
    return (now - since).days >= plan.restore_test_days
