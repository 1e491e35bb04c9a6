"""Doing a command now, or keeping it: in the database when it answers, on this machine's disk when it does not."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from app.desk import Command, Desk, Once
from app.errors import DatabaseAway, NotAllowed
from app.outbox.codec import bound
from app.outbox.entry import Entry, Kept
from app.outbox.store import Outbox
from app.words import label


def do_or_keep(
    desk: Desk, outbox: Outbox, key: uuid.UUID, what: Command[..., Any], args: Sequence[Any] = (),
    values: Mapping[str, Any] | None = None, *, lost: Callable[[DatabaseAway], None] = lambda _error: None,
) -> Any:  # fmt: skip
    """Return the command's result, or `Kept` when the database did not answer or earlier entries wait for it.

    An answer that never came leaves open whether it was saved: the entry carries the same key, so that sending it
    finds out; `lost` hears why it did not come. Raises what the command raises, NotAllowed, or NotSaved when it can't
    be kept either.
    """
    given = values or {}
    if not outbox.has_waiting(desk.identity.login):
        try:
            return desk.do_once(Once(key), what, *args, **given)
        except DatabaseAway as away:
            lost(away)
    return keep(desk, outbox, key, what, args, given)


def keep(
    desk: Desk, outbox: Outbox, key: uuid.UUID, what: Command[..., Any], args: Sequence[Any],
    values: Mapping[str, Any],
) -> Kept:  # fmt: skip
    """Write the command into the outbox without asking the database. Raises NotAllowed or NotSaved."""
    who = desk.identity
    if not who.may(what.permission):
        raise NotAllowed(label(what.permission))
    now = datetime.now(UTC)
    outbox.add(Entry(key, what.name, bound(what, args, values), who.login, who.name, desk.seat, now))
    return Kept(key, now)
