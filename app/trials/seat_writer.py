"""The seat that is killed: `main` saves entries without an end into URL, its own disk being FOLDER, as seat NAME.

What it prints was told its writer to be saved: in the database, or on the seat's own disk.
"""

import itertools
import sys
import time
import uuid
from pathlib import Path
from typing import Any

from app.database import cli_identity, open_database
from app.desk import Desk, Once, Tx, command
from app.errors import DatabaseAway
from app.outbox import Outbox, do_or_keep, send
from app.permissions import Permission
from models.duty import ShiftLogEntry
from models.enums import ShiftLogKind

PAUSE_S = 0.005


class CarelessDesk(Desk):
    """A desk that remembers no keys: what it is given twice, it saves twice."""

    def do_once(self, once: Once, what: Any, /, *args: Any, **kwargs: Any) -> Any:
        return self.do(what, *args, **kwargs)


@command(Permission.DUTY_LOG, keeps=True)
def note_once(tx: Tx, text: str) -> int:
    """Write a line that has no key of its own: nothing but its receipt keeps it from being there twice."""
    line = ShiftLogEntry(key=uuid.uuid4(), kind=ShiftLogKind.NOTE, text=text, happened_at=tx.happened(None))
    return tx.add(line).id


def seat_desk(url: str, name: str, *, is_careless: bool = False) -> Desk:
    """Return the seat's desk. Raises DatabaseAway."""
    database = open_database(url)
    kind = CarelessDesk if is_careless else Desk
    return kind(database.engine, cli_identity(), name, None)


def outbox_in(folder: Path) -> Outbox:
    return Outbox(folder / "outbox.db", folder)


def write(url: str, folder: Path, name: str) -> None:
    """Save entries until something ends the process; a printed line is an entry that was told to be saved."""
    outbox, desk = outbox_in(folder), None
    while desk is None:
        try:
            desk = seat_desk(url, name)
        except DatabaseAway:
            time.sleep(PAUSE_S)
    for _number in itertools.count():
        text = f"{name}/{uuid.uuid4()}"
        do_or_keep(desk, outbox, uuid.uuid4(), note_once, (text,))
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
        if outbox.has_waiting(desk.identity.login):
            send(desk, outbox)
        time.sleep(PAUSE_S)


def main() -> None:
    """Write as the command line says: URL FOLDER NAME."""
    write(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
