"""One backup plan: what it says, its runs and its restore tests (REQUIREMENTS F1-F4)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import label, tr, trn
from ui.context import Context
from ui.docks import backup_forms
from ui.docks.backup_columns import restore_columns, run_columns
from ui.labels import ElidedLabel, PlainLabel
from ui.page import Page
from ui.rows import Ask, Call, Column
from ui.subjects import backups
from ui.table import Table

if TYPE_CHECKING:
    from app.backups import PlanEntry, PlanRow

NAME = "backup"
TABLES = ("backup_plan", "backup_run", "restore_test")
SAME = ("job", "host", "format")


class PlanRuns:
    """Where the runs of the plan come from that the page shows."""

    def __init__(self) -> None:
        self.plan_id: int | None = None

    def page(self, ask: Ask) -> Call:
        values = {"backwards": ask.backwards, "descending": ask.descending, "plan_id": self.plan_id}
        return Call(backups.runs, ("all", ask.text, ask.after, ask.limit), values)

    def count(self, ask: Ask) -> None:
        return None


class BackupPage(Page):
    """A plan's facts above, its runs and restore tests below."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("backups", tr("Backup plan"), context, parent)
        self._source = PlanRuns()
        self._plan: PlanRow | None = None
        self._facts = {key: ElidedLabel("", parent=self) for key, _title in _fact_titles()}
        self.runs = Table(
            "plan-runs", _own_columns(), context, source=self._source, sort="happened", descending=True, parent=self
        )
        self.tests = Table("plan-tests", restore_columns(), context, parent=self)
        self._lay_out()
        context.live.changed.connect(self._follow)
        context.live.reset.connect(self._load)

    def show_row(self, key: object) -> None:
        """Show a plan by its id."""
        if isinstance(key, int) and key != self._source.plan_id:
            self._source.plan_id = key
            self._load()
        else:
            self.refresh()

    def refresh(self) -> None:
        plan_id = self._source.plan_id
        if plan_id is not None:
            read = self.context.work.read
            read(backups.plan, plan_id, done=self._show, failed=self.say_unread, owner=self)
            read(backups.restore_tests, plan_id, done=self.tests.set_rows, owner=self)
            self.runs.refresh()

    def _load(self) -> None:
        if self._source.plan_id is not None:
            self.runs.load()
            self.refresh()

    def _lay_out(self) -> None:
        self.bar.add_button(tr("Record a run"), self._record, needs=("backups.record_run",))
        self.bar.add_button(tr("Restore test"), self._test, is_main=True, needs=("backups.test_restore",))
        self.bar.add_button(
            tr("Change the plan…"), self._with_plan(backup_forms.open_plan), needs=("backups.edit_plan",)
        )
        self.bar.add_button(tr("End the plan…"), self._with_plan(backup_forms.end_plan), needs=("backups.void_plan",))
        content = QVBoxLayout()
        content.setContentsMargins(12, 10, 12, 8)
        content.setSpacing(6)
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        for at, (key, title) in enumerate(_fact_titles()):
            row, column = divmod(at, 3)
            grid.addWidget(PlainLabel(title, "secondary", self), row, 2 * column)
            grid.addWidget(self._facts[key], row, 2 * column + 1)
            grid.setColumnStretch(2 * column + 1, 1)
        content.addLayout(grid)
        content.addWidget(PlainLabel(tr("Runs"), "strong", self))
        content.addWidget(self.runs, 3)
        content.addWidget(PlainLabel(tr("Restore tests"), "strong", self))
        content.addWidget(self.tests, 2)
        self.runs.empty.say(tr("No run is known yet."))
        self.tests.empty.say(tr("No restore was tried yet."), tr("Restore test"), self._test)
        self.body.addLayout(content)
        self.setFocusProxy(self.runs)

    def _with_plan(self, call: Callable[..., object]) -> Callable[[], None]:
        def step() -> None:
            if self._plan is not None:
                call(self.context, self, self._plan)

        return step

    def _record(self) -> None:
        backup_forms.open_run(self.context, self, self._source.plan_id)

    def _test(self) -> None:
        backup_forms.open_restore_test(self.context, self, self._source.plan_id)

    def _follow(self, changed: Any) -> None:
        if changed.touches(*TABLES):
            self.refresh()

    def _show(self, plan: "PlanRow | None") -> None:
        self._plan = plan
        if plan is None:
            self.banners.error(tr("This plan has ended."))
            return
        self.bar.title.setText(f"{tr('Backup plan')} · {plan.entry.name}")
        for key, text in _fact_texts(plan.entry, plan.ci_name).items():
            self._facts[key].setText(text or "—")

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _own_columns() -> tuple[Column, ...]:
    """Return the columns of runs without those that are the same in each line."""
    return tuple(column for column in run_columns() if column.key not in SAME)


def _fact_titles() -> tuple[tuple[str, str], ...]:
    return (
        ("ci", tr("Device")),
        ("content", tr("Content", context="backup")),
        ("when", tr("When")),
        ("tool", tr("Tool", context="backup")),
        ("medium", tr("Medium")),
        ("kept", tr("Kept for")),
        ("importance", tr("Importance")),
        ("approved", tr("Approved by")),
        ("tested", tr("Restore test every")),
    )


def _fact_texts(entry: "PlanEntry", ci_name: str) -> dict[str, str]:
    names = " · ".join(part for part in (label(entry.format), entry.job, entry.host) if part)
    return {
        "ci": ci_name,
        "content": label(entry.content),
        "when": backups.worded(entry.rule, entry.starts_at),
        "tool": names,
        "medium": entry.medium,
        "kept": trn("{n} day", "{n} days", entry.retention_days),
        "importance": entry.importance,
        "approved": entry.approved_by,
        "tested": trn("{n} day", "{n} days", entry.restore_test_days),
    }
