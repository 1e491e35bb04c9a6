"""The collector as a child of the desktop: started, restarted when it dies, ended with the desktop (DESIGN 5)."""

import sys

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

RESTART_MS = (1_000, 5_000, 15_000, 60_000)
ENDS_WITHIN_MS = 5_000


class CollectorProcess(QObject):
    """Keeps one `watchroom collect --child` alive; `troubled` says what it wrote when it died by itself."""

    troubled = Signal(str)

    def __init__(self, db_url: str, language: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._arguments = ["-m", "app", "collect", "--child", "--db", db_url, "--lang", language]
        self._process = QProcess(self)
        self._process.finished.connect(self._restart)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self.start)
        self._falls = 0
        self._is_wanted = False

    def start(self) -> None:
        """Start it, unless it runs."""
        self._is_wanted = True
        if self._process.state() is QProcess.ProcessState.NotRunning:
            self._process.start(sys.executable, self._arguments)

    def stop(self) -> None:
        """End it and wait until it has written what it holds."""
        self._is_wanted = False
        self._timer.stop()
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._process.closeWriteChannel()
        self._process.terminate()
        if not self._process.waitForFinished(ENDS_WITHIN_MS):
            self._process.kill()
            self._process.waitForFinished(ENDS_WITHIN_MS)

    def _restart(self) -> None:
        if not self._is_wanted:
            return
        said = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace").strip()
        if said:
            self.troubled.emit(said.splitlines()[-1])
        self._timer.start(RESTART_MS[min(self._falls, len(RESTART_MS) - 1)])
        self._falls += 1
