"""Importing into the CMDB: a sheet that is looked through before it is taken, and device types."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QProgressBar, QPushButton, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import tr, trn
from ui.banner import Banners
from ui.context import Context
from ui.labels import ElidedLabel, PlainLabel
from ui.rows import Pill
from ui.subjects import cmdb
from ui.table import Column, Table
from ui.work import Job

if TYPE_CHECKING:
    from app.cmdb.importing import PreviewRow, Sheet
    from app.importers.report import ImportReport

SHEETS = "Excel, CSV (*.xlsx *.xlsm *.csv *.txt *.tsv)"
SHOWN = 2_000
SIZE = (760, 520)
STEPS = 1_000
Looked = tuple["Sheet", list["PreviewRow"]]


def look_through(desk: object, job: Job, path: Path) -> "Looked":
    """Read a sheet and say what its import would do, on a worker."""
    sheet = cmdb.read_sheet(desk, job, path)
    return sheet, cmdb.preview(sheet, SHOWN)


def take(desk: object, job: Job, sheet: "Sheet") -> "ImportReport":
    """Import a sheet that was looked through, on a worker."""
    report: ImportReport = cmdb.keep_sheet(desk, job, sheet)
    return report


def save_refused(desk: object, job: Job, sheet: "Sheet", report: "ImportReport", path: Path) -> Path:
    """Write the refused rows, on a worker."""
    cmdb.save_refused(sheet, report.refusals, path)
    return path


def take_types(desk: object, job: Job, folder: Path) -> "ImportReport":
    """Import a device-type library, on a worker."""
    report: ImportReport = cmdb.import_device_types(desk, job, folder)
    return report


def import_types(context: Context, folder: Path, parent: QWidget) -> None:
    """Import a library of device types, with progress that can be stopped."""
    dialog = Progress(tr("Import device types"), context, parent)
    dialog.run(take_types, folder)
    dialog.open()


class Progress(QDialog):
    """Long work with a bar, a line of words and a button that stops it; what was kept stays kept."""

    def __init__(self, title: str, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._job: Job | None = None
        self.banners = Banners(self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, STEPS)
        self.line = ElidedLabel("", "secondary", self)
        self.button = QPushButton(tr("Stop"), self)
        self.button.clicked.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(title, "title", self))
        layout.addWidget(self.banners)
        layout.addWidget(self.bar)
        layout.addWidget(self.line)
        layout.addWidget(self.button, 0, Qt.AlignmentFlag.AlignRight)
        self.resize(480, self.sizeHint().height())

    def run(self, function: Any, *args: object) -> None:
        """Begin the work; its result is an ImportReport."""
        self._job = self._context.work.run(
            function, *args, done=self._finish, failed=self._fail, progress=self._show, owner=self
        )

    def done(self, result: int) -> None:
        if self._job is not None:
            self._job.cancel()
        super().done(result)

    def _show(self, part: float, text: str) -> None:
        self.bar.setValue(round(part * STEPS))
        self.line.setText(text)

    def _finish(self, report: "ImportReport") -> None:
        self._job = None
        self._show(1.0, report.sentence())
        self.button.setText(tr("Close"))
        for refusal in report.refusals[:3]:
            self.banners.show_banner(refusal.what, "warning", f"{refusal.what}: {refusal.reason}")

    def _fail(self, error: WatchroomError) -> None:
        self._job = None
        self.banners.error(error.sentence())
        self.button.setText(tr("Close"))


class ImportDialog(QDialog):
    """Choose a file, see what its rows will do, then import it; refused rows can be saved, mended and tried again."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("cmdb-import")
        self.setWindowTitle(tr("Import configuration items"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context = context
        self._job: Job | None = None
        self._sheet: Sheet | None = None
        self._report: ImportReport | None = None
        self._lay_out()
        self._show_step()
        self.resize(*SIZE)

    def _lay_out(self) -> None:
        self.banners = Banners(self)
        self.file = ElidedLabel(tr("No file chosen"), "secondary", self)
        self.choose_button = QPushButton(tr("Choose a file…"), self)
        self.choose_button.clicked.connect(self._choose)
        self.sentence = PlainLabel(
            tr(
                "One row for each configuration item, headings in the first row, in Chinese or English: name, class,"
                " asset code, address, place … Nothing is written before you have seen what will happen."
            ),
            parent=self,
            wraps=True,
        )
        self.table = Table("cmdb-import", _columns(), self._context, parent=self)
        self.table.empty.say(tr("The rows of the sheet are shown here with what will become of them."))
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, STEPS)
        self.main_button = QPushButton(tr("Import"), self)
        self.main_button.setProperty("main", True)
        self.main_button.clicked.connect(self._import)
        self.refused_button = QPushButton(tr("Save refused rows…"), self)
        self.refused_button.clicked.connect(self._choose_refused)
        self.close_button = QPushButton(tr("Close"), self)
        self.close_button.clicked.connect(self._stop_or_close)
        self._stack()

    def _stack(self) -> None:
        top, bottom = QHBoxLayout(), QHBoxLayout()
        top.addWidget(self.choose_button)
        top.addWidget(self.file, 1)
        bottom.addWidget(self.refused_button)
        bottom.addStretch(1)
        bottom.addWidget(self.close_button)
        bottom.addWidget(self.main_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 16, 12)
        layout.setSpacing(8)
        layout.addWidget(PlainLabel(self.windowTitle(), "title", self))
        layout.addWidget(self.banners)
        layout.addLayout(top)
        layout.addWidget(self.sentence)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.bar)
        layout.addLayout(bottom)

    def done(self, result: int) -> None:
        if self._job is not None:
            self._job.cancel()
        super().done(result)

    def look_at(self, path: Path) -> None:
        """Read a sheet and show what its import would do."""
        self.banners.clear("error")
        self._sheet = self._report = None
        self.file.setText(str(path))
        self._job = self._context.work.run(
            look_through, path, done=self._show_plan, failed=self._fail, progress=self._progress, owner=self
        )
        self._show_step()

    def _choose(self) -> None:
        dialog = QFileDialog(self, tr("Import a sheet"), "", SHEETS)
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda path: self.look_at(Path(path)))
        dialog.open()

    def _show_plan(self, looked: "Looked") -> None:
        self._job = None
        self._sheet, rows = looked
        self.sentence.setText(_plan_sentence(self._sheet))
        self.table.set_rows(rows)
        headings = ", ".join(self._sheet.plan.unknown_headings)
        if headings:
            text = tr("Nobody knows these columns, they are left alone: {headings}", headings=headings)
            self.banners.show_banner("headings", "warning", text)
        else:
            self.banners.clear("headings")
        self._show_step()

    def _import(self) -> None:
        if self._sheet is None:
            return
        self._job = self._context.work.run(
            take, self._sheet, done=self._show_report, failed=self._fail, progress=self._progress, owner=self
        )
        self._show_step()

    def _show_report(self, report: "ImportReport") -> None:
        self._job, self._report = None, report
        self.sentence.setText("")
        self.banners.show_banner("report", "info" if not report.refused else "warning", report.sentence())
        self._show_step()

    def _fail(self, error: WatchroomError) -> None:
        self._job = None
        self.banners.error(error.sentence())
        self._show_step()

    def _progress(self, part: float, text: str) -> None:
        self.bar.setValue(round(part * STEPS))
        self.sentence.setText(text)

    def _stop_or_close(self) -> None:
        """Stop what runs; the batches until then are kept, and importing again goes on from there."""
        if self._job is None:
            self.reject()
            return
        self._job.cancel()
        self._job = None
        self.sentence.setText(tr("Stopped. What was imported until then is kept; import again to go on."))
        self._show_step()

    def _show_step(self) -> None:
        is_busy = self._job is not None
        plan = self._sheet.plan if self._sheet else None
        self.bar.setVisible(is_busy)
        self.choose_button.setEnabled(not is_busy)
        self.main_button.setEnabled(bool(plan and plan.entries) and not is_busy and self._report is None)
        self.refused_button.setVisible(bool(plan and (plan.refusals or (self._report and self._report.refused))))
        self.close_button.setText(tr("Stop") if is_busy else tr("Close"))

    def _choose_refused(self) -> None:
        dialog = QFileDialog(self, tr("Save refused rows"), "", "Excel (*.xlsx);;CSV (*.csv)")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("xlsx")
        dialog.selectFile(tr("Refused rows"))
        dialog.fileSelected.connect(self._save_refused)
        dialog.open()

    def _save_refused(self, path: str) -> None:
        source = self._report or (self._sheet.plan if self._sheet else None)
        self._context.work.run(
            save_refused, self._sheet, source, Path(path), done=self._say_saved, failed=self._fail, owner=self
        )

    def _say_saved(self, path: Path) -> None:
        self.banners.show_banner("saved", "info", tr("The refused rows were written to {path}.", path=path))


def _plan_sentence(sheet: "Sheet") -> str:
    entries: Sequence[Any] = sheet.plan.entries
    counts = {name: sum(entry.action == name for entry in entries) for name in ("add", "change", "keep")}
    text = tr(
        "{read} rows: {added} will be added, {changed} changed, {unchanged} are as they should be, {refused} refused.",
        read=sheet.plan.rows,
        added=counts["add"],
        changed=counts["change"],
        unchanged=counts["keep"],
        refused=len(sheet.plan.refusals),
    )
    if sheet.plan.new_places:
        text += " " + trn("{n} place will be made.", "{n} places will be made.", len(sheet.plan.new_places))
    return text


def _columns() -> list[Column]:
    return [
        Column("row", tr("Row"), lambda row: str(row.row), 56, right=True, value=lambda row: row.row),
        Column("action", tr("What will happen"), lambda row: _action(row).text, 132, look=_action),
        Column("what", tr("Name", context="ci"), lambda row: row.what, 180),
        Column("detail", tr("Reason or fields"), lambda row: row.detail, 320, stretch=True),
    ]


def _action(row: "PreviewRow") -> Pill:
    words = {
        "add": Pill(tr("Added", context="import"), "normal"),
        "change": Pill(tr("Changed", context="import"), "accent"),
        "keep": Pill(tr("As it is", context="import"), "secondary"),
    }
    return words[row.action] if row.action else Pill(tr("Refused", context="import"), "critical")
