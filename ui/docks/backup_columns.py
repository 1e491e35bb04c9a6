"""The columns of the backup log: jobs with their last result, and runs one by one (REQUIREMENTS F3)."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from app.sizes import size
from app.times import duration
from app.words import label, tr, trn
from models.enums import BackupResult, State
from ui.docks.access_columns import moment_text
from ui.rows import Column, Look, Pill, Tinted

if TYPE_CHECKING:
    from app.backups import JobRow, RestoreTestRow, RunRow

SHAPES: dict[BackupResult, State] = {
    BackupResult.OK: State.NORMAL,
    BackupResult.WARNING: State.WARNING,
    BackupResult.LATE: State.WARNING,
    BackupResult.FAILED: State.CRITICAL,
    BackupResult.MISSING: State.CRITICAL,
    BackupResult.RUNNING: State.MAINTENANCE,
    BackupResult.EXPECTED: State.UNKNOWN,
}


def job_columns() -> tuple[Column, ...]:
    """Return the columns of the jobs, as the query gives them: red first."""
    return (
        Column("result", tr("Last result"), job_result, 136, look=lambda row: result_look(_last_result(row))),
        Column("plan", tr("Backup", context="job"), lambda row: row.plan, 170, stretch=True),
        Column("good", tr("Last good"), lambda row: moment_text(row.last_good_at) or "—", 98, value=_good_at),
        Column("took", tr("Took"), lambda row: took_text(row.last), 98, right=True, drops=3),
        Column("size", tr("Size"), lambda row: size_text(row.last), 84, right=True, drops=4),
        Column("next", tr("Next"), lambda row: moment_text(row.next_at) or "—", 98, drops=2),
        Column("tested", tr("Restore test"), tested_text, 130, look=tested_look, value=_tested, drops=1),
        Column("ci", tr("Device"), lambda row: row.ci_name or "—", 110, stretch=True, drops=4),
        Column("when", tr("When"), lambda row: row.when, 176, drops=5),
        Column("medium", tr("Medium"), lambda row: row.medium or "—", 110, drops=7),
        Column("message", tr("Message"), lambda row: row.last.message if row.last else "", 160, stretch=True, drops=6),
    )


def run_columns() -> tuple[Column, ...]:
    return (
        Column("result", tr("Result"), lambda row: label(row.result), 136, look=lambda row: result_look(row.result)),
        Column("job", tr("Backup", context="job"), lambda row: row.plan or row.job or "—", 140, stretch=True),
        Column("host", tr("Host"), lambda row: row.ci_name or row.host or "—", 96, drops=2),
        Column("format", tr("Tool", context="backup"), lambda row: label(row.format), 122, drops=4),
        Column(
            "expected", tr("Expected", context="time"), lambda row: moment_text(row.expected_at) or "—", 98, drops=5
        ),
        Column("began", tr("Began"), lambda row: moment_text(row.started_at) or "—", 98, sort="happened"),
        Column("took", tr("Took"), took_text, 98, right=True, drops=3),
        Column("size", tr("Size"), size_text, 84, right=True, drops=6),
        Column(
            "files", tr("Files"), lambda row: "" if row.files is None else f"{row.files:,}", 80, right=True, shown=False
        ),
        Column("message", tr("Message"), lambda row: row.message, 200, stretch=True, drops=1),
    )


def restore_columns() -> tuple[Column, ...]:
    """Return the columns of restore tests (REQUIREMENTS F4)."""
    return (
        Column("time", tr("Time"), lambda row: moment_text(row.happened_at), 98),
        Column("result", tr("Result"), restore_text, 112, look=restore_look),
        Column("took", tr("Took"), _restore_took, 98, right=True),
        Column("person", tr("By whom"), lambda row: row.person or "—", 100),
        Column("note", tr("What was restored and compared"), lambda row: row.note, 240, stretch=True),
    )


def result_look(result: BackupResult | None) -> Look | None:
    """Return the pill of a result: shape, word and colour."""
    if result is None:
        return Pill(tr("No run yet"), "unknown", State.UNKNOWN)
    shape = SHAPES[result]
    return Pill(label(result), shape.value, shape)


def job_result(row: "JobRow") -> str:
    result = _last_result(row)
    return label(result) if result else tr("No run yet")


def took_text(run: "RunRow | None") -> str:
    return duration(run.duration) if run is not None and run.duration is not None else "—"


def size_text(run: "RunRow | None") -> str:
    return size(run.size_bytes) if run is not None and run.size_bytes is not None else "—"


def tested_text(row: "JobRow") -> str:
    """Return the days since the last good restore test."""
    if row.restore_test_days_ago is None:
        return tr("never tested")
    if row.restore_test_days_ago == 0:
        return tr("tested today")
    return trn("{n} day ago", "{n} days ago", row.restore_test_days_ago)


def tested_look(row: "JobRow") -> Look | None:
    return Tinted(tested_text(row), "warning", State.WARNING) if row.is_restore_test_due else None


def restore_text(row: "RestoreTestRow") -> str:
    return tr("Restored") if row.succeeded else tr("Not restored")


def restore_look(row: "RestoreTestRow") -> Look:
    state = State.NORMAL if row.succeeded else State.CRITICAL
    return Pill(restore_text(row), state.value, state)


def _restore_took(row: "RestoreTestRow") -> str:
    return duration(timedelta(minutes=row.duration_minutes)) if row.duration_minutes else "—"


def _last_result(row: "JobRow") -> BackupResult | None:
    return row.last.result if row.last else None


def _good_at(row: "JobRow") -> float:
    moment: datetime | None = row.last_good_at
    return moment.timestamp() if moment else 0.0


def _tested(row: "JobRow") -> int:
    return -1 if row.restore_test_days_ago is None else row.restore_test_days_ago


def _files_text(run: "RunRow") -> str:
    return "" if run.files is None else f"{run.files:,}"
