"""The seats: which programs run where, who sits there, with which version, and when each was last heard of."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.errors import WatchroomError
from app.times import to_local
from app.words import tr
from ui import list_files
from ui.context import Context
from ui.page import Page
from ui.rows import Column, Look, Tinted
from ui.subjects import seats
from ui.table import Table

if TYPE_CHECKING:
    from app.presence import SeatRow

LOOK_MS = 5_000


class SeatsPage(Page):
    """Every seat that was ever registered; those that are away are dimmed."""

    def __init__(self, context: Context) -> None:
        super().__init__("config", tr("Seats"), context)
        self.table = Table("seats", _columns(), context, is_dim=lambda row: not row.is_alive, parent=self)
        self.table.empty.say(tr("No program has been registered at a seat yet."))
        self.table.counted.connect(self.bar.count.setText)
        self.body.addWidget(self.table)
        self._looks = QTimer(self)
        self._looks.setInterval(LOOK_MS)
        self._looks.timeout.connect(self._look)
        self._looks.start()
        context.live.seats_changed.connect(self.refresh)
        context.live.reset.connect(self.refresh)

    def show_row(self, key: object) -> None:
        self.refresh()

    def refresh(self) -> None:
        self.context.work.read(seats.everything, done=self.table.set_rows, failed=self._fail, owner=self)

    def export(self) -> None:
        list_files.export(self.context, self, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def print_list(self) -> None:
        list_files.print_list(self.context, self.bar.title.text(), self.table.shown_columns(), self.table.rows.rows)

    def _look(self) -> None:
        """Follow the leases while the page is in sight: that a seat dies, nobody tells."""
        if self.isVisible():
            self.refresh()

    def _fail(self, error: WatchroomError) -> None:
        self.banners.error(error.sentence())


def _columns() -> tuple[Column, ...]:
    return (
        Column("name", tr("Seat"), lambda row: row.name, 120),
        Column("person", tr("Person"), lambda row: row.person or "—", 140, stretch=True),
        Column("state", tr("State"), _state, 100, look=_look_of),
        Column("seen", tr("Last seen"), lambda row: f"{to_local(row.seen_at):%m-%d %H:%M:%S}", 130),
        Column("version", tr("Program"), lambda row: row.program_version, 90),
        Column("address", tr("Address", context="ci"), lambda row: row.address, 220, stretch=True),
        Column("open", tr("Open records"), lambda row: str(len(row.shown)) if row.is_alive else "", 110, right=True),
    )


def _state(row: "SeatRow") -> str:
    return tr("At the desk") if row.is_alive else tr("Away")


def _look_of(row: "SeatRow") -> Look | None:
    return Tinted(_state(row), "normal" if row.is_alive else "secondary")
