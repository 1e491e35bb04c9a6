"""The tray: closing the window leaves program and collector here; the icon shows the worst state (DESIGN 5)."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from app.words import tr
from models.enums import State
from ui.shapes import Shapes

ICON = 22


class Tray(QObject):
    """The tray icon with its menu. Without a tray on this desktop `is_there` is False and nothing is shown."""

    open_asked = Signal()
    end_asked = Signal()

    def __init__(self, shapes: Shapes, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shapes = shapes
        self._icon = QSystemTrayIcon(self)
        self._menu = QMenu()
        self._menu.addAction(tr("Open Watchroom"), self.open_asked.emit)
        self._menu.addAction(tr("End Watchroom and stop watching"), self.end_asked.emit)
        self._icon.setContextMenu(self._menu)
        self._icon.activated.connect(self._activate)
        self.show_worst(State.UNKNOWN, "")

    @property
    def is_there(self) -> bool:
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show(self) -> None:
        if self.is_there:
            self._icon.show()

    def hide(self) -> None:
        self._icon.hide()

    def show_worst(self, state: State, words: str) -> None:
        """Paint the worst state's shape and say the counts as the tooltip."""
        self._icon.setIcon(QIcon(self._shapes.pixmap(state, ICON)))
        self._icon.setToolTip(words or tr("Watchroom"))

    def say(self, text: str) -> None:
        """Tell the person that the program is still here."""
        self._icon.showMessage(tr("Watchroom"), text, QSystemTrayIcon.MessageIcon.Information, 6_000)

    def _activate(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is not QSystemTrayIcon.ActivationReason.Context:
            self.open_asked.emit()
