"""The one way off the GUI thread: a few workers that read and write through the door, and a follower of
the feed.

Threads of the desktop start here and nowhere else. Callbacks run on the GUI thread, and not at all once their
owner is gone.
"""

import queue
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from app.errors import WatchroomError
from ui.subjects import resolve

if TYPE_CHECKING:
    from app.desk import Desk, Identity

T = TypeVar("T")
Done = Callable[[Any], None]
Failed = Callable[[WatchroomError], None]
WORKERS = 3
HELD_UP_S = 1.0
AWAY_S = 1.0
"""How long the feed waits before it tries a database that was away once more."""


class Cancelled(Exception):
    """Raised inside long work that was asked to stop."""


@dataclass(slots=True, eq=False)
class Job:
    """One piece of work under way; kept by whoever may want to cancel it."""

    run: Callable[["Desk", "Job"], Any]
    done: Done | None
    failed: Failed | None
    owner: QObject | None
    has_owner: bool
    on_progress: Callable[[float, str], None] | None = None
    _stop: threading.Event = field(default_factory=threading.Event)
    _report: Callable[[float, str], None] | None = None

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

    def progress(self, part: float, text: str = "") -> None:
        """Report from the worker how far it is (0..1); raises Cancelled when asked to stop."""
        if self.is_cancelled:
            raise Cancelled
        if self._report:
            self._report(part, text)


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
    crashed = Signal(str)
    """Traceback of a bug: shown in the crash dialog."""
    _answered = Signal(object, object, object)
    _moved = Signal(object, float, str)

    def __init__(self, open_desk: Callable[[], "Desk"], parent: QObject | None = None, workers: int = WORKERS) -> None:
        super().__init__(parent)
        self._open_desk = open_desk
        self._desk: Desk | None = None
        self._opening = threading.Lock()
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._running = 0
        self._wanted_workers, self._workers = workers, 0
        self._has_rested, self._moved_at = False, time.monotonic()
        self._threads: list[threading.Thread] = []
        self._closing, self._is_placed = threading.Event(), threading.Event()
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
        """Run a query in a read-only transaction; `done` gets its rows."""

        def run(desk: "Desk", _job: Job) -> object:
            return desk.read(resolve(query), *args, **values)

        return self._start(run, done, failed, owner)

    def do(
        self,
        command: Callable[..., T],
        *args: object,
        done: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        owner: QObject | None = None,
        **values: object,
    ) -> Job:
        """Run a command in one short transaction; the screen follows by the feed, not by `done`."""

        def run(desk: "Desk", _job: Job) -> object:
            marked: Any = resolve(command)
            return desk.do(marked, *args, **values)

        return self._start(run, done, failed, owner)

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

        return self._start(call, done, failed, owner, progress)

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
        self._thread(lambda: self._follow(follower, tell), "follow")

    def close(self, wait_s: float = 5.0) -> None:
        """Let running work end, drop the rest and close the desk."""
        self._closing.set()
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(wait_s)
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def _start(
        self,
        run: Callable[["Desk", Job], Any],
        done: Done | None,
        failed: Failed | None,
        owner: QObject | None,
        progress: Callable[[float, str], None] | None = None,
    ) -> Job:
        job = Job(run, done, failed, owner, owner is not None, progress)
        job._report = lambda part, text: self._moved.emit(job, part, text)
        self._running += 1
        if self._running == 1:
            self.busy.emit(True)
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
                if job.is_wanted or job.done is None:
                    result = job.run(self._opened(), job)
            except Cancelled:
                job.cancel()
            except Exception as raised:
                error = raised
            with _while_alive(self):
                self._answered.emit(job, result, error)

    def _opened(self) -> "Desk":
        with self._opening:
            if self._desk is None:
                self._desk = self._open_desk()
            return self._desk

    def _answer(self, job: Job, result: object, error: BaseException | None) -> None:
        self._running -= 1
        self._moved_at = time.monotonic()
        if self._running == 0:
            self._has_rested = True
            self.busy.emit(False)
        if error is None:
            if job.done and job.is_wanted:
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
                    tell(follower.poll())
                    self._is_placed.set()
                    follower.wait(self._closing)
                except WatchroomError as away:
                    self._is_placed.set()
                    tell(away)
                    self._closing.wait(AWAY_S)
        except Exception as bug:
            with _while_alive(self):
                self.crashed.emit("".join(traceback.format_exception(bug)))
        finally:
            self._is_placed.set()
            if follower is not None:
                follower.close()


@contextmanager
def _while_alive(sender: QObject) -> Iterator[None]:
    """Let a worker's last signal fall silent when the window is already gone."""
    try:
        yield
    except RuntimeError:
        if shiboken6.isValid(sender):
            raise


def _is_alive(owner: QObject | None) -> bool:
    return owner is not None and shiboken6.isValid(owner)
