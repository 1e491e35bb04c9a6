"""The calendar of jobs by day: what ran, what failed and what is missing, and which days were signed."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date

from app.backups.checks import checks
from app.backups.queries import RunRow, calendar
from app.desk import ReadTx
from app.times import to_local
from models.enums import BackupResult

WORST_FIRST = (
    BackupResult.FAILED,
    BackupResult.MISSING,
    BackupResult.LATE,
    BackupResult.WARNING,
    BackupResult.RUNNING,
    BackupResult.OK,
    BackupResult.EXPECTED,
)
CHECKS = 800


@dataclass(frozen=True, slots=True)
class MonthJob:
    """A line of the calendar: a plan, or a job without one; its runs by day of the month."""

    plan_id: int | None
    name: str
    days: dict[int, tuple[RunRow, ...]]

    def worst(self, day: int) -> BackupResult | None:
        """Return the worst result of a day, None where nothing ran or should have."""
        results = {run.result for run in self.days.get(day, ())}
        return next((result for result in WORST_FIRST if result in results), None)


@dataclass(frozen=True, slots=True)
class Month:
    """A month of jobs. `today` is the day of the month, 0 in other months; `signed` has who signed by day."""

    first: date
    days: int
    today: int
    jobs: tuple[MonthJob, ...]
    signed: dict[int, str]


def month_of(tx: ReadTx, day: date) -> Month:
    """Return the month in which `day` lies, planned jobs first, each group by name."""
    first = day.replace(day=1)
    length = monthrange(day.year, day.month)[1]
    last = first.replace(day=length)
    found: dict[tuple[bool, str, int | None], dict[int, tuple[RunRow, ...]]] = {}
    for each in calendar(tx, first, last):
        for run in each.runs:
            key = (run.plan_id is None, run.plan or run.job, run.plan_id)
            days = found.setdefault(key, {})
            days[each.day.day] = (*days.get(each.day.day, ()), run)
    jobs = tuple(MonthJob(key[2], key[1], found[key]) for key in sorted(found, key=lambda key: (*key[:2], key[2] or 0)))
    now = to_local(tx.now).date()
    signed = {check.day.day: check.person for check in checks(tx, CHECKS) if first <= check.day <= last}
    return Month(first, length, now.day if now.replace(day=1) == first else 0, jobs, signed)
