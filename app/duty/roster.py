"""The duty roster: who, from, to, under which number."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.text import clean_line
from app.times import checked
from app.words import tr
from models.duty import RosterEntry
from models.people import Person


@dataclass(frozen=True, slots=True)
class RosterRow:
    """One person's turn."""

    id: int
    version: int
    shift: str
    person_id: int
    person: str
    starts_at: datetime
    ends_at: datetime
    telephone: str


@dataclass(frozen=True, slots=True)
class Duty:
    """Who is on duty now (the head strip); empty when the roster has nobody."""

    shift: str
    starts_at: datetime | None
    ends_at: datetime | None
    people: tuple[RosterRow, ...]


def roster(tx: ReadTx, first: datetime, last: datetime) -> list[RosterRow]:
    """Return the turns that touch the period, by start and person."""
    query = (
        select(
            RosterEntry.id, RosterEntry.version, RosterEntry.shift, RosterEntry.person_id, Person.name,
            RosterEntry.starts_at, RosterEntry.ends_at, RosterEntry.telephone,
        )
        .join(Person, Person.id == RosterEntry.person_id)
        .where(RosterEntry.voided_at.is_(None), RosterEntry.starts_at < last, RosterEntry.ends_at > first)
        .order_by(RosterEntry.starts_at, Person.name, RosterEntry.id)
    )  # fmt: skip
    return [RosterRow(*row) for row in tx.session.execute(query)]


def now_on_duty(tx: ReadTx) -> Duty:
    """Return the present shift with its people."""
    turns = [t for t in roster(tx, tx.now, tx.now) if t.starts_at <= tx.now < t.ends_at]
    if not turns:
        return Duty("", None, None, ())
    return Duty(turns[0].shift, turns[0].starts_at, turns[0].ends_at, tuple(turns))


@command(Permission.DUTY_PLAN)
def add_turn(
    tx: Tx, key: uuid.UUID, shift: str, person_id: int, starts_at: datetime, ends_at: datetime, telephone: str = ""
) -> int:
    """Put a person on a shift and return the turn's id. Raises BadInput when the person is on another at that time."""
    made = tx.already(RosterEntry, key)
    if made:
        return made.id
    person = tx.find(Person, person_id)
    first, last = checked(starts_at, "starts_at"), checked(ends_at, "ends_at")
    if last <= first:
        raise BadInput(tr("The shift ends before it begins."), "ends_at")
    if any(turn.person_id == person_id for turn in roster(tx, first, last)):
        raise BadInput(tr("{name} is on duty already at that time.", name=person.name), "person_id")
    turn = RosterEntry(
        key=key, shift=clean_line(shift)[:40], person_id=person_id, starts_at=first, ends_at=last,
        telephone=clean_line(telephone)[:250] or person.mobile or person.telephone,
    )  # fmt: skip
    return tx.add(turn).id


@command(Permission.DUTY_PLAN)
def void_turn(tx: Tx, turn_id: int, version: int, reason: str) -> None:
    """Take a turn off the roster, with the reason."""
    turn = tx.get(RosterEntry, turn_id, version)
    if not clean_line(reason):
        raise BadInput(tr("Say why the turn is taken off."), "reason")
    turn.voided_at, turn.void_reason = tx.now, clean_line(reason)[:250]
