"""Who sees which systems: granted with a reason and an end, withdrawn with a reason (REQUIREMENTS H1, SECURITY 2).

A system is a business service with all it is made of. A shared database enforces these rights itself
(`app.shared.policies`); an embedded one only notes them, since its file is open to whoever sits there.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from app.ci_classes import SERVICE
from app.desk import ReadTx, Tx, command
from app.errors import BadInput, Refused
from app.permissions import PEOPLES_POSTS, Permission
from app.text import clean_line
from app.words import tr
from models.cmdb import Ci
from models.people import Person, PersonPost
from models.rights import SystemRight


@dataclass(frozen=True, slots=True)
class SystemRow:
    """A system that rights can be given on."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class RightRow:
    """That a person sees a system; without `right_id`, that nothing narrows this person, who sees every system.

    `is_over`: its end has passed, so it opens nothing any more, but narrows until it is withdrawn.
    """

    id: str
    right_id: int | None
    person_id: int
    person: str
    system_id: int | None
    system: str
    seat: str
    may_write: bool
    reason: str
    since: datetime | None
    expires_at: datetime | None
    is_over: bool


def systems(tx: ReadTx) -> list[SystemRow]:
    """Return the business services by name."""
    query = select(Ci.id, Ci.name).where(Ci.class_name == SERVICE, Ci.voided_at.is_(None)).order_by(Ci.name, Ci.id)
    return [SystemRow(*row) for row in tx.session.execute(query)]


def standing(tx: ReadTx) -> list[RightRow]:
    """Return every right that stands, by person and system, and after them who sees every system."""
    return [*_rows(tx), *_unbound(tx)]


def of_person(tx: ReadTx, person_id: int) -> list[RightRow]:
    """Return the systems of one person; one row without a system when that is all of them."""
    return _rows(tx, SystemRight.person_id == person_id) or _unbound(tx, person_id)


def of_system(tx: ReadTx, system_id: int) -> list[RightRow]:
    """Return the people of one system: who was given it, then who sees every system."""
    return [*_rows(tx, SystemRight.system_id == system_id), *_unbound(tx)]


@command(Permission.RIGHTS)
def grant(
    tx: Tx,
    key: uuid.UUID,
    person_id: int,
    system_id: int,
    reason: str,
    *,
    may_write: bool = False,
    seat: str = "",
    expires_at: datetime | None = None,
) -> int:
    """Let a person see a system from now on, at one seat or at each, and return the right's id.

    What that person held on it there before ends with the same reason. Raises BadInput, or Refused for oneself.
    """
    made = tx.already(SystemRight, key)
    if made:
        return made.id
    _refuse_oneself(tx, person_id)
    reason, seat = _reason(reason), clean_line(seat)[:80]
    if expires_at is not None and expires_at <= tx.now:
        raise BadInput(tr("This end has passed already."), "expires_at")
    if not tx.find(Person, person_id).is_active:
        raise BadInput(tr("This person has left."), "person_id")
    system = tx.find(Ci, system_id)
    if system.class_name != SERVICE or system.voided_at is not None:
        raise BadInput(tr("Choose a business service."), "system_id")
    held = _held().where(
        SystemRight.person_id == person_id, SystemRight.system_id == system_id, SystemRight.seat == seat
    )
    _end(tx, tx.session.scalars(held), reason)
    right = SystemRight(
        key=key,
        person_id=person_id,
        system_id=system_id,
        seat=seat,
        may_write=may_write,
        reason=reason,
        recorded_at=tx.now,
        expires_at=expires_at,
    )
    return tx.add(right).id


@command(Permission.RIGHTS)
def withdraw(tx: Tx, right_id: int, reason: str, *, opens_all: bool = False) -> None:
    """End a right now.

    Raises Refused for the last one of a person, who sees every system without it, unless `opens_all` says so.
    """
    right = tx.find(SystemRight, right_id)
    _refuse_oneself(tx, right.person_id)
    if right.ended_at is not None:
        raise Refused(tr("This right was withdrawn already."))
    others = select(func.count(SystemRight.id)).where(
        SystemRight.person_id == right.person_id, SystemRight.ended_at.is_(None), SystemRight.id != right_id
    )
    if not opens_all and not tx.session.scalar(others):
        raise Refused(
            tr(
                "This is the last system that {name} was given; without any, every system is seen. Give another one"
                " first, or say that every system may be seen.",
                name=tx.find(Person, right.person_id).name,
            )
        )
    _end(tx, [right], _reason(reason))


def _end(tx: Tx, rights: Iterable[SystemRight], reason: str) -> None:
    for right in rights:
        right.ended_at, right.end_reason = tx.now, reason
    tx.session.flush()


def _refuse_oneself(tx: Tx, person_id: int) -> None:
    if person_id == tx.person.id:
        raise Refused(tr("Nobody sets which systems he himself sees: ask another project manager."))


def _reason(reason: str) -> str:
    cleaned = clean_line(reason)[:250]
    if not cleaned:
        raise BadInput(tr("Say why."), "reason")
    return cleaned


def _held() -> Any:
    return select(SystemRight).where(SystemRight.ended_at.is_(None))


def _rows(tx: ReadTx, *conditions: Any) -> list[RightRow]:
    query = (
        select(SystemRight, Person.name, Ci.name)
        .join(Person, Person.id == SystemRight.person_id)
        .outerjoin(Ci, Ci.id == SystemRight.system_id)
        .where(SystemRight.ended_at.is_(None), *conditions)
        .order_by(Person.name, Ci.name, SystemRight.seat, SystemRight.id)
    )
    return [
        RightRow(
            str(right.id),
            right.id,
            right.person_id,
            person,
            right.system_id,
            system or tr("(not seen by you)"),
            right.seat,
            right.may_write,
            right.reason,
            right.recorded_at,
            right.expires_at,
            right.expires_at is not None and right.expires_at <= tx.now,
        )
        for right, person, system in tx.session.execute(query)
    ]


def _unbound(tx: ReadTx, person_id: int | None = None) -> list[RightRow]:
    """Return who holds a post and no right that stands, all or the one person."""
    bound = select(SystemRight.person_id).where(SystemRight.ended_at.is_(None))
    posted = select(PersonPost.person_id).where(PersonPost.ended_at.is_(None), PersonPost.post.in_(PEOPLES_POSTS))
    query = select(Person.id, Person.name).where(Person.is_active, Person.id.not_in(bound), Person.id.in_(posted))
    if person_id is not None:
        query = query.where(Person.id == person_id)
    return [
        RightRow(f"all-{found_id}", None, found_id, name, None, "", "", True, "", None, None, False)
        for found_id, name in tx.session.execute(query.order_by(Person.name, Person.id))
    ]
