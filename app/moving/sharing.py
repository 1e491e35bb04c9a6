"""What the window's "share with other seats" does: a look at the server, then set-up, move and connection files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, create_engine, text

from app import connecting
from app.connecting import connections_for
from app.database import Database, open_database
from app.errors import BadInput, Refused
from app.moving.carrying import Moved, Tell, move
from app.moving.logins import Logins, make_logins
from app.moving.target import open_target
from app.paths import config_dir
from app.server_trouble import refuse_old_server
from app.shared import connections
from app.shared.connections import SeatConnection
from app.text import clean_line
from app.trouble import worded
from app.words import tr

MAINTENANCE = "postgres"
PASSWORDS = "passwords-after-move.txt"


@dataclass(frozen=True, slots=True)
class Server:
    """Where the shared database is to be, and its server's superuser, who is asked once."""

    host: str
    port: int
    database: str
    superuser: str
    password: str
    sslmode: str = "verify-full"
    sslrootcert: str = ""

    def url(self, database: str = "") -> URL:
        query = {"sslmode": self.sslmode, **({"sslrootcert": self.sslrootcert} if self.sslrootcert else {})}
        return URL.create(
            "postgresql+psycopg",
            self.superuser,
            self.password or None,
            self.host,
            self.port,
            database or self.database,
            query,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """What a server is like. `troubles` are sentences; with none of them it can be used."""

    version: str
    max_connections: int
    is_encrypted: bool
    has_database: bool
    troubles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shared:
    """What was done: rows moved, logins made, where the passwords and the seats' files lie."""

    moved: Moved
    logins: Logins | None
    passwords: Path
    files: tuple[Path, ...]


def look_at(server: Server, seats: int) -> Look:
    """Return how a server is fit for `seats` seats. Raises DatabaseAway or Refused when it can't be asked at all."""
    engine = create_engine(server.url(MAINTENANCE), connect_args={"connect_timeout": 5})
    try:
        with worded(), engine.connect() as connection:
            refuse_old_server(connection)
            return _look(connection, server, seats)
    finally:
        engine.dispose()


def _look(connection: Connection, server: Server, seats: int) -> Look:
    version = str(connection.scalar(text("SHOW server_version")))
    allowed = int(connection.scalar(text("SHOW max_connections")) or 0)
    known = text("SELECT count(*) FROM pg_database WHERE datname = :name")
    has_database = bool(connection.scalar(known, {"name": server.database}))
    encrypted = text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
    wanted = connections_for(seats)
    troubles = []
    if connection.scalar(text("SELECT current_setting('is_superuser')")) != "on":
        troubles.append(tr("{name} is no superuser of this server.", name=server.superuser))
    if allowed < wanted:
        troubles.append(tr("max_connections is {n}; {seats} seats need {m}.", n=allowed, seats=seats, m=wanted))
    return Look(version, allowed, bool(connection.scalar(encrypted)), has_database, tuple(troubles))


def seat_names(typed: str) -> tuple[str, ...]:
    """Return the names of seats, one a line. Raises BadInput for none, or two alike."""
    names = tuple(name for line in typed.splitlines() if (name := clean_line(line)[:80]))
    if not names or len(set(names)) != len(names):
        raise BadInput(tr("Give each seat a name of its own, one a line."), "seats")
    return names


def share(
    source_url: str, server: Server, seats: tuple[str, ...], folder: Path, tell: Tell = lambda _line, _part: None
) -> Shared:
    """Make the shared database, carry the embedded one over, and write a connection file for each seat.

    The caller's desktop holds the embedded database; its collector has ended. Safe to run again after a failure.
    """
    look = look_at(server, len(seats))
    if look.troubles:
        raise Refused(" ".join(look.troubles))
    if not look.has_database:
        _make_database(server)
    passwords = config_dir() / PASSWORDS
    made: list[Logins] = []
    source = open_database(source_url, even_moved=True)
    try:
        target = open_target(server.url().render_as_string(hide_password=False))
        try:
            moved = move(source, target, tell, _maker(made, target, len(seats), passwords), is_own_desktop=True)
        finally:
            target.engine.dispose()
    finally:
        source.engine.dispose()
    files = tuple(connections.write(_of_seat(server, seat), folder) for seat in seats)
    connections.adopt(_of_seat(server, seats[0]))
    return Shared(moved, made[0] if made else None, passwords, files)


def _maker(made: list[Logins], target: Database, seats: int, passwords: Path) -> Callable[[], None]:
    return lambda: made.append(make_logins(target, seats, passwords))


def _of_seat(server: Server, seat: str) -> SeatConnection:
    place = connecting.without_password(server.url()).set(query={}).render_as_string(hide_password=False)
    return SeatConnection(seat, place, server.sslmode, server.sslrootcert)


def _make_database(server: Server) -> None:
    engine = create_engine(server.url(MAINTENANCE), isolation_level="AUTOCOMMIT")
    try:
        with worded(), engine.connect() as connection:
            name = connection.dialect.identifier_preparer.quote_identifier(server.database)
            connection.exec_driver_sql(f"CREATE DATABASE {name} ENCODING 'UTF8' TEMPLATE template0")
    finally:
        engine.dispose()
