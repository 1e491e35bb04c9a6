"""The backup log: red first, runs, the calendar of jobs, and the daily check that somebody signs (F1-F4)."""

from datetime import date, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QStackedWidget, QWidget

from app.errors import WatchroomError
from app.times import today
from app.words import tr
from ui.banner import Step
from ui.commands import Command
from ui.context import Context
from ui.dock import Dock
from ui.docks.backup_calendar import BackupCalendar
from ui.docks.backup_columns import job_columns, run_columns
from ui.filters import Chip, ChipBar, FilterBox
from ui.on_demand import on_demand
from ui.rows import Ask, Call
from ui.subjects import backups
from ui.table import Table
from ui.work import Job

if TYPE_CHECKING:
    from app.backups import DailyCheck, JobRow, Month, PlanRow, RunRow
    from app.desk import Desk
    from app.importers.report import ImportReport
    from ui.docks import backup_forms, files
else:
    backup_forms = on_demand("ui.docks.backup_forms")
    files = on_demand("ui.docks.files")

TABLES = ("backup_plan", "backup_run", "restore_test", "backup_check")
JOBS, RED, TESTS, RUNS, CALENDAR = "jobs", "red", "tests", "runs", "calendar"
CHECKED_BACK = 7


class Runs:
    """Where the table of runs gets its pages."""

    def page(self, ask: Ask) -> Call:
        values = {"backwards": ask.backwards, "descending": ask.descending}
        return Call(backups.runs, ("all", ask.text, ask.after, ask.limit), values)

    def count(self, ask: Ask) -> Call:
        return Call(backups.count, ("all", ask.text))


class BackupDock(Dock):
    """The backup log as a dock: jobs, runs and calendar lie behind each other, the chips choose. One that waits has
    its name and its commands, and no content before `build`."""

    def __init__(self, context: Context, parent: QWidget | None = None, *, waits: bool = False) -> None:
        super().__init__("backups", tr("Backup log"), context, parent)
        self._register()
        if not waits:
            self.build()

    def _make(self) -> None:
        context = self.context
        self.chips = ChipBar(_chips(), self)
        self.filter_box = FilterBox(tr("Filter"), self)
        self.jobs = Table("backup-jobs", job_columns(), context, parent=self)
        self.runs = Table(
            "backup-runs", run_columns(), context, source=Runs(), sort="happened", descending=True, parent=self
        )
        self.calendar = BackupCalendar(context, self)
        self._jobs: list[JobRow] = []
        self._month = today().replace(day=1)
        self._unsigned: list[date] = []
        self._import: Job | None = None
        self._stack = QStackedWidget(self)
        self._lay_out()
        self._connect()

    def load(self) -> None:
        """Ask for the jobs and for today's check; called once, when the window has painted."""
        self.build()
        self.refresh()

    def refresh(self) -> None:
        """Ask again for what is shown (F5)."""
        read = self.context.work.read
        read(backups.jobs, done=self._show_jobs, failed=self._fail, owner=self)
        read(backups.checks, CHECKED_BACK, done=self._show_checks, owner=self)
        if self.chips.current == RUNS:
            self.runs.refresh()
        elif self.chips.current == CALENDAR:
            self._ask_month()

    def samples(self) -> dict[str, object]:
        return {"backup": self.jobs.rows.rows[0].id} if self.is_built and self.jobs.rows.rows else {}

    def focus_filter(self) -> None:
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def export(self) -> None:
        self.export_month(today())

    def print_list(self) -> None:
        self.print_month(today())

    def print_month(self, month: date) -> None:
        """Show a month's backup log, ready to be printed."""
        from ui.pages.preview import open_preview

        title = f"{tr('Backup log')} {month:%Y-%m}"
        open_preview(self.context, title, lambda desk: backups.month_pdf(desk, month))

    def export_month(self, month: date) -> None:
        def write(desk: Any, path: Path) -> None:
            backups.month_xlsx(desk, month, path)

        files.save_as(self.context, self.banners, self, f"{tr('Backup log')} {month:%Y-%m}.xlsx", write)

    def sign(self) -> None:
        """Sign the daily check of today, or of a day before that nobody signed."""
        if self._unsigned:
            backup_forms.open_check(self.context, self, self._unsigned)
        else:
            self.banners.show_banner("step", "info", tr("The last days are checked and signed."))

    def record_run(self) -> None:
        row = self.jobs.current_row
        backup_forms.open_run(self.context, self, row.id if row else None)

    def test_restore(self) -> None:
        row = self.jobs.current_row
        backup_forms.open_restore_test(self.context, self, row.id if row else None)

    def new_plan(self) -> None:
        backup_forms.open_plan(self.context, self)

    def change_plan(self, plan_id: int, *, is_end: bool = False) -> None:
        """Ask for a plan as it is now, then open its form."""

        def show(plan: "PlanRow | None") -> None:
            if plan is None:
                self.banners.error(tr("This plan has ended."))
            elif is_end:
                backup_forms.end_plan(self.context, self, plan)
            else:
                backup_forms.open_plan(self.context, self, plan)

        self.context.work.read(backups.plan, plan_id, done=show, failed=self._fail, owner=self)

    def ask_import(self, *, is_folder: bool = False) -> None:
        """Ask for a file or a folder of the tools' own outputs."""
        from PySide6.QtWidgets import QFileDialog

        dialog = QFileDialog(self, tr("Import backup reports"))
        if is_folder:
            dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.fileSelected.connect(lambda path: self.import_from(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def import_from(self, path: Path) -> None:
        """Take in what the file or folder shows, with progress; it can be stopped."""
        work = self.context.work
        self._show_progress(0.0, "")
        self._import = work.run(
            _imported,
            path,
            done=self._show_imported,
            failed=self._fail_import,
            progress=self._show_progress,
            owner=self,
        )

    def _lay_out(self) -> None:
        self.bar.add(self.chips)
        self.bar.add(self.filter_box)
        self.sign_button = self.bar.add_button(
            tr("Sign the daily check"), self.sign, is_main=True, needs=("backups.sign_day",)
        )
        record = self.bar.add_button(tr("Record a run"), self.record_run, needs=("backups.record_run",))
        test = self.bar.add_button(tr("Restore test"), self.test_restore, needs=("backups.test_restore",))
        self.import_button = self.bar.add_button(tr("Import"), self._show_import_menu, needs=("backups.take_reported",))
        plan = self.bar.add_button(tr("New plan"), self.new_plan, needs=("backups.add_plan",))
        self.ledger_button = self.bar.add_button(tr("Ledger"), self._show_months)
        giving_way = [
            plan,
            self.ledger_button,
            self.filter_box,
            test,
            self.import_button,
            self.chips.button(TESTS),
            record,
            *(self.chips.button(name) for name in (CALENDAR, RUNS, RED)),
        ]
        self.bar.let_give_way(giving_way)
        for view in (self.jobs, self.runs, self.calendar):
            self._stack.addWidget(view)
        self.body.addWidget(self._stack)
        self.setFocusProxy(self._stack)
        self.jobs.empty.say(
            tr("No backup is planned yet. Plan one, or import what the backup tools report."),
            tr("New plan"),
            self.new_plan,
        )
        self.runs.empty.say(tr("No run is known yet."), tr("Import"), self.ask_import)

    def _connect(self) -> None:
        self.chips.chosen.connect(self._show_view)
        self.filter_box.typed.connect(self.jobs.set_filter)
        self.filter_box.typed.connect(self.runs.set_filter)
        self.jobs.activated_row.connect(lambda row: self.context.nav.open("backup", row.id))
        self.jobs.current_row_changed.connect(self._select)
        self.jobs.menu_asked.connect(self._show_menu)
        self.runs.activated_row.connect(self._open_run)
        self.calendar.chosen.connect(self._open_runs)
        self.calendar.month_asked.connect(self._turn_month)
        for table in (self.jobs, self.runs):
            table.failed.connect(self.say_unread)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self._reload)

    def _register(self) -> None:
        for command, call in (
            (
                Command("sign-backups", tr("Sign the daily check…"), "backups", "", 0, needs="backups.sign_day"),
                self.sign,
            ),
            (Command("record-run", tr("Record a run…"), "backups", "", 1, needs="backups.record_run"), self.record_run),
            (
                Command("restore-test", tr("Restore test…"), "backups", "", 1, needs="backups.test_restore"),
                self.test_restore,
            ),
            (
                Command(
                    "import-backups", tr("Import backup reports…"), "backups", "", 2, needs="backups.take_reported"
                ),
                self.ask_import,
            ),
            (
                Command(
                    "import-backups-folder",
                    tr("Import a folder of backup reports…"),
                    "backups",
                    "",
                    2,
                    needs="backups.take_reported",
                ),
                partial(self.ask_import, is_folder=True),
            ),
            (Command("new-plan", tr("New backup plan…"), "backups", "", 3, needs="backups.add_plan"), self.new_plan),
            (Command("backup-ledger", tr("Backup log of the month"), "backups", "", 4), self.print_list),
            (Command("backup-ledger-xlsx", tr("Backup log of the month (Excel)…"), "backups", "", 4), self.export),
        ):
            self.context.commands.add(command, call)

    def _reload(self) -> None:
        self.runs.load()
        self.refresh()

    def _follow(self, changed: Any) -> None:
        if changed.touches(*TABLES):
            self.refresh()

    def _show_view(self, name: str) -> None:
        if name == RUNS:
            self._stack.setCurrentWidget(self.runs)
            self.runs.load()
        elif name == CALENDAR:
            self._stack.setCurrentWidget(self.calendar)
            self._ask_month()
        else:
            self._stack.setCurrentWidget(self.jobs)
            self._list_jobs()

    def _show_jobs(self, jobs: "list[JobRow]") -> None:
        self._jobs = jobs
        red = sum(job.is_red for job in jobs)
        self.chips.set_count(JOBS, len(jobs))
        self.chips.set_count(RED, red)
        self.chips.set_count(TESTS, sum(job.is_restore_test_due for job in jobs))
        words = f" · ▲ {tr('{n} failed', n=red)}" if red else ""
        self.setWindowTitle(tr("Backup log") + words)
        self._list_jobs()
        self.bar.fit()

    def _list_jobs(self) -> None:
        chip = self.chips.current
        self.jobs.set_rows(
            job for job in self._jobs if (chip != RED or job.is_red) and (chip != TESTS or job.is_restore_test_due)
        )

    def _show_checks(self, checks: "list[DailyCheck]") -> None:
        signed = {check.day: check for check in checks}
        days = [today() - timedelta(days=back) for back in range(CHECKED_BACK)]
        self._unsigned = [day for day in days if day not in signed]
        done = signed.get(today())
        self.sign_button.setText(tr("Signed today: {name}", name=done.person) if done else tr("Sign the daily check"))
        self.sign_button.setProperty("main", done is None)
        self.sign_button.style().unpolish(self.sign_button)
        self.sign_button.style().polish(self.sign_button)
        self.bar.fit()

    def _ask_month(self) -> None:
        self.jobs.fill(backups.month_of, self._month, show=self._show_month)

    def _show_month(self, month: "Month") -> None:
        self.set_count(f"{month.first:%Y-%m}")
        self.calendar.show_month(month)

    def _turn_month(self, step: int) -> None:
        other = self._month - timedelta(days=1) if step < 0 else self._month + timedelta(days=32)
        self._month = other.replace(day=1)
        self._ask_month()

    def _select(self, row: "JobRow | None") -> None:
        if row is not None and row.last is not None:
            self.context.nav.select("backup_run", row.last.id)

    def _open_run(self, run: "RunRow") -> None:
        if run.plan_id is not None:
            self.context.nav.open("backup", run.plan_id)
        else:
            self.context.nav.select("backup_run", run.id)

    def _open_runs(self, runs: "tuple[RunRow, ...]") -> None:
        if runs:
            self._open_run(runs[-1])

    def _show_menu(self, row: "JobRow | None", place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open the backup"), partial(self.context.nav.open, "backup", row.id))
        self.context.rights.guard(menu.addAction(tr("Record a run…"), self.record_run), "backups.record_run")
        self.context.rights.guard(menu.addAction(tr("Restore test…"), self.test_restore), "backups.test_restore")
        menu.addSeparator()
        self.context.rights.guard(
            menu.addAction(tr("Change the plan…"), partial(self.change_plan, row.id)), "backups.edit_plan"
        )
        self.context.rights.guard(
            menu.addAction(tr("End the plan…"), partial(self.change_plan, row.id, is_end=True)), "backups.void_plan"
        )
        menu.addSeparator()
        menu.addAction(tr("Copy"), self.jobs.copy)
        menu.popup(place)

    def _show_import_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("A file…"), self.ask_import)
        menu.addAction(tr("A folder…"), partial(self.ask_import, is_folder=True))
        menu.popup(_below(self.import_button))

    def _show_months(self) -> None:
        files.show_month_menu(self, _below(self.ledger_button), self.print_month, self.export_month)

    def _show_progress(self, part: float, _text: str) -> None:
        words = tr("Importing backup reports: {percent} %", percent=round(part * 100))
        self.banners.show_banner("import", "info", words, (Step(tr("Stop"), self._stop_import),), can_close=False)

    def _stop_import(self) -> None:
        if self._import is not None:
            self._import.cancel()
            self.banners.show_banner("import", "warning", tr("Stopped. What had been read until then is kept."))

    def _show_imported(self, report: "ImportReport") -> None:
        level: Any = "warning" if report.refused else "info"
        reasons = [f"{refusal.what}: {refusal.reason}" for refusal in report.refusals[:3]]
        self.banners.show_banner("import", level, "\n".join((report.sentence(), *reasons)))

    def _fail_import(self, error: WatchroomError) -> None:
        self.banners.show_banner("import", "error", error.sentence())

    def _fail(self, error: WatchroomError) -> None:
        self.banners.show_banner("step", "error", error.sentence())


def _imported(desk: "Desk", job: Job, path: Path) -> "ImportReport":
    report: ImportReport = backups.import_runs(desk, path, progress=job)
    return report


def _below(button: QPushButton) -> QPoint:
    return button.mapToGlobal(button.rect().bottomLeft())


def _chips() -> tuple[Chip, ...]:
    return (
        Chip(JOBS, tr("Jobs")),
        Chip(RED, tr("Red", context="backups")),
        Chip(TESTS, tr("Restore test due")),
        Chip(RUNS, tr("Runs")),
        Chip(CALENDAR, tr("Calendar")),
    )
