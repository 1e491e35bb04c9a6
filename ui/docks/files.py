"""Ledgers as paper and as files: which month, where to, and the word that it is there."""

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from app.filenames import safe_name
from app.times import today
from app.words import tr
from ui.banner import Banners, Step
from ui.context import Context
from ui.work import Job

if TYPE_CHECKING:
    from app.desk import Desk

MONTHS = 12
Print = Callable[[date], None]


def show_month_menu(parent: QWidget, place: QPoint, to_paper: Print, to_excel: Print) -> QMenu:
    """Offer the newest MONTHS months, each as a PDF and as an Excel file."""
    menu = QMenu(parent)
    menu.setObjectName("months")
    for month in newest_months():
        menu.addAction(tr("{month} as PDF", month=f"{month:%Y-%m}"), partial(to_paper, month))
    menu.addSeparator()
    for month in newest_months()[:3]:
        menu.addAction(tr("{month} as Excel file…", month=f"{month:%Y-%m}"), partial(to_excel, month))
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(place)
    return menu


def newest_months() -> list[date]:
    """Return the first days of this month and of those before, the newest first."""
    months = [today().replace(day=1)]
    while len(months) < MONTHS:
        months.append((months[-1] - timedelta(days=1)).replace(day=1))
    return months


def save_as(
    context: Context, banners: Banners, owner: QWidget, name: str, write: "Callable[[Desk, Path], object]"
) -> None:
    """Ask where `name` is to be saved; `write(desk, path)` runs on a worker, a banner says when it is there."""
    offered = safe_name(Path(name).stem, Path(name).suffix)
    dialog = QFileDialog(owner, tr("Save as"), offered)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(Path(offered).suffix.removeprefix("."))
    dialog.fileSelected.connect(lambda path: save(context, banners, owner, Path(path), write))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()


def save(
    context: Context, banners: Banners, owner: QWidget, path: Path, write: "Callable[[Desk, Path], object]"
) -> None:
    """Write a file on a worker, then say where it is and offer to open it."""

    def say_done(_answer: object) -> None:
        step = Step(tr("Open the file"), lambda: _open(path))
        banners.show_banner("file", "info", tr("Written: {path}", path=path), (step,))

    banners.show_banner("file", "info", tr("Writing {path} …", path=path))
    context.work.run(
        _written,
        write,
        path,
        done=say_done,
        failed=lambda error: banners.show_banner("file", "error", error.sentence()),
        owner=owner,
    )


def _written(desk: "Desk", _job: Job, write: "Callable[[Desk, Path], Any]", path: Path) -> None:
    write(desk, path)


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
