"""Backups: plans, the runs they expect, what the tools report, restore tests, the daily check (REQUIREMENTS F1-F4)."""

from app.backups.checks import DailyCheck, checks, restore_tests, sign_day, test_restore
from app.backups.expected import expect_runs, occurrences
from app.backups.importing import import_runs
from app.backups.plans import PlanEntry, PlanRow, add_plan, edit_plan, plans, void_plan
from app.backups.queries import (
    CalendarDay,
    JobRow,
    RunFilter,
    RunRow,
    Summary,
    calendar,
    jobs,
    runs,
    runs_by_id,
    runs_of_ci,
    summary,
)
from app.backups.runs import RunEntry, record_run, take_reported

__all__ = [
    "CalendarDay",
    "DailyCheck",
    "JobRow",
    "PlanEntry",
    "PlanRow",
    "RunEntry",
    "RunFilter",
    "RunRow",
    "Summary",
    "add_plan",
    "calendar",
    "checks",
    "edit_plan",
    "expect_runs",
    "import_runs",
    "jobs",
    "occurrences",
    "plans",
    "record_run",
    "restore_tests",
    "runs",
    "runs_by_id",
    "runs_of_ci",
    "sign_day",
    "summary",
    "take_reported",
    "test_restore",
    "void_plan",
]
