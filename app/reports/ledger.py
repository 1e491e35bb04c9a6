"""Ledgers: any list over a period as pages across (month's visitors, incidents), and who is inside now."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.reports import fonts, press
from app.reports.inspection import Signer, signatures
from app.reports.layout import PAD_X, SIZE
from app.reports.paper import Align, Block, Column, Facts, Gap, Grid, Line, Mark, Sheet
from app.reports.sealing import Seal, check_mark
from app.words import tr, trn

_MEASURED_ROWS = 200
_NARROWEST, _WIDEST = 22.0, 170.0
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class LedgerColumn:
    """A column of a ledger; numbers and times stand right with `is_number`."""

    title: str
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A row of a ledger; a void one is struck through but for its last cell, which says why (UX rule 9)."""

    cells: tuple[str, ...]
    is_void: bool = False


@dataclass(frozen=True, slots=True)
class LedgerSheet:
    """A list to print. `period` is worded ("2026-10"); `totals`, when given, has one cell for each column."""

    title: str
    unit: str
    form: str
    period: str
    columns: tuple[LedgerColumn, ...]
    rows: tuple[LedgerRow, ...]
    totals: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    signers: tuple[Signer, ...] = ()
    printed: str = ""
    number: str = ""
    seal: Seal | None = None
    landscape: bool = True


def ledger(*ledgers: LedgerSheet) -> bytes:
    """Return the ledgers as one PDF, columns as wide as what stands in them."""
    return press.render([sheet(one) for one in ledgers])


def sheet(ledger_sheet: LedgerSheet) -> Sheet:
    """Return the paper of one ledger."""
    rows = ledger_sheet.rows
    valid = sum(not row.is_void for row in rows)
    counted = trn("{n} entry", "{n} entries", valid)
    if valid < len(rows):
        counted += trn(" ({n} void)", " ({n} void)", len(rows) - valid)
    head = ((tr("Period"), ledger_sheet.period), *ledger_sheet.facts, (tr("Entries"), counted))
    blocks: list[Block] = [Facts((head,)), Gap(), _grid(ledger_sheet)]
    if ledger_sheet.signers:
        blocks += [Gap(), signatures(ledger_sheet.signers)]
    return Sheet(
        title=ledger_sheet.title,
        unit=ledger_sheet.unit,
        form=ledger_sheet.form,
        blocks=tuple(blocks),
        number=ledger_sheet.number,
        printed=ledger_sheet.printed,
        mark=_mark(ledger_sheet),
        landscape=ledger_sheet.landscape,
    )


def _mark(ledger_sheet: LedgerSheet) -> Mark | None:
    return check_mark(ledger_sheet.number, ledger_sheet.seal) if ledger_sheet.number else None


def _grid(ledger_sheet: LedgerSheet) -> Grid:
    serial = Column(tr("No.", context="paper"), 30, Align.CENTER)
    columns = tuple(_column(ledger_sheet, place) for place in range(len(ledger_sheet.columns)))
    lines = tuple(
        Line((str(number), *row.cells), struck=len(row.cells) if row.is_void else 0)
        for number, row in enumerate(ledger_sheet.rows, 1)
    )
    if not lines:
        nothing = tr("No entries in this period")
        lines = (Line(("", nothing, *[""] * (len(columns) - 1))),)
    totals = (tr("Total"), *ledger_sheet.totals) if ledger_sheet.totals else ()
    return Grid((serial, *columns), lines, totals)


def _column(ledger_sheet: LedgerSheet, place: int) -> Column:
    """Return the column as wide as its longest entry of the first rows; long texts share what is left.

    Numbers and times are not broken for want of room as long as other texts can be.
    """
    column = ledger_sheet.columns[place]
    texts = [row.cells[place][:_LONGEST] for row in ledger_sheet.rows[:_MEASURED_ROWS]]
    lines = [line for text in (column.title, *texts) for line in text.split("\n")]
    width = _width(lines)
    numbers = [word for text in texts for word in text.split() if word.isascii()]
    align = Align.RIGHT if column.is_number else Align.LEFT
    return Column(column.title, width, align, grow=width, least=min(width, _width(numbers)))


def _width(lines: Sequence[str]) -> float:
    longest = max((fonts.length(line, fonts.bold().widths) for line in lines), default=0.0)
    return min(_WIDEST, max(_NARROWEST, longest * SIZE + 2 * PAD_X + 1))
