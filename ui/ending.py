"""Ending without a tray: asks, and names what will no longer be watched (DESIGN 5)."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QVBoxLayout, QWidget

from app.words import tr, trn
from ui.context import Context
from ui.labels import PlainLabel
from ui.subjects import devices

WIDTH = 460
NAMED = 8


def ask_end(context: Context, parent: QWidget, end: Callable[[], object], minimise: Callable[[], object]) -> QDialog:
    """Ask whether to stop watching; `end` or `minimise` is called by what is chosen. Returns the dialog at once."""
    dialog = QDialog(parent)
    dialog.setObjectName("ending")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(tr("End Watchroom?"))
    words = PlainLabel(tr("This desktop has no tray. When the program ends, nothing here is watched."), wraps=True)
    watched = PlainLabel("", "secondary", wraps=True)
    buttons = QDialogButtonBox(dialog)
    keep = buttons.addButton(tr("Keep watching, minimised"), QDialogButtonBox.ButtonRole.RejectRole)
    stop = buttons.addButton(tr("End and stop watching"), QDialogButtonBox.ButtonRole.DestructiveRole)
    keep.setProperty("main", True)
    keep.setDefault(True)
    keep.clicked.connect(dialog.reject)
    keep.clicked.connect(minimise)
    stop.clicked.connect(dialog.accept)
    stop.clicked.connect(end)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(16, 12, 16, 12)
    for widget in (words, watched, buttons):
        layout.addWidget(widget)
    dialog.resize(WIDTH, dialog.sizeHint().height())
    context.work.read(devices.board, done=lambda rows: watched.setText(_named(rows)), owner=dialog)
    dialog.open()
    return dialog


def _named(rows: list[object]) -> str:
    """Return the words for what is watched now: how many devices, and some of their names."""
    names = sorted(str(getattr(row, "name", "")) for row in rows)
    some = "、".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")
    return trn("Watched now: {n} device ({names})", "Watched now: {n} devices ({names})", len(names), names=some)
