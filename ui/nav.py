"""Where the person is: what is selected and which page is open, with the way back."""

from typing import NamedTuple

from PySide6.QtCore import QObject, Signal

REMEMBERED = 100


class Spot(NamedTuple):
    """A place to come back to: something selected (`page` empty) or a page, with the row that it shows."""

    kind: str
    key: object
    page: str = ""


class Nav(QObject):
    """Selections and pages, announced to whoever follows them; calls go down to here, signals come up."""

    selected = Signal(str, object)
    """Kind ("ci", "incident", "visit", "backup_run" ...) and key of what the inspector shows."""
    opened = Signal(str, object)
    """Name of a page and the row that it is to show (or None); an empty name is the panels themselves."""
    perspective_changed = Signal(str)
    """duty, desk, room, inspection, manage or wall is in force now."""
    moved = Signal()
    """The way back or forward has changed."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._spots: list[Spot] = []
        self._at = -1

    @property
    def spot(self) -> Spot | None:
        return self._spots[self._at] if self._spots else None

    @property
    def can_go_back(self) -> bool:
        return self._at > 0

    @property
    def can_go_forward(self) -> bool:
        return self._at < len(self._spots) - 1

    def select(self, kind: str, key: object) -> None:
        """Show one thing in the inspector."""
        self._visit(Spot(kind, key))

    def open(self, page: str, key: object = None) -> None:
        """Open a page in the centre; an empty name returns to the panels."""
        self._visit(Spot("", key, page))

    def back(self) -> None:
        if self.can_go_back:
            self._go(self._at - 1)

    def forward(self) -> None:
        if self.can_go_forward:
            self._go(self._at + 1)

    def _visit(self, spot: Spot) -> None:
        if spot != self.spot:
            del self._spots[self._at + 1 :]
            self._spots.append(spot)
            del self._spots[:-REMEMBERED]
            self._at = len(self._spots) - 1
        self._announce(spot)

    def _go(self, at: int) -> None:
        self._at = at
        self._announce(self._spots[at])

    def _announce(self, spot: Spot) -> None:
        if spot.kind:
            self.selected.emit(spot.kind, spot.key)
        else:
            self.opened.emit(spot.page, spot.key)
        self.moved.emit()
