"""The crash dialog: a bug shows its traceback, which can be copied; the program goes on."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QPlainTextEdit, QVBoxLayout, QWidget

from app.version import VERSION
from app.words import tr
from ui.labels import PlainLabel

SIZE = (720, 420)


def show_crash(traceback: str, parent: QWidget) -> QDialog:
    """Show a bug's traceback without blocking; return the dialog."""
    dialog = QDialog(parent)
    dialog.setObjectName("crash")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("Something went wrong in the program"))
    words = tr("This is a fault of the program, not of yours. What was saved is kept. Please pass the text on.")
    text = QPlainTextEdit(f"Watchroom {VERSION}\n{traceback}", dialog)
    text.setReadOnly(True)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, dialog)
    copy = buttons.addButton(tr("Copy"), QDialogButtonBox.ButtonRole.ActionRole)
    copy.clicked.connect(lambda: QGuiApplication.clipboard().setText(text.toPlainText()))
    buttons.rejected.connect(dialog.reject)
    layout = QVBoxLayout(dialog)
    layout.addWidget(PlainLabel(words, parent=dialog, wraps=True))
    layout.addWidget(text)
    layout.addWidget(buttons)
    dialog.resize(*SIZE)
    dialog.open()
    return dialog
