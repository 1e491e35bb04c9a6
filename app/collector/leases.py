"""The lease by which several collectors share one database's devices (DESIGN 5).

Each collector has its place in the roster as long as it writes: every batch renews its lease in its own transaction,
and nothing else does. The roster alone says who watches which device; it carries a generation that rises with every
change, and a batch of another generation is refused, however long its writer slept.
"""

import hashlib
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Table, insert, select, text, update

from app.desk import Desk, ReadTx, Tx, command
from app.errors import Refused, WatchroomError
from app.permissions import Permission
from app.words import tr
from models.base import Base
from models.leases import CollectorLease, CollectorRoster

LEASE_S = 15.0
"""How long a collector that writes nothing keeps its devices."""

_lease: Table = Base.metadata.tables[CollectorLease.__tablename__]
_roster: Table = Base.metadata.tables[CollectorRoster.__tablename__]


class NameTaken(Refused):
    """Another process goes by this collector's name and has its devices: this one has to end."""


class Fenced(WatchroomError):
    """The devices of a batch are no longer this collector's to write about."""

    def sentence(self) -> str:
        return tr("The devices are shared out anew; what this collector held of others' devices is dropped.")


@dataclass(frozen=True, slots=True)
class Roster:
    """Who watches, the eldest first, as of one generation."""

    generation: int = 0
    names: tuple[str, ...] = ()

    def share_of(self, name: str, ci_ids: Iterable[int]) -> set[int]:
        """Return which devices are `name`'s: each goes to whom its hash likes best, so that few move at a change."""
        return {ci_id for ci_id in ci_ids if max(self.names, key=lambda one: _liking(one, ci_id)) == name}

    @property
    def leader(self) -> str:
        """Return who does what is to be done once for all."""
        return self.names[0] if self.names else ""


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    holder: str
    is_alive: bool


class Lease:
    """This process's place in the roster. Used by one thread."""

    def __init__(self, name: str = "", lease_s: float = LEASE_S) -> None:
        self.name = (name or socket.gethostname())[:80]
        self.roster = Roster()
        self._holder = uuid.uuid4().hex
        self._lease_s = lease_s
        self._has_joined = False

    @property
    def leads(self) -> bool:
        return self.roster.leader == self.name

    def follow(self, desk: Desk) -> Roster:
        """Return the roster as it is now: join it where this collector is missing, strike off whose lease ran out.

        Raises NameTaken when another process has taken this collector's name.
        """
        generation, members = desk.read(_standing)
        mine = next((one for one in members if one.name == self.name), None)
        if mine is not None and mine.holder != self._holder and mine.is_alive and self._has_joined:
            raise NameTaken(
                tr("Another collector called {name} has begun; give each its own --seat name.", name=self.name)
            )
        is_in = mine is not None and mine.holder == self._holder
        if not is_in or any(not one.is_alive for one in members if one.name != self.name):
            desk.do(take_place, self.name, self._holder, self._lease_s)
            self._has_joined = True
            generation, members = desk.read(_standing)
        self.roster = Roster(generation, tuple(one.name for one in members))
        return self.roster

    def renew(self, tx: Tx) -> None:
        """Renew the lease within the transaction of a batch. Raises Fenced when the roster is not what it was.

        The roster's row is held to the end of the transaction, so that nobody shares out anew in between; a process
        that freezes in there is cut off by the server.
        """
        patience_ms = max(500, int(self._lease_s * 500))
        tx.connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {patience_ms}"))
        generation = tx.connection.scalar(select(_roster.c.generation).with_for_update(read=True))
        mine = _lease.c.name == self.name, _lease.c.holder == self._holder, _lease.c.is_held
        renewed = tx.connection.execute(update(_lease).where(*mine).values(renewed_at=tx.now))
        if generation != self.roster.generation or not renewed.rowcount:
            raise Fenced

    def leave(self, desk: Desk) -> None:
        """Give the devices to the others at once."""
        desk.do(give_up_place, self.name, self._holder)


@command(Permission.WATCH)
def take_place(tx: Tx, name: str, holder: str, lease_s: float) -> None:
    """Enter a collector in the roster and strike off the others whose lease ran out."""
    generation = tx.connection.scalar(select(_roster.c.generation).with_for_update())
    held = {row.name: row for row in tx.connection.execute(select(_lease))}
    gone = [one.name for one in held.values() if one.is_held and one.name != name and not _is_alive(tx, one)]
    tx.connection.execute(update(_lease).where(_lease.c.name.in_(gone)).values(is_held=False))
    mine = held.get(name)
    is_in = mine is not None and mine.is_held and mine.holder == holder
    if not is_in:
        values = {"holder": holder, "joined_at": tx.now, "renewed_at": tx.now, "lease_s": lease_s, "is_held": True}
        if mine is None:
            tx.connection.execute(insert(_lease).values(name=name, **values))
        else:
            tx.connection.execute(update(_lease).where(_lease.c.name == name).values(values))
    if gone or not is_in:
        tx.connection.execute(update(_roster).values(generation=(generation or 0) + 1))


@command(Permission.WATCH)
def give_up_place(tx: Tx, name: str, holder: str) -> None:
    """Strike a collector that ends in order off the roster."""
    generation = tx.connection.scalar(select(_roster.c.generation).with_for_update())
    mine = _lease.c.name == name, _lease.c.holder == holder, _lease.c.is_held
    left = tx.connection.execute(update(_lease).where(*mine).values(is_held=False))
    if left.rowcount:
        tx.connection.execute(update(_roster).values(generation=(generation or 0) + 1))


def _standing(tx: ReadTx) -> tuple[int, list[_Member]]:
    """Return generation and members, the eldest first, in one look."""
    query = select(_roster.c.generation, _lease).join(_lease, _lease.c.is_held, isouter=True)
    rows = tx.connection.execute(query.order_by(_lease.c.joined_at, _lease.c.name)).all()
    members = [_Member(row.name, row.holder, _is_alive(tx, row)) for row in rows if row.name is not None]
    return (rows[0].generation if rows else 0), members


def _is_alive(tx: ReadTx, row: object) -> bool:
    renewed_at, lease_s = row.renewed_at, row.lease_s  # type: ignore[attr-defined]  # a row of `collector_lease`
    return bool(tx.now - renewed_at <= timedelta(seconds=lease_s))


def _liking(name: str, ci_id: int) -> bytes:
    return hashlib.blake2b(f"{name}\x1f{ci_id}".encode(), digest_size=8).digest()
