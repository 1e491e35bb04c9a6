"""How a seat hears of changes at once: it listens on PostgreSQL, and on SQLite watches whether the file was written."""

import contextlib
import select
import sqlite3
import threading
import time
from collections.abc import Generator
from typing import Any, Protocol

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from app.connecting import TIME_OUTS
from app.deadlines import READ_S
from app.desk import Desk
from app.feed import CHANNEL, PLACE, SINCE, Changes, Follower, Line, Place, arrived, parameters
from app.shared import logins
from app.trouble import worded

SAFETY_S = 5.0
"""How long a seat waits for a word at most before it looks by itself; it looks too whether the server is there."""
SLICE_S = 0.5
"""How long a seat that is to end may go on waiting."""
BREATH_S = 0.1
"""The least time between two questions: a change after a pause is heard at once, of a burst many at a time."""
GLANCE_S = 0.04
"""How often the number of writes to an embedded file is looked at, which costs some microseconds."""


class Listener(Protocol):
    """A follower of the feed that knows when to ask. Used by one thread."""

    def poll(self) -> Changes:
        """Return what changed since the last call; the first call only takes the place. Raises DatabaseAway."""
        ...

    def wait(self, ending: threading.Event) -> None:
        """Return once there may be something new, or it is time to look, or `ending` is set."""
        ...

    def close(self) -> None: ...


def listen(desk: Desk) -> Listener:
    """Return what follows the feed of the desk's database."""
    return FileListener(desk) if desk.engine.dialect.name == "sqlite" else ServerListener(desk.engine)


class FileListener:
    """Asks through the desk whenever another connection, of this program or another, has written to the file."""

    def __init__(self, desk: Desk) -> None:
        self._follower = Follower(desk)
        self._file = sqlite3.connect(str(desk.engine.url.database), check_same_thread=False, isolation_level=None)
        self._seen = -1

    def poll(self) -> Changes:
        self._seen = self._writes()
        return self._follower.poll()

    def wait(self, ending: threading.Event) -> None:
        latest = time.monotonic() + SAFETY_S
        while not ending.wait(GLANCE_S) and self._writes() == self._seen and time.monotonic() < latest:
            pass

    def close(self) -> None:
        self._file.close()

    def _writes(self) -> int:
        """Return SQLite's number of the file's last write; another one each time where it can't be read just now."""
        try:
            number: int = self._file.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error:
            return -2
        return number


class ServerListener:
    """Listens on a connection of its own, which also reads the feed, so that it never waits behind the seat's work.

    A connection that is lost is made anew by the next `poll`, which goes on where the last one stopped; so is that of
    another person than who sits here now.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._line: Any = None
        self._person = ""
        self._place: Place | None = None
        self._is_called, self._asked_at = False, 0.0

    def poll(self) -> Changes:
        driver: Any = self._engine.dialect.dbapi
        try:
            with worded():
                try:
                    return self._ask()
                except driver.Error as error:
                    raise DBAPIError.instance("", None, error, driver.Error, connection_invalidated=True) from error
        except BaseException:
            self.close()
            raise

    def wait(self, ending: threading.Event) -> None:
        latest = time.monotonic() + SAFETY_S
        while not (self._is_called or ending.is_set() or time.monotonic() >= latest):
            if not self._has_news():
                continue
            try:
                self._line.pgconn.consume_input()
            except self._engine.dialect.dbapi.Error:  # type: ignore[union-attr]  # a PostgreSQL engine has its driver
                return
            while self._line.pgconn.notifies():
                self._is_called = True
        ending.wait(self._asked_at + BREATH_S - time.monotonic())

    def close(self) -> None:
        if self._line is not None:
            with contextlib.suppress(Exception):  # the driver's complaints about a line that is dead anyway
                self._line.close()
            self._line = None

    def _ask(self) -> Changes:
        if self._person != logins.present(self._engine):
            self.close()
        if self._line is None or self._line.closed:
            self._line = self._connected()
        self._is_called, self._asked_at = False, time.monotonic()
        if self._place is None:
            rows = self._line.execute(PLACE).fetchall()
        else:
            rows = self._line.execute(_driver_form(SINCE), parameters(self._place)).fetchall()
        changes, self._place = arrived((Line(*row) for row in rows), self._place)
        return changes

    def _connected(self) -> Any:
        """Return a connection that listens; its server has READ_S for each answer."""
        # Imported here because an embedded database needs no driver.
        import psycopg

        class Prompt(psycopg.Connection[Any]):
            """A connection whose server is given up when it is silent for too long."""

            def wait(self, gen: Generator[Any, Any, Any], *how: Any, **more: Any) -> Any:
                return super().wait(_in_time(gen, psycopg.OperationalError("the server does not answer")), *how, **more)

        given, named = self._engine.dialect.create_connect_args(self._engine.url)
        asked = {"application_name": "watchroom feed", **TIME_OUTS, **named}
        login = logins.of(self._engine)
        if login is not None:
            login.give(None, None, [], asked)
        self._person = logins.present(self._engine)
        line = Prompt.connect(*given, **asked, autocommit=True)
        line.add_notify_handler(self._hear)
        line.execute(f"LISTEN {CHANNEL}")
        return line

    def _hear(self, _word: object) -> None:
        self._is_called = True

    def _has_news(self) -> bool:
        readable, _writable, _broken = select.select([self._line.pgconn.socket], [], [], SLICE_S)
        return bool(readable)


def _driver_form(statement: str) -> str:
    """Return a statement of named parameters as the driver wants it."""
    return statement.replace(":xmax", "%(xmax)s").replace(":running", "%(running)s").replace(":most", "%(most)s")


def _in_time(gen: Generator[Any, Any, Any], late: Exception) -> Generator[Any, Any, Any]:
    """Pass a driver's waiting on, and raise `late` into it when it waits longer than READ_S for the server."""
    latest = time.monotonic() + READ_S
    try:
        asked = next(gen)
        while True:
            ready = yield asked
            if not ready and time.monotonic() > latest:
                raise late
            asked = gen.send(ready)
    except StopIteration as end:
        return end.value
