"""A device's interfaces in the inspector: their figures move while they are seen."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ui.context import Context
from ui.docks.inspector_lists import interface_columns
from ui.subjects import charts
from ui.table import Table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.charts import InterfaceRow

LOOK_MS = 3_000
"""How often figures are read again: the feed tells of states, not of every sample."""


class Interfaces(Table):
    """The list of one device; it asks for the figures itself."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__("inspector-interfaces", interface_columns(), context, parent=parent)
        self._work = context.work
        self._ci_id: int | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(LOOK_MS)
        self._timer.timeout.connect(self._look)

    def show_interfaces(self, ci_id: int, rows: "Sequence[InterfaceRow]") -> None:
        """Show a device's interfaces and follow them from now on."""
        self._ci_id = ci_id
        self.set_rows(rows)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def _look(self) -> None:
        ci_id = self._ci_id
        if ci_id is None or not self.rows.rows or self.window().isMinimized():
            return

        def show(rows: "Sequence[InterfaceRow]") -> None:
            if ci_id == self._ci_id:
                self.set_rows(rows)

        self._work.read(charts.interfaces, ci_id, done=show, owner=self)
