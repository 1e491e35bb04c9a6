"""What a window's event loop was held up by: its longest pause, whose it was, and where its thread stood meanwhile."""

import sys
import threading
import time
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, QTimer

BEAT_MS = 5
LATE_S = 0.03
LOOK_S = 0.005
DEPTH = 7


class Pause(NamedTuple):
    """`own_s` is without what the machine gave to others, `cpu_s` what the thread itself computed, `all_s` all threads.

    A pause in which none of the process's threads computed was the machine's as well (a disk, a memory page).
    """

    own_s: float = 0.0
    cpu_s: float = 0.0
    all_s: float = 0.0
    stacks: tuple[str, ...] = ()

    def told(self, most: int = 3) -> list[str]:
        """Return where the thread stood most often."""
        return [f"{count:4} x {stack}" for stack, count in Counter(self.stacks).most_common(most)]


class Pulse(QObject):
    """A beat of the event loop that is made on its thread, and a thread that looks where it stands when it is late."""

    def __init__(self) -> None:
        super().__init__()
        self.longest = Pause()
        self._seen: list[str] = []
        self._thread = threading.get_ident()
        self._last = self._now()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()
        threading.Thread(target=self._look, daemon=True).start()

    def begin(self) -> None:
        """Measure from here on."""
        self._beat()
        self.longest = Pause()

    def _beat(self) -> None:
        last, self._last = self._last, self._now()
        wall, waited, cpu, all_s = (now - before for now, before in zip(self._last, last, strict=True))
        own = min(wall - waited - BEAT_MS / 1000, all_s)
        if own > self.longest.own_s:
            self.longest = Pause(own, cpu, all_s, tuple(self._seen))
        self._seen.clear()

    def _look(self) -> None:
        while True:
            time.sleep(LOOK_S)
            if time.monotonic() - self._last[0] > LATE_S:
                self._seen.append(_told(_walked(sys._current_frames().get(self._thread))))

    @staticmethod
    def _now() -> tuple[float, float, float, float]:
        return time.monotonic(), waited_s(), time.thread_time(), time.process_time()


def waited_s() -> float:
    """Return how long this thread has been ready while the machine ran something else."""
    return int(Path("/proc/thread-self/schedstat").read_text().split()[1]) / 1e9


def _walked(frame: FrameType | None) -> list[tuple[CodeType, int]]:
    """Return where a thread stands, and let go of its frames at once: they would keep its painters alive."""
    parts = []
    while frame is not None and len(parts) < DEPTH:
        parts.append((frame.f_code, frame.f_lineno))
        frame = frame.f_back
    return parts


def _told(parts: list[tuple[CodeType, int]]) -> str:
    return " < ".join(f"{Path(code.co_filename).stem}:{line} {code.co_name}" for code, line in parts)
