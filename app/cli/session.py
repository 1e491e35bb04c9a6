"""How a command line reaches the database: which one, as whom, from which seat."""

import argparse
import getpass
import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from app import people
from app.database import Database, cli_identity, default_url, open_database
from app.desk import Desk
from app.errors import Refused
from app.shared import logins
from app.words import tr


def seat_name(options: argparse.Namespace) -> str:
    return options.seat or socket.gethostname() or "?"


@contextmanager
def database(options: argparse.Namespace, *, create: bool = False, service: str = "") -> Iterator[Database]:
    """Open the database that the options name (the embedded default when none) and close it afterwards.

    A shared one is opened by the login that `--user` names, else by that of its URL, else by the `service`.
    Raises Refused when nobody is named, and BadInput for a wrong password.
    """
    url = options.db or default_url()
    login, password = _login(options, url, service)
    opened = open_database(url, create=create, login=login, password=password)
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
        yield desk_of(options, opened)


def desk_of(options: argparse.Namespace, opened: Database) -> Desk:
    """Return the desk of the person that `--user` names on a database that `database` opened. Raises Refused."""
    owner = opened.desk(cli_identity(), seat_name(options))
    if options.user:
        login = logins.of(opened.engine)
        password = login.password if login is not None and login.password else _password()
        return owner.as_identity(people.sign_in(owner, options.user, password).identity)
    if not opened.is_embedded:
        raise _nobody()
    return owner


def _login(options: argparse.Namespace, url: str, service: str) -> tuple[str, str]:
    """Return name and password to open a database with; empty for an embedded one, and for what its URL says."""
    if url.startswith("sqlite"):
        return "", ""
    if options.user:
        return options.user.strip().lower(), _password()
    if urlsplit(url).username or "PGUSER" in os.environ:
        return "", ""
    if not service:
        raise _nobody()
    return service, os.environ.get("WATCHROOM_PASSWORD", "")


def _nobody() -> Refused:
    return Refused(tr("Name the person who does this: --user NAME (the database is shared)."))


def _password() -> str:
    given = os.environ.get("WATCHROOM_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused(tr("There is nobody to ask for the password: set WATCHROOM_PASSWORD."))
    return getpass.getpass(tr("Password: "))
