"""A mains failure: how long the battery lasts, and the ordered shutdown ticked step by step (REQUIREMENTS A12)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from app.words import tr, trn
from ui.context import Context
from ui.docks import incident_files
from ui.docks.access_columns import moment_text
from ui.labels import PlainLabel
from ui.page import Page
from ui.rows import Column
from ui.subjects import mains
from ui.table import Table

if TYPE_CHECKING:
    from app.mains import Shutdown, Step

SOURCES = ("incident", "incident_event", "relation", "ci")
TURN_MS = 1000


class ShutdownPage(Page):
    """The checklist of the incident that `show_row` names; Enter or the button ticks the chosen device."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("shutdown", tr("Ordered shutdown"), context, parent)
        self._id: int | None = None
        self._found: Shutdown | None = None
        self.title = PlainLabel("", "title", self, wraps=True)
        self.countdown = PlainLabel("", "strong", self, wraps=True)
        self.warning = PlainLabel("", "error", self, wraps=True)
        self.steps = Table("shutdown-steps", _columns(), context, key=_key, parent=self)
        self.steps.empty.say(tr("No device is recorded as powered by this supply."))
        self.tick_button: QPushButton = self.bar.add_button(tr("Is shut down"), self.tick, needs=("mains.tick",))
        self.tick_button.setEnabled(False)
        self.bar.add_button(tr("Incident record"), self.print_list)
        content = QVBoxLayout()
        content.setContentsMargins(12, 10, 12, 10)
        content.setSpacing(6)
        for line in (self.title, self.countdown, self.warning):
            content.addWidget(line)
        content.addWidget(self.steps, 1)
        self.body.addLayout(content)
        self.setFocusProxy(self.steps)
        self._turn = QTimer(self)
        self._turn.setInterval(TURN_MS)
        self._turn.timeout.connect(self._say_time)
        self.steps.activated_row.connect(lambda _row: self.tick())
        context.live.changed.connect(lambda changed: self.refresh() if changed.touches(*SOURCES) else None)
        context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        if isinstance(key, int):
            self._id = key
        if self._id is None:
            self.title.setText(tr("No mains failure is chosen: open this from its incident."))
        self.refresh()

    def refresh(self) -> None:
        if self._id is not None:
            self.context.work.read(mains.shutdown, self._id, done=self._show, failed=self.say_unread, owner=self)

    def print_list(self) -> None:
        """Show the incident record with all that was ticked, ready to be printed (Ctrl+P)."""
        if self._found is not None:
            incident_files.print_records(self.context, [self._found.incident_id], self._found.number)

    def tick(self) -> None:
        """Write down that the chosen device, else the next one, is shut down."""
        if self._found is None:
            return
        chosen = self.steps.current_row
        step = chosen if chosen is not None else next((one for one in self._found.steps if one.done_at is None), None)
        if step is not None and step.done_at is None:
            given = (self._found.incident_id, step.ci_id)
            self.context.work.do(
                mains.tick, *given, done=lambda _none: self.refresh(), failed=self.say_unread, owner=self
            )

    def _show(self, found: "Shutdown") -> None:
        self._found = found
        self.title.setText(tr("{number}: {supply} without mains", number=found.number, supply=found.supply))
        self.steps.set_rows(found.steps)
        self.tick_button.setEnabled(bool(found.left))
        self._turn.start() if found.empty_at is not None else self._turn.stop()
        self._say_time()

    def _say_time(self) -> None:
        if self._found is not None:
            self.countdown.setText(_time_text(self._found, datetime.now(UTC)))
            self.warning.setText(_warning_text(self._found, datetime.now(UTC)))


def _time_text(found: "Shutdown", now: datetime) -> str:
    left = trn("{n} device is left", "{n} devices are left", found.left)
    if found.is_over:
        return tr("The mains are back; {left}", left=left)
    if found.empty_at is None:
        return tr("The supply does not tell how long its battery lasts; {left}", left=left)
    return tr("Battery empty in {time}; {left}", time=_clock(found.empty_at, now), left=left)


def _warning_text(found: "Shutdown", now: datetime) -> str:
    said = [tr("These depend on one another: {ring}", ring=ring) for ring in found.rings]
    if found.begin_by is not None and found.left:
        if now >= found.begin_by:
            said.insert(0, tr("Shut down now: the rest of the list takes as long as the battery lasts."))
        else:
            said.insert(0, tr("Begin within {time} at the latest", time=_clock(found.begin_by, now)))
    return "\n".join(said)


def _clock(until: datetime, now: datetime) -> str:
    seconds = max(0, int((until - now).total_seconds()))
    return f"{seconds // 60}:{seconds % 60:02d}"


def _columns() -> tuple[Column, ...]:
    return (
        Column("place", "#", lambda row: str(row.place), 40, right=True),
        Column("name", tr("Device"), _name, 200, stretch=True),
        Column("address", tr("Address", context="ci"), lambda row: row.address, 120),
        Column("done_by", tr("Shut down by"), lambda row: row.done_by, 110),
        Column("done_at", tr("Shut down at"), lambda row: moment_text(row.done_at) if row.done_at else "", 130),
    )


def _name(row: "Step") -> str:
    return f"{row.name} ↻" if row.is_in_ring else row.name


def _key(row: "Step") -> int:
    return row.ci_id
