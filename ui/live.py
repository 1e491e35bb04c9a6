"""The live feed on the GUI thread: what changed in the database since the last frame, told once."""

from collections.abc import Callable, Hashable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.errors import WatchroomError
from ui.presence import Presence

if TYPE_CHECKING:
    from app.desk import Desk
    from ui.work import Follower, Work

GATHER_MS = 50
STATES = "device_state"


class Changed(NamedTuple):
    """The keys of changed rows by table name; `states` are the CIs whose device state changed."""

    tables: Mapping[str, frozenset[Hashable]] = MappingProxyType({})
    states: frozenset[int] = frozenset()
    is_reset: bool = False

    def of(self, *tables: str) -> frozenset[Hashable]:
        """Return the changed keys of these tables together."""
        return frozenset().union(*(self.tables.get(table, frozenset()) for table in tables))

    def touches(self, *tables: str) -> bool:
        """Whether anything of these tables changed."""
        return any(table in self.tables for table in tables)


class Live(QObject):
    """What others changed. A dock asks for the rows behind the keys and patches them in place by key."""

    changed = Signal(object)
    """A `Changed`, at most every GATHER_MS, only when a table changed."""
    states_changed = Signal(object)
    """A frozenset of CI ids whose device state changed."""
    reset = Signal()
    """The database is another one (moved, restored) or the feed lost its place: reload everything."""
    away = Signal(object)
    """The WatchroomError that keeps the feed from being read; told once until `back`."""
    back = Signal()
    seats_changed = Signal()
    """Somebody opened, edits or left a record."""
    _told = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.presence = Presence(self)
        self.seats_changed.connect(self.presence.look)
        self._tables: dict[str, set[Hashable]] = {}
        self._states: set[int] = set()
        self._is_away = False
        self.is_following = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(GATHER_MS)
        self._timer.timeout.connect(self._say)
        self._told.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def follow(self, work: "Work", follower: "Callable[[Desk], Follower]") -> None:
        """Begin to follow `follower(desk)`, which is made and asked on a thread of `work`."""
        work.follow(follower, self.tell)

    def tell(self, answer: Any) -> None:
        """Take an answer of the feed, from any thread: changes, a reset or the WatchroomError that keeps
        it away.
        """
        self._told.emit(answer)

    def _take(self, answer: Any) -> None:
        if isinstance(answer, WatchroomError):
            if not self._is_away:
                self._is_away = True
                self.away.emit(answer)
            return
        if self._is_away:
            self._is_away = False
            self.back.emit()
        self.is_following = True
        if getattr(answer, "seats", False):
            self.seats_changed.emit()
        if not answer.is_reset:
            self._gather(answer)
        else:
            self._tables.clear()
            self._states.clear()
            self.reset.emit()

    def _gather(self, answer: Any) -> None:
        for table, keys in answer.tables.items():
            self._tables.setdefault(table, set()).update(keys)
        self._states.update(answer.states)
        if (self._tables or self._states) and not self._timer.isActive():
            self._timer.start()

    def _say(self) -> None:
        tables = {table: frozenset(keys) for table, keys in self._tables.items()}
        states = frozenset(self._states)
        self._tables, self._states = {}, set()
        if tables:
            self.changed.emit(Changed(tables, states))
        if states:
            self.states_changed.emit(states)
