"""Any list as a file: what is on the screen to Excel or CSV, or as a ledger on paper (UX rule 10)."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.context import Context
from ui.dock import Dock
from ui.docks.files import save_as
from ui.on_demand import on_demand
from ui.page import Page
from ui.rows import Column
from ui.subjects import lists

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.pages import preview
    from ui.table import Table
else:
    preview = on_demand("ui.pages.preview")


def export(context: Context, panel: Dock | Page, title: str, columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Ask where to, and write the rows as they are shown to .xlsx or .csv."""
    heads, cells = _texts(columns, rows)
    save_as(context, panel.banners, panel, f"{title}.xlsx", partial(_write, title, heads, cells))


def print_list(context: Context, title: str, columns: Sequence[Column], rows: Sequence[Any]) -> None:
    """Show the rows as a ledger in the print preview."""
    heads, cells = _texts(columns, rows)
    preview.open_preview(context, title, partial(_ledger, title, heads, cells))


def _texts(columns: Sequence[Column], rows: Sequence[Any]) -> tuple[list[str], list[list[str]]]:
    return [column.title for column in columns], [[column.text(row) for column in columns] for row in rows]


def _write(title: str, heads: Sequence[str], cells: Sequence[Sequence[str]], desk: "Desk", path: Path) -> None:
    lists.write(desk, title, heads, cells, path)


def _ledger(title: str, heads: Sequence[str], cells: Sequence[Sequence[str]], desk: "Desk") -> bytes:
    pdf: bytes = lists.ledger(desk, title, heads, cells)
    return pdf


def export_table(panel: Any, table: "Table") -> None:
    """Export the rows that a panel's table holds."""
    export(panel.context, panel, panel.bar.title.text(), table.shown_columns(), table.rows.rows)


def print_table(panel: Any, table: "Table") -> None:
    """Show the rows that a panel's table holds in the print preview."""
    print_list(panel.context, panel.bar.title.text(), table.shown_columns(), table.rows.rows)
