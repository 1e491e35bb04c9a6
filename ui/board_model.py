"""The status board's order and places: pure, so that it can be tried without a window.

Devices stand in groups, worst first. Their states change in place; the order follows when the surface says that
nobody is pointing at it (`settle`).
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from app.board_row import BoardRow
from app.words import label
from models.enums import State

PAD = 10
GAP = 4
HEADER = 25
NO_CHECK = 255


class Grouping(Enum):
    CLASS = "class"
    PLACE = "place"
    SERVICE = "service"
    STATE = "state"


class Filter(NamedTuple):
    """Which devices are shown: every condition that is given must hold."""

    states: frozenset[State] = frozenset()
    group: str = ""
    service: str = ""
    words: tuple[str, ...] = ()

    def takes(self, row: BoardRow) -> bool:
        return (
            (not self.states or row.state in self.states)
            and (not self.group or row.group == self.group)
            and (not self.service or self.service in row.services)
            and all(word in row.search or word in row.name.casefold() for word in self.words)
        )


class Box(NamedTuple):
    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Group:
    """A heading with its stretch of cells; `top` is the heading's place, `rows` the tiles' rows under it."""

    title: str
    first: int
    count: int
    top: int
    rows: int


class Changes(NamedTuple):
    """What a patch brought: the newer rows by device, those of another state, and whether the order should follow."""

    fresh: dict[int, BoardRow]
    turned: list[int]
    is_unsettled: bool


class Board:
    """Devices by id, their order in cells, and where each cell is."""

    def __init__(self) -> None:
        self.rows: dict[int, BoardRow] = {}
        self.cells: list[int] = []
        self.groups: list[Group] = []
        self.columns = 1
        self.tile = Box(0, 0, 117, 46)
        self.height = 0
        self._grouping = Grouping.CLASS
        self._filter = Filter()
        self._order: list[tuple[str, list[int]]] = []
        self._cells_of: dict[int, list[int]] = {}
        self._tops: list[int] = []
        self._firsts: list[int] = []

    @property
    def grouping(self) -> Grouping:
        return self._grouping

    def set_rows(self, rows: Iterable[BoardRow]) -> None:
        """Show these devices and no others."""
        self.rows = {row.ci_id: row for row in rows}
        self.settle()

    def set_grouping(self, grouping: Grouping) -> None:
        self._grouping = grouping
        self.settle()

    def set_filter(self, wanted: Filter) -> None:
        self._filter = wanted
        self.settle()

    def patch(self, rows: Iterable[BoardRow]) -> Changes:
        """Put newer rows in place; nothing moves until `settle`."""
        fresh = {row.ci_id: row for row in rows}
        known, turned, is_unsettled = self.rows, list[int](), False
        for ci_id, row in fresh.items():
            before = known.get(ci_id)
            if before is None:
                is_unsettled = True
            elif before.state is not row.state:
                turned.append(ci_id)
        known.update(fresh)
        return Changes(fresh, turned, is_unsettled or bool(turned) or self._is_misplaced(fresh))

    def _is_misplaced(self, fresh: dict[int, BoardRow]) -> bool:
        """Return whether the filter now takes a device that is not shown, or no longer takes one that is."""
        if self._filter == Filter():
            return False
        takes, cells_of = self._filter.takes, self._cells_of
        return any((ci_id in cells_of) is not takes(row) for ci_id, row in fresh.items())

    def remove(self, ids: Iterable[int]) -> None:
        """Let devices go."""
        for ci_id in ids:
            self.rows.pop(ci_id, None)
        self.settle()

    def settle(self) -> None:
        """Bring groups and devices into order, worst first."""
        groups: dict[str, list[BoardRow]] = {}
        titles = _titles(self._grouping)
        is_whole = self._filter == Filter()
        for row in self.rows.values():
            if is_whole or self._filter.takes(row):
                for title in titles(row):
                    groups.setdefault(title, []).append(row)
        ranks = {state: state.rank for state in State}

        def worst_first(row: BoardRow) -> tuple[int, bool, str]:
            return ranks[row.state], not row.is_new, row.name

        for members in groups.values():
            members.sort(key=worst_first)
        ordered = sorted(groups.items(), key=lambda item: (item[1][0].state.rank, item[0]))
        self._order = [(title, [row.ci_id for row in members]) for title, members in ordered]
        self.cells = [ci_id for _, members in self._order for ci_id in members]
        self._cells_of = {}
        for cell, ci_id in enumerate(self.cells):
            self._cells_of.setdefault(ci_id, []).append(cell)
        self._place_groups()

    def lay_out(self, width: int, tile_width: int, tile_height: int) -> None:
        """Fit tiles at least `tile_width` wide into `width`; they share what is left over."""
        room = max(tile_width, width - 2 * PAD)
        self.columns = max(1, (room + GAP) // (tile_width + GAP))
        stretched = min((room + GAP) // self.columns - GAP, tile_width * 3 // 2)
        self.tile = Box(0, 0, stretched, tile_height)
        self._place_groups()

    def cell_box(self, cell: int) -> Box:
        """Return where a cell is, from the top of the whole board."""
        group = self.groups[bisect_right(self._firsts, cell) - 1]
        row, column = divmod(cell - group.first, self.columns)
        x = PAD + column * (self.tile.width + GAP)
        y = group.top + HEADER + row * (self.tile.height + GAP)
        return Box(x, y, self.tile.width, self.tile.height)

    def cell_at(self, x: int, y: int) -> int | None:
        """Return the cell at a place, or None between cells."""
        place = bisect_right(self._tops, y) - 1
        if place < 0:
            return None
        group = self.groups[place]
        row, below = divmod(y - group.top - HEADER, self.tile.height + GAP)
        column, beside = divmod(x - PAD, self.tile.width + GAP)
        is_on_tile = below < self.tile.height and beside < self.tile.width
        cell = row * self.columns + column
        if row < 0 or not 0 <= column < self.columns or not is_on_tile or cell >= group.count:
            return None
        return group.first + cell

    def cells_between(self, top: int, bottom: int) -> range:
        """Return the cells that may show between two heights (whole rows, so a few lie outside)."""
        if not self.groups or bottom <= top:
            return range(0)
        first = self.groups[max(0, bisect_right(self._tops, top) - 1)]
        last = self.groups[max(0, bisect_right(self._tops, bottom - 1) - 1)]
        pitch = self.tile.height + GAP
        start = first.first + max(0, (top - first.top - HEADER) // pitch) * self.columns
        end = last.first + (max(0, bottom - last.top - HEADER) // pitch + 1) * self.columns
        return range(min(start, first.first + first.count), min(end, last.first + last.count))

    def groups_between(self, top: int, bottom: int) -> Sequence[Group]:
        start = max(0, bisect_right(self._tops, top) - 1)
        end = bisect_right(self._tops, bottom)
        return self.groups[start:end]

    def cells_of(self, ci_id: int) -> Sequence[int]:
        """Return where a device stands: once, several times by service, or nowhere."""
        return self._cells_of.get(ci_id, ())

    def step(self, cell: int, across: int, down: int) -> int:
        """Return the cell that an arrow key leads to from `cell`; it stays where there is none."""
        if across:
            return min(max(cell + across, 0), len(self.cells) - 1)
        box = self.cell_box(cell)
        y = box.y + self.tile.height // 2
        pitch = self.tile.height + GAP
        for _ in range(3):
            y += down * pitch
            found = self._nearest_in_line(box.x, y)
            if found is not None and found != cell:
                return found
        return cell

    def counts(self) -> dict[State, int]:
        """Return how many devices there are by state, filter or not."""
        found = dict.fromkeys(State, 0)
        for row in self.rows.values():
            found[row.state] += 1
        return found

    def _nearest_in_line(self, x: int, y: int) -> int | None:
        column = (x - PAD) // (self.tile.width + GAP)
        for back in range(column, -1, -1):
            found = self.cell_at(PAD + back * (self.tile.width + GAP), y)
            if found is not None:
                return found
        return None

    def _place_groups(self) -> None:
        self.groups, first, top = [], 0, 0
        for title, members in self._order:
            rows = -(-len(members) // self.columns)
            self.groups.append(Group(title, first, len(members), top, rows))
            first += len(members)
            top += HEADER + rows * (self.tile.height + GAP)
        self._tops = [group.top for group in self.groups]
        self._firsts = [group.first for group in self.groups]
        self.height = top + GAP


def compressed(heartbeat: bytes, ticks: int) -> bytes:
    """Return `ticks` bytes, each the worst of its stretch of the heartbeat; NO_CHECK where nothing was checked."""
    if not heartbeat:
        return b""
    stretch = max(1, -(-len(heartbeat) // ticks))
    return bytes(min(heartbeat[at : at + stretch]) for at in range(0, len(heartbeat), stretch))


def _titles(grouping: Grouping) -> Callable[[BoardRow], Sequence[str]]:
    if grouping is Grouping.CLASS:
        return _by_class()
    if grouping is Grouping.PLACE:
        return lambda row: (row.place,)
    if grouping is Grouping.STATE:
        return lambda row: (label(row.state),)
    return lambda row: row.services or ("",)


def _by_class() -> Callable[[BoardRow], Sequence[str]]:
    """Return what names a row's group of classes, looked up once for each class rather than for each device."""
    titles: dict[str, tuple[str]] = {}

    def title(row: BoardRow) -> Sequence[str]:
        found = titles.get(row.class_name)
        if found is None:
            found = titles[row.class_name] = (row.group,)
        return found

    return title
