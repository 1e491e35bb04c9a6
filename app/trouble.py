"""What the databases' own errors mean for people: the one place where driver errors become the desk's errors."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, TimeoutError

from app import server_trouble
from app.errors import DatabaseAway, NotSaved, Refused, WatchroomError
from app.words import tr

CENTURY = "_century"
"""What the name of each CHECK on a time ends with (`models.base`)."""


@contextmanager
def worded() -> Iterator[None]:
    """Turn a driver's error inside the block into DatabaseAway, NotSaved or Refused; bugs pass unchanged."""
    try:
        yield
    except DBAPIError as error:
        told = translate(error)
        if told is None:
            raise
        raise told from error
    except TimeoutError as error:
        raise DatabaseAway(tr("every connection of this seat is busy; try again.")) from error


def translate(error: DBAPIError) -> WatchroomError | None:
    """Return the desk's error for a driver's error, or None when it is a bug."""
    message = str(error.orig)
    lowered = message.lower()
    if "watchroom:" in lowered:
        return Refused(
            tr(
                "The database refused it: {rule}.",
                rule=message.split("watchroom:", 1)[1].split("\n")[0].strip(),
            )
        )
    if CENTURY in lowered:
        return Refused(
            tr("A time lies outside the years 2000 to 2099: check what was entered, and the clock. Nothing was saved.")
        )
    known = None if _is_sqlite(error) else server_trouble.told(error.orig)
    if known is not None:
        return known
    if error.connection_invalidated and not _is_sqlite(error):
        return DatabaseAway(message.split("\n")[0])
    for sign, sentence in _disk_troubles():
        if sign in lowered:
            return NotSaved(sentence)
    if "database is locked" in lowered:
        return DatabaseAway(tr("another program is holding the database; try again."))
    if "malformed" in lowered or "not a database" in lowered:
        return DatabaseAway(tr("the file is damaged or is not a database; restore the last good copy."))
    if "unable to open" in lowered:
        return DatabaseAway(tr("the database file can't be opened; check the folder and its rights."))
    if isinstance(error, IntegrityError):
        return None
    if isinstance(error, (InterfaceError, OperationalError)) and error.connection_invalidated:
        return DatabaseAway(message.split("\n")[0])
    if isinstance(error, OperationalError) and not _is_sqlite(error):
        return DatabaseAway(message.split("\n")[0])
    return None


def _disk_troubles() -> tuple[tuple[str, str], ...]:
    return (
        ("disk is full", tr("the disk is full.")),
        ("no space left", tr("the disk is full.")),
        ("readonly database", tr("the database can only be read.")),
        ("read-only", tr("the database can only be read.")),
        ("disk i/o error", tr("the disk reports an error.")),
    )


def _is_sqlite(error: DBAPIError) -> bool:
    return "sqlite3" in type(error.orig).__module__ if error.orig else False
