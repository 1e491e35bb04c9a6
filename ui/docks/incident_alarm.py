"""What waits for an acknowledgement at this seat: the sound that repeats, and the banner that says whom to call."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from app.times import clock
from app.words import tr, trn
from models.enums import Severity
from ui.banner import Banners, Step
from ui.context import Context
from ui.docks.incident_columns import DatabaseClock
from ui.sounds import Sounds
from ui.subjects import incidents

if TYPE_CHECKING:
    from app.contacts import ChainStep
    from app.incidents import Ringing, Summary

PRESSING_AFTER = timedelta(minutes=5)
URGENT_AFTER = timedelta(minutes=8)
TICK_MS = 1_000
BANNER = "escalation"


class IncidentAlarm(QObject):
    """Sounds while anything is unacknowledged, louder in tone at 5 and at 8 minutes; Esc ends it at this seat only.

    A silence holds for the incidents that sounded then: a new one, or the next tone, sounds again.
    """

    told = Signal(object)
    """The `Summary`, just read."""
    ticked = Signal()
    """A second has passed while a clock runs."""

    def __init__(
        self, context: Context, sounds: Sounds, banners: Banners, time: DatabaseClock, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._context, self._sounds, self._banners, self._time = context, sounds, banners, time
        self._ringing: tuple[Ringing, ...] = ()
        self._chain: tuple[ChainStep, ...] = ()
        self._silenced: dict[int, str] = {}
        self._is_asking = self._is_stale = False
        self._timer = QTimer(self)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self._tick)
        context.live.changed.connect(lambda changed: self.refresh() if changed.touches("incident", "contact") else None)
        context.live.reset.connect(self.refresh)
        sounds.cannot_sound.connect(self._say_mute)

    def refresh(self) -> None:
        """Ask what waits now; calls while an answer is under way become one."""
        if self._is_asking:
            self._is_stale = True
            return
        self._is_asking = True
        self._context.work.read(incidents.summary, done=self._take, failed=lambda _error: self._end(), owner=self)

    def silence(self) -> None:
        """End the sound at this seat; the clocks go on (UX rule 2)."""
        now = self._time.now()
        self._silenced = {each.id: self._tone(each, now) for each in self._ringing}
        self._sounds.silence()

    def _take(self, summary: "Summary") -> None:
        self._time.set(summary.now, summary.within)
        self._ringing, self._chain = summary.ringing, summary.chain
        if self._ringing:
            self._timer.start()
        else:
            self._timer.stop()
        self._sound()
        self._show_banner()
        self.told.emit(summary)
        self._end()

    def _end(self) -> None:
        self._is_asking = False
        if self._is_stale:
            self._is_stale = False
            self.refresh()

    def _tick(self) -> None:
        self._sound()
        self.ticked.emit()

    def _sound(self) -> None:
        now = self._time.now()
        tones = [(each.id, self._tone(each, now)) for each in self._ringing]
        due = [tone for known, tone in tones if self._silenced.get(known) != tone]
        if due:
            self._sounds.start(max(due, key=_LOUDER.index))
        else:
            self._sounds.stop()

    def _tone(self, ringing: "Ringing", now: datetime) -> str:
        """Return the tone of an incident by how long it has waited, else by its severity."""
        waited = self._time.within - (ringing.acknowledge_due_at - now)
        if waited >= URGENT_AFTER:
            return "urgent"
        if waited >= PRESSING_AFTER:
            return "pressing"
        return Severity.CRITICAL.value if ringing.severity is Severity.CRITICAL else Severity.WARNING.value

    def _show_banner(self) -> None:
        escalated = [each for each in self._ringing if each.escalation_level]
        if not escalated:
            self._banners.clear(BANNER)
            return
        first = escalated[0]
        highest = max(each.escalation_level for each in escalated)
        words = trn(
            "{number} was not acknowledged within {time}. Call: {whom}",
            "{n} incidents were not acknowledged within {time}, first {number}. Call: {whom}",
            len(escalated),
            number=first.number,
            time=clock(self._time.within),
            whom=_whom(self._chain, highest) or tr("nobody is entered in the escalation chain"),
        )
        show = Step(tr("Show"), lambda: self._context.nav.select("incident", first.id))
        self._banners.show_banner(BANNER, "error", words, (show,), can_close=False)

    def _say_mute(self) -> None:
        words = tr("This seat cannot sound. Watch the clocks, or install a player (alsa-utils).")
        self._banners.show_banner("mute", "warning", words)


_LOUDER = [Severity.WARNING.value, Severity.CRITICAL.value, "pressing", "urgent"]


def _whom(chain: "tuple[ChainStep, ...]", highest: int) -> str:
    """Return the people of the chain up to the level reached, with their numbers."""
    contacts = [contact for step in chain if step.level <= highest for contact in step.contacts]
    return tr(", ", context="between names").join(f"{each.name} {each.number}".strip() for each in contacts)
