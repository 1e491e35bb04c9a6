"""Handing the history to a Prometheus-compatible store: what is fresh goes there in order, and waits here meanwhile.

The fresh rows are the spool: written with the batch itself, they outlive any crash, and an hour that could not be sent
for too long is packed here like any other. The store's own copy of the last row's id goes with the samples in one
request, so neither a lost answer nor another collector taking over sends anything twice.
"""

import asyncio
import contextlib
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final, Protocol

import numpy as np

from app.collector.history import fresh, wire
from app.collector.history.far import places
from app.collector.history.packing import Seconds, Values
from app.collector.history.remote import MARK, NotTaken, Place, Remote, last_mark, set_up, write
from app.collector.history.store import History
from app.database import Database, collector_identity
from app.errors import WatchroomError
from app.trouble import worded

ROUND_S: Final = 5.0
LONGEST_PAUSE_S: Final = 60.0
LAG_S: Final = 30.0
"""How long rows of a shared database rest: one with a lower id may still be on its way in another transaction."""
ROWS_AT_ONCE: Final = 200
REQUESTS_A_PARCEL: Final = 100
"""How finely a refused parcel is halved to find what can't be taken."""
_SERIES_AT_ONCE: Final = 1000

InDatabase = Callable[..., Awaitable[Any]]


class Source(Protocol):
    """The collector's own store, as far as sending needs it."""

    @property
    def history(self) -> History: ...

    @property
    def leads(self) -> bool:
        """Tell whether this collector does what is to be done once for all."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """Samples in order of series and time, and the fresh row with which they end."""

    mark: int
    ids: fresh.Ids
    at: Seconds
    values: Values

    def part(self, which: slice) -> "Parcel":
        return Parcel(0, self.ids[which], self.at[which], self.values[which])

    def __len__(self) -> int:
        return len(self.ids)


class Sender:
    """`run` belongs to the event loop, `follow` and `take` to the database's thread, `send` to one that may wait."""

    def __init__(self, database: Database, source: Source, lag_s: float = LAG_S) -> None:
        self.trouble = ""
        self._desk = database.desk(collector_identity(), socket.gethostname())
        self._engine = database.engine
        self._lag_s = 0.0 if database.is_embedded else lag_s
        self._source = source
        self._remote: Remote | None = None
        self._places: dict[int, Place] = {}
        self._seen: deque[tuple[float, int]] = deque()
        self._pause_s = ROUND_S
        self._marked_ms = 0

    async def run(self, in_database: InDatabase, executor: Executor, ending: asyncio.Event) -> None:
        """Send what comes until `ending`; the rest waits in the database for the next time."""
        while not ending.is_set():
            try:
                await self.turn(in_database, executor)
                self._pause_s = ROUND_S
            except WatchroomError as away:
                self.trouble = away.sentence()
                self._source.history.delivery.mark = None
                self._pause_s = min(self._pause_s * 2, LONGEST_PAUSE_S)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), self._pause_s)

    async def turn(self, in_database: InDatabase, executor: Executor | None) -> None:
        """Send all that waits. Raises StoreAway, and BadInput for a set-up that can't be used."""
        delivery = self._source.history.delivery
        remote = await in_database(self.follow)
        if remote is None or not self._source.leads:
            self.trouble = ""
            return
        loop = asyncio.get_running_loop()
        if delivery.mark is None:
            delivery.mark = await loop.run_in_executor(executor, last_mark, remote)
        trouble = ""
        while (parcel := await in_database(self.take)) is not None:
            refused, why = await loop.run_in_executor(executor, self.send, remote, parcel)
            if len(refused):
                await in_database(self._source.history.keep_here, refused.ids, refused.at, refused.values)
                trouble = why
            delivery.mark = parcel.mark
        self.trouble = trouble

    def follow(self) -> Remote | None:
        """Read what people set up; a store that is another one is asked anew how far it is."""
        remote = self._desk.read(set_up)
        delivery = self._source.history.delivery
        if remote != self._remote:
            self._remote, delivery.mark = remote, None
        delivery.hours = remote.spool_hours if remote is not None else 0
        return remote

    @worded()
    def take(self) -> Parcel | None:
        """Return the next samples to send, None when there are none yet."""
        mark = self._source.history.delivery.mark or 0
        with self._engine.connect() as connection:
            last, ids, at, values = fresh.between(
                connection, mark, self._rested(fresh.newest_row(connection)), ROWS_AT_ONCE
            )
            missing = sorted(set(np.unique(ids).tolist()) - self._places.keys())
            for start in range(0, len(missing), _SERIES_AT_ONCE):
                self._places |= places(connection, missing[start : start + _SERIES_AT_ONCE])
        if last == mark:
            return None
        order = np.lexsort((at, ids))
        ids, at, values = ids[order], at[order], values[order]
        is_last = np.append((ids[1:] != ids[:-1]) | (at[1:] != at[:-1]), True)
        return Parcel(last, ids[is_last], at[is_last], values[is_last])

    def send(self, remote: Remote, parcel: Parcel) -> tuple[Parcel, str]:
        """Write a parcel to the store; return what it refused and why. Raises StoreAway."""
        try:
            write(remote, self._request(remote, parcel))
            return parcel.part(slice(0)), ""
        except NotTaken as refused:
            why = refused.sentence()
        left, bad, tries = [parcel.part(slice(None))], list[Parcel](), 0
        while left:
            part = left.pop()
            tries += 1
            try:
                if tries > REQUESTS_A_PARCEL:
                    raise NotTaken("")
                write(remote, self._request(remote, part))
            except NotTaken:
                middle = len(part) // 2
                halves = (part.part(slice(middle, None)), part.part(slice(middle)))
                (left.extend if middle and tries < REQUESTS_A_PARCEL else bad.extend)(halves)
        with contextlib.suppress(NotTaken):
            write(remote, wire.request([self._marked(remote, parcel)]))
        return _joined(bad), why

    def _request(self, remote: Remote, parcel: Parcel) -> bytes:
        return wire.request(self._series(remote, parcel))

    def _series(self, remote: Remote, parcel: Parcel) -> Iterable[bytes]:
        starts = np.flatnonzero(np.diff(parcel.ids, prepend=-1)).tolist()
        for start, end in zip(starts, [*starts[1:], len(parcel)][: len(starts)], strict=True):
            place = self._places.get(int(parcel.ids[start]))
            at, values = parcel.at[start:end] * 1000, parcel.values[start:end]
            if place is None:
                continue  # the series' transaction was undone
            there = ~np.isnan(values)
            if there.any():
                yield wire.series(wire.labels(place.labels(remote.job)), at[there], values[there])
            if not there.all():
                yield wire.series(wire.labels(place.absent(remote.job)), at[~there], np.ones(int((~there).sum())))
        if parcel.mark:
            yield self._marked(remote, parcel)

    def _marked(self, remote: Remote, parcel: Parcel) -> bytes:
        """Return the mark at the time of the newest sample: stamped later, it makes a store refuse a backlog as old."""
        newest = int(parcel.at.max()) * 1000 if len(parcel) else 0
        self._marked_ms = max(self._marked_ms + 1, newest)
        at, values = np.array([self._marked_ms]), np.array([float(parcel.mark)])
        return wire.series(wire.labels({"__name__": MARK, "job": remote.job}), at, values)

    def _rested(self, newest: int) -> int:
        """Return the newest row of `_lag_s` ago."""
        if not self._lag_s:
            return newest
        now = time.monotonic()
        self._seen.append((now, newest))
        while len(self._seen) > 1 and self._seen[1][0] <= now - self._lag_s:
            self._seen.popleft()
        seen_at, row = self._seen[0]
        return row if seen_at <= now - self._lag_s else 0


def _joined(parts: list[Parcel]) -> Parcel:
    """Return the parts, which are disjoint, as one in order of series and time."""
    columns = ([part.ids for part in parts], [part.at for part in parts], [part.values for part in parts])
    ids = np.concatenate([np.empty(0, np.int64), *columns[0]])
    at = np.concatenate([np.empty(0, np.int64), *columns[1]])
    values = np.concatenate([np.empty(0), *columns[2]])
    order = np.lexsort((at, ids))
    return Parcel(0, ids[order], at[order], values[order])
