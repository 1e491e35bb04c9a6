"""Incidents on paper and as files: the records 事件处理单 of chosen ones, the ledger of a month."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from app.words import tr
from ui.context import Context
from ui.docks.files import save_as
from ui.on_demand import on_demand

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.dock import Dock
    from ui.pages import preview
else:
    preview = on_demand("ui.pages.preview")


def print_records(context: Context, ids: Sequence[int], number: str = "") -> None:
    """Show the records of these incidents in the print preview."""
    preview.open_preview(context, f"{tr('Incident record')} {number}".strip(), partial(_records, tuple(ids)))


def print_month(context: Context, month: date) -> None:
    """Show the month's ledger in the print preview."""
    preview.open_preview(context, f"{tr('Incident ledger')} {month:%Y-%m}", partial(_month_pdf, month))


def export_month(context: Context, dock: "Dock", month: date) -> None:
    """Ask where to, and write the month's ledger as an Excel file."""
    name = f"{tr('Incident ledger')} {month:%Y-%m}.xlsx"
    save_as(context, dock.banners, dock, name, partial(_month_xlsx, month))


# These run on a worker and import there what makes paper, which the window's start need not wait for.


def _records(ids: Sequence[int], desk: "Desk") -> bytes:
    from app.incidents.paper import record_pdf

    return record_pdf(desk, ids)


def _month_pdf(month: date, desk: "Desk") -> bytes:
    from app.incidents.paper import month_pdf

    return month_pdf(desk, month)


def _month_xlsx(month: date, desk: "Desk", path: Path) -> int:
    from app.incidents.paper import month_xlsx

    return month_xlsx(desk, month, path)
