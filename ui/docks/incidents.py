"""The incident queue: what waits, who has it, and the keys that act on it (UX rules 2 to 5)."""

from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from app.errors import WatchroomError
from app.times import today
from app.words import tr
from ui.commands import Command
from ui.context import Context
from ui.dock import Dock
from ui.docks.incident_alarm import IncidentAlarm
from ui.docks.incident_columns import DatabaseClock, queue_columns
from ui.docks.incident_steps import Steps
from ui.docks.incident_table import FIRST_TAB, NOT_ON_WALL, Queue, QueueTable, is_first
from ui.filters import Chip, ChipBar, FilterBox
from ui.on_demand import on_demand
from ui.sounds import Sounds
from ui.subjects import incidents

if TYPE_CHECKING:
    from app.first_rows import FirstRows
    from app.incidents import IncidentRow
    from ui.docks import files, incident_call, incident_files
else:
    files = on_demand("ui.docks.files")
    incident_call = on_demand("ui.docks.incident_call")
    incident_files = on_demand("ui.docks.incident_files")

TABLES = ("incident", "ci", "person")


class IncidentDock(Dock):
    """The queue as a dock. `sounds` is this seat's only player; the composition root sets its volume."""

    def __init__(self, context: Context, sounds: Sounds, parent: QWidget | None = None) -> None:
        super().__init__("queue", tr("Incident queue"), context, parent)
        self.time = DatabaseClock()
        self._is_private_hidden = False
        self.chips = ChipBar(_chips(), self)
        self.filter_box = FilterBox(tr("Filter"), self)
        self.table = QueueTable(
            "queue",
            queue_columns(self.time, lambda: self._is_private_hidden),
            context,
            source=Queue(),
            is_dim=lambda row: not row.is_unacknowledged,
            sort="happened",
            descending=True,
            parent=self,
        )
        self.alarm = IncidentAlarm(context, sounds, self.banners, self.time, self)
        self.steps = Steps(context, self.table, self.time.now, self.banners, self.chips)
        self._is_wall = False
        self._lay_out()
        self._connect()
        self._register()

    def hide_private(self, is_hidden: bool) -> None:
        self._is_private_hidden = is_hidden
        self.table.viewport().update()

    @property
    def current(self) -> "IncidentRow | None":
        row: IncidentRow | None = self.table.current_row
        return row

    def load(self) -> None:
        """Ask for the first page, the counts and what waits; called once, when the window has painted."""
        self.table.load()
        self.refresh_counts()
        self.alarm.refresh()

    def stand_in(self, first: "FirstRows") -> None:
        if is_first(self.table.ask):
            self.table.stand_in(first.incidents)

    def refresh(self) -> None:
        """Ask again for everything (F5)."""
        self.table.refresh()
        self.refresh_counts()
        self.alarm.refresh()

    def refresh_counts(self) -> None:
        self.context.work.read(incidents.counts, done=self._show_counts, owner=self)

    def focus_filter(self) -> None:
        self.filter_box.show()
        self.filter_box.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def export(self) -> None:
        """Write the month's ledger as an Excel file (Ctrl+E)."""
        incident_files.export_month(self.context, self, today())

    def print_list(self) -> None:
        """Show the records of the selected incidents, or the month's ledger when none is selected (Ctrl+P)."""
        rows = self.table.selected_rows
        if rows:
            incident_files.print_records(self.context, [row.id for row in rows])
        else:
            incident_files.print_month(self.context, today())

    def samples(self) -> dict[str, object]:
        """Return a row for the page that shows one incident (for pictures)."""
        return {"incident": self.table.rows.rows[0].id} if self.table.rows.rows else {}

    def register_call(self) -> None:
        """Open the form of a call (F9)."""
        form = incident_call.CallForm(self.context, self)
        form.saved.connect(lambda _id: self.refresh())
        form.open_empty()

    def open_current(self) -> None:
        """Open the page of the current incident (Space, Enter)."""
        if self.current is not None:
            self.context.nav.open("incident", self.current.id)

    def select_incident(self, incident_id: int) -> None:
        """Select an incident in the list where it is loaded."""
        self.table.select_key(incident_id)

    def _lay_out(self) -> None:
        self.bar.add(self.chips)
        self.bar.add(self.filter_box)
        commands = self.context.commands
        self.acknowledge_button = self.bar.add_button(
            commands.title_with_keys("acknowledge"),
            self.steps.acknowledge,
            is_main=True,
            needs=("incidents.acknowledge_many",),
        )
        assign = self.bar.add_button(commands.title_with_keys("assign"), self.steps.assign, needs=("incidents.assign",))
        escalate = self.bar.add_button(
            tr("Escalate", context="button"), self.steps.escalate, needs=("incidents.escalate",)
        )
        call = self.bar.add_button(
            commands.title_with_keys("register-call"), self.register_call, needs=("incidents.register_call",)
        )
        paper = self.bar.add_button(tr("Print", context="button"), self.print_list)
        self._needing_row: tuple[QPushButton, ...] = (self.acknowledge_button, assign, escalate)
        giving_way = [
            *(self.chips.button(name) for name in ("noise", "all", "resolved")),
            paper,
            self.filter_box,
            escalate,
            assign,
            call,
            *(self.chips.button(name) for name in ("today", "mine", "unacknowledged")),
        ]
        self.bar.let_give_way(giving_way)
        self.body.addWidget(self.table)
        self.setFocusProxy(self.table)
        self.table.empty.say(
            tr("Nothing here. Alarms appear by themselves; a call is registered with F9."),
            tr("Register a call"),
            self.register_call,
        )

    def _connect(self) -> None:
        self.chips.chosen.connect(self.table.set_chip)
        self.filter_box.typed.connect(self.table.set_filter)
        self.table.current_row_changed.connect(self._show_current)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._enable())
        self.table.activated_row.connect(lambda row: self.context.nav.open("incident", row.id))
        self.table.menu_asked.connect(self._show_menu)
        self.table.failed.connect(self.say_unread)
        self.alarm.ticked.connect(self.table.repaint_clocks)
        self.context.live.changed.connect(self._follow)
        self.context.live.reset.connect(self.load)
        self.context.nav.selected.connect(self._follow_selection)
        self.context.nav.perspective_changed.connect(lambda name: self._show_wall(name == "wall"))
        self._enable()

    def _register(self) -> None:
        for name, call in {
            "register-call": self.register_call,
            "acknowledge": self.steps.acknowledge,
            "acknowledge-note": self.steps.acknowledge_with_note,
            "assign": self.steps.assign,
            "escalate": self.steps.escalate,
            "next-unacknowledged": self.steps.go_to_next,
            "silence": self.alarm.silence,
            "preview": self.open_current,
        }.items():
            self.context.commands.register(name, call)
        for command, call in self.steps.commands():
            self.context.commands.add(command, call)
        months = Command("incident-ledger", tr("Incident ledger…"), "incidents", "", 5)
        self.context.commands.add(months, self._choose_month)

    def _show_wall(self, is_wall: bool) -> None:
        if is_wall is not self._is_wall:
            self._is_wall = is_wall
            self.table.clearSelection()
            self.table.set_wall(is_wall, NOT_ON_WALL)

    def _follow(self, changed: Any) -> None:
        if changed.touches(*TABLES):
            self.table.refresh()
        if changed.touches("incident"):
            self.refresh_counts()

    def _follow_selection(self, kind: str, key: object) -> None:
        if kind == "incident" and isinstance(key, int) and (self.current is None or self.current.id != key):
            self.select_incident(key)

    def _choose_month(self) -> None:
        """Offer the months of which a ledger can be printed or written."""
        files.show_month_menu(
            self,
            self.bar.mapToGlobal(self.bar.rect().bottomRight()),
            partial(incident_files.print_month, self.context),
            partial(incident_files.export_month, self.context, self),
        )

    def _show_counts(self, counts: dict[str, int]) -> None:
        for name, count in counts.items():
            self.chips.set_count(name, "10,000+" if count > 10_000 else count)
        self.bar.fit()

    def _show_current(self, row: "IncidentRow | None") -> None:
        self._enable()
        if row is not None:
            self.context.nav.select("ci", row.ci_id) if row.ci_id else self.context.nav.select("incident", row.id)

    def _enable(self) -> None:
        has_row = self.current is not None and bool(self.table.selectionModel().hasSelection())
        for button in self._needing_row:
            button.setEnabled(has_row)
        self.acknowledge_button.setEnabled(True)

    def _show_menu(self, row: "IncidentRow | None", place: QPoint) -> None:
        if row is None:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        commands = self.context.commands
        for name in ("acknowledge", "acknowledge-note", "assign", "escalate"):
            menu.addAction(commands.action(name))
        menu.addSeparator()
        for command, _call in self.steps.commands():
            menu.addAction(commands.action(command.name))
        menu.addSeparator()
        menu.addAction(tr("Open the incident"), partial(self.context.nav.open, "incident", row.id))
        menu.addAction(tr("Copy"), self.table.copy)
        menu.popup(place)

    def _fail(self, error: WatchroomError) -> None:
        self.banners.show_banner("step", "error", error.sentence())


def _chips() -> tuple[Chip, ...]:
    return (
        Chip(FIRST_TAB, tr("Open", context="incidents")),
        Chip("unacknowledged", tr("Unacknowledged")),
        Chip("mine", tr("Mine")),
        Chip("today", tr("Today")),
        Chip("resolved", tr("Resolved")),
        Chip("all", tr("All", context="incidents")),
        Chip("noise", tr("Noise")),
    )
