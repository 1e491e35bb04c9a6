"""The seats of the desk: which programs run, who sits there, and what they have open."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from app.desk import ReadTx, Tx, command
from app.permissions import Permission
from app.presence import SeatRow, unpacked
from app.text import clean_line
from app.version import VERSION
from models.people import Person
from models.seats import Seat

LEASE = timedelta(seconds=20)
"""A program that was not heard of for so long is gone, whatever became of it."""


@command(Permission.SIGN_IN)
def beat(tx: Tx, instance: UUID, host: str, shown: Iterable[tuple[str, int, bool]]) -> tuple[SeatRow, ...]:
    """Say that the program `instance` lives and what it has open (`presence.Shown`); return every seat that lives.

    Its first beat registers the seat, in the row of a dead program of the same name if there is one.
    """
    row = tx.session.scalars(select(Seat).where(Seat.instance == instance)).first() or _take(tx, instance)
    person_id = tx.person.id
    packed = [list(each) for each in sorted(set(shown))]
    if (row.shown, row.person_id, row.has_left) != (packed, person_id, False):
        row.shown, row.shows = packed, row.shows + 1
    row.person_id, row.has_left = person_id, False
    row.seen_at, row.program_version = tx.now, VERSION
    row.address = _address(tx, host)
    tx.session.flush()
    return living(tx)


@command(Permission.SIGN_IN)
def leave(tx: Tx, instance: UUID) -> None:
    """Let go of everything that a program has open: it ends."""
    row = tx.session.scalars(select(Seat).where(Seat.instance == instance)).first()
    if row is not None:
        row.shown, row.shows, row.has_left, row.seen_at = [], row.shows + 1, True, tx.now


def living(tx: ReadTx) -> tuple[SeatRow, ...]:
    """Return the seats that were heard of within their lease, by name."""
    return _rows(tx, _all().where(Seat.seen_at > tx.now - LEASE, Seat.has_left.is_(False)))


def everything(tx: ReadTx) -> tuple[SeatRow, ...]:
    """Return every seat that was ever registered, by name, with when it was last heard of."""
    return _rows(tx, _all())


def _take(tx: Tx, instance: UUID) -> Seat:
    """Return the row for a program that just started; of two that start at once each finds its own."""
    is_dead = (Seat.seen_at <= tx.now - LEASE) | Seat.has_left.is_(True)
    dead = select(Seat).where(Seat.name == tx.seat, is_dead).order_by(Seat.id).limit(1)
    row = tx.session.scalars(dead.with_for_update(skip_locked=True)).first()
    if row is None:
        row = Seat(name=tx.seat, shown=[], shows=0)
        tx.session.add(row)
    row.instance, row.since, row.seen_at, row.has_left = instance, tx.now, tx.now, True
    return row


def _address(tx: Tx, host: str) -> str:
    """Return the machine's name, with the address that the server sees where there is one."""
    seen = None if tx.is_sqlite else tx.session.scalar(select(func.host(func.inet_client_addr())))
    return clean_line(" · ".join(part for part in (host, seen) if part))


def _all() -> Any:
    return select(Seat, Person.name).outerjoin(Person, Person.id == Seat.person_id).order_by(Seat.name, Seat.id)


def _rows(tx: ReadTx, query: Any) -> tuple[SeatRow, ...]:
    oldest = tx.now - LEASE
    return tuple(
        SeatRow(
            seat.id,
            seat.name,
            seat.instance,
            person or "",
            seat.address,
            seat.program_version,
            seat.since,
            seat.seen_at,
            seat.seen_at > oldest and not seat.has_left,
            unpacked(seat.shown),
        )
        for seat, person in tx.session.execute(query)
    )
