"""The live feed: the audit trail and the states' history, followed by whoever shows them (DESIGN 3).

On PostgreSQL the place in the feed is a snapshot: new is what that snapshot could not see. Numbers commit out of order,
and one old transaction can hold the horizon back for hours: no entry is lost, read twice or kept waiting by it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import func, literal, select, text, union_all

from app.desk import Desk, ReadTx
from models.audit import AuditEntry, Meta
from models.monitoring import StateChange
from models.seats import Seat

AT_MOST = 5_000
CHANNEL = "watchroom"
STATES = "device_state"
_entry = AuditEntry.__table__
_state = StateChange.__table__


@dataclass(frozen=True, slots=True)
class Changes:
    """Row keys that changed, by table (keys as ints), and the CIs whose state changed.

    `is_reset` asks the client to load everything anew: another epoch, or more changes than are worth naming.
    `seats`: somebody opened, edits or left a record (`app.presence`).
    """

    tables: Mapping[str, frozenset[int]] = field(default_factory=dict)
    states: frozenset[int] = frozenset()
    is_reset: bool = False
    seats: bool = False

    def __bool__(self) -> bool:
        return bool(self.tables or self.states or self.is_reset or self.seats)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a statement could see on PostgreSQL: every transaction below `xmax` but those that ran, `running`."""

    xmax: int
    running: tuple[int, ...] = ()

    @classmethod
    def of(cls, words: str) -> "Snapshot":
        """Return the snapshot that PostgreSQL writes as `xmin:xmax:running,...`."""
        _xmin, xmax, running = words.split(":")
        return cls(int(xmax), tuple(int(each) for each in running.split(",") if each))


@dataclass(frozen=True, slots=True)
class Place:
    """How far a client has read, and in which database.

    `origin` is the epoch, on PostgreSQL with the server's time line, after whose change transactions are numbered by
    another server. `shows` counts the changes of presence.
    """

    origin: str
    shows: int
    entry: int = 0
    state: int = 0
    snapshot: Snapshot = Snapshot(0)


class Line(NamedTuple):
    """A row of the feed's one statement: first the place (`origin`, `shows`, `snapshot`), then a changed key each."""

    origin: str | None
    shows: int | None
    snapshot: str | None
    table_name: str | None
    row_key: str | None


class Follower:
    """Reads through the desk what is new since the last `poll`. One per client; not thread-safe."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._place: Place | None = None

    def poll(self) -> Changes:
        """Return what changed since the last call; the first call only takes the place and returns nothing."""
        if self._place is None:
            self._place = self._desk.read(here)
            return Changes()
        changes, self._place = self._desk.read(since, self._place)
        return changes


def here(tx: ReadTx) -> Place:
    """Return the place of a client that has read everything there is."""
    if not tx.is_sqlite:
        rows = tx.connection.execute(text(PLACE)).all()
        return arrived(Line(*row) for row in rows)[1]
    entry = select(func.coalesce(func.max(_entry.c.id), 0)).scalar_subquery()
    state = select(func.coalesce(func.max(_state.c.id), 0)).scalar_subquery()
    shows = select(func.coalesce(func.sum(Seat.shows), 0)).scalar_subquery()
    epoch = select(Meta.value).where(Meta.name == "epoch").scalar_subquery()
    row = tx.connection.execute(select(epoch, shows, entry, state)).one()
    return Place(row[0] or "", row[1], row[2], row[3])


def since(tx: ReadTx, place: Place) -> tuple[Changes, Place]:
    """Return what changed behind `place`, and the place to ask from next."""
    if not tx.is_sqlite:
        rows = tx.connection.execute(text(SINCE), parameters(place)).all()
        return arrived((Line(*row) for row in rows), place)
    found = here(tx)
    if found == place:
        return Changes(), place
    rows = tx.connection.execute(_sqlite_keys(place, found)).all()
    return told(rows, place, found), found


def _sqlite_keys(place: Place, found: Place) -> Any:
    entries = select(_entry.c.table_name, _entry.c.row_key).where(_entry.c.id > place.entry, _entry.c.id <= found.entry)
    states = select(literal(STATES), _state.c.ci_id).where(_state.c.id > place.state, _state.c.id <= found.state)
    return union_all(entries, states).limit(AT_MOST + 1)


def parameters(place: Place) -> dict[str, object]:
    """Return what `SINCE` is given to find what is new behind `place`."""
    return {"xmax": place.snapshot.xmax, "running": list(place.snapshot.running), "most": AT_MOST + 1}


def arrived(lines: Iterable[Line], place: Place | None = None) -> tuple[Changes, Place]:
    """Return what the lines of `PLACE` or `SINCE` say, and the place to ask from next."""
    first, *rest = lines
    found = Place(first.origin or "", first.shows or 0, snapshot=Snapshot.of(first.snapshot or "::"))
    if place is None:
        return Changes(), found
    return told([(line.table_name or "", line.row_key or 0) for line in rest], place, found), found


def told(keys: Sequence[Any], place: Place, found: Place) -> Changes:
    """Return the changed keys by table, or a reset where the database is another or the keys are too many."""
    is_other = found.origin != place.origin or found.snapshot.xmax < place.snapshot.xmax
    if is_other or found.entry < place.entry or len(keys) > AT_MOST:
        return Changes(is_reset=True)
    tables: dict[str, set[int]] = {}
    for table, key in keys:
        tables.setdefault(table, set()).add(int(key))
    states = frozenset(tables.pop(STATES, ()))
    return Changes({t: frozenset(k) for t, k in tables.items()}, states, seats=found.shows != place.shows)


PLACE = """
SELECT (SELECT value FROM meta WHERE name = 'epoch')
    || CASE WHEN pg_is_in_recovery() THEN '' ELSE left(pg_walfile_name(pg_current_wal_lsn()), 8) END AS origin,
  (SELECT coalesce(sum(shows), 0)::bigint FROM seat) AS shows, pg_current_snapshot()::text AS snapshot,
  NULL AS table_name, NULL AS row_key"""
"""One line: where a client is that has read everything."""

_NEW = "transaction_id >= :xmax OR transaction_id = ANY(CAST(:running AS bigint[]))"
SINCE = f"""{PLACE}
UNION ALL
(SELECT NULL, NULL, NULL, table_name, row_key FROM audit_entry WHERE {_NEW} LIMIT :most)
UNION ALL
(SELECT NULL, NULL, NULL, '{STATES}', ci_id::text FROM state_change WHERE {_NEW} LIMIT :most)"""
"""The same line, then the changed keys: one statement sees one snapshot, so that nothing falls in between."""
