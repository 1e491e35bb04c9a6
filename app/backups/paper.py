"""The backup log on paper and in Excel: a month's runs with the checks that were signed (REQUIREMENTS F3)."""

from datetime import date, timedelta

from app.backups.checks import checks
from app.backups.queries import RunRow, calendar
from app.desk import ReadTx
from app.ledgers import Facts, MonthLedger
from app.reports.ledger import LedgerColumn
from app.sheets import Value
from app.sizes import size
from app.times import duration, minute, month_range, to_local
from app.words import label, tr

CHECKS = 400


def ledger(tx: ReadTx, month: date) -> list[RunRow]:
    """Return a month's runs, oldest first."""
    first, last = _days(month)
    return [run for day in calendar(tx, first, last) for run in day.runs]


def _days(month: date) -> tuple[date, date]:
    begin, end = month_range(month)
    return to_local(begin).date(), to_local(end - timedelta(minutes=1)).date()


def _columns() -> tuple[LedgerColumn, ...]:
    return (
        LedgerColumn(tr("Backup", context="job")),
        LedgerColumn(tr("Device")),
        LedgerColumn(tr("Tool", context="backup")),
        LedgerColumn(tr("Expected", context="time")),
        LedgerColumn(tr("Began")),
        LedgerColumn(tr("Took")),
        LedgerColumn(tr("Size"), is_number=True),
        LedgerColumn(tr("Result")),
        LedgerColumn(tr("Message")),
    )


def _cells(row: RunRow) -> tuple[str, ...]:
    return (
        row.plan or row.job,
        row.ci_name or row.host or "—",
        label(row.format),
        minute(row.expected_at) if row.expected_at else "—",
        minute(row.started_at) if row.started_at else "—",
        duration(row.duration) if row.duration is not None else "—",
        size(row.size_bytes) if row.size_bytes is not None else "—",
        label(row.result),
        row.message,
    )


def _excel_cells(row: RunRow) -> tuple[Value, ...]:
    texts = _cells(row)
    return (*texts[:3], row.expected_at, row.started_at, texts[5], row.size_bytes, *texts[7:])


def _facts(tx: ReadTx, month: date) -> Facts:
    first, last = _days(month)
    signed = sum(1 for check in checks(tx, CHECKS) if first <= check.day <= last)
    return ((tr("Days checked and signed"), str(signed)),)


LEDGER = MonthLedger(
    name="backup log",
    title=lambda: tr("Backup log"),
    form="XJ-B-01",
    prefix="BF",
    rows=ledger,
    columns=_columns,
    cells=_cells,
    values=_excel_cells,
    facts=_facts,
)

month_pdf = LEDGER.pdf
month_xlsx = LEDGER.write
