"""The inspections of the site: what is due and overdue, drafts, signed records; plans and limits in tabs."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QHBoxLayout, QMenu, QTabWidget, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.times import minute, today
from app.words import label, tr
from models.enums import InspectionState, State
from ui.context import Context
from ui.filters import Chip, ChipBar, FilterBox
from ui.page import Page
from ui.pages.inspection_forms import ask_begin, ask_correction, ask_void
from ui.pages.inspection_limits import LimitsTab
from ui.pages.inspection_plans import PlansTab
from ui.pages.inspection_round import NAME as ROUND
from ui.pages.inspection_round import ask_workbook
from ui.pages.preview import open_preview
from ui.rows import Ask, Call, Column, Look, Pill, Tinted
from ui.subjects import inspections
from ui.table import Table

if TYPE_CHECKING:
    from app.desk import Desk
    from app.inspections.plans import FormChoices
    from app.inspections.rows import InspectionRow
    from ui.live import Changed

NAME = "inspections"
GATHER_MS = 200
FILTER_WIDTH = 160
TABLES = ("inspection", "inspection_value", "inspection_plan")
_LOOKS = {
    InspectionState.DUE: ("warning", State.WARNING),
    InspectionState.DRAFT: ("accent", None),
    InspectionState.SIGNED_ONCE: ("accent", None),
    InspectionState.SIGNED: ("normal", State.NORMAL),
    InspectionState.CORRECTED: ("secondary", None),
    InspectionState.VOID: ("secondary", None),
}


class RoundSource:
    """Where the list gets its rounds."""

    def page(self, ask: Ask) -> Call:
        values: dict[str, Any] = {"after": ask.after, "backwards": ask.backwards, "limit": ask.limit}
        return Call(inspections.page, (ask.chip or "open", ask.text), values)

    def count(self, ask: Ask) -> Call | None:
        return Call(inspections.count, (ask.chip or "open", ask.text))


class InspectionsPage(Page):
    """Enter begins or continues a round; Ctrl+P prints the selected ones as one batch."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("inspections", tr("Inspections"), context, parent)
        self._choices: FormChoices | None = None
        self.chips = ChipBar(_chips(), self)
        self.filter = FilterBox(tr("Number, form, room, inspector"), self)
        self.filter.setMinimumWidth(FILTER_WIDTH)
        self.table = Table("inspections", _columns(), context, source=RoundSource(), is_void=_is_void, parent=self)
        self.plans = PlansTab(context, self)
        self.table.empty.say(tr("No round is listed here."), tr("Plan the usual rounds"), self.plans.add_defaults)
        self.limits = LimitsTab(context, self)
        self.tabs = QTabWidget(self)
        self.tabs.setObjectName("inspectionTabs")
        self.tabs.addTab(self._rounds_tab(), tr("Rounds", context="inspection"))
        self.tabs.addTab(self.plans, tr("Plans", context="inspection"))
        self.tabs.addTab(self.limits, tr("Limits", context="inspection"))
        self.body.addWidget(self.tabs, 1)
        self._add_buttons()
        self._connect()

    def show_row(self, key: object) -> None:
        """Show the list; a key that is a tab's name ("overdue") opens that tab, an id selects its round."""
        self.context.work.do(
            inspections.expect_rounds, done=lambda _n: self.refresh(), failed=self._show_only, owner=self
        )
        if isinstance(key, str) and key in dict.fromkeys(chip.key for chip in _chips()):
            self.chips.choose(key)
        elif not self.table.rows.rows:
            self.table.load()

    def samples(self) -> dict[str, object]:
        return {"inspection-round": self.table.rows.rows[0].id} if self.table.rows.rows else {}

    def refresh(self) -> None:
        """Ask anew for rounds, plans and limits (F5)."""
        self.table.refresh()
        self.plans.refresh()
        self.limits.refresh()
        self.context.work.read(inspections.counts, done=self._show_counts, owner=self)
        self.context.work.read(inspections.choices, done=self._take_choices, owner=self)

    def focus_filter(self) -> None:
        self.tabs.setCurrentIndex(0)
        self.filter.setFocus()

    def print_list(self) -> None:
        """Preview the selected rounds as one batch (Ctrl+P); a round that is not begun prints as a blank form."""
        rows = self.table.selected_rows
        if rows and all(row.state is InspectionState.DUE for row in rows):
            self.print_blank()
        elif rows:
            open_preview(self.context, _title(rows), partial(_records, [row.id for row in rows]))

    def print_blank(self) -> None:
        """Preview the selected rounds' forms for the pen."""
        rows = self.table.selected_rows
        if rows:
            title = tr("{title} (blank form)", title=_title(rows))
            open_preview(self.context, title, partial(_blanks, [row.id for row in rows]))

    def export(self) -> None:
        """Save the selected rounds, or all that are listed, as an Excel sheet (Ctrl+E)."""
        rows = self.table.selected_rows or self.table.rows.rows
        if rows:
            ask_workbook(self, self.context, [row.id for row in rows], _title(rows))

    def _rounds_tab(self) -> QWidget:
        tab = QWidget(self)
        tools = QHBoxLayout()
        tools.setContentsMargins(10, 6, 10, 6)
        tools.addWidget(self.chips)
        tools.addStretch(1)
        tools.addWidget(self.filter)
        layout = QVBoxLayout(tab)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(tools)
        layout.addWidget(self.table, 1)
        return tab

    def _add_buttons(self) -> None:
        self._new = self.bar.add_button(tr("Enter an inspection…"), self._ask_begin, needs=("inspections.begin",))
        self._blank = self.bar.add_button(tr("Blank form"), self.print_blank)
        self._print = self.bar.add_button(tr("Print…"), self.print_list)
        self._export = self.bar.add_button(tr("Export…"), self.export)
        self._start = self.bar.add_button(tr("Begin"), self._open_current, is_main=True)

    def _connect(self) -> None:
        self.chips.chosen.connect(self._choose_chip)
        self.filter.typed.connect(self.table.set_filter)
        self.table.activated_row.connect(self._open)
        self.table.current_row_changed.connect(self._show_current)
        self.table.menu_asked.connect(self._show_menu)
        self.table.failed.connect(self.say_unread)
        self.table.counted.connect(self.bar.count.setText)
        self.table.export_asked.connect(self.export)
        self.table.print_asked.connect(self.print_list)
        self.plans.failed.connect(self._fail)
        self.limits.failed.connect(self._fail)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.setInterval(GATHER_MS)
        self._soon.timeout.connect(self.refresh)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.table.load)
        self._show_current(None)

    def _choose_chip(self, chip: str) -> None:
        self.tabs.setCurrentIndex(0)
        self.table.set_chip(chip)

    def _open_current(self) -> None:
        if self.table.current_row is not None:
            self._open(self.table.current_row)

    def _open(self, row: "InspectionRow") -> None:
        self.context.nav.open(ROUND, row.id)

    def _show_current(self, row: "InspectionRow | None") -> None:
        has_row = row is not None
        for button in (self._start, self._print, self._blank):
            button.setEnabled(has_row)
        self._start.setText(_verb(row))

    def _show_menu(self, row: "InspectionRow | None", place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.addAction(_verb(row), self._open_current)
        menu.addAction(tr("Print…"), self.print_list)
        menu.addAction(tr("Blank form"), self.print_blank)
        menu.addAction(tr("Export…"), self.export)
        menu.addSeparator()
        if row.state is InspectionState.SIGNED:
            self.context.rights.guard(
                menu.addAction(tr("Correct…"), lambda: self._ask_correction(row)), "inspections.correct"
            )
        if row.state not in (InspectionState.VOID, InspectionState.CORRECTED):
            self.context.rights.guard(menu.addAction(tr("Void…"), lambda: self._ask_void(row)), "inspections.void")
        menu.popup(place)

    def _ask_begin(self) -> None:
        if self._choices:
            form = ask_begin(self.context, self, self._choices)
            form.saved.connect(lambda made: self.context.nav.open(ROUND, made))

    def _ask_correction(self, row: "InspectionRow") -> None:
        form = ask_correction(self.context, self, row)
        form.saved.connect(lambda made: self.context.nav.open(ROUND, made))

    def _ask_void(self, row: "InspectionRow") -> None:
        ask_void(self.context, self, row).saved.connect(lambda _none: self.refresh())

    def _take_choices(self, choices: "FormChoices") -> None:
        self._choices = choices
        self.plans.choices = choices

    def _show_counts(self, counts: dict[str, int]) -> None:
        for key, count in counts.items():
            self.chips.set_count(key, count)

    def _show_only(self, _error: WatchroomError) -> None:
        """Whoever may not write due rounds still sees those that are there."""
        self.refresh()

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())

    def _follow(self, changed: "Changed") -> None:
        if self.isVisible() and changed.touches(*TABLES):
            self._soon.start()


def _chips() -> Sequence[Chip]:
    return (
        Chip("open", tr("To do", context="inspection")),
        Chip("overdue", tr("Overdue", context="inspection")),
        Chip("due", tr("Due", context="inspection")),
        Chip("draft", tr("Being filled in", context="inspection")),
        Chip("awaiting", tr("Awaiting signature", context="inspection")),
        Chip("signed", tr("Signed", context="inspection")),
        Chip("all", tr("All", context="inspection")),
    )


def _columns() -> Sequence[Column]:
    return (
        Column("state", tr("State"), _state, 190, look=_state_look),
        Column("number", tr("Number"), lambda row: row.number, 130, drops=3),
        Column("title", tr("Form"), lambda row: row.title, 290, stretch=True),
        Column("room", tr("Machine room"), lambda row: row.room or tr("Whole site"), 110, drops=2),
        Column("due", tr("Due on"), lambda row: row.due_on.isoformat() if row.due_on else "", 100),
        Column("progress", tr("Filled in"), _progress, 70, right=True, drops=4),
        Column("abnormal", tr("Findings"), _findings, 76, look=_findings_look),
        Column("inspector", tr("Inspector"), lambda row: row.inspector or row.assignee, 90, drops=1),
        Column("witness", tr("Witness"), lambda row: row.witness, 90, drops=6),
        Column("at", tr("Ended"), lambda row: minute(row.ended_at) if row.ended_at else "", 130, drops=5),
        Column("reason", tr("Remarks", context="paper"), _remark, 140, stretch=True, drops=7),
    )


def _state(row: "InspectionRow") -> str:
    if row.is_overdue(today()):
        return tr("{state}, overdue", state=label(row.state))
    if row.is_ahead(today()):
        return tr("Coming", context="inspection")
    return label(row.state)


def _state_look(row: "InspectionRow") -> Look:
    if row.is_overdue(today()):
        return Pill(_state(row), "critical", State.CRITICAL)
    if row.is_ahead(today()):
        return Pill(_state(row), "secondary")
    token, shape = _LOOKS[row.state]
    return Pill(_state(row), token, shape)


def _progress(row: "InspectionRow") -> str:
    return f"{row.filled}/{row.items}" if row.items else ""


def _findings(row: "InspectionRow") -> str:
    return str(row.abnormal) if row.abnormal else ""


def _findings_look(row: "InspectionRow") -> Look | None:
    return Tinted(str(row.abnormal), "warning", State.WARNING) if row.abnormal else None


def _remark(row: "InspectionRow") -> str:
    if row.is_entered_later:
        return tr("entered later", context="inspection")
    if row.corrects:
        return tr("corrects {number}: {reason}", number=row.corrects, reason=row.reason)
    return row.reason


def _verb(row: "InspectionRow | None") -> str:
    if row is None or row.state is InspectionState.DUE:
        return tr("Begin")
    return tr("Continue") if row.state is InspectionState.DRAFT else tr("Open", context="verb")


def _is_void(row: "InspectionRow") -> bool:
    return row.state in (InspectionState.VOID, InspectionState.CORRECTED)


def _title(rows: "Sequence[InspectionRow]") -> str:
    first = f"{rows[0].title} {rows[0].number}"
    return first if len(rows) == 1 else tr("{first} and {n} more", first=first, n=len(rows) - 1)


def _records(ids: list[int], desk: "Desk") -> bytes:
    from app.inspections.paper import record_pdf

    return record_pdf(desk, ids)


def _blanks(ids: list[int], desk: "Desk") -> bytes:
    from app.inspections.paper import blank_pdf

    return blank_pdf(desk, ids)
