"""Who else has the same record open: told by this seat to the others, and shown in forms, pages and the inspector."""

from datetime import datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.labels import PlainLabel
from ui.on_demand import on_demand
from ui.subjects import presence, seats

if TYPE_CHECKING:
    import platform
    import uuid

    from app.presence import Companion, SeatRow
    from ui.context import Context
    from ui.work import Work
else:
    platform, uuid = on_demand("platform"), on_demand("uuid")

BEAT_MS = 6_000
"""Well within a seat's lease (`app.seats.LEASE`), so that one lost beat does not end it."""
SETTLE_MS = 300
"""How long a selection must rest before it is told: who walks through a list opens nothing."""


class Presence(QObject):
    """This program among the seats. Silent until `begin`, and while the database is away."""

    changed = Signal()
    """Somebody opened, edits or left a record."""
    name_taken = Signal(object)
    """The SeatRow of another program that uses this seat's name and was heard of twice; told once for each."""
    name_freed = Signal()
    """Nobody else uses this seat's name any more."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._work: Work | None = None
        self._seat = ""
        self._open: dict[int, tuple[str, int, bool]] = {}
        self._living: tuple[SeatRow, ...] = ()
        self._told: set[uuid.UUID] = set()
        self._first_heard: dict[uuid.UUID, datetime] = {}
        self._beats, self._settling = QTimer(self), QTimer(self)
        self._beats.setInterval(BEAT_MS)
        self._beats.timeout.connect(self._beat)
        self._settling.setSingleShot(True)
        self._settling.setInterval(SETTLE_MS)
        self._settling.timeout.connect(self._beat)

    @cached_property
    def instance(self) -> "uuid.UUID":
        """What tells this running program from others."""
        return uuid.uuid4()

    def begin(self, work: "Work", seat: str) -> None:
        """Register this program under the seat's name, and say from now on that it lives."""
        self._work, self._seat = work, seat
        self._beats.start()
        self._beat()

    def end(self) -> None:
        """Let go of everything, where there is still time to say so; otherwise the lease ends it."""
        self._beats.stop()
        self._settling.stop()
        if self._work is not None:
            self._work.do(seats.leave, self.instance, failed=self._be_silent)
            self._work = None

    def open(self, owner: QObject, table: str, key: int, is_edited: bool) -> None:
        """Say that `owner` shows a record from now on, in the place of what it showed before."""
        if self._open.get(id(owner)) != (table, key, is_edited):
            self._open[id(owner)] = (table, key, is_edited)
            self._settling.start()

    def let_go(self, owner: QObject) -> None:
        """Say that `owner` shows nothing any more."""
        self.forget(id(owner))

    def forget(self, owner_id: int, _gone: QObject | None = None) -> None:
        """The same for an owner that is gone already."""
        if self._open.pop(owner_id, None) is not None and shiboken6.isValid(self):
            self._settling.start()

    def companions(self, table: str, key: int) -> "tuple[Companion, ...]":
        """Return who else has a record open, as far as is known, who edits it first."""
        if not self._living:
            return ()
        found: tuple[Companion, ...] = presence.companions(self._living, self.instance, table, key)
        return found

    def look(self) -> None:
        """Ask who has what open (the feed says that it changed)."""
        if self._work is not None:
            self._work.read(seats.living, done=self._take, failed=self._be_silent, owner=self)

    def _beat(self) -> None:
        if self._work is not None:
            call = (seats.beat, self.instance, platform.node(), tuple(self._open.values()))
            self._work.do(*call, done=self._take, failed=self._be_silent, owner=self)

    def _take(self, living: "tuple[SeatRow, ...]") -> None:
        self._living = living
        self.changed.emit()
        self._tell_namesakes([row for row in living if row.name == self._seat and row.instance != self.instance])

    def _tell_namesakes(self, living: "list[SeatRow]") -> None:
        """Tell who else uses the name: a program that beats on, not this seat's own one that was killed just before."""
        for row in living:
            first = self._first_heard.setdefault(row.instance, row.seen_at)
            if row.seen_at > first and row.instance not in self._told:
                self._told.add(row.instance)
                self.name_taken.emit(row)
        if not living and self._first_heard:
            self._first_heard.clear()
            self._told.clear()
            self.name_freed.emit()

    def _be_silent(self, _away: WatchroomError) -> None:
        """Show nobody while nobody can be asked; that the database is away is told elsewhere."""
        self._take(())


class PresenceLine(PlainLabel):
    """Says who else has the owner's record open, and tells the others that the owner has; hidden while nobody does.

    Its place is kept while it is hidden, so that nothing under it jumps from below the hand.
    """

    def __init__(self, context: "Context", owner: QWidget) -> None:
        super().__init__("", "old", owner, wraps=True)
        self.setObjectName("presence")
        self.setContentsMargins(12, 2, 12, 2)
        self.setMinimumHeight(self.fontMetrics().lineSpacing() + 4)
        kept = self.sizePolicy()
        kept.setRetainSizeWhenHidden(True)
        self.setSizePolicy(kept)
        self.hide()
        self._presence, self._owner = context.live.presence, owner
        self._record: tuple[str, int, bool] | None = None
        self._presence.changed.connect(self._show)
        owner.installEventFilter(self)
        owner.destroyed.connect(partial(self._presence.forget, id(owner)))

    def follow(self, table: str, key: int, *, is_edited: bool = False) -> None:
        """Show who else has this record open."""
        self._record = (table, key, is_edited)
        self._tell()
        self._show()

    def stop(self) -> None:
        """Show nobody: no record is open."""
        self._record = None
        self._tell()
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._owner and event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self._tell(is_seen=event.type() is QEvent.Type.Show)
        return super().eventFilter(watched, event)

    def _tell(self, is_seen: bool | None = None) -> None:
        is_seen = self._owner.isVisible() if is_seen is None else is_seen
        if self._record is None or not is_seen:
            self._presence.let_go(self._owner)
        else:
            self._presence.open(self._owner, *self._record)

    def _show(self) -> None:
        found = self._presence.companions(*self._record[:2]) if self._record else ()
        self.setText("　".join(_words(each) for each in found))
        self.setVisible(bool(found))


def _words(one: "Companion") -> str:
    who = one.person or tr("Somebody")
    if one.is_viewing:
        return tr("{who} (seat {seat}) is looking at this record", who=who, seat=one.seat)
    return tr("{who} (seat {seat}) is editing this record", who=who, seat=one.seat)
