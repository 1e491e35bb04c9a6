"""What the backup log shows: last result per job, runs, the calendar by day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from app.backups.schedule import worded
from app.desk import ReadTx
from app.paging import PAGE, beyond, capped_count
from app.text import like_pattern
from app.times import day_range, to_local
from models.backups import BackupPlan, BackupRun, RestoreTest
from models.cmdb import Ci
from models.enums import BackupFormat, BackupResult

VIEWS = ("all", "red", "unplanned", "today")
RED = (BackupResult.FAILED, BackupResult.MISSING)
_when = func.coalesce(BackupRun.expected_at, BackupRun.started_at, BackupRun.happened_at)


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run, expected or reported; `plan` is "" for an unplanned one."""

    id: int
    version: int
    plan_id: int | None
    plan: str
    job: str
    host: str
    ci_name: str
    format: BackupFormat
    expected_at: datetime | None
    started_at: datetime | None
    ended_at: datetime | None
    result: BackupResult
    size_bytes: int | None
    files: int | None
    message: str
    happened_at: datetime

    @property
    def is_red(self) -> bool:
        return self.result in RED

    @property
    def duration(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A plan with its last run that came or was missed, and the days since its last good restore test.

    A run that may still come in time is `next_at`: until then yesterday's failure stays red.
    `when` is its schedule in words.
    """

    id: int
    plan: str
    ci_name: str
    format: BackupFormat
    when: str
    medium: str
    retention_days: int
    last: RunRow | None
    last_good_at: datetime | None
    next_at: datetime | None
    restore_test_days_ago: int | None
    is_restore_test_due: bool

    @property
    def is_red(self) -> bool:
        """Whether its last run failed or did not come."""
        return self.last is not None and self.last.is_red


@dataclass(frozen=True, slots=True)
class CalendarDay:
    """One day's runs."""

    day: date
    runs: tuple[RunRow, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """The dock's title: runs of the last 24 hours, red ones among them, restore tests that are due."""

    runs: int
    red: int
    restore_tests_due: int


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs: `view` is one of VIEWS."""

    view: str = "all"
    text: str = ""
    plan_id: int | None = None


def runs(
    tx: ReadTx,
    view: str = "all",
    text: str = "",
    after: RunRow | None = None,
    limit: int = PAGE,
    *,
    backwards: bool = False,
    descending: bool = True,
    plan_id: int | None = None,
) -> list[RunRow]:
    """Return the `limit` runs after (with `backwards`: before) the run `after`, newest first, of one of VIEWS.

    Runs that are still to come are none yet.
    """
    is_down = descending is not backwards
    columns = (BackupRun.happened_at, BackupRun.id)
    query = _filtered(tx, _query(), RunFilter(view, text, plan_id)).where(BackupRun.happened_at <= tx.now)
    query = query.order_by(*(column.desc() if is_down else column.asc() for column in columns))
    if after is not None:
        query = query.where(beyond(columns, (after.happened_at, after.id), descending=is_down))
    found = [_row(row) for row in tx.session.execute(query.limit(limit))]
    return found[::-1] if backwards else found


def count(tx: ReadTx, view: str = "all", text: str = "") -> int:
    """Return how many runs a view has, capped."""
    return capped_count(tx, _filtered(tx, _query(), RunFilter(view, text)).where(BackupRun.happened_at <= tx.now))


def runs_by_id(tx: ReadTx, run_ids: Iterable[int]) -> list[RunRow]:
    """Return some runs, for patching."""
    return [_row(row) for row in tx.session.execute(_query().where(BackupRun.id.in_(list(run_ids))))]


def runs_of_ci(tx: ReadTx, ci_id: int, limit: int = 30) -> list[RunRow]:
    """Return a CI's runs that are due or came, newest first."""
    query = _query().where(BackupPlan.ci_id == ci_id, BackupRun.happened_at <= tx.now)
    return [_row(row) for row in tx.session.execute(query.order_by(BackupRun.id.desc()).limit(limit))]


def jobs(tx: ReadTx) -> list[JobRow]:
    """Return each plan with its last result: red first, then by name."""
    is_waiting = BackupRun.result == BackupResult.EXPECTED
    latest = _by_plan(tx, select(BackupRun.plan_id, func.max(_when)).where(_when <= tx.now, ~is_waiting))
    upcoming = _by_plan(tx, select(BackupRun.plan_id, func.min(_when)).where(is_waiting))
    good = _by_plan(
        tx,
        select(BackupRun.plan_id, func.max(BackupRun.started_at)).where(
            BackupRun.result.in_((BackupResult.OK, BackupResult.WARNING, BackupResult.LATE))
        ),
    )
    tested = _by_plan(
        tx,
        select(RestoreTest.plan_id, func.max(RestoreTest.happened_at)).where(
            RestoreTest.succeeded, RestoreTest.voided_at.is_(None)
        ),
    )
    last = _last_runs(tx, latest)
    plans = tx.session.execute(
        select(BackupPlan, func.coalesce(Ci.name, ""))
        .join(Ci, Ci.id == BackupPlan.ci_id, isouter=True)
        .where(BackupPlan.voided_at.is_(None), BackupPlan.is_enabled)
    )
    found = [_job(tx.now, plan, ci, last, good, upcoming, tested) for plan, ci in plans]
    return sorted(found, key=lambda job: (not job.is_red, job.plan))


def calendar(tx: ReadTx, first: date, last: date) -> list[CalendarDay]:
    """Return every day of first..last with its runs, planned and not."""
    begin, end = day_range(first, last)
    query = _query().where(_when >= begin, _when < end).order_by(_when, BackupRun.id)
    by_day: dict[date, list[RunRow]] = {first + timedelta(days=n): [] for n in range((last - first).days + 1)}
    for row in map(_row, tx.session.execute(query)):
        moment = row.expected_at or row.started_at or row.happened_at
        by_day[to_local(moment).date()].append(row)
    return [CalendarDay(day, tuple(found)) for day, found in by_day.items()]


def summary(tx: ReadTx) -> Summary:
    """Return the figures of the last 24 hours."""
    since = tx.now - timedelta(hours=24)
    counted = tx.session.execute(
        select(BackupRun.result, func.count()).where(_when >= since, _when <= tx.now).group_by(BackupRun.result)
    )
    by_result = {row[0]: row[1] for row in counted}
    due = sum(1 for job in jobs(tx) if job.is_restore_test_due)
    return Summary(sum(by_result.values()), sum(by_result.get(result, 0) for result in RED), due)


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(BackupRun, func.coalesce(BackupPlan.name, "").label("plan"), func.coalesce(Ci.name, "").label("ci"))
        .join(BackupPlan, BackupPlan.id == BackupRun.plan_id, isouter=True)
        .join(Ci, Ci.id == BackupPlan.ci_id, isouter=True)
    )


def _filtered(tx: ReadTx, query: Select[*tuple[Any, ...]], wanted: RunFilter) -> Select[*tuple[Any, ...]]:
    if wanted.view == "red":
        query = query.where(BackupRun.result.in_(RED))
    elif wanted.view == "unplanned":
        query = query.where(BackupRun.plan_id.is_(None))
    elif wanted.view == "today":
        begin, end = day_range(to_local(tx.now).date())
        query = query.where(BackupRun.happened_at >= begin, BackupRun.happened_at < end)
    if wanted.plan_id is not None:
        query = query.where(BackupRun.plan_id == wanted.plan_id)
    if wanted.text.strip():
        pattern = like_pattern(wanted.text.strip())
        columns = (BackupRun.job, BackupRun.host, BackupPlan.name, Ci.name)
        query = query.where(or_(*(c.ilike(pattern, escape="\\") for c in columns)))
    return query


def _row(row: Row[*tuple[Any, ...]]) -> RunRow:
    run: BackupRun = row[0]
    return RunRow(
        run.id, run.version, run.plan_id, row[1], run.job, run.host, row[2], run.format, run.expected_at,
        run.started_at, run.ended_at, run.result, run.size_bytes, run.files, run.message, run.happened_at,
    )  # fmt: skip


def _by_plan(tx: ReadTx, query: Select[*tuple[Any, ...]]) -> dict[int, datetime]:
    grouped = query.group_by(query.selected_columns[0])
    return {plan_id: moment for plan_id, moment in tx.session.execute(grouped) if plan_id and moment}


def _last_runs(tx: ReadTx, latest: dict[int, datetime]) -> dict[int, RunRow]:
    if not latest:
        return {}
    query = _query().where(
        BackupRun.plan_id.in_(latest),
        BackupRun.result != BackupResult.EXPECTED,
        _when >= min(latest.values()),
        _when <= tx.now,
    )
    rows: Sequence[RunRow] = [_row(row) for row in tx.session.execute(query.order_by(_when, BackupRun.id))]
    return {row.plan_id: row for row in rows if row.plan_id is not None}


def _job(
    now: datetime, plan: BackupPlan, ci_name: str, last: dict[int, RunRow], good: dict[int, datetime],
    upcoming: dict[int, datetime], tested: dict[int, datetime],
) -> JobRow:  # fmt: skip
    at = tested.get(plan.id)
    return JobRow(
        plan.id, plan.name, ci_name, plan.format, worded(plan.rule, plan.starts_at), plan.medium, plan.retention_days,
        last.get(plan.id), good.get(plan.id), upcoming.get(plan.id), (now - at).days if at else None,
        (now - (at or plan.starts_at)).days >= plan.restore_test_days,
    )  # fmt: skip
