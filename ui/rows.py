"""Rows of a table: what a column shows, where pages come from, and the item model that keeps both in
place.
"""

from collections.abc import Callable, Container, Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from operator import ne
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from models.enums import State

COUNTED = 10_001
FRAME_MS = 16
MOST_RUNS = 100
"""Where more runs of rows would go, the list is shown anew: taking each out alone would take too long."""
SEARCHED = 500
"""Characters of a cell that a filter looks through in a list held in memory."""
AnyIndex = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()


class Pill(NamedTuple):
    """A cell as a pill: text in a token's colour, led by a state's shape where one is given."""

    text: str
    token: str = "secondary"
    state: State | None = None


class Ring(NamedTuple):
    """A cell as a clock running out: `part` (0..1) of a ring, then text, both in a token's colour."""

    part: float
    text: str
    token: str = "normal"


class Tinted(NamedTuple):
    """A cell whose text has a token's colour, led by a state's shape where one is given."""

    text: str
    token: str
    state: State | None = None


Look = Pill | Ring | Tinted


class Column(NamedTuple):
    """One column. `text` is what is copied, exported and read aloud; `look`, where given, is what is painted.

    `sort` names the order in the source's query (or, for rows held in memory, sorts by `value`, else by
    text).
    """

    key: str
    title: str
    text: Callable[[Any], str]
    width: int = 120
    right: bool = False
    look: Callable[[Any], Look | None] | None = None
    sort: str = ""
    value: Callable[[Any], Any] | None = None
    stretch: bool = False
    shown: bool = True
    drops: int = 0
    """How soon the column goes where there is no room for all, the highest first; 0 stays."""


class Call(NamedTuple):
    """A query with its arguments, run as `work.read(query, *args, **values)`."""

    query: Callable[..., Any]
    args: tuple[object, ...] = ()
    values: Mapping[str, Any] = MappingProxyType({})


class Ask(NamedTuple):
    """Which rows a table wants: the `limit` rows after the row `after` (None: the first ones) in the asked
    order.

    With `backwards` the `limit` rows before `after` (None: the last ones), still in the asked order.
    """

    text: str = ""
    chip: str = ""
    sort: str = ""
    descending: bool = False
    after: Any = None
    backwards: bool = False
    limit: int = 200


class Source(Protocol):
    """Where a paged table gets its rows; each method returns the query, which runs on a worker."""

    def page(self, ask: Ask) -> Call:
        """Return the query of a page: a sequence of rows."""
        ...

    def count(self, ask: Ask) -> Call | None:
        """Return the query of how many rows there are (counted up to COUNTED), or None to show no count."""
        ...


def identity(row: Any) -> Hashable:
    """Return the row's `id`, which most rows are known by."""
    key: Hashable = row.id
    return key


def held_in_order(rows: Sequence[Any], columns: Sequence[Column], ask: Ask) -> list[Any]:
    """Return the rows held in memory that contain the asked text, sorted as asked (as given when unasked)."""
    words = ask.text.casefold().split()
    found = [row for row in rows if not words or _has_words(row, columns, words)]
    column = next((column for column in columns if ask.sort in (column.sort, column.key) and ask.sort), None)
    if column is not None:
        found.sort(key=column.value or column.text, reverse=ask.descending)
    return found


def _has_words(row: Any, columns: Sequence[Column], words: Sequence[str]) -> bool:
    text = "\n".join(column.text(row)[:SEARCHED] for column in columns).casefold()
    return all(word in text for word in words)


def flat(text: str) -> str:
    """Return the text on one line without tabs, as a cell of what is copied."""
    return text.replace("\t", " ").replace("\r", " ").replace("\n", " ")


class Rows(QAbstractTableModel):
    """Frozen rows by key. Updates are gathered for a frame and announced once, so a thousand cost as one."""

    freshened = Signal(object)
    """The keys of rows that changed in place or came into a list that was shown already."""

    def __init__(
        self,
        columns: Sequence[Column],
        key: Callable[[Any], Hashable] = identity,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self.rows: list[Any] = []
        self.is_news: Callable[[Any, Any], bool] = ne
        """Whether a newer version of a row is worth a look."""
        self._key = key
        self._places: dict[Hashable, int] = {}
        self._pending: dict[Hashable, Any] = {}
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(FRAME_MS)
        self._timer.timeout.connect(self.flush)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        column = self.columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.text(self.rows[index.row()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title}: {column.text(self.rows[index.row()])}"
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def key_of(self, row: Any) -> Hashable:
        return self._key(row)

    def place(self, key: Hashable) -> int | None:
        """Return the row number of a key, or None when it is not loaded."""
        return self._places.get(key)

    def row(self, key: Hashable) -> Any | None:
        place = self._places.get(key)
        return None if place is None else self.rows[place]

    def reset(self, rows: Iterable[Any]) -> None:
        """Show these rows and no others; selection and place are lost, so this is for another question
        only.
        """
        self.beginResetModel()
        self._pending.clear()
        self.rows = list(rows)
        self._index()
        self.endResetModel()

    def patch(self, rows: Iterable[Any]) -> None:
        """Put newer versions of rows in the place of the old at the end of the frame; rows not loaded are
        passed over.
        """
        key, places, pending = self._key, self._places, self._pending
        for row in rows:
            known = key(row)
            if known in places:
                pending[known] = row
        if pending and not self._timer.isActive():
            self._timer.start()

    def flush(self) -> None:
        """Put the gathered updates in place now and announce them as one range."""
        self._timer.stop()
        pending, self._pending = self._pending, {}
        places, rows = self._places, self.rows
        touched, news = [], []
        for known, row in pending.items():
            place = places.get(known)
            if place is not None:
                if self.is_news(rows[place], row):
                    news.append(known)
                rows[place] = row
                touched.append(place)
        if touched:
            last = len(self.columns) - 1
            self.dataChanged.emit(self.index(min(touched), 0), self.index(max(touched), last))
        if news:
            self.freshened.emit(news)

    def insert(self, at: int, rows: Sequence[Any]) -> None:
        """Insert rows before row number `at`."""
        if not rows:
            return
        self.beginInsertRows(NOWHERE, at, at + len(rows) - 1)
        self.rows[at:at] = rows
        self._index()
        self.endInsertRows()

    def cut(self, first: int, last: int) -> None:
        """Let go of the rows from `first` up to and without `last`."""
        if last <= first:
            return
        self.beginRemoveRows(NOWHERE, first, last - 1)
        del self.rows[first:last]
        self._index()
        self.endRemoveRows()

    def remove(self, keys: Iterable[Hashable]) -> None:
        places = sorted((self._places[key] for key in keys if key in self._places), reverse=True)
        runs: list[list[int]] = []
        for place in places:
            if runs and place == runs[-1][0] - 1:
                runs[-1][0] = place
            else:
                runs.append([place, place + 1])
        for first, last in runs:
            self.cut(first, last)

    def merge(self, rows: Sequence[Any]) -> None:
        """Show exactly these rows in this order, changing only what differs: selection stays with its
        rows.
        """
        self.flush()
        wanted = {self._key(row): row for row in rows}
        if self._parted_by(wanted) > MOST_RUNS:
            self.reset(rows)
            return
        came = [key for key in wanted if key not in self._places] if self.rows else []
        self.remove([key for key in self._places if key not in wanted])
        self._reorder([key for key in wanted if key in self._places])
        at = 0
        fresh: list[Any] = []
        for key, row in wanted.items():
            if key in self._places:
                self.insert(at, fresh)
                at += len(fresh) + 1
                fresh = []
            else:
                fresh.append(row)
        self.insert(at, fresh)
        self.patch(row for key, row in wanted.items() if self.row(key) != row)
        self.flush()
        if came:
            self.freshened.emit(came)

    def _parted_by(self, wanted: Container[Hashable]) -> int:
        """Return in how many runs the rows that are not wanted would go."""
        is_kept = [key in wanted for key in self._places]
        return sum(1 for before, after in pairwise([True, *is_kept]) if before and not after)

    def _reorder(self, order: list[Hashable]) -> None:
        """Bring the loaded rows into `order`, which names each of them; persistent indexes follow their
        rows.
        """
        if order == list(self._places):
            return
        self.layoutAboutToBeChanged.emit()
        old = self.persistentIndexList()
        keys = [self._key(self.rows[index.row()]) for index in old]
        self.rows = [self.rows[self._places[key]] for key in order]
        self._index()
        new = [self.index(self._places[key], index.column()) for key, index in zip(keys, old, strict=True)]
        self.changePersistentIndexList(old, new)
        self.layoutChanged.emit()

    def _index(self) -> None:
        key = self._key
        self._places = {key(row): place for place, row in enumerate(self.rows)}
