"""The window that R3 watches: `main` saves lines of the shift log without an end while its server is tormented.

It prints a JSON line for each answer (text, when, whether it was kept first) and for its event loop's longest pause:
as it was, and without what the machine gave to other programs meanwhile.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, QTimer

from app.errors import WatchroomError
from ui.docks.shift import ShiftDock
from ui.main import Desktop, Start, make_application

if TYPE_CHECKING:
    from app.seat import Situation

BEAT_MS, SAVE_MS, TELL_MS = 10, 200, 1_000


class TrialDesktop(Desktop):
    """The usual desktop, at which the command line's identity sits without signing in."""

    def _begin(self, situation: "Situation") -> None:
        from app.database import cli_identity

        self._fill()
        self._seat(cli_identity())


class Typist(QObject):
    """Types a line into the shift's field and presses Enter, again whenever the last one is done with."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self._dock = cast(ShiftDock, desktop.window.docks["shift"])
        self._number, self._typed = 0, ""
        self._last_beat = self._last_wait = self._longest = self._longest_own = 0.0
        self._was_kept = False
        desktop.context.work.kept.connect(self._note_kept)
        desktop.context.work.failed.connect(self._note_failed)
        for every, call in ((BEAT_MS, self._beat), (SAVE_MS, self._save), (TELL_MS, self._tell)):
            timer = QTimer(self)
            timer.setInterval(every)
            timer.timeout.connect(call)
            timer.start()

    def _save(self) -> None:
        """Say how the last line ended, once its field is free again, and enter the next."""
        line = self._dock.line
        if not line.isEnabled():
            return
        if self._typed and not line.text():
            say(saved=self._typed, kept=self._was_kept)
        elif self._typed:
            say(refused=self._typed, why=self._dock.banners.text("step"))
        self._number += 1
        self._typed, self._was_kept = f"R3/{os.getpid()}/{self._number}", False
        line.setText(self._typed)
        self._dock.write()

    def _note_kept(self, _kept: object) -> None:
        self._was_kept = True

    def _note_failed(self, error: WatchroomError) -> None:
        say(told=error.sentence())

    def _beat(self) -> None:
        now, waited = time.monotonic(), waited_s()
        if self._last_beat:
            pause = now - self._last_beat - BEAT_MS / 1000
            self._longest = max(self._longest, pause)
            self._longest_own = max(self._longest_own, pause - (waited - self._last_wait))
        self._last_beat, self._last_wait = now, waited

    def _tell(self) -> None:
        say(pause_ms=round(self._longest * 1000), own_pause_ms=round(self._longest_own * 1000))
        self._longest = self._longest_own = 0.0


def waited_s() -> float:
    """Return how long the GUI thread has been ready while the machine ran something else."""
    try:
        return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9
    except (OSError, IndexError):
        return 0.0


def say(**what: object) -> None:
    sys.stdout.write(json.dumps({"at": time.monotonic(), **what}, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Open the window on the database that the command line names, until the process is ended."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = make_application(["watchroom"])
    desktop = TrialDesktop(Start(sys.argv[1], "R3", collects=False, remembers=False))
    desktop.open()
    typist: list[Typist] = []

    def begin() -> None:
        if not typist and not desktop.context.work.is_busy:
            typist.append(Typist(desktop))

    desktop.context.work.busy.connect(lambda is_busy: QTimer.singleShot(1_000, begin) if not is_busy else None)
    application.exec()
