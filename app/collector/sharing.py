"""The store of a collector that is one of several on a shared database: only its own devices, only while it may."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime

from sqlalchemy import ColumnElement, any_, insert, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from app.collector.batch import Batch, Beat, Configuration, Neighbour
from app.collector.leases import Lease
from app.collector.memory import Judgement
from app.collector.state_rows import StateRows
from app.collector.store import Chore, DeskStore, note_gap
from app.database import Database
from app.desk import ReadTx, Tx, command
from app.permissions import Permission
from models.base import RowId
from models.monitoring import CheckRequest, CollectorBeat


class SharedStore(DeskStore):
    """A `DeskStore` under a lease. What is to be done once for all is done by the eldest collector."""

    def __init__(self, database: Database, chores: Sequence[Chore], lease: Lease) -> None:
        super().__init__(database, chores, lease.name)
        self._lease = lease
        self._mine: frozenset[int] = frozenset()

    @property
    def leads(self) -> bool:
        return self._lease.leads

    def configuration_mark(self) -> object:
        return super().configuration_mark(), self._lease.follow(self._desk).generation

    def load(self) -> Configuration:
        whole = super().load()
        roster = self._lease.roster
        mine = roster.share_of(self._lease.name, {target.ci_id for target in whole.targets})
        elsewhere = {
            target.ci_id: Neighbour(target.name, target.parent_ci_id)
            for target in whole.targets
            if target.ci_id not in mine
        }
        self._rows.forget(elsewhere)
        adopted = self._adopt(mine - self._mine)
        self._mine = frozenset(mine)
        targets = tuple(target for target in whole.targets if target.ci_id in mine)
        return replace(whole, targets=targets, elsewhere=elsewhere, adopted=adopted)

    def _adopt(self, ci_ids: Set[int]) -> dict[int, Judgement]:
        """Return what the former collectors last wrote of devices; their next row is written whole."""
        if not ci_ids:
            return {}
        self._rows.forget(ci_ids)
        return self._desk.read(_states_of, self._rows, ci_ids)

    def look_elsewhere(self, ci_ids: Set[int], wanted: Set[int]) -> Mapping[int, Judgement]:
        if wanted:
            self._desk.do(ask_elsewhere, frozenset(wanted))
        return self._desk.read(_states_of, StateRows(), ci_ids)

    def take_requests(self) -> list[int]:
        if not self._mine or not self._desk.read(_has_requests, self._mine):
            return []
        return self._desk.do(take_own_requests, self._mine)

    def write(self, batch: Batch, beat: Beat) -> None:
        self._write(batch, beat, self._lease.renew)

    def note_gap(self, start: datetime, end: datetime) -> None:
        if not self._desk.read(_watched_by_others, self._lease.name, start):
            self._desk.do(note_gap, start, end)

    def tidy(self) -> None:
        if self._lease.follow(self._desk).leader == self._lease.name:
            super().tidy()

    def close(self) -> None:
        if self._lease.leads:
            super().close()
        self._lease.leave(self._desk)


@command(Permission.WATCH)
def take_own_requests(tx: Tx, ci_ids: frozenset[int]) -> list[int]:
    """Take every "check now" that waits for one of these devices and return its CIs."""
    waiting = update(CheckRequest).where(CheckRequest.taken_at.is_(None), _is_among(ci_ids))
    return list(tx.connection.scalars(waiting.values(taken_at=tx.now).returning(CheckRequest.ci_id)))


@command(Permission.WATCH)
def ask_elsewhere(tx: Tx, ci_ids: frozenset[int]) -> None:
    """Ask the collectors that watch these devices to check them now, unless that waits already."""
    waiting = set(tx.session.scalars(select(CheckRequest.ci_id).where(CheckRequest.taken_at.is_(None))))
    rows = [{"ci_id": ci_id, "asked_at": tx.now} for ci_id in sorted(ci_ids - waiting)]
    if rows:
        tx.connection.execute(insert(CheckRequest), rows)


def _states_of(tx: ReadTx, rows: StateRows, ci_ids: Set[int]) -> dict[int, Judgement]:
    return rows.load(tx.connection, ci_ids)


def _has_requests(tx: ReadTx, ci_ids: frozenset[int]) -> bool:
    query = select(CheckRequest.id).where(CheckRequest.taken_at.is_(None), _is_among(ci_ids)).limit(1)
    return tx.session.scalar(query) is not None


def _is_among(ci_ids: frozenset[int]) -> ColumnElement[bool]:
    return CheckRequest.ci_id == any_(literal(sorted(ci_ids), ARRAY(RowId)))


def _watched_by_others(tx: ReadTx, name: str, start: datetime) -> bool:
    """Tell whether another collector gave a sign of life after `start`: then it has these devices."""
    query = select(CollectorBeat.name).where(CollectorBeat.name != name, CollectorBeat.beat_at > start).limit(1)
    return tx.session.scalar(query) is not None
