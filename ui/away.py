"""While the database is away: since when, how many entries wait here, and sending them when it is back (SECURITY 7)."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.errors import DatabaseAway, WatchroomError
from app.words import tr, trn
from ui.banner import Level, Step
from ui.context import Context
from ui.jobs import Job
from ui.subjects import outbox
from ui.window import UNREACHED, Window
from ui.work import WRITE_S

if TYPE_CHECKING:
    from app.desk import Desk
    from app.outbox import Kept, Sent, Waiting

AWAY, WAITING, KEPT = "away", "outbox", "kept"
AGAIN_MS = 2_000
"""After how long what could not be sent is tried again."""
READ_MS = 10_000
"""How long good news stays."""


class Away(QObject):
    """Keeps the window's banners about it, and sends what waits as soon as the database and its writer are there."""

    def __init__(self, context: Context, window: Window) -> None:
        super().__init__(window)
        self._context, self._window = context, window
        self._error: WatchroomError | None = None
        self._is_sending = self._is_return = False
        self.since: datetime | None = None
        self.waiting: Waiting | None = None
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.setInterval(AGAIN_MS)
        self._again.timeout.connect(self.send)
        context.live.away.connect(self._leave)
        context.live.back.connect(self._come_back)
        context.work.kept.connect(self._count_kept)
        context.work.failed.connect(self._try_later)

    def send(self) -> None:
        """Send what the person at this seat has waiting here."""
        if not self._is_sending:
            self._is_sending = True
            self._context.work.run(self._send, done=self._sent, failed=self._not_sent, owner=self)

    def show(self) -> None:
        """Say how it stands; nothing while nothing is wrong."""
        banners = self._window.banners
        steps = (Step(tr("Show them"), lambda: self._context.nav.open("outbox")),) if self.waiting else ()
        if self.since is not None:
            parts = (self._gone(), self._waiting_words())
            banners.show_banner(AWAY, "error", " ".join(part for part in parts if part), steps, can_close=False)
            banners.clear(WAITING)
        elif self.waiting:
            level: Level = "error" if self.waiting.troubled else "info"
            banners.show_banner(WAITING, level, self._waiting_words(), steps, can_close=False)
        else:
            banners.clear(WAITING)

    def _leave(self, error: WatchroomError) -> None:
        self.since, self._error = datetime.now(UTC), error
        self.show()

    def _come_back(self) -> None:
        self.since = None
        self._is_return = True
        self._window.banners.clear(AWAY)
        self._say(tr("The database is back."))
        self.show()
        self.send()

    def _count_kept(self, kept: "Kept") -> None:
        self._say(
            tr("Kept on this machine at {time}; it will be sent.", time=f"{kept.entered_at.astimezone():%H:%M:%S}")
        )
        self._context.work.run(self._look, done=self._take, failed=self._not_sent, owner=self)

    def _send(self, desk: "Desk", _job: Job) -> "tuple[Sent, Waiting]":
        held = self._context.work.outbox
        sent: Sent = outbox.send(desk.within(WRITE_S), held)
        return sent, held.waiting(desk.identity.login)

    def _look(self, desk: "Desk", _job: Job) -> "Waiting":
        return self._context.work.outbox.waiting(desk.identity.login)

    def _sent(self, found: "tuple[Sent, Waiting]") -> None:
        self._is_sending = False
        sent, waiting = found
        self._window.banners.clear(UNREACHED)
        if sent.sent:
            words = trn("{n} kept entry was sent.", "{n} kept entries were sent.", sent.sent)
            self._say(f"{tr('The database is back.')} {words}" if self._is_return else words)
        self._is_return = False
        self._take(waiting)

    def _say(self, words: str) -> None:
        """Say what is good to know and goes by itself."""
        self._window.banners.show_banner(KEPT, "info", words, goes_after_ms=READ_MS)

    def _try_later(self, error: WatchroomError) -> None:
        """Find out when the database is back after a single call that it did not answer."""
        if isinstance(error, DatabaseAway):
            self._again.start()

    def _not_sent(self, error: WatchroomError) -> None:
        self._is_sending = False
        if not isinstance(error, DatabaseAway):
            self._window.banners.error(error.sentence())
        self._again.start()

    def _take(self, waiting: "Waiting") -> None:
        self.waiting = waiting
        self.show()
        if waiting.mine and not self._is_sending:
            self._again.start()

    def _gone(self) -> str:
        assert self.since is not None and self._error is not None
        since = f"{self.since.astimezone():%H:%M:%S}"
        return tr("Away since {time}. {what} The window shows what it had.", time=since, what=self._error.sentence())

    def _waiting_words(self) -> str:
        if self.waiting is None:
            return ""
        parts = []
        if self.waiting.mine:
            n = self.waiting.mine
            parts.append(
                trn("{n} entry is kept here and will be sent.", "{n} entries are kept here and will be sent.", n)
            )
        if self.waiting.troubled:
            n = self.waiting.troubled
            parts.append(trn("{n} kept entry waits for your decision.", "{n} kept entries wait for your decision.", n))
        if self.waiting.others:
            names = tr(", ", context="between names").join(self.waiting.others)
            parts.append(tr("Entries of {names} are sent when they sign in here.", names=names))
        return " ".join(parts)
