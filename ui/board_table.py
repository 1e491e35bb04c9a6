"""The board as a table: the same devices, a row each."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.board_row import BoardRow
from app.ci_classes import class_of
from app.times import moment
from app.words import label, tr
from ui.context import Context
from ui.rows import Column, Pill
from ui.table import Table


def columns() -> list[Column]:
    """Return the board table's columns."""
    return [
        Column("state", tr("State"), lambda row: label(row.state), width=96, look=_pill, value=_rank),
        Column("name", tr("Device"), lambda row: row.name, width=170),
        Column("class", tr("Class", context="ci"), lambda row: class_of(row.class_name).label, width=110, drops=2),
        Column("place", tr("Place"), lambda row: row.place, width=120, drops=1),
        Column("address", tr("Address", context="ci"), lambda row: row.address, width=130, drops=3),
        Column("value", tr("Value"), lambda row: row.value, width=110),
        Column("summary", tr("What is seen"), lambda row: row.summary or _affected(row), width=260, stretch=True),
        Column("since", tr("Since"), lambda row: _moment(row.since), width=120, drops=4),
        Column("checked", tr("Last check"), lambda row: _moment(row.checked_at), width=120, drops=5),
    ]


class BoardTable(QWidget):
    """A table of devices, worst first unless a header says otherwise."""

    selected = Signal(int)
    activated = Signal(int)
    menu_asked = Signal(int, QPoint)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = Table("board", columns(), context, key=_key, sort="state", parent=self)
        self.table.rows.is_news = lambda before, after: before.state is not after.state
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self.table.current_row_changed.connect(lambda row: self.selected.emit(row.ci_id) if row else None)
        self.table.activated_row.connect(lambda row: self.activated.emit(row.ci_id))
        self.table.menu_asked.connect(self._ask_menu)

    def show_devices(self, rows: Sequence[BoardRow]) -> None:
        """Show these devices and no others."""
        self.table.set_rows(rows)

    def _ask_menu(self, row: BoardRow | None, place: QPoint) -> None:
        if row is not None:
            self.menu_asked.emit(row.ci_id, place)

    def patch(self, rows: Iterable[BoardRow]) -> None:
        """Put newer rows in place."""
        self.table.patch(rows)


def _key(row: Any) -> int:
    return int(row.ci_id)


def _rank(row: Any) -> tuple[int, str]:
    return row.state.rank, row.name


def _pill(row: BoardRow) -> Pill:
    return Pill(label(row.state), row.state.value, row.state)


def _moment(when: datetime | None) -> str:
    return moment(when) if when else ""


def _affected(row: BoardRow) -> str:
    return tr("Affected by {name}", name=row.affected_by) if row.affected_by else ""
