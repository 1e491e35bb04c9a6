"""Who has which record open: told among the seats, never kept, and gone with the seat (UX rule 8)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID


class Shown(NamedTuple):
    """A record that a seat has open, by table and key; `is_edited`: in a form that can save it."""

    table: str
    key: int
    is_edited: bool = False


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A program at a seat. `is_alive`: it was heard of within its lease."""

    id: int
    name: str
    instance: UUID
    person: str
    address: str
    program_version: str
    since: datetime
    seen_at: datetime
    is_alive: bool
    shown: frozenset[Shown] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, order=True)
class Companion:
    """Somebody else who has a record open; editors come first."""

    is_viewing: bool
    person: str
    seat: str


def unpacked(kept: Iterable[Any]) -> frozenset[Shown]:
    """Return what a seat's row says is open there; what another version of the program wrote is passed over."""
    found = set()
    for each in kept:
        match each:
            case [str(table), int(key), bool(is_edited)]:
                found.add(Shown(table, key, is_edited))
    return frozenset(found)


def companions(seats: Iterable[SeatRow], own: UUID, table: str, key: int) -> tuple[Companion, ...]:
    """Return who else has the record open, who edits it first; `own` is the asking program."""
    found = set()
    for seat in seats:
        if seat.instance == own or not seat.is_alive:
            continue
        kinds = [shown.is_edited for shown in seat.shown if (shown.table, shown.key) == (table, key)]
        if kinds:
            found.add(Companion(not any(kinds), seat.person, seat.name))
    return tuple(sorted(found))
