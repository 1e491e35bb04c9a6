"""Sending what was kept: in order, each exactly once; what the rules refuse or others changed waits for a person."""

import importlib
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from app.desk import Command, Desk, Once, ReadTx, Tx, command
from app.errors import BadInput, Conflict, DatabaseAway, NotSaved, WatchroomError
from app.outbox.codec import Unreadable, encode, restored
from app.outbox.entry import Entry, EntryState
from app.outbox.store import Outbox
from app.permissions import Permission
from app.text import clean_line
from app.words import tr

SHOWN_OF_TEXT = 200


@dataclass(frozen=True, slots=True)
class Sent:
    """How many entries were sent, how many now wait for a person, and whether the database went away meanwhile."""

    sent: int = 0
    troubled: int = 0
    is_away: bool = False


def send(desk: Desk, outbox: Outbox) -> Sent:
    """Send the entries of whoever is signed in at `desk`, those too that are kept meanwhile, until none waits.

    Those of others wait for their own sign-in.

    Raises NotSaved when the database's disk or that of the outbox takes nothing more; the rest goes on waiting.
    """
    login, sent, troubled = desk.identity.login, 0, 0
    try:
        while waiting := outbox.entries(login, EntryState.WAITING):
            ahead = desk.read(_now) - datetime.now(UTC)
            with _settled_together(outbox) as taken:
                for entry in waiting:
                    if _is_taken(desk, outbox, entry, ahead):
                        taken.append(entry.key)
                        sent += 1
                    else:
                        troubled += 1
    except DatabaseAway:
        return Sent(sent, troubled, is_away=True)
    outbox.forget_old()
    return Sent(sent, troubled)


def try_again(outbox: Outbox, entry: Entry) -> None:
    """Let an entry that a person looked at be sent once more, over the record as it is now."""
    arguments = dict(entry.arguments)
    if "version" in arguments and isinstance(entry.theirs.get("version"), int):
        arguments["version"] = entry.theirs["version"]
    outbox.wait_again(entry.key, arguments)


def discard(desk: Desk, outbox: Outbox, entry: Entry, reason: str) -> None:
    """Give an entry up, with the reason; the audit trail says so. Raises BadInput without a reason."""
    words = clean_line(reason)
    if not words:
        raise BadInput(tr("Say why it is discarded."), "reason")
    desk.do_because(words, leave_discarded, entry.command, entry.key)
    outbox.settle(entry.key, EntryState.DISCARDED, entry.told, entry.theirs, words)


@command(Permission.SIGN_IN)
def leave_discarded(tx: Tx, name: str, key: uuid.UUID) -> None:
    """Leave an audit entry of a kept entry that its writer gave up."""
    tx.act("discarded", f"{name} {key}")


def kept_command(name: str) -> Command[..., Any]:
    """Return the command of that name. Raises Unreadable for one that is unknown or may not be kept."""
    module, _, function = name.rpartition(".")
    try:
        found: Any = getattr(importlib.import_module(f"app.{module}"), function)
    except (ImportError, AttributeError, ValueError) as error:
        raise Unreadable(name) from error
    if not getattr(found, "keeps", False):
        raise Unreadable(name)
    return found  # type: ignore[no-any-return]


def _now(tx: ReadTx) -> datetime:
    return tx.now


def _is_taken(desk: Desk, outbox: Outbox, entry: Entry, ahead: timedelta) -> bool:
    """Send one entry, `ahead` being how far the database's clock is before this seat's. Raises DatabaseAway."""
    try:
        what = kept_command(entry.command)
        desk.do_once(Once(entry.key, entry.entered_at + ahead), what, **restored(what, entry.arguments))
    except Unreadable as error:
        words = tr("Another version of the program wrote this entry: {reason}", reason=error)
        outbox.settle(entry.key, EntryState.REFUSED, words)
    except Conflict as conflict:
        outbox.settle(entry.key, EntryState.CONFLICT, conflict.sentence(), _shown(conflict.theirs))
    except (DatabaseAway, NotSaved):
        raise
    except WatchroomError as refusal:
        outbox.settle(entry.key, EntryState.REFUSED, refusal.sentence())
    except Exception as bug:
        outbox.settle(entry.key, EntryState.REFUSED, tr("The program failed on this entry: {reason}", reason=bug))
        raise
    else:
        return True
    return False


@contextmanager
def _settled_together(outbox: Outbox) -> Iterator[list[uuid.UUID]]:
    """Note what was sent in one go, however the block ends; what a crash leaves unnoted is found sent the next time."""
    taken: list[uuid.UUID] = []
    try:
        yield taken
    finally:
        outbox.settle_sent(taken)


def _shown(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record's fields as JSON, texts cut; what is no text, number or time is left out."""
    shown: dict[str, Any] = {}
    for name, value in fields.items():
        if value is None or isinstance(value, (str, int, datetime, uuid.UUID)):
            found = encode(value)
            shown[name] = found[:SHOWN_OF_TEXT] if isinstance(found, str) else found
    return shown
