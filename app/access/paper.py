"""The access log on paper and in Excel: who is inside now, and the month's ledger (REQUIREMENTS E1)."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, repeat

from app.access.queries import inside, ledger
from app.access.visit_rows import Inside, VisitRow
from app.desk import Desk, ReadTx
from app.ledgers import MonthLedger
from app.printing import head
from app.reports import evacuation
from app.reports.evacuation import EvacuationSheet, evacuation_list
from app.reports.ledger import LedgerColumn
from app.sheets import Value
from app.times import full_moment, minute
from app.words import label, tr

EVACUATION_FORM = "XJ-V-01"


def evacuation_pdf(desk: Desk) -> bytes:
    """Return the list of who is inside now as a PDF; in an emergency nobody is asked for a permission."""
    return evacuation_list(desk.read(_evacuation_sheet))


def _evacuation_sheet(tx: ReadTx) -> EvacuationSheet:
    paper = head(tx)
    rooms = tuple(
        (room, tuple(line for one in people for line in _lines(one)))
        for room, people in groupby(inside(tx), key=lambda person: person.room)
    )
    return EvacuationSheet(
        unit=paper.unit,
        form=tr("Form {form}", form=EVACUATION_FORM),
        at=full_moment(tx.now),
        rooms=rooms,
        printed=paper.printed,
    )


def _lines(person: Inside) -> Iterator[evacuation.Inside]:
    """Give each a line and a box of their own, also those of a group whom nobody named: each must be seen outside."""
    named = evacuation.Inside(person.name, person.unit, person.telephone, person.escort, minute(person.entered_at))
    yield named
    companion = replace(named, name=tr("with {name}", name=person.name), telephone="")
    yield from repeat(companion, person.unnamed)


def _columns() -> tuple[LedgerColumn, ...]:
    return (
        LedgerColumn(tr("Entered", context="visit")),
        LedgerColumn(tr("Left", context="visit")),
        LedgerColumn(tr("Machine room")),
        LedgerColumn(tr("Unit", context="person")),
        LedgerColumn(tr("People", context="visit")),
        LedgerColumn(tr("Headcount"), is_number=True),
        LedgerColumn(tr("Purpose")),
        LedgerColumn(tr("Linked", context="visit")),
        LedgerColumn(tr("Carried items")),
        LedgerColumn(tr("Approved by")),
        LedgerColumn(tr("Escort")),
        LedgerColumn(tr("Remarks")),
    )


def _cells(row: VisitRow) -> tuple[str, ...]:
    approval = f"（{label(row.approval)}）" if row.approval else ""
    void = tr("Void: {reason}", reason=row.void_reason) if row.void_reason else ""
    return (
        minute(row.entered_at) if row.entered_at else "—",
        minute(row.left_at) if row.left_at else "—",
        row.room,
        row.unit,
        row.people,
        str(row.headcount),
        row.purpose,
        row.linked or "—",
        row.items or "—",
        f"{row.approver}{approval}" if row.approver else "—",
        row.escort or "—",
        void or row.remarks,
    )


def _excel_cells(row: VisitRow) -> tuple[Value, ...]:
    texts = _cells(row)
    return (row.entered_at, row.left_at, *texts[2:5], row.headcount, *texts[6:])


LEDGER = MonthLedger(
    name="access ledger",
    title=lambda: tr("Machine-room access ledger"),
    form="XJ-V-02",
    prefix="MJ",
    rows=ledger,
    columns=_columns,
    cells=_cells,
    values=_excel_cells,
    is_void=lambda row: bool(row.void_reason),
)

month_pdf = LEDGER.pdf
month_xlsx = LEDGER.write
