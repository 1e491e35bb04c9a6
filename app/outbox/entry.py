"""An entry of the outbox, and what its writer is told."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from models.enums import Word


class EntryState(Word):
    """What became of an entry. What is refused or in conflict waits for a person."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Sent"
    REFUSED = "refused", "Refused"
    CONFLICT = "conflict", "Conflict"
    DISCARDED = "discarded", "Discarded"

    @property
    def asks_for_person(self) -> bool:
        return self in (EntryState.REFUSED, EntryState.CONFLICT)


@dataclass(frozen=True, slots=True)
class Entry:
    """A command with its arguments (as `app.outbox.codec` writes them), by whom, at which seat and when.

    `told` is what the database's rules said of it, `theirs` the record's fields as they are there now.
    """

    key: uuid.UUID
    command: str
    arguments: Mapping[str, Any] = field(repr=False)
    login: str
    name: str
    seat: str
    entered_at: datetime
    state: EntryState = EntryState.WAITING
    told: str = ""
    theirs: Mapping[str, Any] = field(default_factory=dict, repr=False)
    settled_at: datetime | None = None
    reason: str = ""

    @property
    def id(self) -> uuid.UUID:
        return self.key


@dataclass(frozen=True, slots=True)
class Kept:
    """What the caller of a command gets instead of its result: the entry lies on this machine's disk."""

    key: uuid.UUID
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many entries of a person wait to be sent or to be settled, and whose others wait for their sign-in."""

    mine: int = 0
    troubled: int = 0
    others: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.mine or self.troubled or self.others)
