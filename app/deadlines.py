"""Deadlines of the database's answers: a transaction that waits longer than it may has its line cut (SECURITY 7).

A frozen server goes on acknowledging TCP, so no time-out of the network ever ends: whoever watches shuts the socket
down under the one who waits, whose driver then fails as if the server had died.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

READ_S = 3.0
WRITE_S = 5.0


@dataclass(slots=True, eq=False)
class Line:
    """The socket of a transaction under way, ours alone by a duplicate; to be cut at `due` (monotonic)."""

    socket: socket.socket
    due: float

    def cut(self) -> None:
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.due = float("inf")


class Lines:
    """The lines of one engine that have a deadline. Thread-safe."""

    def __init__(self) -> None:
        self._held: set[Line] = set()
        self._guard = threading.Lock()

    @contextlib.contextmanager
    def held(self, connection: Connection, limit_s: float | None) -> Iterator[None]:
        """Let `connection` wait for its server at most `limit_s` seconds inside the block; None is no limit."""
        line = _line(connection, limit_s)
        if line is None:
            yield
            return
        with self._guard:
            self._held.add(line)
        try:
            yield
        finally:
            with self._guard:
                self._held.discard(line)
                line.socket.close()

    def cut_overdue(self) -> int:
        """Cut every line whose time is over and return how many."""
        now = time.monotonic()
        with self._guard:
            overdue = [line for line in self._held if line.due <= now]
            for line in overdue:
                line.cut()
        return len(overdue)


def _line(connection: Connection, limit_s: float | None) -> Line | None:
    """Return the line of a connection to a server; an embedded database has none."""
    raw: Any = connection.connection.driver_connection
    if limit_s is None or not hasattr(raw, "pgconn"):
        return None
    return Line(socket.fromfd(raw.pgconn.socket, socket.AF_INET, socket.SOCK_STREAM), time.monotonic() + limit_s)
