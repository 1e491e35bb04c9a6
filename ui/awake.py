"""Keeps the system from sleeping while it watches: systemd's inhibitor on Linux, a thread flag on Windows."""

import shutil
import sys

from PySide6.QtCore import QObject, QProcess

from app.words import tr

ENDS_WITHIN_MS = 1_000
_CONTINUOUS, _SYSTEM_REQUIRED = 0x80000000, 0x00000001


class Awake(QObject):
    """Holds the inhibitor from `hold` to `release`; `is_held` tells whether the system agreed."""

    def __init__(self, parent: QObject | None = None, inhibitor: str | None = None) -> None:
        super().__init__(parent)
        self._inhibitor = inhibitor or shutil.which("systemd-inhibit") or ""
        self._process = QProcess(self)
        self._is_flagged = False

    @property
    def is_held(self) -> bool:
        return self._is_flagged or self._process.state() is not QProcess.ProcessState.NotRunning

    def hold(self) -> None:
        """Ask the system to stay awake; without an inhibitor on this system nothing happens."""
        if sys.platform == "win32":
            self._is_flagged = _flag_windows(_CONTINUOUS | _SYSTEM_REQUIRED)
        elif self._inhibitor:
            why = tr("Watchroom is watching the machine room")
            flags = ["--what=sleep:idle", "--who=Watchroom", f"--why={why}", "--mode=block"]
            self._process.start(self._inhibitor, [*flags, "sleep", "infinity"])

    def release(self) -> None:
        """Let the system sleep again."""
        if sys.platform == "win32":
            _flag_windows(_CONTINUOUS)
            self._is_flagged = False
        elif self.is_held:
            self._process.terminate()
            self._process.waitForFinished(ENDS_WITHIN_MS)


def _flag_windows(flags: int) -> bool:
    if sys.platform != "win32":
        return False
    import ctypes

    return bool(ctypes.windll.kernel32.SetThreadExecutionState(flags))
