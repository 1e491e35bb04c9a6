"""One piece of work off the GUI thread, from the question to its one answer."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import shiboken6
from PySide6.QtCore import QObject

from app.errors import WatchroomError

if TYPE_CHECKING:
    from app.desk import Desk
    from app.outbox import Kept

Done = Callable[[Any], None]
Failed = Callable[[WatchroomError], None]


class Cancelled(Exception):
    """Raised inside long work that was asked to stop."""


class Deadline(NamedTuple):
    """How long somebody waits for the answer, and what is then done instead: it returns a `Kept` or raises."""

    limit_s: float
    instead: Callable[["Desk", bool], Any]
    """Called with whether the work had begun, so that nobody knows how far it came."""


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work under way; kept by whoever may want to cancel it."""

    run: Callable[["Desk", "Job"], Any]
    done: Done | None
    failed: Failed | None
    owner: QObject | None
    has_owner: bool
    on_progress: Callable[[float, str], None] | None = None
    deadline: Deadline | None = None
    kept: "Callable[[Kept], None] | None" = None
    is_read: bool = False
    asked_at: float = field(default_factory=time.monotonic)
    began_at: float | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _report: Callable[[float, str], None] | None = None
    _claim: threading.Lock = field(default_factory=threading.Lock)

    def cancel(self) -> None:
        """Drop the callbacks; long work stops at its next `progress` call."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        return self._stop.is_set()

    @property
    def is_wanted(self) -> bool:
        """Whether somebody still waits for the answer."""
        return not self.is_cancelled and not (self.has_owner and not _is_alive(self.owner))

    def outdates(self, other: "Job") -> bool:
        """Whether this later question's answer is for the same method as the other's, which would undo it."""
        return self.is_read and other.is_read and self.asked_at > other.asked_at and self.done == other.done

    def progress(self, part: float, text: str = "") -> None:
        """Report from the worker how far it is (0..1); raises Cancelled when asked to stop."""
        if self.is_cancelled:
            raise Cancelled
        report = self._report
        if report:
            report(part, text)

    def forget(self) -> None:
        """Let go, on the GUI thread, of whoever waited: a worker, holding the job longest, would end their widgets."""
        self.done = self.failed = self.kept = self.on_progress = self.owner = self._report = None

    def claim(self) -> bool:
        """Take the right to answer, which one thread gets."""
        return self._claim.acquire(blocking=False)

    @property
    def is_answered(self) -> bool:
        return self._claim.locked()

    def is_late(self, moved_at: float, grace_s: float) -> bool:
        """Whether its time is over. Before it begins, work that gets ahead elsewhere (`moved_at`) extends it."""
        if self.deadline is None:
            return False
        since = self.began_at if self.began_at is not None else max(self.asked_at, moved_at)
        return time.monotonic() > since + self.deadline.limit_s + grace_s


def _is_alive(owner: QObject | None) -> bool:
    return owner is not None and shiboken6.isValid(owner)


@contextmanager
def while_alive(sender: QObject) -> Iterator[None]:
    """Let a worker's last signal fall silent when the window is already gone."""
    try:
        yield
    except RuntimeError:
        if shiboken6.isValid(sender):
            raise


def as_kept(result: object) -> "Kept | None":
    """Return the result of a command that was kept, None for any other; the outbox is loaded only by then."""
    kind = getattr(sys.modules.get("app.outbox.entry"), "Kept", None)
    return result if kind is not None and isinstance(result, kind) else None
