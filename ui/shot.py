"""Pictures without a screen: the window in each perspective, every dock, page and dialog (`watchroom shot`)."""

import json
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QEventLoop, QMessageLogContext, QObject, QTimer, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QDialog, QFileDialog, QWidget

from ui.layouts import PERSPECTIVES
from ui.main import Desktop, Start, make_application

QUIET_MS = 350
PATIENCE_MS = 20_000
SKIPPED = ("quit", "lock", "wall", "restore-layout")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to draw: the database, the size in logical pixels, the theme."""

    folder: Path
    db_url: str
    size: tuple[int, int]
    theme: str


def draw(wanted: Wanted) -> int:
    """Draw everything into the folder and return how many pictures were made. The database is only read."""
    wanted.folder.mkdir(parents=True, exist_ok=True)
    application = application_on_screen(*wanted.size)
    start = Start(wanted.db_url, "A1", wanted.theme, collects=False, is_display=True, remembers=False)
    desktop = Desktop(start)
    desktop.window.resize(*wanted.size)
    desktop.open()
    camera = Camera(desktop, wanted.folder)
    QTimer.singleShot(0, camera.take_everything)
    application.exec()
    return camera.taken


def application_on_screen(width: int, height: int) -> QApplication:
    """Make the application on the offscreen platform's one screen of this size.

    What that platform can't do (and says for every window) is not worth a line.
    """
    qInstallMessageHandler(_tell_but_offscreen)
    screen = {"name": "picture", "x": 0, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}
    with tempfile.TemporaryDirectory(prefix="watchroom-screen-") as folder:
        path = Path(folder) / "screen.json"
        path.write_text(json.dumps({"screens": [screen]}), encoding="utf-8")
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={path}"
        return make_application(["watchroom"])


def _tell_but_offscreen(_kind: QtMsgType, _context: QMessageLogContext, message: str) -> None:
    if not message.startswith("This plugin does not support"):
        sys.stderr.write(f"{message}\n")


class Camera(QObject):
    """Takes the pictures one after the other, each when the window has come to rest."""

    def __init__(self, desktop: Desktop, folder: Path) -> None:
        super().__init__()
        self._desktop, self._folder = desktop, folder
        self._window = desktop.window
        self.taken = 0

    def take_everything(self) -> None:
        """Draw window, docks, pages and dialogs, then end the desktop."""
        screen = QApplication.primaryScreen().geometry()
        self._window.showNormal()
        self._window.setGeometry(screen)
        self._rest()
        self._select_something()
        for perspective in PERSPECTIVES:
            self._window.set_perspective(perspective.name)
            self._take(self._window, f"window-{perspective.name}")
        self._window.set_perspective("duty")
        for name, dock in self._window.docks.items():
            self._window.show_dock(dock)
            self._take(dock, f"dock-{name}")
        for name in self._window.page_names:
            self._open(name)
            self._take(self._window, f"page-{name}")
            self._desktop.context.nav.open("")
        for name in self._dialog_commands():
            self._take_dialog(name)
        self._desktop.end()

    def _open(self, page: str) -> None:
        """Open a page on a record; the preview shows who is inside."""
        if page == "preview":
            self._desktop.context.commands.call("evacuation-list")
        else:
            self._desktop.context.nav.open(page, self._window.samples().get(page))

    def _dialog_commands(self) -> list[str]:
        commands = self._desktop.context.commands
        return [c.name for c in commands if commands.is_registered(c.name) and c.name not in SKIPPED and "…" in c.title]

    def _take_dialog(self, command: str) -> None:
        self._desktop.context.commands.call(command)
        self._rest()
        for dialog in [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]:
            if not isinstance(dialog, QFileDialog):
                self._take(dialog, f"dialog-{command}")
            dialog.reject()

    def _select_something(self) -> None:
        """Select the worst device of a group, of one whose devices are in racks when there is such."""
        surface = self._window.docks["board"].surface  # type: ignore[attr-defined]
        for group in surface.board.groups:
            surface.select(surface.board.cells[group.first])
            self._rest()
            if "rack" in self._window.samples():
                break

    def _take(self, widget: QWidget, name: str) -> None:
        self._rest()
        widget.grab().save(str(self._folder / f"{name}.png"))
        self.taken += 1

    def _rest(self) -> None:
        """Let the window work until nothing has been asked of the database for a while."""
        loop = QEventLoop()
        quiet = QTimer()
        quiet.setSingleShot(True)
        quiet.setInterval(QUIET_MS)
        quiet.timeout.connect(loop.quit)
        on_busy: Callable[[bool], None] = lambda busy: quiet.stop() if busy else quiet.start()  # noqa: E731
        self._desktop.context.work.busy.connect(on_busy)
        QTimer.singleShot(PATIENCE_MS, loop.quit)
        if not self._desktop.context.work.is_busy:
            quiet.start()
        loop.exec()
        self._desktop.context.work.busy.disconnect(on_busy)
