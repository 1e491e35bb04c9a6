"""The one way off the GUI thread: a few workers that read and write through the door, a follower of the feed, and a
watch over their deadlines.

Threads of the desktop start here and nowhere else. Callbacks run on the GUI thread, and not at all once their
owner is gone. On a shared database nobody waits longer than `app.deadlines` says: the watch cuts the line under a
worker and answers for it (SECURITY 7).
"""

import queue
import threading
import time
import traceback
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from app.errors import DatabaseAway, ResultUnknown, WatchroomError
from app.words import tr
from ui.jobs import Cancelled, Deadline, Failed, Job, as_kept, while_alive
from ui.on_demand import on_demand
from ui.subjects import resolve

if TYPE_CHECKING:
    import uuid

    from app.desk import Desk, Identity
    from app.outbox import Kept, Outbox
else:
    uuid = on_demand("uuid")

__all__ = ["Cancelled", "Job", "Work"]

T = TypeVar("T")
WORKERS = 3
HELD_UP_S = 1.0
READ_S, WRITE_S = 3.0, 5.0
"""Those of `app.deadlines`, which is loaded with the database layer."""
LOOK_S = 0.1
GRACE_S = 0.5
"""How long a worker whose line was cut may take to tell what it knows, before the watch answers for it."""
AWAY_S = 1.0
"""How long the feed waits before it tries a database that was away once more."""


class Follower(Protocol):
    """What `Work.follow` asks again and again, on its own thread (`app.listening`).

    `wait` returns when there may be something new or the event is set.
    """

    def poll(self) -> Any: ...

    def wait(self, ending: threading.Event) -> None: ...

    def close(self) -> None: ...


class Work(QObject):
    """The workers. `open_desk` is called once, on a worker, when the first piece of work arrives."""

    busy = Signal(bool)
    failed = Signal(object)
    """WatchroomError that no caller took: shown in the window's banner."""
    kept = Signal(object)
    """A `Kept`: what was entered lies on this machine until the database is back."""
    crashed = Signal(str)
    """Traceback of a bug: shown in the crash dialog."""
    _answered = Signal(object, object, object)
    _moved = Signal(object, float, str)

    def __init__(
        self,
        open_desk: Callable[[], "Desk"],
        parent: QObject | None = None,
        workers: int = WORKERS,
        open_outbox: "Callable[[], Outbox] | None" = None,
    ) -> None:
        super().__init__(parent)
        self._open_desk = open_desk
        self._open_outbox = open_outbox
        self.is_away = False
        self._desk: Desk | None = None
        self._opening = threading.Lock()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._running = 0
        self._wanted_workers, self._workers = workers, 0
        self._has_rested, self._moved_at = False, time.monotonic()
        self._threads: list[threading.Thread] = []
        self._pending: set[Job] = set()
        self._watch: threading.Thread | None = None
        self._tell_feed: Callable[[Any], None] | None = None
        self._closing, self._closed = threading.Event(), threading.Event()
        self._is_placed, self._stirred = threading.Event(), threading.Event()
        self._is_placed.set()
        self._answered.connect(self._answer, Qt.ConnectionType.QueuedConnection)
        self._moved.connect(self._progress, Qt.ConnectionType.QueuedConnection)

    @property
    def is_busy(self) -> bool:
        """Whether work is waiting or running."""
        return self._running > 0

    def read(
        self,
        query: Callable[..., T],
        *args: object,
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        owner: QObject | None = None,
        **values: object,
    ) -> Job:
        """Run a query in a read-only transaction; `done` gets its rows, unless that method had newer ones before."""

        def run(desk: "Desk", _job: Job) -> object:
            return desk.read(resolve(query), *args, **values)

        deadline = Deadline(READ_S, _unread)
        return self._start(Job(run, done, failed, owner, owner is not None, deadline=deadline, is_read=True))

    def do(
        self,
        command: Callable[..., T],
        *args: object,
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        kept: "Callable[[Kept], None] | None" = None,
        owner: QObject | None = None,
        **values: object,
    ) -> Job:
        """Run a command in one short transaction; the screen follows by the feed, not by `done`.

        `kept` is called instead of `done` when the database is away and the entry was kept on this machine.
        """
        key = uuid.uuid4()

        def run(desk: "Desk", _job: Job) -> object:
            marked: Any = resolve(command)
            if not self._keeps(marked):
                return _done_or_unsaved(partial(desk.do, marked, *args, **values))
            from app.outbox import do_or_keep

            return do_or_keep(desk, self.outbox, key, marked, args, values, lost=self._heed)

        def keep(desk: "Desk", has_begun: bool) -> object:
            marked: Any = resolve(command)
            if not self._keeps(marked):
                raise _unsaved(has_begun)
            from app.outbox import keep

            return keep(desk, self.outbox, key, marked, args, values)

        return self._start(Job(run, done, failed, owner, owner is not None, None, Deadline(WRITE_S, keep), kept))

    def run(
        self,
        function: Callable[..., T],
        *args: object,
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        progress: Callable[[float, str], None] | None = None,
        owner: QObject | None = None,
    ) -> Job:
        """Run long work `function(desk, job, *args)` (a PDF, an import, a sweep); it reports with
        `job.progress`.
        """

        def call(desk: "Desk", job: Job) -> object:
            return resolve(function)(desk, job, *args)

        return self._start(Job(call, done, failed, owner, owner is not None, progress))

    def begin(self, function: Callable[..., T], *args: object, done: Callable[[T], None]) -> None:
        """Run what needs no desk, on a thread of its own, before any work that does is asked for."""

        def run() -> None:
            result: object = None
            error: BaseException | None = None
            try:
                result = resolve(function)(*args)
            except Exception as raised:
                error = raised
            self._tell(job, result, error)

        job = Job(lambda _desk, _job: None, done, None, None, False)
        self._running += 1
        self._thread(run, "begin")

    def act_as(self, identity: "Identity") -> None:
        """Let whatever is asked from now on be asked by this person, over the same connections."""
        with self._opening:
            if self._desk is not None:
                self._desk = self._desk.as_identity(identity)

    def follow(self, follower: Callable[["Desk"], Follower], tell: Callable[[Any], None]) -> None:
        """Ask the feed whenever it wakes, on a thread of its own; `tell` gets answers and WatchroomErrors there.

        Work that is asked for from now on waits until the follower has its place, so nothing changes in between unseen.
        """
        self._is_placed.clear()
        self._tell_feed = tell
        self._thread(lambda: self._follow(follower, tell), "follow")

    def close(self, wait_s: float = 5.0) -> None:
        """Let running work end, drop the rest and close the desk."""
        self._closing.set()
        self._stirred.set()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(wait_s)
        self._closed.set()
        if self._watch is not None:
            self._watch.join(wait_s)
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def _start(self, job: Job) -> Job:
        job._report = lambda part, text: self._moved.emit(job, part, text)
        self._running += 1
        if self._running == 1:
            self.busy.emit(True)
        if job.deadline is not None:
            self._pending.add(job)
        self._jobs.put(job)
        if self._wants_worker():
            self._workers += 1
            self._thread(self._serve, "work")
        return job

    def _wants_worker(self) -> bool:
        """Return whether one more would help: while the window fills, two would only wait for each other's Python.

        One that is held up over something long gets company all the same.
        """
        if self._workers == 0 or self._workers >= self._wanted_workers:
            return self._workers == 0
        return self._has_rested or time.monotonic() - self._moved_at > HELD_UP_S

    def _thread(self, target: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=target, name=f"watchroom-{name}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _serve(self) -> None:
        while not self._closing.is_set() and (job := self._jobs.get()) is not None:
            result: object = None
            error: BaseException | None = None
            try:
                self._is_placed.wait()
                desk = self._opened()
                job.began_at = time.monotonic()
                if not job.is_answered and (job.is_wanted or job.done is None):
                    result = job.run(desk if job.deadline is None else desk.within(job.deadline.limit_s), job)
            except Cancelled:
                job.cancel()
            except Exception as raised:
                error = raised
            self._tell(job, result, error)

    def _tell(self, job: Job, result: object, error: BaseException | None) -> None:
        """Answer on the GUI thread, unless somebody has answered already."""
        if job.claim():
            self._heed(error)
            with while_alive(self):
                self._answered.emit(job, result, error)

    def _heed(self, error: BaseException | None) -> None:
        """Take the database for away when it did not answer, and let the feed look at once whether it is."""
        if isinstance(error, DatabaseAway) and self._tell_feed is not None and not self.is_away:
            self.is_away = True
            self._tell_feed(error)
            self._stirred.set()

    def _opened(self) -> "Desk":
        with self._opening:
            if self._desk is None:
                self._desk = self._open_desk()
                if self._desk.is_remote and self._watch is None:
                    self._watch = threading.Thread(target=self._keep_watch, name="watchroom-watch", daemon=True)
                    self._watch.start()
            return self._desk

    @property
    def outbox(self) -> "Outbox":
        """This machine's outbox; asked on a worker, once the desk is open."""
        assert self._open_outbox is not None
        return self._open_outbox()

    def _keeps(self, command: Any) -> bool:
        return self._open_outbox is not None and getattr(command, "keeps", False)

    def _keep_watch(self) -> None:
        """Cut the lines that are late, and answer for work that is late or, while the database is away, waits."""
        while not self._closed.wait(LOOK_S):
            desk = self._desk
            if desk is None:
                continue
            desk.lines.cut_overdue()
            for job in list(self._pending):
                waits_in_vain = self.is_away and job.began_at is None
                if (waits_in_vain or job.is_late(self._moved_at, GRACE_S)) and job.claim():
                    self._answer_instead(job, desk)

    def _answer_instead(self, job: Job, desk: "Desk") -> None:
        assert job.deadline is not None
        result: object = None
        error: Exception | None = None
        try:
            result = job.deadline.instead(desk, job.began_at is not None)
        except Exception as raised:
            error = raised
        with while_alive(self):
            self._answered.emit(job, result, error)

    def _answer(self, job: Job, result: object, error: BaseException | None) -> None:
        self._running -= 1
        self._moved_at = time.monotonic()
        self._pending.discard(job)
        if self._running == 0:
            self._has_rested = self._workers > 0
            self.busy.emit(False)
        try:
            self._hand_over(job, result, error)
        finally:
            job.forget()

    def _hand_over(self, job: Job, result: object, error: BaseException | None) -> None:
        kept = as_kept(result)
        if kept is not None:
            self.kept.emit(kept)
            if job.kept is not None and job.is_wanted:
                job.kept(kept)
        elif error is None:
            if job.done and job.is_wanted:
                for other in filter(job.outdates, self._pending):
                    other.cancel()
                job.done(result)
        elif not isinstance(error, WatchroomError):
            self.crashed.emit("".join(traceback.format_exception(error)))
        elif job.failed and job.is_wanted:
            job.failed(error)
        else:
            self.failed.emit(error)

    def _progress(self, job: Job, part: float, text: str) -> None:
        if job.on_progress and job.is_wanted:
            job.on_progress(part, text)

    def _follow(self, make: Callable[["Desk"], Follower], tell: Callable[[Any], None]) -> None:
        follower: Follower | None = None
        try:
            while not self._closing.is_set():
                try:
                    if follower is None:
                        follower = make(self._opened())
                    answer = follower.poll()
                    self.is_away = False
                    self._is_placed.set()
                    tell(answer)
                    follower.wait(self._stirred)
                except WatchroomError as away:
                    self.is_away = isinstance(away, DatabaseAway)
                    self._is_placed.set()
                    tell(away)
                    self._closing.wait(AWAY_S)
                if not self._closing.is_set():
                    self._stirred.clear()
        except Exception as bug:
            with while_alive(self):
                self.crashed.emit("".join(traceback.format_exception(bug)))
        finally:
            self._is_placed.set()
            if follower is not None:
                follower.close()


def _unread(_desk: "Desk", _has_begun: bool) -> object:
    raise DatabaseAway(tr("no answer within {n} seconds.", n=round(READ_S)))


def _done_or_unsaved(do: Callable[[], object]) -> object:
    """Return what a command that may not be kept gives; what was typed for it is still on the screen otherwise."""
    try:
        return do()
    except ResultUnknown:
        raise
    except DatabaseAway as away:
        raise _unsaved(has_begun=False, why=away.detail) from away


def _unsaved(has_begun: bool, why: str = "") -> DatabaseAway:
    """Return the error of a command that may not be kept, and of which nobody knows the result once it `has_begun`."""
    if has_begun:
        return ResultUnknown(tr("no answer within {n} seconds.", n=round(WRITE_S)))
    return DatabaseAway(tr("this was NOT saved. Save it again when the database is back. {why}", why=why).strip())
