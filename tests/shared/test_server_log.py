"""What the server refused reaches the trail from its JSON log, and five failures lock a login (issue: audit)."""

import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app import audit
from app.database import Database, collector_identity, open_database
from app.desk import Desk
from app.shared import rule_watch, server_log
from app.shared.roles import PEOPLE, SERVICES, group_of
from models.enums import Post
from tests.shared.debian_server import DebianServer, debian_server, wait_until

ROOM = "room"
COLLECTOR = ("collector", "collector-2026-x")


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    """One server with the rules of a shared database, a collector and a duty operator called jia."""
    with debian_server() as started:
        started.new_room(ROOM)
        started.sql(f"CREATE ROLE {COLLECTOR[0]} LOGIN BYPASSRLS PASSWORD '{COLLECTOR[1]}'")
        started.sql(f"GRANT {SERVICES['collector']} TO {COLLECTOR[0]}")
        yield started


@pytest.fixture
def database(server: DebianServer, home: Path) -> Iterator[Database]:
    """The shared database as the collector has it; what others did to the log before is read already."""
    opened = open_database(server.url(*COLLECTOR, ROOM))
    desk = opened.desk(collector_identity(), "C1")
    server.sql("SELECT watchroom_private.take_fingerprints()", ROOM)
    while desk.do(server_log.enter_refusals):
        continue
    yield opened
    opened.engine.dispose()


@pytest.fixture
def desk(database: Database) -> Desk:
    return database.desk(collector_identity(), "C1")


@pytest.fixture
def jia(server: DebianServer) -> str:
    """The login of a new duty operator, made without the program's functions, whose posts agree with its groups."""
    login = f"jia_{uuid.uuid4().hex[:8]}"
    server.sql(f"CREATE ROLE {login} LOGIN PASSWORD 'shift-2026-night'")
    server.sql(f"GRANT {PEOPLE}, {group_of(Post.OPERATOR)} TO {login}")
    server.sql(
        f"INSERT INTO person (key, name, login) VALUES ('{uuid.uuid4()}', '{login}', '{login}')"
        , ROOM
    )  # fmt: skip
    server.sql(
        f"INSERT INTO person_post (person_id, post) SELECT id, 'operator' FROM person WHERE login = '{login}'", ROOM
    )
    server.sql(
        "INSERT INTO password (person_id, hash, set_at, is_temporary) SELECT p.id, a.rolpassword, now(), false"
        f" FROM person p JOIN pg_authid a ON a.rolname = p.login WHERE p.login = '{login}'",
        ROOM,
    )
    return login


def entered(desk: Desk, count: int) -> list[tuple[str, str]]:
    """Read the log until `count` refusals came, and return the newest acts, oldest first."""
    found = 0

    def all_there() -> bool:
        nonlocal found
        found += desk.do(server_log.enter_refusals)
        return found >= count

    wait_until(all_there)
    rows = desk.read(lambda tx: tx.connection.execute(text("SELECT kind, text FROM act ORDER BY id DESC")).all())
    return [(kind, words) for kind, words in reversed(rows[:found])]


def test_a_refused_statement_of_a_person_has_its_entry(server: DebianServer, desk: Desk, jia: str) -> None:
    with server.connect(jia, "shift-2026-night", ROOM) as raw, suppress(psycopg.Error):
        raw.execute("DELETE FROM incident")
    ((kind, words),) = entered(desk, 1)
    assert kind == "direct edit"
    assert jia in words and "permission denied for table incident" in words


def test_a_refused_write_of_the_program_is_told_from_one_past_it(server: DebianServer, desk: Desk, jia: str) -> None:
    name = {"application_name": "watchroom 0.1.0"}
    with server.connect(jia, "shift-2026-night", ROOM, **name) as raw, suppress(psycopg.Error):
        raw.execute("UPDATE audit_entry SET reason = ''")
    ((kind, _),) = entered(desk, 1)
    assert kind == "refused"


def test_nothing_is_entered_twice_and_the_trail_stays_whole(server: DebianServer, desk: Desk, jia: str) -> None:
    with server.connect(jia, "shift-2026-night", ROOM) as raw:
        for _ in range(3):
            with suppress(psycopg.Error):
                raw.execute("SELECT pg_read_file('/etc/passwd')")
    assert len(entered(desk, 3)) == 3
    assert desk.do(server_log.enter_refusals) == 0
    while desk.do(audit.seal):
        continue
    assert desk.read(audit.verify).findings == ()


def test_a_line_with_bytes_that_are_no_text_blinds_nobody(server: DebianServer, desk: Desk, jia: str) -> None:
    newest = server.log_files()[-1]
    with newest.open("ab") as log:
        log.write(b'{"error_severity":"ERROR","dbname":"room","message":"\xff\xfe"}\n{"error_severity":"ERROR", half\n')
    with server.connect(jia, "shift-2026-night", ROOM) as raw, suppress(psycopg.Error):
        raw.execute("TRUNCATE person")
    kinds = [kind for kind, _ in entered(desk, 3)]
    assert kinds == ["unreadable", "unreadable", "direct edit"]


def test_five_wrong_passwords_lock_the_login_and_time_opens_it(server: DebianServer, desk: Desk, jia: str) -> None:
    def fail(times: int) -> None:
        for _ in range(times):
            with pytest.raises(psycopg.OperationalError):
                server.connect(jia, "wrong-2026", ROOM)

    fail(4)
    entered(desk, 4)
    server.connect(jia, "shift-2026-night", ROOM).close()
    fail(1)
    assert {kind for kind, _ in entered(desk, 1)} == {"sign-in failed"}
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        server.connect(jia, "shift-2026-night", ROOM)
    assert len(server.sql(f"SELECT 1 FROM login_lock WHERE login = '{jia}' AND ended_at IS NULL", ROOM)) == 1


def test_the_services_own_logins_are_never_locked(server: DebianServer, desk: Desk) -> None:
    for _ in range(6):
        with pytest.raises(psycopg.OperationalError):
            server.connect(COLLECTOR[0], "wrong-2026", ROOM)
    entered(desk, 6)
    server.connect(*COLLECTOR, ROOM).close()


def test_only_the_collector_reads_the_log(server: DebianServer, desk: Desk, jia: str) -> None:
    with server.connect(jia, "shift-2026-night", ROOM) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute("SELECT * FROM watchroom_new_refusals()")


def test_what_is_made_or_dropped_in_the_database_has_its_entry(server: DebianServer, desk: Desk) -> None:
    server.sql("CREATE TABLE smuggled (a int)", ROOM)
    server.sql("DO $$ BEGIN EXECUTE 'DROP TABLE smuggled'; END $$", ROOM)
    query = text("SELECT text FROM act WHERE kind = 'schema' ORDER BY id DESC LIMIT 2")
    words = desk.read(lambda tx: list(tx.connection.execute(query).scalars()))
    assert words == ["DROP TABLE public.smuggled", "CREATE TABLE public.smuggled"]


@pytest.mark.parametrize(
    ("deed", "undo", "name"),
    [
        (
            "ALTER TABLE incident DISABLE ROW LEVEL SECURITY",
            "ALTER TABLE incident ENABLE ROW LEVEL SECURITY",
            "incident",
        ),
        (
            "DO $$ BEGIN EXECUTE 'GRANT DELETE ON visit TO watchroom_operator'; END $$",
            "REVOKE DELETE ON visit FROM watchroom_operator",
            "visit",
        ),
        ("CREATE ROLE ghost SUPERUSER", "DROP ROLE ghost", "ghost"),
        (
            "ALTER FUNCTION watchroom_fingerprint_changes() OWNER TO watchroom_clerk",
            "ALTER FUNCTION watchroom_fingerprint_changes() OWNER TO postgres",
            "watchroom_private",
        ),
        ("ALTER ROLE collector SET session_replication_role = replica", "ALTER ROLE collector RESET ALL", "database"),
    ],
)
def test_a_change_of_the_rules_opens_an_incident_that_ends_with_it(
    server: DebianServer, desk: Desk, deed: str, undo: str, name: str
) -> None:
    assert desk.do(rule_watch.compare) == 0
    server.sql(deed, ROOM)
    try:
        assert desk.do(rule_watch.compare) > 0
    finally:
        server.sql(undo, ROOM)
    query = text("SELECT title FROM incident WHERE cause_key = :cause ORDER BY id DESC LIMIT 1")
    title = desk.read(lambda tx: tx.connection.scalar(query, {"cause": rule_watch.CAUSE}))
    assert title is not None and name in title
    assert desk.do(rule_watch.compare) == 0


def test_a_password_changed_past_the_program_is_found(server: DebianServer, desk: Desk, jia: str) -> None:
    with server.connect(jia, "shift-2026-night", ROOM) as raw:
        raw.execute(f"ALTER ROLE {jia} PASSWORD 'another-2026-x'")
    findings = [finding.what for finding in desk.read(audit.verify).findings]
    assert findings == [f"the password of {jia} was changed past the program"]
    server.sql(f"DROP ROLE {jia}")


def test_a_post_given_past_the_program_is_found(server: DebianServer, desk: Desk, jia: str) -> None:
    server.sql(f"GRANT {group_of(Post.ADMINISTRATOR)} TO {jia}")
    findings = [finding.what for finding in desk.read(audit.verify).findings]
    assert findings == [f"the rights of the login {jia} are not those of its posts"]
    server.sql(f"REVOKE {group_of(Post.ADMINISTRATOR)} FROM {jia}")
