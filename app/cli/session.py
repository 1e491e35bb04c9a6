"""How a command line reaches the database: which one, as whom, from which seat."""

import argparse
import getpass
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from app import people
from app.database import Database, cli_identity, default_url, open_database
from app.desk import Desk
from app.errors import Refused
from app.words import tr


def seat_name(options: argparse.Namespace) -> str:
    return options.seat or socket.gethostname() or "?"


@contextmanager
def database(options: argparse.Namespace, *, create: bool = False) -> Iterator[Database]:
    """Open the database that the options name (the embedded default when none) and close it afterwards."""
    opened = open_database(options.db or default_url(), create=create)
    try:
        yield opened
    finally:
        opened.engine.dispose()


@contextmanager
def desk(options: argparse.Namespace, *, create: bool = False) -> Iterator[Desk]:
    """Open a desk as the person that `--user` names, else as whoever owns the embedded database's file.

    Raises Refused for a wrong password, or when a shared database is used without a name.
    """
    with database(options, create=create) as opened:
        owner = opened.desk(cli_identity(), seat_name(options))
        if options.user:
            yield owner.as_identity(people.sign_in(owner, options.user, _password()).identity)
        elif opened.is_embedded:
            yield owner
        else:
            raise Refused(tr("Name the person who does this: --user NAME (the database is shared)."))


def _password() -> str:
    given = os.environ.get("WATCHROOM_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused(tr("There is nobody to ask for the password: set WATCHROOM_PASSWORD."))
    return getpass.getpass(tr("Password: "))
