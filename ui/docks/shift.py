"""The shift: its log, written line by line with Enter, who is on duty, and the hand-overs (REQUIREMENTS B12)."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.times import today
from app.words import tr
from models.enums import ShiftLogKind
from ui.commands import Command
from ui.context import Context
from ui.dock import Dock
from ui.docks.shift_columns import handover_columns, log_columns, on_duty_columns
from ui.filters import Chip, ChipBar, FilterBox
from ui.labels import PlainLabel
from ui.on_demand import on_demand
from ui.rows import Ask, Call
from ui.subjects import duty
from ui.table import Table

if TYPE_CHECKING:
    import uuid

    from app.duty import Duty, HandoverRow, LogRow
    from ui import forms
    from ui.docks import files
else:
    files = on_demand("ui.docks.files")
    forms = on_demand("ui.forms")
    uuid = on_demand("uuid")

LOG, HANDOVERS = "log", "handovers"
TABLES = ("shift_log_entry", "handover", "roster_entry", "person")
SIDE_WIDTH = 310
LONGEST_LINE = 2_000
NARROW = 900


class Log:
    """Where the table of the log gets its pages."""

    def page(self, ask: Ask) -> Call:
        values = {"backwards": ask.backwards, "descending": ask.descending}
        return Call(duty.log_page, (ask.text, ask.after, ask.limit), values)

    def count(self, ask: Ask) -> None:
        return None


class ShiftDock(Dock):
    """The shift as a dock: log or hand-overs at the left, who is on duty at the right. One that waits has its name
    and its commands, and no content before `build`."""

    def __init__(self, context: Context, parent: QWidget | None = None, *, waits: bool = False) -> None:
        super().__init__("shift", tr("Shift"), context, parent)
        self._register()
        if not waits:
            self.build()

    def _make(self) -> None:
        context = self.context
        self.chips = ChipBar((Chip(LOG, tr("Shift log")), Chip(HANDOVERS, tr("Hand-overs"))), self)
        self.filter_box = FilterBox(tr("Filter"), self)
        self.log = Table(
            "shift-log",
            log_columns(),
            context,
            source=Log(),
            is_void=lambda row: bool(row.void_reason),
            sort="happened",
            descending=True,
            parent=self,
        )
        self.handovers = Table("handovers", handover_columns(), context, parent=self)
        self.on_duty = Table("on-duty", on_duty_columns(), context, parent=self)
        self.line = QLineEdit(self)
        self._line_key = uuid.uuid4()
        self._stack = QStackedWidget(self)
        self._lay_out()
        self._connect()

    def load(self) -> None:
        """Ask for the log and for who is on duty; called once, when the window has painted."""
        self.build()
        self.log.load()
        self._ask_rest()

    def refresh(self) -> None:
        """Ask again for what is shown (F5)."""
        self.log.refresh()
        self._ask_rest()

    def focus_filter(self) -> None:
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def print_list(self) -> None:
        """Show the current hand-over, or this month's log, ready to be printed (Ctrl+P)."""
        row = self.handovers.current_row
        if self.chips.current == HANDOVERS and row is not None:
            self._print(row)
        else:
            self.print_month(today())

    def export(self) -> None:
        """Save this month's log as an Excel file (Ctrl+E)."""
        self.export_month(today())

    def print_month(self, month: date) -> None:
        """Show a month's log, ready to be printed."""
        from ui.pages.preview import open_preview

        open_preview(self.context, f"{tr('Shift log')} {month:%Y-%m}", lambda desk: duty.log_pdf(desk, month))

    def export_month(self, month: date) -> None:
        def write(desk: Any, path: Path) -> None:
            duty.log_xlsx(desk, month, path)

        files.save_as(self.context, self.banners, self, f"{tr('Shift log')} {month:%Y-%m}.xlsx", write)

    def hand_over(self) -> None:
        """Open the hand-over: the one that waits for its signature, else a new one (Ctrl+Shift+H)."""
        self.context.nav.open("handover")

    def write(self) -> None:
        """Write the line; what was typed stays until it is in the database."""
        text = self.line.text().strip()
        if text:
            self.line.setEnabled(False)
            work = self.context.work
            do = partial(work.do, done=self._written, failed=self._not_written, kept=self._written)
            do(duty.write, self._line_key, text, owner=self)

    def write_finding(self) -> "forms.Form":
        """Open the form of a line with its kind and time, entered later perhaps."""
        key = uuid.uuid4()
        form = forms.Form(
            tr("Line of the shift log"),
            (
                forms.Field("text", tr("What happened"), forms.Kind.LINES, required=True),
                forms.Field("happened_at", tr("Time"), forms.Kind.MOMENT, wide=False),
                forms.Field("is_finding", tr("Finding"), forms.Kind.FLAG, hint=tr("a problem was found"), wide=False),
            ),
            self.context,
            self,
        )

        def save(values: dict[str, Any]) -> Call:
            kind = ShiftLogKind.FINDING if values["is_finding"] else ShiftLogKind.NOTE
            return Call(duty.write, (key, values["text"], kind), {"happened_at": values["happened_at"]})

        return form.run(save)

    def correct(self, row: "LogRow") -> "forms.Form":
        """Open the form that corrects one's own line; the trail keeps the old words."""
        field = forms.Field("text", tr("What happened"), forms.Kind.LINES, required=True, initial=row.text)
        form = forms.Form(tr("Correct the line"), (field,), self.context, self)
        form.edits("shift_log_entry", row.id, row.version)
        return form.run(lambda values: Call(duty.correct, (row.id, form.version, values["text"])))

    def void(self, row: "LogRow") -> "forms.Form":
        """Open the form that strikes a line through."""
        field = forms.Field("reason", tr("Reason"), forms.Kind.LINES, required=True)
        form = forms.Form(
            tr("Void the line"), (field,), self.context, self, main=tr("Void", context="verb"), note=row.text
        )
        form.edits("shift_log_entry", row.id, row.version)
        return form.run(lambda values: Call(duty.void_entry, (row.id, form.version, values["reason"])))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.is_built:
            self._side.setVisible(self.width() >= NARROW)

    def _lay_out(self) -> None:
        self.bar.add(self.chips)
        self.bar.add(self.filter_box)
        self.bar.add_button(
            f"{tr('Hand over shift')} Ctrl+Shift+H", self.hand_over, is_main=True, needs=("duty.offer",)
        )
        entry = self.bar.add_button(tr("Enter later…"), self.write_finding, needs=("duty.write",))
        roster = self.bar.add_button(tr("Roster"), partial(self.context.nav.open, "roster"))
        people = self.bar.add_button(tr("Contact directory"), partial(self.context.nav.open, "contacts"))
        self.ledger_button = self.bar.add_button(tr("Ledger"), self._show_months)
        self.bar.let_give_way((self.ledger_button, entry, self.filter_box, people, roster))
        for table in (self.log, self.handovers):
            self._stack.addWidget(table)
        self.line.setObjectName("shift-line")
        self.line.setMaxLength(LONGEST_LINE)
        self.line.setPlaceholderText(tr("Write what happened, then Enter"))
        self.line.setAccessibleName(tr("New line of the shift log"))
        left = QVBoxLayout()
        left.setContentsMargins(0, 0, 0, 0)
        left.setSpacing(0)
        left.addWidget(self._stack, 1)
        left.addWidget(self._framed_line())
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addLayout(left, 1)
        row.addWidget(self._side_panel())
        self.body.addLayout(row)
        self.setFocusProxy(self.line)
        self.log.empty.say(tr("Nothing is written yet. What the shift sees and does goes here."))
        self.handovers.empty.say(tr("No shift was handed over yet."), tr("Hand over shift"), self.hand_over)

    def _framed_line(self) -> QWidget:
        frame = QWidget(self)
        layout = QHBoxLayout(frame)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.addWidget(self.line)
        return frame

    def _side_panel(self) -> QWidget:
        self._side = QWidget(self)
        self._side.setFixedWidth(SIDE_WIDTH)
        layout = QVBoxLayout(self._side)
        layout.setContentsMargins(4, 0, 0, 4)
        layout.setSpacing(0)
        self._shift_words = PlainLabel("", "secondary", self._side, wraps=True)
        self._shift_words.setContentsMargins(8, 0, 8, 0)
        layout.addWidget(self.on_duty, 1)
        layout.addWidget(self._shift_words)
        self.on_duty.empty.say(
            tr("Nobody is on the roster now."), tr("Roster"), partial(self.context.nav.open, "roster")
        )
        return self._side

    def _connect(self) -> None:
        self.chips.chosen.connect(self._show_view)
        self.filter_box.typed.connect(self.log.set_filter)
        self.filter_box.typed.connect(self.handovers.set_filter)
        self.line.returnPressed.connect(self.write)
        self.log.menu_asked.connect(self._show_log_menu)
        self.log.activated_row.connect(self._open_line)
        for table in (self.log, self.handovers, self.on_duty):
            table.failed.connect(self.say_unread)
        self.handovers.activated_row.connect(lambda row: self.context.nav.open("handover", row.id))
        self.handovers.menu_asked.connect(self._show_handover_menu)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.load)

    def _register(self) -> None:
        commands = self.context.commands
        commands.register("hand-over", self.hand_over)
        for command, call in (
            (Command("write-log", tr("Line of the shift log…"), "duty", "", 2, needs="duty.write"), self.write_finding),
            (Command("log-ledger", tr("Shift log of the month"), "duty", "", 4), lambda: self.print_month(today())),
            (Command("log-ledger-xlsx", tr("Shift log of the month (Excel)…"), "duty", "", 4), self.export),
            (Command("roster", tr("Roster"), "duty", "", 3), partial(self.context.nav.open, "roster")),
            (
                Command("contacts", tr("Contact directory"), "duty", "", 3),
                partial(self.context.nav.open, "contacts"),
            ),
        ):
            commands.add(command, call)

    def _ask_rest(self) -> None:
        self.handovers.fill(duty.handovers, show=self._show_handovers)
        self.on_duty.fill(duty.now_on_duty, show=self._show_duty)

    def _follow(self, changed: Any) -> None:
        if changed.touches("shift_log_entry"):
            self.log.refresh()
        if changed.touches("handover", "roster_entry", "person"):
            self._ask_rest()

    def _show_view(self, name: str) -> None:
        self._stack.setCurrentWidget(self.log if name == LOG else self.handovers)

    def _show_handovers(self, rows: "list[HandoverRow]") -> None:
        self.handovers.set_rows(rows)
        waiting = sum(row.signed_at is None for row in rows)
        self.chips.set_count(HANDOVERS, waiting or None)
        self.bar.fit()

    def _show_duty(self, now: "Duty") -> None:
        self.on_duty.set_rows(now.people)
        names = tr(", ").join(turn.person for turn in now.people)
        self.setWindowTitle(f"{tr('Shift')} · {now.shift} {names}" if now.people else tr("Shift"))
        self._shift_words.setText(tr("Shift: {name}", name=now.shift) if now.shift else "")
        self.bar.fit()

    def _show_log_menu(self, row: "LogRow | None", place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if not row.void_reason:
            self.context.rights.guard(menu.addAction(tr("Correct…"), partial(self.correct, row)), "duty.correct")
            self.context.rights.guard(menu.addAction(tr("Void the line…"), partial(self.void, row)), "duty.void_entry")
        menu.addAction(tr("Copy"), self.log.copy)
        menu.popup(place)

    def _show_handover_menu(self, row: "HandoverRow | None", place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(tr("Open the hand-over"), partial(self.context.nav.open, "handover", row.id))
        menu.addAction(tr("Print the record…"), partial(self._print, row))
        menu.addAction(tr("Copy"), self.handovers.copy)
        menu.popup(place)

    def _open_line(self, row: "LogRow") -> None:
        if not row.void_reason:
            self.correct(row)

    def _show_months(self) -> None:
        place = self.ledger_button.mapToGlobal(self.ledger_button.rect().bottomLeft())
        files.show_month_menu(self, place, self.print_month, self.export_month)

    def _print(self, row: "HandoverRow") -> None:
        from ui.pages.preview import open_preview

        title = f"{tr('Hand-over record of the shift')} {row.number}"
        open_preview(self.context, title, lambda desk: duty.handover_pdf(desk, row.id))

    def _written(self, _line: object) -> None:
        self._line_key = uuid.uuid4()
        self.line.clear()
        self.line.setEnabled(True)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self.banners.clear("step")
        self.log.refresh()

    def _not_written(self, error: WatchroomError) -> None:
        self.line.setEnabled(True)
        self.line.setFocus(Qt.FocusReason.OtherFocusReason)
        self._fail(error)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.show_banner("step", "error", error.sentence())
