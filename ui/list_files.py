"""Any list as a file: what is on the screen to Excel or CSV, or as a ledger on paper (UX rule 10)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog

from app.filenames import safe_name
from app.words import tr
from ui.context import Context
from ui.dock import Dock
from ui.page import Page
from ui.rows import Column
from ui.subjects import lists

if TYPE_CHECKING:
    from app.desk import Desk


def export(context: Context, panel: Dock | Page, title: str, columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Ask where to, and write the rows as they are shown to .xlsx or .csv."""
    dialog = QFileDialog(panel, tr("Save as"), safe_name(title, ".xlsx"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setNameFilters([tr("Excel workbook (*.xlsx)"), tr("CSV file (*.csv)")])
    dialog.setDefaultSuffix("xlsx")
    heads, cells = _texts(columns, rows)
    dialog.fileSelected.connect(lambda path: _write(context, panel, title, heads, cells, Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def print_list(context: Context, title: str, columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Show the rows as a ledger in the print preview."""
    heads, cells = _texts(columns, rows)
    from ui.pages.preview import open_preview

    open_preview(context, title, partial(_ledger, title, heads, cells))


def _ledger(title: str, heads: Sequence[str], cells: Sequence[Sequence[str]], desk: "Desk") -> bytes:
    pdf: bytes = lists.ledger(desk, title, heads, cells)
    return pdf


def _texts(columns: Sequence[Column], rows: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    return [column.title for column in columns], [[column.text(row) for column in columns] for row in rows]


def _write(
    context: Context, panel: Dock | Page, title: str, heads: Sequence[str], cells: Sequence[Sequence[str]], path: Path
) -> None:
    context.work.run(
        lists.write,
        title,
        heads,
        cells,
        path,
        done=lambda _answer: panel.banners.show_banner("file", "info", tr("Written: {path}", path=path)),
        failed=lambda error: panel.banners.error(error.sentence()),
        owner=panel,
    )
