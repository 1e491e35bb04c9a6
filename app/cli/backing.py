"""`watchroom backup` and `watchroom drill`: copies of the database itself, and restoring them to try them."""

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app import copies, drills, settings
from app.cli.session import seat_name
from app.database import Database, collector_identity, default_url, open_database
from app.desk import Desk
from app.errors import Refused
from app.times import parse_moment
from app.words import tr

URL_VARIABLE = "WATCHROOM_DB"
"""Names the database where the command line does not: the collector keeps it out of the list of processes so."""


def backup(options: argparse.Namespace) -> int:
    """Copy the database now; return 0 when the copy is whole."""
    with _service(options) as (_database, desk):
        folder = desk.read(settings.get, "copies.folder")
        if not folder:
            raise Refused(tr("No folder for copies is chosen. Choose it in the program: Copies of the database."))
        made = copies.copy_now(desk, folder, desk.read(settings.get, "copies.keep"))
    print(tr("Copied and checked: {path}", path=made))
    return 0


def drill(options: argparse.Namespace) -> int:
    """Restore a copy to try it; return 1 when it can't be restored."""
    with _service(options) as (database, desk):
        chosen = Path(options.path) if options.path else None
        done = drills.drill(database, desk, chosen, Path(options.scratch) if options.scratch else None)
    print(done.note)
    return 0 if done.succeeded else 1


def recover(options: argparse.Namespace) -> int:
    """Make a data folder of a shared database's server as it was at a moment, and say how it is started."""
    from app.drills.recovery import recover as recover_server

    until = parse_moment(options.until) if options.until else None
    done = recover_server(Path(options.copy), Path(options.wal), Path(options.to), until, options.name)
    print(done.note)
    print(
        tr("The data folder is ready: pg_ctl -D {folder} start. Every seat loads anew by itself.", folder=done.folder)
    )
    return 0


@contextmanager
def _service(options: argparse.Namespace) -> Iterator[tuple[Database, Desk]]:
    """Open the database as the service that copies it."""
    database = open_database(options.db or os.environ.get(URL_VARIABLE) or default_url())
    try:
        yield database, database.desk(collector_identity(), seat_name(options))
    finally:
        database.engine.dispose()
