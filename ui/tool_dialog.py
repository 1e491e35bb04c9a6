"""Shows a tool's lines as they come (ping, traceroute, a port), stops it, and begins it again."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QPushButton, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.context import Context
from ui.work import Job

SIZE = (560, 340)
LINES_KEPT = 2_000


class ToolDialog(QDialog):
    """A window of plain lines that can be selected and copied; closing it stops the tool."""

    def __init__(
        self, title: str, tool: Callable[..., Any], args: tuple[object, ...], context: Context, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tool-dialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.context, self._tool, self._args = context, tool, args
        self._job: Job | None = None
        self.lines = QPlainTextEdit(self)
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(LINES_KEPT)
        self.lines.setAccessibleName(title)
        self.buttons = QDialogButtonBox(self)
        self.run_button = self._add_button("", QDialogButtonBox.ButtonRole.ActionRole, self.turn)
        self._add_button(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole, self.copy)
        self._add_button(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole, self.close)
        self.column = QVBoxLayout(self)
        self.column.addWidget(self.lines, 1)
        self.column.addWidget(self.buttons)
        self.resize(*SIZE)

    @property
    def is_running(self) -> bool:
        return self._job is not None

    def begin(self) -> None:
        """Show the window and start the tool on a worker."""
        self.show()
        self.start()

    def start(self) -> None:
        """Start the tool anew."""
        self._job = self.context.work.run(
            self._tool, *self._args, progress=self._tell, done=self._end, failed=self._fail, owner=self
        )
        self._show_way()

    def stop(self) -> None:
        """Stop the tool; what it said stays."""
        if self._job is not None:
            self._job.cancel()
        self._end(None)

    def turn(self) -> None:
        """Stop what runs, start what does not."""
        if self.is_running:
            self.stop()
        else:
            self.start()

    def copy(self) -> None:
        """Put what is selected, else every line, on the clipboard."""
        chosen = self.lines.textCursor().selectedText().replace("\u2029", "\n")
        QGuiApplication.clipboard().setText(chosen or self.lines.toPlainText())

    def closeEvent(self, event: QCloseEvent) -> None:
        self.stop()
        super().closeEvent(event)

    def _add_button(self, text: str, role: QDialogButtonBox.ButtonRole, what: Callable[..., object]) -> QPushButton:
        button = self.buttons.addButton(text, role)
        button.setAutoDefault(False)
        button.clicked.connect(what)
        return button

    def _tell(self, _part: float, text: str) -> None:
        if text:
            self.lines.appendPlainText(text)

    def _end(self, _nothing: object) -> None:
        self._job = None
        self._show_way()

    def _fail(self, error: WatchroomError) -> None:
        self.lines.appendPlainText(error.sentence())
        self._end(None)

    def _show_way(self) -> None:
        self.run_button.setText(tr("Stop") if self.is_running else tr("Start again"))
