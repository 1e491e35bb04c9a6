"""A configuration item in the inspector: how it is, what it is, its curves, and everything that happened to it."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QScrollArea, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.banner import Banner
from ui.context import Context
from ui.device_menu import DeviceMenu
from ui.docks import inspector_lists as lists
from ui.docks import inspector_words as words
from ui.docks.inspector_charts import ChartPanel
from ui.docks.inspector_checks import ChecksView
from ui.docks.inspector_interfaces import Interfaces
from ui.docks.inspector_parts import Facts, StatePill
from ui.flow import Flow, FlowTabs
from ui.labels import ElidedLabel, PlainLabel
from ui.live import Changed
from ui.subjects import inspector
from ui.table import Table

if TYPE_CHECKING:
    from app.board_row import BoardRow
    from app.inspector import CiSheet

FEEDS = ("ci", "relation", "incident", "check_item", "threshold", "maintenance", "visit", "backup_run")
TICK_MS = 1_000
WATCHED_EVERY = 5
"""Ticks from one look at the last check to the next: the feed tells only of states that turned."""
LIST_HEIGHT, CHECKS_HEIGHT = 140, 230
LOW = 760
HIDDEN_WHEN_EMPTY = ("interfaces", "backups")


class CiView(QScrollArea):
    """One configuration item; follows the feed while it is shown."""

    told = Signal(str)
    """The name of what is shown now."""
    unread = Signal(object)
    """The WatchroomError that kept it from being read."""

    def __init__(self, context: Context, parent: QWidget) -> None:
        super().__init__(parent)
        self._context = context
        self._ci_id: int | None = None
        self._sheet: CiSheet | None = None
        self._watch: BoardRow | None = None
        self._is_private_hidden = False
        self._is_asking = self._is_stale = False
        self._seconds = 0
        self.menu = DeviceMenu(context, self)
        body = QWidget(self)
        self._layout = QVBoxLayout(body)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(body)
        for each in (self.viewport(), body):
            each.setAutoFillBackground(False)
        body.hide()
        self._make_parts(body)
        self._lay_out(body)
        self._ticks = QTimer(self)
        self._ticks.setInterval(TICK_MS)
        self._ticks.timeout.connect(self._tick)
        context.live.changed.connect(self._follow)
        context.live.states_changed.connect(self._follow_states)

    @property
    def sheet(self) -> "CiSheet | None":
        return self._sheet

    def show_ci(self, ci_id: int) -> None:
        """Ask for another configuration item and show it when it comes."""
        if ci_id != self._ci_id:
            self._ci_id, self._sheet = ci_id, None
        self.refresh()

    def refresh(self) -> None:
        """Ask for the sheet; calls while an answer is under way become one."""
        if self._ci_id is None:
            return
        if self._is_asking:
            self._is_stale = True
            return
        self._is_asking = True
        self._context.work.read(inspector.ci, self._ci_id, done=self._take, failed=self._fail, owner=self)

    def _take(self, sheet: "CiSheet") -> None:
        """Show a sheet; one that was asked for before the last selection is dropped."""
        if sheet.detail.id == self._ci_id:
            self._show_sheet(sheet)
        self._end()

    def _end(self) -> None:
        self._is_asking = False
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    def _show_sheet(self, sheet: "CiSheet") -> None:
        is_other = self._sheet is None
        self._sheet, self._watch = sheet, sheet.watch
        self.facts.show_facts(words.ci_facts(sheet.detail))
        self.charts.set_state(sheet.watch.state if sheet.watch else None)
        self.charts.show_measured(sheet.measured, sheet.main, is_other=is_other)
        self._fill_lists(sheet)
        self._show_watch()
        self._ticks.start()
        self.widget().show()
        self.told.emit(sheet.detail.draft.name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_low = self.height() < LOW
        self.charts.set_low(is_low)
        self.facts.set_low(is_low)

    def _make_parts(self, body: QWidget) -> None:
        context = self._context
        self.warning = Banner("warning", "", parent=body, can_close=False)
        self.pill = StatePill(context, body)
        self.polled = ElidedLabel("", "secondary", body)
        self.facts = Facts(body)
        self.charts = ChartPanel(context, body)
        self.tabs = FlowTabs(tr("What belongs to it"), body)
        self.witnesses = PlainLabel("", "secondary", body, wraps=True)
        self.incidents = Table("inspector-incidents", lists.incident_columns(), context, is_dim=_is_over, parent=body)
        self.interfaces = Interfaces(context, body)
        self.states = Table("inspector-states", lists.state_columns(), context, parent=body)
        self.changes = Table("inspector-changes", lists.change_columns(), context, parent=body)
        self.backups = Table("inspector-backups", lists.backup_columns(), context, parent=body)
        self.checks = ChecksView(context, body)
        self.incidents.empty.say(tr("No incident so far."))
        self.states.empty.say(tr("Its state has not changed so far."))

    def _lay_out(self, body: QWidget) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(12, 10, 12, 4)
        top.setSpacing(10)
        top.addWidget(self.pill)
        top.addWidget(self.polled, 1)
        self._stack = QStackedWidget(body)
        self._stack.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self._stack.setMinimumHeight(LIST_HEIGHT)
        self._parts: dict[str, QWidget] = {
            "incidents": self.incidents,
            "interfaces": self.interfaces,
            "states": self.states,
            "changes": self.changes,
            "backups": self.backups,
            "checks": self.checks,
        }
        for name, part in self._parts.items():
            self._stack.addWidget(part)
            self.tabs.add(name)
        self.tabs.chosen.connect(self._show_tab)
        self.incidents.activated_row.connect(lambda row: self._context.nav.open("incident", row.id))
        buttons = Flow(self._buttons(body))
        self._layout.addWidget(self.warning)
        self._layout.addLayout(top)
        for below in (self.facts, self.charts, self.tabs):
            self._layout.addWidget(below)
        self._layout.addWidget(self._stack, 1)
        self.witnesses.setContentsMargins(12, 6, 12, 2)
        self._layout.addWidget(self.witnesses)
        self._layout.addLayout(buttons)

    def _buttons(self, body: QWidget) -> list[QPushButton]:
        calls = (
            (tr("Check now"), self.menu.check_now),
            (tr("Ping"), self.menu.ping),
            (tr("Trace the route"), self.menu.trace),
            (tr("Maintenance…"), self.menu.maintain),
        )
        made = []
        for title, call in calls:
            button = QPushButton(title, body)
            button.clicked.connect(lambda _on=False, call=call: self._watch and call(self._watch))
            made.append(button)
        self._watch_buttons = tuple(made)
        self.open_button = QPushButton(tr("Open in the CMDB"), body)
        self.open_button.clicked.connect(lambda _on=False: self._context.nav.open("ci", self._ci_id))
        return [*made, self.open_button]

    def _fill_lists(self, sheet: "CiSheet") -> None:
        self.incidents.set_rows(sheet.incidents)
        self.interfaces.show_interfaces(sheet.detail.id, sheet.interfaces)
        self.states.set_rows(sheet.states)
        self.changes.set_rows(sheet.changes)
        self.backups.set_rows(sheet.backups)
        self.checks.show_rows(sheet.detail.id, sheet.detail.draft.address, sheet.checks, sheet.limits, sheet.measured)
        for name, title, count in (
            ("incidents", tr("Incidents"), len(sheet.incidents)),
            ("interfaces", tr("Interfaces", context="tab"), len(sheet.interfaces)),
            ("states", tr("States", context="tab"), len(sheet.states)),
            ("changes", tr("Changes", context="tab"), len(sheet.changes)),
            ("backups", tr("Backups"), len(sheet.backups)),
            ("checks", tr("Checks", context="tab"), len(sheet.checks)),
        ):
            self.tabs.set_title(name, f"{title} {count}" if count else title)
            self.tabs.show_tab(name, bool(count) or name not in HIDDEN_WHEN_EMPTY)

    def _show_watch(self) -> None:
        """Show what the watch says now; called each second, for durations and ages."""
        sheet, watch = self._sheet, self._watch
        if sheet is None:
            return
        self.pill.setVisible(watch is not None)
        if watch is not None:
            self.pill.show_state(watch.state, watch.since)
        self.polled.setText(words.polled(watch))
        for button in self._watch_buttons:
            button.setVisible(watch is not None)
        line = words.warning(sheet)
        self.warning.label.setText(line)
        self.warning.setVisible(bool(line))
        self._show_witnesses()

    def hide_private(self, is_hidden: bool) -> None:
        """Hide or show who was in the room."""
        self._is_private_hidden = is_hidden
        self._show_witnesses()

    def _show_witnesses(self) -> None:
        is_wanted = self._stack.currentWidget() is self.incidents and not self._is_private_hidden
        line = words.witnesses(self._sheet.witnesses) if self._sheet and is_wanted else ""
        self.witnesses.setText(line)
        self.witnesses.setVisible(bool(line))

    def _show_tab(self, name: str) -> None:
        self._stack.setCurrentWidget(self._parts[name])
        self._stack.setMinimumHeight(CHECKS_HEIGHT if name == "checks" else LIST_HEIGHT)
        self._show_witnesses()

    def _follow(self, changed: Changed) -> None:
        if self._ci_id is not None and self.isVisible() and changed.touches(*FEEDS):
            self.refresh()

    def _follow_states(self, ci_ids: frozenset[int]) -> None:
        if self._ci_id in ci_ids:
            ask = partial(self._context.work.read, inspector.watch, self._ci_id)
            ask(done=self._take_watch, owner=self)

    def _tick(self) -> None:
        """Let durations and ages run on, and look now and then at what was checked."""
        self._seconds += 1
        if self._seconds % WATCHED_EVERY == 0 and self._watch is not None and self.isVisible():
            ask = partial(self._context.work.read, inspector.watch, self._ci_id)
            ask(done=self._take_beat, failed=lambda _away: None, owner=self)
        self._show_watch()

    def _take_beat(self, watch: "BoardRow | None") -> None:
        if watch is not None and watch.ci_id == self._ci_id:
            self._watch = watch
            self._show_watch()

    def _take_watch(self, watch: "BoardRow | None") -> None:
        if watch is not None and watch.ci_id == self._ci_id:
            self._watch = watch
            self.charts.set_state(watch.state)
            self._show_watch()
            self.refresh()

    def _fail(self, error: WatchroomError) -> None:
        self._end()
        self.unread.emit(error)


def _is_over(row: object) -> bool:
    return not row.is_open  # type: ignore[attr-defined]  # an IncidentRow
