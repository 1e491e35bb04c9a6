"""Shows a tool's lines as they come (ping, traceroute, a port), and stops it."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.errors import WatchroomError
from app.words import tr
from ui.context import Context
from ui.work import Job

SIZE = (560, 340)


class ToolDialog(QDialog):
    """A window of plain lines; closing it stops the tool."""

    def __init__(
        self, title: str, tool: Callable[..., Any], args: tuple[object, ...], context: Context, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("tool-dialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._context, self._tool, self._args = context, tool, args
        self._job: Job | None = None
        self.lines = QPlainTextEdit(self)
        self.lines.setReadOnly(True)
        self.lines.setAccessibleName(title)
        buttons = QDialogButtonBox(self)
        close = buttons.addButton(tr("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        close.clicked.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.lines)
        layout.addWidget(buttons)
        self.resize(*SIZE)

    def begin(self) -> None:
        """Show the window and start the tool on a worker."""
        self.show()
        self._job = self._context.work.run(self._tool, *self._args, progress=self._tell, failed=self._fail, owner=self)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._job is not None:
            self._job.cancel()
        super().closeEvent(event)

    def _tell(self, _part: float, text: str) -> None:
        if text:
            self.lines.appendPlainText(text)

    def _fail(self, error: WatchroomError) -> None:
        self.lines.appendPlainText(error.sentence())
