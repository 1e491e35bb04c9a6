"""Incidents on paper and as files: records 事件处理单 of the selected ones, the month's ledger."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from app.filenames import safe_name, write_file
from app.times import today
from app.words import tr
from ui.banner import Banners, Step
from ui.commands import Command
from ui.context import Context

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.dock import Dock
    from ui.page import Page
    from ui.work import Job


def commands(context: Context, panel: "Dock") -> Iterator[tuple[Command, Callable[[], None]]]:
    """Yield the menu entries of the month's ledger."""
    yield (
        Command("incident-ledger-pdf", tr("Incident ledger of the month (PDF)…"), "incidents", "", 5),
        lambda: print_month(context, panel),
    )
    yield (
        Command("incident-ledger-xlsx", tr("Incident ledger of the month (Excel)…"), "incidents", "", 5),
        lambda: export_month(context, panel),
    )


def print_records(context: Context, panel: "Dock | Page", ids: Sequence[int], name: str = "") -> None:
    """Ask where to, and write the records of these incidents as one PDF."""
    offered = safe_name(name or tr("Incident record"), ".pdf")
    _ask_file(panel, offered, lambda path: _write(context, panel.banners, panel, path, _write_records, ids))


def print_month(context: Context, panel: "Dock | Page", month: date | None = None) -> None:
    """Ask where to, and write the month's ledger as a PDF."""
    chosen = month or today()
    offered = safe_name(f"{tr('Incident ledger')} {chosen:%Y-%m}", ".pdf")
    _ask_file(panel, offered, lambda path: _write(context, panel.banners, panel, path, _write_month_pdf, chosen))


def export_month(context: Context, panel: "Dock | Page", month: date | None = None) -> None:
    """Ask where to, and write the month's ledger as an Excel file."""
    chosen = month or today()
    offered = safe_name(f"{tr('Incident ledger')} {chosen:%Y-%m}", ".xlsx")
    _ask_file(panel, offered, lambda path: _write(context, panel.banners, panel, path, _write_month_xlsx, chosen))


def _ask_file(parent: QWidget, offered: str, take: Callable[[Path], None]) -> None:
    dialog = QFileDialog(parent, tr("Save as"), offered)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(offered).suffix.removeprefix("."))
    dialog.fileSelected.connect(lambda path: take(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def _write(
    context: Context,
    banners: Banners,
    owner: QWidget,
    path: Path,
    function: "Callable[[Desk, Job, Any, Path], None]",
    what: object,
) -> None:
    """Write the file on a worker, then say where it is."""

    def open_file() -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    def say_done(_answer: object) -> None:
        step = Step(tr("Open the file"), open_file)
        banners.show_banner("file", "info", tr("Written: {path}", path=path), (step,))

    banners.show_banner("file", "info", tr("Writing {path} …", path=path))
    context.work.run(
        function,
        what,
        path,
        done=say_done,
        failed=lambda error: banners.show_banner("file", "error", error.sentence()),
        owner=owner,
    )


# The three below run on a worker and import there what makes paper, which the window's start need not wait for.


def _write_records(desk: "Desk", _job: "Job", ids: Sequence[int], path: Path) -> None:
    from app.incidents.paper import record_pdf

    write_file(path, record_pdf(desk, ids))


def _write_month_pdf(desk: "Desk", _job: "Job", month: date, path: Path) -> None:
    from app.incidents.paper import month_pdf

    write_file(path, month_pdf(desk, month))


def _write_month_xlsx(desk: "Desk", _job: "Job", month: date, path: Path) -> None:
    from app.incidents.paper import month_xlsx

    month_xlsx(desk, month, path)
