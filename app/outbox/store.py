"""The outbox's file: one SQLite database for each shared database, written through to the disk.

Each call opens the file anew: entries are few, two programs of one machine may hold the same outbox, and nothing is
lost when either is killed.
"""

import json
import sqlite3
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from app.errors import NotSaved
from app.outbox.entry import Entry, EntryState, Waiting
from app.paths import config_dir, data_dir, folder_in
from app.secrets import SecretBox, open_box
from app.words import tr

BUSY_S = 5.0
SETTLED_STAY = timedelta(days=30)
_TABLE = """
CREATE TABLE IF NOT EXISTS entry (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, command TEXT NOT NULL, sealed TEXT NOT NULL, login TEXT NOT NULL,
  name TEXT NOT NULL, seat TEXT NOT NULL, entered_at TEXT NOT NULL, state TEXT NOT NULL, told TEXT NOT NULL DEFAULT '',
  theirs TEXT NOT NULL DEFAULT '{}', settled_at TEXT, reason TEXT NOT NULL DEFAULT ''
) STRICT"""
_COLUMNS = "key, command, sealed, login, name, seat, entered_at, state, told, theirs, settled_at, reason"


def open_outbox(database_uuid: str) -> "Outbox":
    """Return this machine's outbox of one database; its file is made with the first entry."""
    return Outbox(folder_in(data_dir(), "outbox") / f"{database_uuid}.db", config_dir())


class Outbox:
    """The entries of one file, in the order in which they were made. Thread-safe.

    Arguments are sealed with a key beside the settings, since they name visitors and their papers.
    """

    def __init__(self, path: Path, keys: Path) -> None:
        self.path = path
        self._keys = keys
        self._box: SecretBox | None = None

    def add(self, entry: Entry) -> None:
        """Write an entry; when this returns it is on the disk. Raises NotSaved."""
        sealed = self._secret.seal(json.dumps(dict(entry.arguments)))
        values = (entry.key.hex, entry.command, sealed, entry.login, entry.name, entry.seat, _text(entry.entered_at))
        with self._open() as connection:
            connection.execute(
                "INSERT INTO entry (key, command, sealed, login, name, seat, entered_at, state)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, entry.state.value),
            )

    def entries(self, login: str | None = None, *states: EntryState) -> list[Entry]:
        """Return the entries of a person, or of everybody for None, in these states, or in any; oldest first."""
        if not self.path.exists():
            return []
        wanted = [state.value for state in states or EntryState]
        query = (
            f"SELECT {_COLUMNS} FROM entry WHERE (?1 IS NULL OR login = ?1)"
            " AND state IN (SELECT value FROM json_each(?2)) ORDER BY id"
        )
        with self._open() as connection:
            return [self._entry(row) for row in connection.execute(query, (login, json.dumps(wanted)))]

    def has_waiting(self, login: str) -> bool:
        """Tell whether entries of this person wait to be sent."""
        return self.waiting(login).mine > 0

    def waiting(self, login: str) -> Waiting:
        """Return how many entries wait, seen by the person with this login."""
        if not self.path.exists():
            return Waiting()
        with self._open() as connection:
            found = connection.execute("SELECT login, name, state, count(*) FROM entry GROUP BY 1, 2, 3").fetchall()
        counts = [(who, name, EntryState(state), count) for who, name, state, count in found]
        return Waiting(
            sum(count for who, _name, state, count in counts if who == login and state is EntryState.WAITING),
            sum(count for who, _name, state, count in counts if who == login and state.asks_for_person),
            tuple(sorted({name for who, name, state, _n in counts if who != login and state is EntryState.WAITING})),
        )

    def settle(
        self, key: uuid.UUID, state: EntryState, told: str = "", theirs: Mapping[str, Any] | None = None,
        reason: str = "",
    ) -> None:  # fmt: skip
        """Write down what became of an entry. Raises NotSaved."""
        with self._open() as connection:
            connection.execute(
                "UPDATE entry SET state = ?, told = ?, theirs = ?, settled_at = ?, reason = ? WHERE key = ?",
                (state.value, told, json.dumps(dict(theirs or {})), _text(datetime.now(UTC)), reason, key.hex),
            )

    def settle_sent(self, keys: Sequence[uuid.UUID]) -> None:
        """Write down that these entries were sent. Raises NotSaved."""
        done = [(EntryState.SENT.value, _text(datetime.now(UTC)), key.hex) for key in keys]
        with self._open() as connection:
            connection.executemany("UPDATE entry SET state = ?, settled_at = ?, told = '' WHERE key = ?", done)

    def wait_again(self, key: uuid.UUID, arguments: Mapping[str, Any]) -> None:
        """Let a settled entry wait anew, with these arguments. Raises NotSaved."""
        with self._open() as connection:
            connection.execute(
                "UPDATE entry SET state = ?, sealed = ?, told = '', theirs = '{}', settled_at = NULL WHERE key = ?",
                (EntryState.WAITING.value, self._secret.seal(json.dumps(dict(arguments))), key.hex),
            )

    def forget_old(self) -> None:
        """Drop what was sent or discarded SETTLED_STAY ago; what waits for a person stays."""
        if self.path.exists():
            done = (EntryState.SENT.value, EntryState.DISCARDED.value, _text(datetime.now(UTC) - SETTLED_STAY))
            with self._open() as connection:
                connection.execute("DELETE FROM entry WHERE state IN (?, ?) AND settled_at < ?", done)

    @property
    def _secret(self) -> SecretBox:
        if self._box is None:
            self._box = open_box(self._keys, f"outbox-{self.path.stem}")
        return self._box

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the file; readable by its owner alone."""
        try:
            if not self.path.exists():
                self.path.touch(0o600)
            with closing(sqlite3.connect(self.path, timeout=BUSY_S)) as connection:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute(_TABLE)
                with connection:
                    yield connection
        except (sqlite3.Error, OSError) as error:
            raise NotSaved(
                tr("the entries kept on this machine ({path}): {reason}", path=self.path, reason=error)
            ) from error

    def _entry(self, row: tuple[Any, ...]) -> Entry:
        key, command, sealed, login, name, seat, entered_at, state, told, theirs, settled_at, reason = row
        return Entry(
            uuid.UUID(key), command, json.loads(self._secret.open(sealed)), login, name, seat, _moment(entered_at),
            EntryState(state), told, json.loads(theirs), _moment(settled_at) if settled_at else None, reason,
        )  # fmt: skip


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
