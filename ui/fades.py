"""What just changed fades over 300 ms (UX "Looks"), unless the system asks for less motion."""

from collections.abc import Callable, Hashable, Iterable
from time import monotonic

from PySide6.QtCore import QObject, QTimer, Signal

FADE_S = 0.3
FRAME_MS = 33
MOST = 60
"""More changes at once are no news to look at: none of them fades."""
STRONGEST = 0.45


class Fades(QObject):
    """The keys of what is fading, and how strongly each still shows. Its timer runs only while something fades."""

    moved = Signal(object)
    """A list of the keys that are to be painted anew."""

    def __init__(self, parent: QObject, is_still: Callable[[], bool] = bool) -> None:
        super().__init__(parent)
        self._is_still = is_still
        self._began: dict[Hashable, float] = {}
        self._timer = QTimer(self)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self._tick)

    @property
    def is_running(self) -> bool:
        return self._timer.isActive()

    def begin(self, keys: Iterable[Hashable]) -> None:
        """Let these fade from now on; too many at once, and all where the system asks for less motion, just change."""
        fresh = list(keys)
        if not fresh or len(fresh) > MOST or self._is_still():
            return
        self._began.update(dict.fromkeys(fresh, monotonic()))
        self._timer.start()

    def strength(self, key: Hashable) -> float:
        """Return how strongly a key still shows, from STRONGEST down to 0."""
        began = self._began.get(key)
        return 0.0 if began is None else STRONGEST * max(0.0, 1 - (monotonic() - began) / FADE_S)

    def _tick(self) -> None:
        keys = list(self._began)
        now = monotonic()
        for key in keys:
            if now - self._began[key] >= FADE_S:
                del self._began[key]
        if not self._began:
            self._timer.stop()
        self.moved.emit(keys)
