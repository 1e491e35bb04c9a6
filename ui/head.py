"""The head strip: how the desk stands at a glance, and the alarm when one of its ends is dead (UX rule 1)."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QWidget

from app.errors import WatchroomError
from app.words import tr
from models.enums import State
from ui import head_words as words
from ui.context import Context
from ui.head_cells import Cell, Type
from ui.head_words import ORDER, Fit
from ui.live import Changed
from ui.subjects import head

if TYPE_CHECKING:
    from app.head import Figures, Pulse

TICK_MS = 1_000
FIGURES_EVERY = 5
"""Ticks from one look at the figures to the next, where the feed says nothing."""
STARTING = timedelta(seconds=12)
"""How long a collector may take to begin before its silence is an alarm."""
UNANSWERED_AFTER = timedelta(seconds=4)
FEEDS = ("incident", "visit", "visit_member", "roster_entry", "setting", "place", "person", "ci", "check_item")
PAD, TIGHT_PAD = 18, 10


class HeadStrip(QWidget):
    """Give it to `window.set_head`, then call `begin` once the window has painted."""

    states_asked = Signal(frozenset)
    """A click on a count: the states that the board is to show."""
    queue_asked = Signal()
    room_asked = Signal()
    alarm = Signal(str, str)
    """A banner's key ("collector", "away", "copies") and its words; empty words take it away."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._figures: Figures | None = None
        self._pulse: Pulse | None = None
        self._ahead = timedelta(0)
        self._begun_at = self._answered_at = datetime.now(UTC)
        self._away_since: datetime | None = None
        self._is_asking = self._is_pulsing = self._is_stale = False
        self._is_large = self._has_room = False
        self._type = Type.USUAL
        self._fit = Fit.ALL
        self._told: dict[str, str] = {}
        self._ticks = 0
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        self.setAccessibleName(tr("Head strip"))
        self._lay_out()
        self._connect()
        self._show()

    def begin(self) -> None:
        """Ask for the figures now and from then on."""
        self._begun_at = self._answered_at = datetime.now(UTC)
        self._timer.start()
        self.refresh()
        self._take_pulse()

    def refresh(self) -> None:
        """Ask for the figures; calls while an answer is under way become one."""
        if self._is_asking:
            self._is_stale = True
            return
        self._is_asking = True
        self._context.work.read(head.figures, done=self._take, failed=lambda _error: self._end(), owner=self)

    def now(self) -> datetime:
        """Return the database's time, as far as it is known."""
        return datetime.now(UTC) + self._ahead

    @property
    def fit(self) -> Fit:
        """How much is left out for want of room."""
        return self._fit

    def set_large(self, is_large: bool) -> None:
        """Use the large type of wall mode, which names nobody."""
        self._is_large = is_large
        self._fit_in()

    def minimumSizeHint(self) -> QSize:
        return QSize(320, 40)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._has_room = True
        self._fit_in()

    def _lay_out(self) -> None:
        context = self._context
        self.brand = Cell("brand", context, self)
        self.states = {state: Cell(state.value, context, self, can_click=True) for state in ORDER}
        self.waiting = Cell("waiting", context, self, can_click=True)
        self.duty = Cell("duty", context, self)
        self.inside = Cell("inside", context, self, can_click=True)
        self.health = Cell("health", context, self)
        self.clock = Cell("clock", context, self)
        self._cells = (self.brand, *self.states.values(), self.waiting, self.duty, self.inside, self.health, self.clock)
        for state, cell in self.states.items():
            cell.has_line = state is ORDER[-1]
        self.clock.has_line = False
        layout = QHBoxLayout(self)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for cell in self._cells:
            layout.addWidget(cell)
        layout.addStretch(1)

    def _connect(self) -> None:
        for state, cell in self.states.items():
            cell.clicked.connect(lambda _on=False, state=state: self.states_asked.emit(frozenset({state})))
        self.waiting.clicked.connect(self.queue_asked)
        self.inside.clicked.connect(self.room_asked)
        live = self._context.live
        live.changed.connect(self._follow)
        live.states_changed.connect(lambda _ids: self.refresh())
        live.reset.connect(self.refresh)
        self._context.nav.perspective_changed.connect(lambda name: self.set_large(name == "wall"))

    def _follow(self, changed: Changed) -> None:
        if changed.touches(*FEEDS):
            self.refresh()

    def _tick(self) -> None:
        self._ticks += 1
        self._take_pulse()
        if self._ticks % FIGURES_EVERY == 0:
            self.refresh()
        self._watch_for_silence()
        self._show()

    def _take_pulse(self) -> None:
        if not self._is_pulsing:
            self._is_pulsing = True
            self._context.work.read(head.pulse, done=self._beat, failed=self._miss, owner=self)

    def _beat(self, pulse: "Pulse") -> None:
        self._is_pulsing = False
        self._pulse = pulse
        self._ahead = pulse.now - datetime.now(UTC)
        self._answered_at, self._away_since = datetime.now(UTC), None
        self._tell("away", "")
        is_starting = datetime.now(UTC) - self._begun_at < STARTING
        silence = words.collector_alarm(pulse, self.now())
        if not (is_starting and silence):
            self._tell("collector", silence)
        self._show()

    def _miss(self, error: WatchroomError) -> None:
        self._is_pulsing = False
        self._lose(tr("{what} The window shows what it had; it tries again by itself.", what=error.sentence()))

    def _watch_for_silence(self) -> None:
        """Say that the database is away when it neither answers nor refuses."""
        if datetime.now(UTC) - self._answered_at > UNANSWERED_AFTER:
            since = f"{self._answered_at.astimezone():%H:%M:%S}"
            self._lose(tr("The database has not answered since {time}. The window shows what it had.", time=since))

    def _lose(self, sentence: str) -> None:
        if self._away_since is None:
            self._away_since = self._answered_at
            self._tell("away", sentence)
        self._show()

    def _take(self, figures: "Figures") -> None:
        self._figures = figures
        self._tell("copies", words.copies_alarm(figures))
        self._show()
        self._end()

    def _end(self) -> None:
        self._is_asking = False
        if self._is_stale:
            self._is_stale = False
            QTimer.singleShot(200, self, self.refresh)

    def _tell(self, key: str, sentence: str) -> None:
        if self._told.get(key, "") != sentence:
            self._told[key] = sentence
            self.alarm.emit(key, sentence)

    def _show(self) -> None:
        """Say everything anew, and find what fits when the strip became wider than its room."""
        before = self._wanted()
        self._fill(self._fit)
        if self._wanted() != before:
            self._fit_in()

    def _fit_in(self) -> None:
        """Say as much as there is room for, once the strip has a size."""
        if not self._has_room:
            return
        self.setUpdatesEnabled(False)
        for size, fit in product((Type.WALL, Type.SMALL_WALL) if self._is_large else (Type.USUAL,), Fit):
            self._type, self._fit = size, fit
            self._fill(fit)
            if self._wanted() <= self.width():
                break
        self.setUpdatesEnabled(True)

    def _wanted(self) -> int:
        return sum(cell.sizeHint().width() for cell in self._cells if not cell.isHidden())

    def _fill(self, fit: Fit) -> None:
        figures, now = self._figures, self.now()
        self._set_manner(fit)
        self.brand.show_content(words.brand(figures, fit))
        for state, cell in self.states.items():
            count = figures.counts.get(state, 0) if figures else 0
            cell.show_content(words.state_count(state, count, fit))
            cell.setVisible(state is not State.UNKNOWN or count > 0)
        self.waiting.show_content(words.waiting(figures, now))
        self.duty.show_content(words.on_duty(figures, fit))
        self.inside.show_content(words.inside(figures))
        self.health.show_content(words.health(self._pulse, figures, now, self._away_since, fit))
        self.clock.show_content(words.time_of_day(now if self._pulse else None, fit))

    def _set_manner(self, fit: Fit) -> None:
        pad = TIGHT_PAD if fit >= Fit.TIGHT else PAD
        for cell in self._cells:
            is_state = cell in self.states.values()
            cell.set_manner(pad // 2 if is_state else pad, self._type)
        self.brand.setVisible(fit < Fit.NO_BRAND and not self._is_large)
        self.duty.setVisible(fit < Fit.NO_DUTY)
        self.inside.setVisible(fit < Fit.NO_INSIDE)
