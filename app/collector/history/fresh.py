"""Samples of hours that are not packed yet: a row for each batch, hour and block of series, columns within.

A row a sample costs an insertion each; a batch of ten thousand hosts is twenty of these. Series are numbered as devices
come, so a block holds whole devices, and one series is found among the rows of its own block alone.
"""

import time
from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, bindparam, delete, func, insert, select

from app.collector.history.packing import Damaged, Samples, Seconds, Values, merged
from app.collector.history.rollup import HOUR_S
from models.history import FIRST_SECOND, LAST_SECOND, fresh

BLOCK: Final = 1024
"""Series whose samples lie together."""

_LARGEST: Final = 1e38
_SAMPLE_SIZE: Final = 16

Ids = NDArray[np.int64]


def write(connection: Connection, ids: Ids, at: Seconds, values: Values) -> int:
    """Keep sample n of series `ids[n]`; return how many there are.

    Figures that are no finite number become holes; samples of times outside 2000..2100 are left out.
    """
    inside = (at >= FIRST_SECOND) & (at < LAST_SECOND)
    if not inside.all():
        ids, at, values = ids[inside], at[inside], values[inside]
    if not len(ids):
        return 0
    with np.errstate(invalid="ignore"):
        values = np.where(np.abs(values) < _LARGEST, values, np.nan)
    hours, blocks = at // HOUR_S * HOUR_S, ids // BLOCK
    rows: list[dict[str, Any]] = []
    for places in _runs(hours * (int(blocks.max()) + 1) + blocks):
        part = ids[places], at[places], values[places]
        key = {"block": int(blocks[places[0]]), "hour": int(hours[places[0]]), "newest": int(part[1].max())}
        rows.append({**key, "data": _joined(*part)})
    connection.execute(insert(fresh), _numbered(connection, rows))
    return len(ids)


def _numbered(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return rows whose ids never come again: SQLite by itself would begin at 1 once all was packed."""
    if connection.dialect.name != "sqlite":
        return rows
    first = max(newest_row(connection) + 1, int(time.time() * 1000))
    return [{"id": number, **row} for number, row in enumerate(rows, first)]


def read(connection: Connection, series_id: int, first: int, end: int) -> Samples:
    """Return the series' samples from second `first` (included) to `end` (excluded), of two in one second the later."""
    return read_many(connection, (series_id,), first, end)[series_id]


def read_many(connection: Connection, series_ids: Collection[int], first: int, end: int) -> dict[int, Samples]:
    """Return what `read` gives of each series; those that lie together are found in one pass."""
    query = (
        select(fresh.c.data)
        .where(fresh.c.block.in_({one // BLOCK for one in series_ids}), fresh.c.hour > first - HOUR_S)
        .where(fresh.c.hour < end, fresh.c.newest >= first)
        .order_by(fresh.c.id)
    )
    ids, at, values = _apart(connection.execute(query).scalars())
    inside = np.isin(ids, list(series_ids)) & (at >= first) & (at < end)
    ids, at, values = ids[inside], at[inside], values[inside]
    return {one: merged(Samples(at[ids == one], values[ids == one])) for one in series_ids}


def newest(connection: Connection, series_ids: Collection[int], since: int) -> dict[int, tuple[int, float]]:
    """Return when and what the last sample of each series was that has a figure, from second `since` on."""
    query = (
        select(fresh.c.data)
        .where(fresh.c.block.in_({one // BLOCK for one in series_ids}), fresh.c.newest >= since)
        .order_by(fresh.c.id)
    )
    ids, at, values = _apart(connection.execute(query).scalars())
    wanted = np.isin(ids, list(series_ids)) & (at >= since) & ~np.isnan(values)
    ids, at, values = ids[wanted], at[wanted], values[wanted]
    order = np.argsort(at, kind="stable")
    columns = (ids[order].tolist(), at[order].tolist(), values[order].tolist())
    return {one: (second, value) for one, second, value in zip(*columns, strict=True)}


def oldest_hour(connection: Connection, after: int = FIRST_SECOND - 1) -> int | None:
    """Return the first hour that begins after second `after` and has samples."""
    hour: int | None = connection.scalar(select(func.min(fresh.c.hour)).where(fresh.c.hour > after))
    return hour


def newest_row(connection: Connection) -> int:
    return connection.scalar(select(func.max(fresh.c.id))) or 0


def newest_row_of(connection: Connection, hour: int) -> int:
    return connection.scalar(select(func.max(fresh.c.id)).where(fresh.c.hour == hour)) or 0


def between(connection: Connection, after: int, until: int, rows: int) -> tuple[int, Ids, Seconds, Values]:
    """Return the samples of at most so many `rows` with ids above `after` up to `until`, and the last row's id."""
    query = select(fresh.c.id, fresh.c.data).where(fresh.c.id > after, fresh.c.id <= until)
    found = connection.execute(query.order_by(fresh.c.id).limit(rows)).all()
    return (found[-1].id if found else after), *_apart(row.data for row in found)


def drop_hour(connection: Connection, hour: int, until: int) -> int:
    """Delete the rows of an hour with ids up to `until`; return how many went."""
    return connection.execute(delete(fresh).where(fresh.c.hour == hour, fresh.c.id <= until)).rowcount


def of_hour(connection: Connection, hour: int) -> tuple[dict[int, Samples], list[int]]:
    """Return the samples of an hour by series, in order of time, and the rows that they came from."""
    rows = connection.execute(select(fresh.c.id, fresh.c.data).where(fresh.c.hour == hour).order_by(fresh.c.id)).all()
    if not rows:
        return {}, []
    ids, at, values = _apart(row.data for row in rows)
    order = np.lexsort((at, ids))
    ids, at, values = ids[order], at[order], values[order]
    starts = np.flatnonzero(np.append(True, ids[1:] != ids[:-1]))
    ends = np.append(starts[1:], len(ids))
    spans = zip(starts.tolist(), ends.tolist(), strict=True)
    parts = {int(ids[start]): merged(Samples(at[start:end], values[start:end])) for start, end in spans}
    return parts, [row.id for row in rows]


def drop(connection: Connection, rows: Sequence[int]) -> None:
    """Delete the rows that `of_hour` read; what came since stays."""
    if rows:
        connection.execute(delete(fresh).where(fresh.c.id == bindparam("row")), [{"row": one} for one in rows])


def _runs(keys: NDArray[np.int64]) -> Iterable[NDArray[np.int64]]:
    """Yield the places of each key, in their order."""
    order = np.argsort(keys, kind="stable")
    sorted_keys = keys[order]
    return np.split(order, np.flatnonzero(sorted_keys[1:] != sorted_keys[:-1]) + 1)


def _joined(ids: Ids, at: Seconds, values: Values) -> bytes:
    return ids.astype("<i4").tobytes() + at.astype("<u4").tobytes() + values.astype("<f8").tobytes()


def _apart(blobs: Iterable[bytes]) -> tuple[Ids, Seconds, Values]:
    """Return the columns of all rows one after the other. Raises Damaged."""
    whole: Sequence[bytes] = list(blobs)
    ids, at, values = [np.empty(0, "<i4")], [np.empty(0, "<u4")], [np.empty(0, "<f8")]
    for data in whole:
        count, rest = divmod(len(data), _SAMPLE_SIZE)
        if rest:
            raise Damaged(f"{len(data)} bytes are not whole samples")
        ids.append(np.frombuffer(data, "<i4", count))
        at.append(np.frombuffer(data, "<u4", count, 4 * count))
        values.append(np.frombuffer(data, "<f8", count, 8 * count))
    return (
        np.concatenate(ids).astype(np.int64),
        np.concatenate(at).astype(np.int64),
        np.concatenate(values).astype(np.float64),
    )
