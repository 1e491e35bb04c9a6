"""The print preview of every PDF of the program: pages as they will be printed, saved or sent to a printer."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.errors import WatchroomError
from app.filenames import safe_name, write_file
from app.words import tr, trn
from ui.banner import Step
from ui.context import Context
from ui.labels import PlainLabel
from ui.page import Page
from ui.pages.preview_pages import PreviewPages
from ui.pages.preview_pdf import page_sizes, print_pages
from ui.subjects import outputs

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.work import Job

NAME = "preview"
_DELETE_ON_CLOSE = Qt.WidgetAttribute.WA_DeleteOnClose


@dataclass(frozen=True, slots=True)
class Paper:
    """Something to be printed: its title, which also names its file, and what makes its PDF on a worker."""

    title: str
    make_pdf: "Callable[[Desk], bytes]"


def open_preview(context: Context, title: str, make_pdf: "Callable[[Desk], bytes]") -> None:
    """Show the PDF that `make_pdf(desk)` returns, made on a worker; its WatchroomErrors are shown in the page."""
    context.nav.open(NAME, Paper(title, make_pdf))


class PreviewPage(Page):
    """Pages under each other, with Save (Ctrl+E) and Print (Ctrl+P); what leaves the program leaves an entry."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("printer-eye", tr("Print preview"), context, parent)
        self.pages = PreviewPages(context, self)
        self.body.addWidget(self.pages, 1)
        self._paper: Paper | None = None
        self._pdf = b""
        self._job: Job | None = None
        self._place = PlainLabel("", "secondary", self)
        self.bar.add(self._place)
        self._zooms = [
            self.bar.add_button("−", self.pages.zoom_out),
            self.bar.add_button(tr("Fit width"), self.pages.fit_width),
            self.bar.add_button("+", self.pages.zoom_in),
        ]
        self._zooms[0].setAccessibleName(tr("Smaller"))
        self._zooms[2].setAccessibleName(tr("Larger"))
        self._save_button = self.bar.add_button(tr("Save as PDF…"), self.export)
        self._print_button = self.bar.add_button(tr("Print…"), self.print_list, is_main=True)
        self.bar.add_button(tr("Back"), context.nav.back)
        self.pages.moved.connect(self._show_place)
        self.pages.failed.connect(lambda error: self.banners.error(error.sentence()))
        self._allow(False)

    def show_row(self, key: object) -> None:
        """Show a `Paper`; opened again without one, the page stays as it was left."""
        if isinstance(key, Paper):
            self._paper = key
            self.bar.title.setText(key.title)
            self.refresh()

    def refresh(self) -> None:
        """Make the PDF anew (F5)."""
        if self._paper is None:
            return
        if self._job:
            self._job.cancel()
        self._pdf = b""
        self._allow(False)
        self.banners.clear("error")
        self.pages.show_words(tr("The pages are being made…"))
        self._job = self.context.work.run(_made, self._paper.make_pdf, done=self._show, failed=self._fail, owner=self)

    def export(self) -> None:
        """Ask where the PDF is to be saved."""
        if not self._pdf or self._paper is None:
            return
        dialog = QFileDialog(self, tr("Save as PDF"), safe_name(self._paper.title, ".pdf"), "PDF (*.pdf)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pdf")
        dialog.setAttribute(_DELETE_ON_CLOSE)
        dialog.fileSelected.connect(lambda name: self.save(Path(name)))
        dialog.open()

    def save(self, path: Path) -> None:
        """Write the PDF to `path`."""
        title = self._paper.title if self._paper else ""
        self.context.work.run(
            _saved,
            self._pdf,
            path,
            title,
            done=lambda _none: self._say(tr("Saved: {path}", path=path)),
            failed=self._fail,
            owner=self,
        )

    def print_list(self) -> None:
        """Open the printer dialog."""
        if self._pdf:
            self._ask_printer()

    def _ask_printer(self) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        printer.setDocName(self._paper.title if self._paper else "")
        dialog = QPrintDialog(printer, self)
        dialog.setAttribute(_DELETE_ON_CLOSE)
        dialog.setMinMax(1, max(1, self.pages.count))
        dialog.finished.connect(lambda answer: self._print(printer) if answer else None)
        QDialog.open(dialog)

    def _print(self, printer: Any) -> None:
        title = self._paper.title if self._paper else ""
        self._say(tr("Printing…"))
        self._job = self.context.work.run(
            _printed,
            self._pdf,
            printer,
            title,
            done=lambda n: self._say(
                trn("{n} page was sent to the printer.", "{n} pages were sent to the printer.", n)
            ),
            failed=self._fail,
            progress=lambda _part, words: self._say(words, can_stop=True),
            owner=self,
        )

    def _stop(self) -> None:
        if self._job:
            self._job.cancel()
        self._say(tr("Printing was stopped; pages that were sent may still come."))

    def _show(self, made: "tuple[bytes, list[tuple[float, float]]]") -> None:
        self._pdf, sizes = made
        self.pages.show_pdf(self._pdf, sizes)
        self._allow(True)

    def _show_place(self, page: int, pages: int) -> None:
        self._place.setText(tr("Page {page} of {pages}", page=page, pages=pages) if pages else "")

    def _say(self, words: str, *, can_stop: bool = False) -> None:
        steps = (Step(tr("Stop"), self._stop),) if can_stop else ()
        self.banners.show_banner("output", "info", words, steps)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())
        if not self._pdf:
            self.pages.show_words(tr("There is nothing to show."))

    def _allow(self, is_allowed: bool) -> None:
        for button in (*self._zooms, self._save_button, self._print_button):
            button.setEnabled(is_allowed)


def _made(desk: "Desk", _job: "Job", make_pdf: "Callable[[Desk], bytes]") -> "tuple[bytes, list[tuple[float, float]]]":
    pdf = make_pdf(desk)
    return pdf, page_sizes(pdf)


def _saved(desk: "Desk", _job: "Job", pdf: bytes, path: Path, title: str) -> None:
    desk.do(outputs.left, "export", f"{title} -> {path.name}")
    write_file(path, pdf)


def _printed(desk: "Desk", job: "Job", pdf: bytes, printer: Any, title: str) -> int:
    desk.do(outputs.left, "print", title)
    return print_pages(pdf, printer, job.progress)
