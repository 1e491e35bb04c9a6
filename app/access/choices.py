"""What the door's form offers: rooms, who usually approves and escorts, what is usually done there."""

from dataclasses import dataclass

from sqlalchemy import func, select

from app.desk import ReadTx
from models.access import Visit
from models.cmdb import Place
from models.enums import Approval, PlaceKind
from models.people import Person

USUAL = 12


@dataclass(frozen=True, slots=True)
class RoomChoice:
    id: int
    name: str


@dataclass(frozen=True, slots=True)
class EntryChoices:
    """The form's lists, the usual first; `approval` and `room_id` are those of the newest visit."""

    rooms: tuple[RoomChoice, ...]
    approvers: tuple[str, ...]
    escorts: tuple[str, ...]
    purposes: tuple[str, ...]
    approval: Approval | None
    room_id: int | None


def entry_choices(tx: ReadTx) -> EntryChoices:
    """Return what a new visit's form offers, from the rooms, the people and the newest visits."""
    rooms = tx.session.execute(
        select(Place.id, Place.name)
        .where(Place.kind == PlaceKind.ROOM, Place.voided_at.is_(None))
        .order_by(Place.name, Place.id)
    )
    newest = tx.session.execute(
        select(Visit.approval, Visit.room_id)
        .where(Visit.approval.is_not(None), Visit.voided_at.is_(None))
        .order_by(Visit.id.desc())
        .limit(1)
    ).first()
    people = list(tx.session.scalars(select(Person.name).where(Person.is_active).order_by(Person.name)))
    return EntryChoices(
        tuple(RoomChoice(*room) for room in rooms),
        _usual(tx, Visit.approver),
        tuple(dict.fromkeys((*_usual(tx, Visit.escort), *people))),
        _usual(tx, Visit.purpose),
        newest.approval if newest else None,
        newest.room_id if newest else None,
    )


def _usual(tx: ReadTx, column: object) -> tuple[str, ...]:
    """Return the texts of a column, the newest first."""
    query = (
        select(column)  # type: ignore[call-overload]  # one of Visit's text columns
        .where(column != "", Visit.voided_at.is_(None))
        .group_by(column)
        .order_by(func.max(Visit.id).desc())
        .limit(USUAL)
    )
    return tuple(tx.session.scalars(query))
