"""A seat's connection file: which shared database, as which seat, and how the server is told from an impostor.

It holds no password. A seat opens it with `--connection FILE`, or takes up `connection.toml` in its settings' folder.
"""

import contextlib
import os
from dataclasses import dataclass
from pathlib import Path

import tomlkit
from tomlkit.exceptions import TOMLKitError

from app import connecting
from app.errors import BadInput, NotSaved
from app.filenames import safe_name
from app.paths import config_dir
from app.words import tr

NAME = "connection.toml"
SSL_MODES = ("verify-full", "verify-ca", "require", "prefer", "disable")
_FILES = ("sslrootcert", "sslcert", "sslkey")


@dataclass(frozen=True, slots=True)
class SeatConnection:
    """How one seat reaches the shared database; paths are empty for what the server does not ask."""

    seat: str
    database: str
    sslmode: str = "verify-full"
    sslrootcert: str = ""
    sslcert: str = ""
    sslkey: str = ""

    @property
    def url(self) -> str:
        """Return the URL with the TLS options that the driver takes, without a password."""
        given_url = connecting.parsed(self.database)
        found = connecting.without_password(given_url, given_url.username)
        if "sslmode" not in found.query:
            found = found.update_query_dict({"sslmode": self.sslmode})
        given = {name: getattr(self, name) for name in _FILES if getattr(self, name)}
        return found.update_query_dict(given).render_as_string(hide_password=False)


def own_file() -> Path:
    """Return where this account's connection file lies, if there is one."""
    return config_dir() / NAME


def read(path: Path) -> SeatConnection:
    """Return what a connection file says. Raises BadInput for one that is missing or can't be understood."""
    try:
        held = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise _unreadable(path, error) from error
    try:
        texts = {name: str(held.get(name, "")) for name in ("seat", "database", "sslmode", *_FILES)}
        connection = SeatConnection(**{**texts, "sslmode": texts["sslmode"] or "verify-full"})
        if connection.sslmode not in SSL_MODES or not connection.database.startswith("postgresql"):
            raise ValueError(connection.sslmode)
        connecting.parsed(connection.database)
    except Exception as error:
        raise _unreadable(path, error) from error
    return connection


def write(connection: SeatConnection, folder: Path) -> Path:
    """Write a seat's file into `folder` and return it. Raises NotSaved."""
    path = folder / safe_name(connection.seat, ".toml")
    return _write(connection, path)


def adopt(connection: SeatConnection) -> Path:
    """Let this account's program open the shared database from its next start. Raises NotSaved."""
    return _write(connection, own_file())


def _write(connection: SeatConnection, path: Path) -> Path:
    document = tomlkit.document()
    document.add(tomlkit.comment(tr("Watchroom: how this seat reaches the shared database. No password belongs here.")))
    document["seat"] = connection.seat
    plain = connecting.without_password(connecting.parsed(connection.database))
    document["database"] = plain.render_as_string(hide_password=False)
    for name in ("sslmode", *_FILES):
        if getattr(connection, name):
            document[name] = getattr(connection, name)
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as stream:
            stream.write(tomlkit.dumps(document))
        draft.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise NotSaved(tr("can't write {path}: {reason}", path=path, reason=error.strerror)) from error
    return path


def _unreadable(path: Path, error: Exception) -> BadInput:
    return BadInput(tr("The connection file {path} can't be used: {reason}", path=path, reason=error))


__all__ = ["NAME", "SSL_MODES", "SeatConnection", "adopt", "own_file", "read", "write"]
