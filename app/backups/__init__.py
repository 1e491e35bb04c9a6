"""Backups: plans, the runs they expect, what the tools report, restore tests, the daily check (REQUIREMENTS F1-F4)."""

from typing import TYPE_CHECKING

from app.backups.checks import (
    DailyCheck,
    RestoreTestRow,
    check_of,
    checks,
    restore_tests,
    sign_day,
    test_restore,
)
from app.backups.expected import expect_runs, occurrences
from app.backups.importing import import_runs
from app.backups.months import Month, MonthJob, month_of
from app.backups.plans import PlanEntry, PlanRow, add_plan, edit_plan, plan, plans, void_plan
from app.backups.queries import (
    VIEWS,
    CalendarDay,
    JobRow,
    RunFilter,
    RunRow,
    Summary,
    calendar,
    count,
    jobs,
    runs,
    runs_by_id,
    runs_of_ci,
    summary,
)
from app.backups.runs import RunEntry, record_run, take_reported
from app.backups.schedule import LAST_DAY, Schedule, rule_of, schedule_of, weekday_names, worded
from app.late import late

if TYPE_CHECKING:
    from app.backups.paper import ledger, month_pdf, month_xlsx
else:
    __getattr__ = late("app.backups", paper=("ledger", "month_pdf", "month_xlsx"))

__all__ = [
    "LAST_DAY",
    "VIEWS",
    "CalendarDay",
    "DailyCheck",
    "JobRow",
    "Month",
    "MonthJob",
    "PlanEntry",
    "PlanRow",
    "RestoreTestRow",
    "RunEntry",
    "RunFilter",
    "RunRow",
    "Schedule",
    "Summary",
    "add_plan",
    "calendar",
    "check_of",
    "checks",
    "count",
    "edit_plan",
    "expect_runs",
    "import_runs",
    "jobs",
    "ledger",
    "month_of",
    "month_pdf",
    "month_xlsx",
    "occurrences",
    "plan",
    "plans",
    "record_run",
    "restore_tests",
    "rule_of",
    "runs",
    "runs_by_id",
    "runs_of_ci",
    "schedule_of",
    "sign_day",
    "summary",
    "take_reported",
    "test_restore",
    "void_plan",
    "weekday_names",
    "worded",
]
