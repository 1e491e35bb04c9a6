"""The access log: who is inside, who is announced, and the door's keys (REQUIREMENTS E1-E3)."""

from collections.abc import Callable
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QModelIndex, QPoint, Qt, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.errors import DatabaseAway, WatchroomError
from app.times import today
from app.words import tr
from models.enums import VisitState
from ui.commands import Command
from ui.context import Context
from ui.dock import Dock
from ui.docks.access_columns import ENTERED, LEFT, visit_columns
from ui.docks.access_steps import VisitSteps
from ui.filters import Chip, ChipBar, FilterBox
from ui.on_demand import on_demand
from ui.rows import Ask, Call
from ui.subjects import access
from ui.table import Table

if TYPE_CHECKING:
    from app.access import EntryChoices, VisitRow
    from ui.docks import access_entry, files
else:
    access_entry = on_demand("ui.docks.access_entry")
    files = on_demand("ui.docks.files")

TABLES = ("visit", "visit_member", "visit_item")
ALL = "all"
OVERDUE_EVERY_MS = 30_000


class Visits:
    """Where the table's pages come from."""

    def page(self, ask: Ask) -> Call:
        values = {"backwards": ask.backwards, "descending": ask.descending}
        return Call(access.listed, (ask.chip or ALL, ask.text, ask.after, ask.limit), values)

    def count(self, ask: Ask) -> Call:
        return Call(access.counted, (ask.chip or ALL, ask.text))


class AccessDock(Dock):
    """The access log as a dock. A click on a row's pill lets in or out; Enter opens the visit's page."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("access", tr("Access log"), context, parent)
        self.chips = ChipBar(_chips(), self)
        self.filter_box = FilterBox(tr("Filter"), self)
        self.table = Table(
            "access",
            visit_columns(),
            context,
            source=Visits(),
            is_dim=lambda row: row.state is VisitState.LEFT,
            is_void=lambda row: row.state is VisitState.VOID,
            sort="happened",
            descending=True,
            parent=self,
        )
        self.steps = VisitSteps(context, self.banners, self)
        self._choices: EntryChoices | None = None
        self._clock = QTimer(self)
        self._clock.setInterval(OVERDUE_EVERY_MS)
        self._lay_out()
        self._connect()
        self._register()

    @property
    def current(self) -> "VisitRow | None":
        row: VisitRow | None = self.table.current_row
        return row

    def load(self) -> None:
        """Ask for the first page and the counts; called once, when the window has painted."""
        self.table.load()
        self.refresh_counts()
        self.context.work.read(access.entry_choices, done=self._keep_choices, owner=self)
        self._clock.start()

    def refresh(self) -> None:
        """Ask again for what is shown (F5)."""
        self.table.refresh()
        self.refresh_counts()

    def refresh_counts(self) -> None:
        self.context.work.read(access.counts, done=self._show_counts, owner=self)
        self.context.work.read(access.summary, done=self._show_summary, owner=self)

    def focus_filter(self) -> None:
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def export(self) -> None:
        """Save this month's ledger as an Excel file (Ctrl+E)."""
        self.export_month(today())

    def print_list(self) -> None:
        """Show this month's ledger (Ctrl+P)."""
        self.print_month(today())

    def samples(self) -> dict[str, object]:
        return {"visit": self.table.rows.rows[0].id} if self.table.rows.rows else {}

    def register_entry(self) -> None:
        """Open the door's form (F7)."""
        self._open_form(is_announcement=False)

    def announce(self) -> None:
        """Open the form of a visit that is to come."""
        self._open_form(is_announcement=True)

    def _open_form(self, *, is_announcement: bool) -> None:
        """Ask what the form offers, then open it; while the database is away, with what was read last."""

        def show(choices: "EntryChoices") -> None:
            self._keep_choices(choices)
            access_entry.open_entry(self.context, choices, self, is_announcement=is_announcement)

        def show_last(error: WatchroomError) -> None:
            if self._choices is not None and isinstance(error, DatabaseAway):
                show(self._choices)
            else:
                self.banners.error(error.sentence())

        self.context.work.read(access.entry_choices, done=show, failed=show_last, owner=self)

    def _keep_choices(self, choices: "EntryChoices") -> None:
        self._choices = choices

    def let_out(self) -> None:
        """Let the current visit out, or the only one that is inside."""
        inside = [row for row in self.table.rows.rows if row.state is VisitState.INSIDE]
        row = self.current if self.current in inside else (inside[0] if len(inside) == 1 else None)
        if row is None:
            words = tr("Select who leaves.") if inside else tr("Nobody is inside")
            self.banners.show_banner("step", "info", words)
        else:
            self.steps.let_out(row, self._place_of(row))

    def void(self) -> None:
        if self.current is not None:
            self.steps.void(self.current)

    def show_evacuation_list(self) -> None:
        """Show who is inside now, ready to be printed (F8)."""
        self._preview(tr("Evacuation list"), access.evacuation_pdf)

    def print_month(self, month: date) -> None:
        title = f"{tr('Machine-room access ledger')} {month:%Y-%m}"
        self._preview(title, lambda desk: access.month_pdf(desk, month))

    def export_month(self, month: date) -> None:
        def write(desk: Any, path: Path) -> None:
            access.month_xlsx(desk, month, path)

        name = f"{tr('Machine-room access ledger')} {month:%Y-%m}.xlsx"
        files.save_as(self.context, self.banners, self, name, write)

    def _lay_out(self) -> None:
        self.bar.add(self.chips)
        self.bar.add(self.filter_box)
        self.enter_button = self.bar.add_button(
            tr("Register entry"), self.register_entry, is_main=True, needs=("access.enter",)
        )
        self.leave_button = self.bar.add_button(tr("Let out"), self.let_out, needs=("access.leave",))
        announce = self.bar.add_button(tr("Announce", context="visit"), self.announce, needs=("access.announce",))
        self.evacuation_button = self.bar.add_button(f"{tr('Who is inside')} F8", self.show_evacuation_list)
        self.void_button = self.bar.add_button(tr("Void", context="verb"), self.void, needs=("access.void",))
        self.ledger_button = self.bar.add_button(tr("Ledger"), self._show_months)
        self.void_button.setEnabled(False)
        chips = [self.chips.button(name) for name in ("today", "announced", "overdue", "inside")]
        self.bar.let_give_way(
            (self.void_button, self.ledger_button, *chips[:2], self.filter_box, announce, *chips[2:], self.leave_button)
        )
        self.body.addWidget(self.table)
        self.setFocusProxy(self.table)
        self.table.empty.say(
            tr("Nobody was registered yet. Whoever enters the machine room is written down here."),
            tr("Register entry"),
            self.register_entry,
        )

    def _connect(self) -> None:
        self.chips.chosen.connect(self.table.set_chip)
        self.filter_box.typed.connect(self.table.set_filter)
        self.table.current_row_changed.connect(self._show_current)
        self.table.activated_row.connect(lambda row: self.context.nav.open("visit", row.id))
        self.table.clicked.connect(self._click)
        self.table.menu_asked.connect(self._show_menu)
        self.table.failed.connect(self.say_unread)
        self._clock.timeout.connect(self.refresh)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.load)

    def _register(self) -> None:
        for command, call in (
            (
                Command("register-entry", tr("Register entry…"), "room", "F7", 0, needs="access.enter"),
                self.register_entry,
            ),
            (Command("let-out", tr("Let out"), "room", "Shift+F7", 0, needs="access.leave"), self.let_out),
            (Command("announce-visit", tr("Announce a visit…"), "room", "", 0, needs="access.announce"), self.announce),
            (Command("evacuation-list", tr("Evacuation list"), "room", "F8", 1), self.show_evacuation_list),
            (Command("void-visit", tr("Void the entry…"), "room", "", 2, needs="access.void"), self.void),
            (Command("access-ledger", tr("Access ledger of the month"), "room", "", 3), self.print_list),
            (Command("access-ledger-xlsx", tr("Access ledger of the month (Excel)…"), "room", "", 3), self.export),
        ):
            self.context.commands.add(command, call)

    def _follow(self, changed: Any) -> None:
        if changed.touches(*TABLES):
            self.refresh()

    def _show_counts(self, counts: dict[str, int]) -> None:
        for name, count in counts.items():
            self.chips.set_count(name, "10,000+" if count > 10_000 else count)
        self.bar.fit()

    def _show_summary(self, summary: Any) -> None:
        words = tr("{n} inside", n=summary.people)
        if summary.overdue:
            words += " · ▲ " + tr("{n} overdue", n=summary.overdue)
        self.setWindowTitle(f"{tr('Access log')} · {words}")
        self.bar.fit()

    def _show_current(self, row: "VisitRow | None") -> None:
        self.void_button.setEnabled(row is not None and row.state is not VisitState.VOID)
        if row is not None:
            self.context.nav.select("visit", row.id)

    def _click(self, index: QModelIndex) -> None:
        """Let in or out by the pill that was clicked."""
        row = self.table.rows.rows[index.row()]
        column = self.table.rows.columns[index.column()].key
        if column == LEFT and row.state is VisitState.INSIDE:
            self.steps.let_out(row, QCursor.pos())
        elif column == ENTERED and row.state is VisitState.ANNOUNCED:
            self.steps.let_in(row)

    def _show_menu(self, row: "VisitRow | None", place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row.state is VisitState.ANNOUNCED:
            self.context.rights.guard(menu.addAction(tr("Let in"), partial(self.steps.let_in, row)), "access.let_in")
        if row.state is VisitState.INSIDE:
            self.context.rights.guard(
                menu.addAction(tr("Let out"), partial(self.steps.let_out, row, place)), "access.leave"
            )
        if row.state is not VisitState.VOID:
            self.context.rights.guard(
                menu.addAction(tr("Operation…"), partial(self.steps.add_operation, row)), "access.add_operation"
            )
            self.context.rights.guard(
                menu.addAction(tr("Carried items…"), partial(self.steps.carry, row)), "access.carry"
            )
            self.context.rights.guard(
                menu.addAction(tr("Correct…"), partial(self.steps.edit, row)), "access.edit_visit"
            )
            self.context.rights.guard(
                menu.addAction(tr("Void the entry…"), partial(self.steps.void, row)), "access.void"
            )
        menu.addSeparator()
        menu.addAction(tr("Open the visit"), partial(self.context.nav.open, "visit", row.id))
        menu.addAction(tr("Copy"), self.table.copy)
        menu.popup(place)

    def _show_months(self) -> None:
        files.show_month_menu(self, self._below(self.ledger_button), self.print_month, self.export_month)

    def _place_of(self, row: "VisitRow") -> QPoint:
        place = self.table.rows.place(row.id) or 0
        return self.table.viewport().mapToGlobal(self.table.visualRect(self.table.rows.index(place, 1)).bottomLeft())

    def _below(self, button: QPushButton) -> QPoint:
        return button.mapToGlobal(button.rect().bottomLeft())

    def _preview(self, title: str, make: Callable[[Any], bytes]) -> None:
        from ui.pages.preview import open_preview

        open_preview(self.context, title, make)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.show_banner("step", "error", error.sentence())


def _chips() -> tuple[Chip, ...]:
    return (
        Chip(ALL, tr("All", context="visits")),
        Chip("inside", tr("Inside", context="visits")),
        Chip("overdue", tr("Overdue", context="visits")),
        Chip("announced", tr("Announced", context="visits")),
        Chip("today", tr("Today")),
    )
