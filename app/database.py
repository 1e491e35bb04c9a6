"""Opening a database: engines, pragmas, the audit functions of SQLite, creation and upgrade (DESIGN 4)."""

import getpass
import hashlib
import hmac
import os
import sqlite3
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.pool import ConnectionPoolEntry

from app import connecting
from app.audit_hash import entry_hash, fingerprint
from app.desk import Acting, Desk, Identity
from app.errors import BadInput, DatabaseAway, Refused
from app.keyfiles import damaged, held_or_made
from app.paths import config_dir, data_dir, folder_in, refuse_network_share
from app.server_trouble import not_set_up, refuse_old_server
from app.shared import logins
from app.trouble import worded
from app.words import tr
from models.enums import Post
from models.schema import HEAD

BUSY_TIMEOUT_MS = 5_000
KEY_BYTES = 32
EVERY_POST = frozenset(post for post in Post if post not in (Post.COLLECTOR, Post.DISPLAY))


@dataclass(frozen=True, slots=True)
class Database:
    """An open database: its engine, what names it, and the key of its audit trail (None on PostgreSQL)."""

    engine: Engine
    url: str
    uuid: str
    epoch: str
    audit_key: bytes | None

    @property
    def is_embedded(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The embedded database's file."""
        return Path(str(self.engine.url.database)) if self.is_embedded else None

    def desk(self, identity: Identity, seat: str, clock_ahead: timedelta = timedelta(0)) -> Desk:
        """Return the desk of `identity` at `seat`."""
        return Desk(self.engine, identity, seat, self.audit_key, clock_ahead)


def default_url() -> str:
    return f"sqlite:///{data_dir() / 'watchroom.db'}"


def open_database(
    url: str, *, create: bool = False, even_moved: bool = False, login: str = "", password: str = ""
) -> Database:
    """Open the database at `url` (an SQLAlchemy URL), upgraded to this program's tables; a shared one as `login`.

    With `create` an empty one is made; a shared one is made or upgraded only then, by a superuser (`watchroom init`).
    Raises BadInput for a URL that can't be read, Refused for a database of a newer program, a shared one of an older
    program, one on a network share, or (but for `even_moved`) carried over into another, DatabaseAway when it is not
    there.
    """
    try:
        parsed = connecting.parsed(url)
    except Exception as error:
        raise BadInput(tr("This is not a database URL: {url}", url=url)) from error
    if parsed.get_backend_name() == "sqlite":
        engine = _sqlite_engine(Path(parsed.database or ""), create)
    elif parsed.get_backend_name() == "postgresql":
        engine = connecting.server_engine(parsed)
        logins.attach(engine, login, password)
    else:
        raise BadInput(tr("Watchroom works with SQLite and PostgreSQL, not with {name}.", name=parsed.drivername))
    try:
        with worded():
            upgrade(engine, create=create)
            return _named(engine, url, even_moved)
    except BaseException:
        engine.dispose()
        raise


def upgrade(engine: Engine, *, create: bool = False) -> None:
    """Bring the tables up to this program's revision, where they are older. Raises Refused for a newer database.

    A shared database is changed only with `create`, and then gets its rules anew too.
    """
    is_shared = engine.dialect.name == "postgresql"
    if is_shared and create:
        from app.shared.setting_up import prepare

        prepare(engine)
        return
    with engine.connect() as connection:
        refuse_old_server(connection)
        present = _revision(connection)
    if present == HEAD:
        return
    from app.migrating import migrate, refuse_newer

    refuse_newer(present)
    if is_shared:
        raise not_set_up(present, HEAD)
    with engine.connect().execution_options(watchroom_write=True) as connection:
        migrate(connection)
        connection.commit()


def _revision(connection: Connection) -> str | None:
    """Return the revision that the tables are at, None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def cli_identity() -> Identity:
    """Return who owns the file when no person is named: all posts, recorded as `cli:` and the system account."""
    return Identity(None, tr("Command line"), f"cli:{account_name()}", EVERY_POST)


def collector_identity() -> Identity:
    return Identity(None, tr("Collector"), "collector", frozenset({Post.COLLECTOR}))


def display_identity() -> Identity:
    """Return the read-only identity of wall mode and pictures."""
    return Identity(None, tr("Display"), "display", frozenset({Post.DISPLAY}))


def account_name() -> str:
    """Return the system account's name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid-{getattr(os, 'getuid', int)()}"


def _named(engine: Engine, url: str, even_moved: bool) -> Database:
    with engine.connect() as connection:
        meta: dict[str, str] = {row.name: row.value for row in connection.execute(text("SELECT name, value FROM meta"))}
    if "moved_to" in meta and not even_moved:
        raise Refused(
            tr(
                "This database was moved to {url} ({at}). Work there: open this seat's connection file.",
                url=meta["moved_to"],
                at=meta.get("moved_at", ""),
            )
        )
    if "uuid" not in meta and engine.dialect.name == "postgresql":
        raise not_set_up(None, HEAD)
    if "uuid" not in meta:
        meta = {"uuid": uuid.uuid4().hex, "epoch": uuid.uuid4().hex}
        meta["audit_key"] = fingerprint(audit_key(meta["uuid"]))
        with engine.connect().execution_options(watchroom_write=True) as connection:
            for name, value in meta.items():
                connection.execute(
                    text("INSERT INTO meta (name, value) VALUES (:name, :value)"),
                    {"name": name, "value": value},
                )
            connection.commit()
    key = audit_key(meta["uuid"]) if engine.dialect.name == "sqlite" else None
    if key is not None:
        engine.dialect.watchroom_key = key  # type: ignore[attr-defined]
    return Database(engine, url, meta["uuid"], meta["epoch"], key)


def audit_key(database_uuid: str) -> bytes:
    """Return the trail's key of one embedded database, made (0600) where it is missing.

    A trail whose key was lost goes on under a new one; `audit.verify` says so. Raises Refused for a damaged file.
    """
    path = folder_in(config_dir(), "keys") / f"{database_uuid}.key"
    try:
        key = bytes.fromhex(held_or_made(path, lambda: os.urandom(KEY_BYTES).hex().encode()).decode("ascii"))
    except ValueError:
        raise damaged(path) from None
    if len(key) != KEY_BYTES:
        raise damaged(path)
    return key


def held_audit_key(database_uuid: str) -> bytes | None:
    """Return a trail's key where this machine has it; none is made."""
    return audit_key(database_uuid) if (config_dir() / "keys" / f"{database_uuid}.key").exists() else None


def _sqlite_engine(path: Path, create: bool) -> Engine:
    if not str(path) or str(path) == ".":
        raise BadInput(tr("Name the file of the embedded database, for example sqlite:////srv/watchroom.db"))
    refuse_network_share(path.parent)
    if not path.exists():
        if not create:
            raise DatabaseAway(tr("there is no database {path}; make one with 'watchroom init'.", path=path))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        except OSError as error:
            raise DatabaseAway(tr("can't write {path}: {reason}", path=path, reason=error.strerror)) from error
    engine = create_engine(
        f"sqlite:///{path}", connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}
    )
    event.listen(engine, "connect", partial(_prepare_sqlite, engine))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(engine: Engine, raw: sqlite3.Connection, record: ConnectionPoolEntry) -> None:
    raw.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "temp_store = MEMORY",
        "cache_size = -16000",
    ):
        raw.execute(f"PRAGMA {pragma}")
    acting = Acting()
    record.info["acting"] = acting
    _register(raw, acting, lambda: getattr(engine.dialect, "watchroom_key", b""))


def _register(raw: sqlite3.Connection, acting: Acting, key: Callable[[], bytes]) -> None:
    """Give one connection the functions that the trail's triggers call."""

    def digest(value: Any) -> str | None:
        if value is None:
            return None
        data = value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")
        return hmac.new(key(), data, hashlib.sha256).hexdigest()[:32]

    raw.create_function("watchroom_who", 1, lambda name: getattr(acting, name))
    raw.create_function("watchroom_hash", -1, lambda *fields: entry_hash(key(), *fields))
    raw.create_function("watchroom_digest", 1, digest, deterministic=True)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("watchroom_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
