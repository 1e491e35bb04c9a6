"""A list as it stands on a screen, as a file or a ledger on paper; both leave an entry in the trail."""

from collections.abc import Sequence
from pathlib import Path

from app import outputs, printing, sheets
from app.desk import Desk, ReadTx
from app.errors import BadInput
from app.reports import ledger as paper
from app.times import minute
from app.words import tr


def write(
    desk: Desk, _job: object, title: str, heads: Sequence[str], cells: Sequence[Sequence[str]], path: Path
) -> None:
    """Write a list to .xlsx or .csv by the file's ending. Raises BadInput for another ending, NotSaved."""
    ending = path.suffix.lower()
    if ending == ".xlsx":
        sheets.write_xlsx(path, title, heads, cells)
    elif ending == ".csv":
        sheets.write_csv(path, heads, cells)
    else:
        raise BadInput(tr("A list is written as .xlsx or .csv."))
    desk.do(outputs.left, "export", f"{title}: {path.name}")


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
