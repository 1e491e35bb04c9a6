"""The queue's table: pages from the database, clocks that repaint alone."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from ui.docks.incident_columns import CLOCK
from ui.rows import Ask, Call
from ui.subjects import incidents
from ui.table import Table

FIRST_TAB = "open"
NOT_ON_WALL = ("number", "source", "answer")


class Queue:
    """Where the table's pages come from."""

    def page(self, ask: Ask) -> Call:
        values = {
            "sort": ask.sort or "happened",
            "descending": ask.descending,
            "after": ask.after,
            "backwards": ask.backwards,
            "limit": ask.limit,
        }
        return Call(incidents.page, (ask.chip or FIRST_TAB, ask.text), values)

    def count(self, ask: Ask) -> Call:
        return Call(incidents.count, (ask.chip or FIRST_TAB, ask.text))


def is_first(ask: Ask) -> bool:
    """Tell whether `ask` is the question that the queue opens with."""
    return ask._replace(chip=ask.chip or FIRST_TAB) == Ask(chip=FIRST_TAB, sort="happened", descending=True)


class QueueTable(Table):
    """The table of the queue; Space previews."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Space and self.current_row is not None:
            self.activated_row.emit(self.current_row)
            return
        super().keyPressEvent(event)

    def repaint_clocks(self) -> None:
        """Repaint the clock's cells of the rows that are on the screen and still run."""
        at = next(place for place, column in enumerate(self.rows.columns) if column.key == CLOCK)
        if self.isColumnHidden(at) or not self.rows.rows:
            return
        first, last = max(0, self.rowAt(0)), self.rowAt(self.viewport().height() - 1)
        for number in range(first, (last if last >= 0 else len(self.rows.rows) - 1) + 1):
            if self.rows.rows[number].is_unacknowledged:
                self.viewport().update(self.visualRect(self.rows.index(number, at)))
