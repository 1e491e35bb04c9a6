"""A list as it stands on a screen, as a file or a ledger on paper; both leave an entry in the trail."""

from collections.abc import Sequence
from pathlib import Path

from app import outputs, printing, sheets
from app.desk import Desk, ReadTx
from app.reports import ledger as paper
from app.times import minute


def write(desk: Desk, title: str, heads: Sequence[str], cells: Sequence[Sequence[str]], path: Path) -> None:
    """Write a list to .xlsx or .csv by the file's ending. Raises BadInput for another ending, NotSaved."""
    desk.do(outputs.left, "export", f"{title}: {path.name}")
    sheets.write_sheet(path, title, heads, cells)


def ledger(desk: Desk, title: str, heads: Sequence[str], cells: Sequence[Sequence[str]]) -> bytes:
    """Return a list as a ledger PDF, as it stood when it was asked for."""
    return paper.ledger(desk.read(_sheet, title, tuple(heads), tuple(tuple(row) for row in cells)))


def _sheet(tx: ReadTx, title: str, heads: tuple[str, ...], cells: tuple[tuple[str, ...], ...]) -> paper.LedgerSheet:
    head = printing.head(tx)
    return paper.LedgerSheet(
        title=title,
        unit=head.unit,
        form="",
        period=minute(tx.now),
        columns=tuple(paper.LedgerColumn(text) for text in heads),
        rows=tuple(paper.LedgerRow(row) for row in cells),
        printed=head.printed,
        seal=head.seal,
    )
