"""An embedded database carried over into a shared one: counted, proved, gone on with after a kill."""

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from app import audit, devices, feed, moving, people, settings
from app.collector.store import DeskStore
from app.database import Database, cli_identity, open_database
from app.desk import Desk
from app.errors import BadInput, Refused
from app.moving import carrying
from app.paths import lock_file
from app.shared.roles import SERVICES
from models.enums import CheckKind, Post
from tests.databases import new_postgresql

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0


@pytest.fixture
def source(home: Path, sqlite_template: bytes) -> Iterator[Database]:
    path = home / "desk.db"
    path.write_bytes(sqlite_template)
    opened = open_database(f"sqlite:///{path}")
    fill(opened.desk(cli_identity(), "A1"))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def target(home: Path, postgresql_server: str, postgresql_template: str) -> Iterator[Database]:
    opened = open_database(new_postgresql(postgresql_server, postgresql_template))
    forget_others(opened)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def ready(home: Path, postgresql_server: str) -> Iterator[Database]:
    """A target with the rules of a shared database."""
    opened = moving.open_target(new_postgresql(postgresql_server))
    forget_others(opened)
    yield opened
    drop_logins(opened)
    opened.engine.dispose()


def fill(desk: Desk) -> None:
    """Make a few records with a history."""
    login = f"jia{uuid.uuid4().hex[:8]}"
    desk.do(people.add_person, uuid.uuid4(), "演示员甲", login, [Post.ENGINEER, Post.AUDITOR], telephone="6021")
    for n in range(5):
        kinds = [CheckKind.SNMP]
        desk.do(devices.add_device, uuid.uuid4(), f"交换机 {n}", "switch", "127.0.0.1", kinds, secret="口令")
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    desk.do(settings.put, "unit.name", "示例信息中心二部", 1)
    desk.do(audit.seal)


def desk_on(database: Database) -> Desk:
    return database.desk(cli_identity(), "A1")


def findings(database: Database) -> list[str]:
    return [finding.what for finding in desk_on(database).read(audit.verify).findings]


def alter(database: Database, statement: str) -> None:
    """Change the database past all triggers, as its superuser could."""
    with database.engine.connect() as connection, connection.begin():
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        connection.exec_driver_sql(statement)


def test_everything_arrives_and_the_trail_is_whole_on_the_new_side(source: Database, target: Database) -> None:
    old = desk_on(source).read(audit.history, "setting", 1)
    kept_there, kept_here = desk_on(source).read(feed.here), desk_on(target).read(feed.here)
    moved = moving.move(source, target)
    counted = {table.name: table.rows for table in moved.tables}
    assert counted["ci"] == counted["check_item"] == 5
    desk = desk_on(target)
    assert desk.read(settings.get, "unit.name") == "示例信息中心二部"
    history = desk.read(audit.history, "setting", 1)
    assert history[0].command == "moving.move"
    assert [(row.id, row.at, row.command) for row in history[1:]] == [(row.id, row.at, row.command) for row in old]
    desk.do(devices.add_device, uuid.uuid4(), "新的", "switch", "127.0.0.1", [])
    desk.do(audit.seal)
    verdict = desk.read(audit.verify)
    assert verdict.is_whole, verdict.findings
    assert (verdict.unsealed, verdict.unchecked) == (0, ())
    assert open_again(target).epoch != target.epoch
    for kept in (kept_there, kept_here):
        assert desk.read(feed.since, kept)[0].is_reset, "whoever followed either database loads anew"
    (key,) = moved.keys
    assert key.stat().st_mode & 0o077 == 0
    assert {watched.secret for watched in DeskStore(target).load().targets if watched.kind is CheckKind.SNMP} == {
        "口令"
    }


def test_the_old_seals_prove_the_carried_entries_as_long_as_the_key_is_here(
    source: Database, target: Database, home: Path
) -> None:
    moving.move(source, target)
    alter(target, "UPDATE moved_seal SET digest = repeat('0', 64) WHERE id = 1")
    assert any("carried seal 1 was changed" in what for what in findings(target))
    (home / "config" / "keys" / f"{source.uuid}.key").unlink()
    verdict = desk_on(target).read(audit.verify)
    assert verdict.is_whole
    assert source.uuid in verdict.unchecked[0]


def test_what_is_changed_on_the_new_side_is_found(source: Database, target: Database) -> None:
    moving.move(source, target)
    assert findings(target) == []
    known: set[str] = set()
    for statement in (
        "UPDATE ci SET name = 'forged' WHERE id = 1",
        "UPDATE audit_entry SET reason = 'forged' WHERE id = 2",
        "DELETE FROM audit_entry WHERE id = 3",
    ):
        alter(target, statement)
        now = set(findings(target))
        assert now - known, statement
        known |= now


def test_a_move_that_is_done_changes_nothing_again_and_the_old_database_says_where_it_went(
    source: Database, target: Database
) -> None:
    first = moving.move(source, target)
    entries = desk_on(target).read(audit.verify).entries
    assert moving.move(source, target) == first
    assert desk_on(target).read(audit.verify).entries == entries
    with pytest.raises(Refused, match="was moved to postgresql"):
        open_database(source.url)
    old = open_database(source.url, even_moved=True)
    assert findings(old) == []
    old.engine.dispose()


def test_a_target_that_holds_other_data_is_refused(source: Database, target: Database) -> None:
    desk_on(target).do(devices.add_device, uuid.uuid4(), "别人的", "switch", "127.0.0.1", [CheckKind.ICMP])
    with pytest.raises(Refused, match="not empty"):
        moving.move(source, target)
    assert [row.name for row in desk_on(target).read(devices.board)] == ["别人的"]


def test_two_databases_of_one_kind_are_refused(source: Database) -> None:
    with pytest.raises(BadInput, match="is moved into a shared one"):
        moving.move(source, source)
    with pytest.raises(BadInput, match="is moved into a shared one"):
        moving.open_target(source.url)


def test_a_source_at_work_is_refused(source: Database, target: Database) -> None:
    assert source.path is not None
    with (
        lock_file(source.path.with_name(f"{source.path.name}.collector"), "it"),
        pytest.raises(Refused, match="already in use"),
    ):
        moving.move(source, target)


def test_a_source_whose_trail_is_not_whole_is_refused(source: Database, target: Database) -> None:
    with source.engine.connect() as connection:
        connection.exec_driver_sql("DROP TRIGGER watch_audit_entry_fixed")
        connection.exec_driver_sql("UPDATE audit_entry SET reason = 'forged' WHERE id = 2")
        connection.commit()
    with pytest.raises(Refused, match="nothing is moved"):
        moving.move(source, target)


def test_what_was_entered_between_a_cut_off_move_and_the_next_arrives_too(
    source: Database, target: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def power_cut(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(carrying, "_finish", power_cut)
        with pytest.raises(KeyboardInterrupt):
            moving.move(source, target)
    desk_on(source).do(settings.put, "unit.name", "后来的名字", 2)
    moving.move(source, target)
    assert desk_on(target).read(settings.get, "unit.name") == "后来的名字"
    assert findings(target) == []


def test_people_get_logins_with_passwords_listed_once(source: Database, ready: Database, home: Path) -> None:
    file = home / "list.txt"
    made: list[moving.Logins] = []
    moving.move(source, ready, before_end=lambda: made.append(moving.make_logins(ready, 3, file)))
    (logins,) = made
    login = logins.people[0].login
    assert file.stat().st_mode & 0o077 == 0
    assert f"{login}\t{logins.people[0].password}" in file.read_text()
    assert "no longer holds Auditor" in logins.notes[0]
    with ready.engine.connect() as connection:
        groups = "SELECT array_agg(g.rolname::text) FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid"
        held = connection.scalar(text(f"{groups} WHERE m.member = CAST(:login AS regrole)"), {"login": login})
    assert set(held) == {"watchroom_people", "watchroom_engineer"}
    assert findings(ready) == []


@pytest.mark.slow
def test_killed_in_the_middle_it_finishes_when_it_is_run_again(source: Database, ready: Database) -> None:
    url = ready.engine.url.render_as_string(hide_password=False)
    line = [sys.executable, "-m", "app", "move", "--db", source.url, "--to", url, "--seats", "2"]
    cut = subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    wait_until(lambda: carried(ready) > 3 or cut.poll() is not None)
    cut.kill()
    said = cut.communicate(timeout=30)[0].decode()
    assert cut.returncode == -signal.SIGKILL, said
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert "the same on both sides" in done.stdout
    assert findings(ready) == []
    assert len(desk_on(ready).read(devices.board)) == 5


def carried(target: Database) -> int:
    with target.engine.connect() as connection:
        return connection.scalar(text("SELECT count(*) FROM moved_table")) or 0


def forget_others(target: Database) -> None:
    """Drop the logins of other tests' people: logins belong to the whole server, and so do their posts."""
    others = text(
        "SELECT DISTINCT format('DROP ROLE %I', person.rolname) FROM pg_auth_members"
        " JOIN pg_roles AS post ON post.oid = roleid JOIN pg_roles AS person ON person.oid = member"
        " WHERE post.rolname LIKE 'watchroom%' AND person.rolcanlogin AND NOT person.rolname = ANY (:services)"
    )
    with target.engine.connect() as connection, connection.begin():
        for statement in connection.scalars(others, {"services": list(SERVICES)}).all():
            connection.exec_driver_sql(statement)


def drop_logins(target: Database) -> None:
    """Take back the logins of people, which belong to the whole server."""
    with target.engine.connect() as connection, connection.begin():
        for login in connection.scalars(text("SELECT login FROM person WHERE login IS NOT NULL")).all():
            connection.execute(text(f'DROP ROLE IF EXISTS "{login}"'))


def open_again(database: Database) -> Database:
    opened = open_database(database.engine.url.render_as_string(hide_password=False))
    opened.engine.dispose()
    return opened


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once `holds()`. Fails the test after PATIENCE_S."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            pytest.fail("waited in vain")
        time.sleep(0.01)
