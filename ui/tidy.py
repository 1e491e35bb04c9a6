"""Python's cycles are collected on the GUI thread only: a worker that frees a Qt object crashes the process."""

import gc

from PySide6.QtCore import QObject, QTimer

EVERY_MS = 1_000


class Tidy(QObject):
    """Takes the automatic collection over from the interpreter while it lives; `stop` leaves it as it was found."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._was_on = gc.isenabled()
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.collect)
        self._timer.start()

    def keep(self) -> None:
        """Look through what there is now never again: it stays for good."""
        gc.freeze()

    def collect(self) -> None:
        """Collect the oldest generation that is due, as the interpreter would have done."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """Collect no more; a desktop that others follow in this process leaves them nothing that lasts."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_on:
            gc.enable()
