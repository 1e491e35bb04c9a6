"""A month's ledger of any subject, on paper and as a sheet: what differs between them is in `MonthLedger`."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Generic, TypeVar

from app import outputs
from app.desk import Desk, ReadTx
from app.printing import head
from app.reports.inspection import Signer
from app.reports.ledger import LedgerColumn, LedgerRow, LedgerSheet
from app.reports.ledger import ledger as ledger_pdf
from app.sheets import Value, write_sheet
from app.words import tr

R = TypeVar("R")
Facts = tuple[tuple[str, str], ...]


def no_facts(_tx: ReadTx, _month: date) -> Facts:
    """Return that a ledger's head says no more than its month."""
    return ()


@dataclass(frozen=True, slots=True)
class MonthLedger(Generic[R]):
    """One kind of ledger. Words are functions, since the language is chosen after the module is loaded.

    `name` is what the trail calls it, `prefix` begins its number ("MJ-202611"), `cells` are a row's texts on paper,
    `values` the same in a sheet (times as times, numbers as numbers); a void row is struck through.
    """

    name: str
    title: Callable[[], str]
    form: str
    prefix: str
    rows: Callable[[ReadTx, date], Sequence[R]]
    columns: Callable[[], tuple[LedgerColumn, ...]]
    cells: Callable[[R], tuple[str, ...]]
    values: Callable[[R], tuple[Value, ...]]
    is_void: Callable[[R], bool] = lambda _row: False
    facts: Callable[[ReadTx, date], Facts] = no_facts

    def pdf(self, desk: Desk, month: date) -> bytes:
        """Return the month's ledger as a PDF."""
        return ledger_pdf(desk.read(self._sheet, month))

    def write(self, desk: Desk, month: date, path: Path) -> int:
        """Write the ledger as .xlsx or .csv, leave an entry and return how many rows it has. Raises NotAllowed."""
        found = desk.read(self.rows, month)
        desk.do(outputs.left, "export", f"{self.name} {month:%Y-%m}: {len(found)}")
        titles = [column.title for column in self.columns()]
        write_sheet(path, self.title(), titles, (self.values(row) for row in found))
        return len(found)

    def _sheet(self, tx: ReadTx, month: date) -> LedgerSheet:
        paper = head(tx)
        return LedgerSheet(
            title=self.title(),
            unit=paper.unit,
            form=tr("Form {form}", form=self.form),
            period=f"{month:%Y-%m}",
            columns=self.columns(),
            rows=tuple(LedgerRow(self.cells(row), is_void=self.is_void(row)) for row in self.rows(tx, month)),
            facts=self.facts(tx, month),
            signers=(Signer(tr("Made by")), Signer(tr("Checked by"))),
            printed=paper.printed,
            number=f"{self.prefix}-{month:%Y%m}",
            seal=paper.seal,
        )
