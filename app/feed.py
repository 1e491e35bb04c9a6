"""The live feed: the audit trail and the states' history, followed by whoever shows them (DESIGN 3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select, text

from app.desk import Desk, ReadTx
from models.audit import AuditEntry, Meta
from models.monitoring import StateChange

AT_MOST = 5_000
_entry = AuditEntry.__table__
_state = StateChange.__table__


@dataclass(frozen=True, slots=True)
class Changes:
    """Row keys that changed, by table (keys as ints), and the CIs whose state changed.

    `is_reset` asks the client to load everything anew: another epoch, or more changes than are worth naming.
    """

    tables: Mapping[str, frozenset[int]] = field(default_factory=dict)
    states: frozenset[int] = frozenset()
    is_reset: bool = False

    def __bool__(self) -> bool:
        return bool(self.tables or self.states or self.is_reset)


@dataclass(frozen=True, slots=True)
class Place:
    """How far a client has read: entry id on SQLite, transaction horizon on PostgreSQL, and the newest state change."""

    epoch: str
    entry: int
    state: int


class Follower:
    """Reads what is new since the last `poll`. One per client; not thread-safe."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._place: Place | None = None

    def poll(self) -> Changes:
        """Return what changed since the last call; the first call only takes the place and returns nothing."""
        if self._place is None:
            self._place = self._desk.read(_here)
            return Changes()
        changes, self._place = self._desk.read(_since, self._place)
        return changes


def _here(tx: ReadTx) -> Place:
    return Place(_epoch(tx), _horizon(tx), tx.session.scalar(select(func.coalesce(func.max(_state.c.id), 0))) or 0)


def _epoch(tx: ReadTx) -> str:
    return tx.session.scalar(select(Meta.value).where(Meta.name == "epoch")) or ""


def _horizon(tx: ReadTx) -> int:
    """Return up to where everything is settled: no entry at or below it can still appear."""
    if tx.is_sqlite:
        return tx.session.scalar(select(func.coalesce(func.max(_entry.c.id), 0))) or 0
    return tx.session.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) or 0


def _since(tx: ReadTx, place: Place) -> tuple[Changes, Place]:
    epoch, horizon = _epoch(tx), _horizon(tx)
    query = select(_entry.c.table_name, _entry.c.row_key)
    if tx.is_sqlite:
        query = query.where(_entry.c.id > place.entry, _entry.c.id <= horizon)
    else:
        query = query.where(_entry.c.transaction_id >= place.entry, _entry.c.transaction_id < horizon)
    entries = tx.connection.execute(query.limit(AT_MOST + 1)).all()
    states = tx.connection.execute(
        select(_state.c.id, _state.c.ci_id).where(_state.c.id > place.state).order_by(_state.c.id).limit(AT_MOST + 1)
    ).all()
    here = Place(epoch, horizon, states[-1].id if states else place.state)
    if epoch != place.epoch or len(entries) > AT_MOST or len(states) > AT_MOST:
        return Changes(is_reset=True), _here(tx)
    tables: dict[str, set[int]] = {}
    for table, key in entries:
        tables.setdefault(table, set()).add(int(key))
    return Changes({t: frozenset(k) for t, k in tables.items()}, frozenset(s.ci_id for s in states)), here
