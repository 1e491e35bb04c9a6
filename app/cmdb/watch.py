"""What the watch says of many configuration items at once, and when that is too old to be believed."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from app.desk import ReadTx
from models.cmdb import Ci
from models.enums import State
from models.monitoring import DeviceBeat, DeviceState

STALE_AFTER_INTERVALS = 2


@dataclass(slots=True)
class Tally:
    """How many configuration items, the worst state among those that are watched, whether one of these is stale."""

    count: int = 0
    state: State | None = None
    is_stale: bool = False

    def add(self, other: "Tally") -> None:
        self.count += other.count
        self.state = worst(self.state, other.state)
        self.is_stale = self.is_stale or other.is_stale


@dataclass(slots=True)
class Tallies:
    """Tallies by key; a key that nothing fell under is empty."""

    by_key: dict[Hashable, Tally] = field(default_factory=dict)

    def __getitem__(self, key: Hashable) -> Tally:
        return self.by_key.get(key) or Tally()

    def add(self, key: Hashable, tally: Tally) -> None:
        self.by_key.setdefault(key, Tally()).add(tally)


def worst(first: State | None, second: State | None) -> State | None:
    """Return the worse of two states; None is no state at all."""
    if first is None or second is None:
        return first or second
    return min(first, second, key=lambda state: state.rank)


def is_stale(tx: ReadTx, checked_at: datetime | None, interval_s: int | None) -> bool:
    """Tell whether a look is older than twice its interval (UX rule 1)."""
    if checked_at is None or interval_s is None:
        return False
    return tx.now - checked_at > timedelta(seconds=STALE_AFTER_INTERVALS * interval_s)


def tallies(tx: ReadTx, by: ColumnElement[Any]) -> Tallies:
    """Return the tallies of all configuration items that are not void, grouped by one column, in one query."""
    query = (
        select(
            by.label("key"),
            DeviceState.state,
            DeviceState.interval_s,
            func.count().label("many"),
            func.min(DeviceBeat.checked_at).label("oldest"),
        )
        .select_from(Ci)
        .outerjoin(DeviceState, DeviceState.ci_id == Ci.id)
        .outerjoin(DeviceBeat, DeviceBeat.ci_id == Ci.id)
        .where(Ci.voided_at.is_(None))
        .group_by(by, DeviceState.state, DeviceState.interval_s)
    )
    return _gathered(tx, query)


def states_of(tx: ReadTx, ids: Iterable[int]) -> Mapping[int, Tally]:
    """Return the state of each of these configuration items."""
    columns = (DeviceState.ci_id, DeviceState.state, DeviceBeat.checked_at, DeviceState.interval_s)
    wanted = list(ids)
    found: dict[int, Tally] = {}
    for start in range(0, len(wanted), 500):
        query = select(*columns).outerjoin(DeviceBeat, DeviceBeat.ci_id == DeviceState.ci_id)
        query = query.where(DeviceState.ci_id.in_(wanted[start : start + 500]))
        for ci_id, state, checked_at, interval_s in tx.session.execute(query):
            found[ci_id] = Tally(1, state, is_stale(tx, checked_at, interval_s))
    return found


def _gathered(tx: ReadTx, query: Select[Any]) -> Tallies:
    gathered = Tallies()
    for row in tx.session.execute(query):
        stale = row.state is not None and is_stale(tx, row.oldest, row.interval_s)
        gathered.add(row.key, Tally(row.many, row.state, stale))
    return gathered
