"""The door, the audit trail and the live feed, on both databases (DESIGN 2-4; REQUIREMENTS H4, H5)."""

import sqlite3
import uuid

import pytest
from sqlalchemy import text

from app import audit, people, settings
from app.database import Database, cli_identity, open_database
from app.desk import COMMANDS, Desk
from app.errors import BadInput, Conflict, DatabaseAway, NotAllowed, NotSaved, Refused
from app.feed import Follower
from app.permissions import MATRIX
from models.enums import Post
from tests.databases import desk_of, trail_findings


def test_every_command_is_granted_to_somebody_in_the_role_matrix(desk: Desk) -> None:
    given = frozenset().union(*MATRIX.values())
    assert {name for name, permission in COMMANDS.items() if permission not in given} == set()


def test_a_command_without_the_right_changes_nothing_and_leaves_an_entry(database: Database) -> None:
    clerk = desk_of(database, Post.CLERK)
    with pytest.raises(NotAllowed):
        clerk.do(people.add_person, uuid.uuid4(), "来客", "ke", [Post.CLERK])
    assert clerk.read(people.is_empty)
    acts = clerk.read(lambda tx: tx.connection.execute(text("SELECT kind, text FROM act WHERE kind = 'refused'")).all())
    assert acts == [("refused", "people.add_person")]


def test_a_query_cannot_write(desk: Desk) -> None:
    for statement in ("UPDATE person SET name = 'x'", "INSERT INTO meta (name, value) VALUES ('a', 'b')"):
        with pytest.raises(NotSaved, match="only be read"):
            desk.read(lambda tx, sql=statement: tx.connection.execute(text(sql)))
    desk.do(settings.put, "unit.name", "还能写", 0)


def test_the_display_signs_people_in_and_may_nothing_else(database: Database, desk: Desk) -> None:
    desk.as_identity(cli_identity()).do(people.give_password, 1, "shift-2026-night")
    wall = desk_of(database, Post.DISPLAY)
    assert people.sign_in(wall, "jia", "shift-2026-night").identity.id == 1
    with pytest.raises(NotAllowed):
        wall.do(settings.put, "unit.name", "大屏", 0)


def test_a_retry_with_the_same_form_key_changes_nothing(database: Database, desk: Desk) -> None:
    key = uuid.uuid4()
    first = desk.do(people.add_person, key, "演示员乙", "yi", [Post.OPERATOR])
    assert desk.do(people.add_person, key, "演示员乙", "yi", [Post.OPERATOR]) == first


def test_the_second_editor_of_a_record_learns_who_was_first(desk: Desk) -> None:
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    desk.do(settings.put, "unit.name", "示例中心", 1)
    with pytest.raises(Conflict) as caught:
        desk.do(settings.put, "unit.name", "别的中心", 1)
    assert caught.value.who == "演示员甲"
    assert desk.read(settings.get, "unit.name") == "示例中心"


def test_the_trail_keeps_who_what_why_with_old_and_new_values(desk: Desk) -> None:
    person_id = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR])
    desk.do_because(
        "调岗",
        people.edit_person,
        person_id,
        1,
        "演示员乙",
        [Post.ENGINEER],
        department="运维部",
        telephone="",
        mobile="",
        is_active=True,
    )
    newest = desk.read(audit.history, "person", person_id)[0]
    assert (newest.person, newest.seat, newest.command, newest.reason) == (
        "jia",
        "A1",
        "people.edit_person",
        "调岗",
    )
    assert ("department", "", "运维部") in newest.changes


def test_a_password_never_reaches_the_trail(desk: Desk) -> None:
    desk.as_identity(cli_identity()).do(people.give_password, 1, "shift-2026-night")
    entries = desk.read(lambda tx: tx.connection.execute(text("SELECT new FROM audit_entry")).scalars().all())
    assert not any("argon2" in entry for entry in entries)


def test_a_sealed_trail_verifies_whole(desk: Desk) -> None:
    desk.as_identity(cli_identity()).do(people.give_password, 1, "shift-2026-night")
    desk.do(settings.put, "duty.shifts", [{"name": "早班", "starts": "08:00", "hours": 12}], 0)
    desk.do(audit.seal)
    verdict = desk.as_identity(cli_identity()).read(audit.verify)
    assert trail_findings(desk) == [] and verdict.entries > 0 and verdict.unsealed == 0


@pytest.mark.parametrize(
    ("forgery", "found"),
    [
        ("UPDATE audit_entry SET reason = 'x' WHERE id = 2", "changed"),
        ("DELETE FROM audit_entry WHERE id = 2", "gone"),
        ("UPDATE setting SET value = '{}'", "past the program"),
        ("DELETE FROM setting", "past the program"),
    ],
)
def test_a_forgery_past_the_triggers_is_found(database: Database, desk: Desk, forgery: str, found: str) -> None:
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    desk.do(settings.put, "unit.name", "示例中心", 1)
    desk.do(audit.seal)
    _forge(database, forgery)
    verdict = desk.read(audit.verify)
    assert any(found in finding.what for finding in verdict.findings)


def test_cutting_off_the_newest_entries_and_seals_is_found_by_who_verified_them(database: Database, desk: Desk) -> None:
    desk.do(audit.seal)
    first = desk.read(audit.last_seal)
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    desk.do(audit.seal)
    remembered = desk.read(audit.last_seal)
    assert remembered != first
    _forge(database, "DELETE FROM audit_seal WHERE id > 1")
    verdict = desk.read(audit.verify, remembered)
    assert any("verified here before" in finding.what for finding in verdict.findings)


def test_a_row_is_never_deleted_and_a_signature_line_never_changed(database: Database, desk: Desk) -> None:
    for statement in ("DELETE FROM person", "UPDATE audit_entry SET reason = ''", "DELETE FROM audit_entry"):
        with pytest.raises(Exception, match="never"), database.engine.connect() as connection:
            connection.execute(text(statement))


def test_a_foreign_program_cannot_write_an_embedded_database(database: Database, desk: Desk) -> None:
    if database.path is None:
        pytest.skip("the rules of the shared database are PostgreSQL's own")
    with pytest.raises(sqlite3.OperationalError, match="watchroom_who"):
        sqlite3.connect(database.path).execute("UPDATE person SET name = '别人'")


def test_the_feed_names_each_changed_row_once_and_nothing_twice(desk: Desk) -> None:
    follower = Follower(desk)
    assert not follower.poll()
    person_id = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR])
    changes = follower.poll()
    assert changes.tables["person"] == {person_id}
    assert not follower.poll()


def test_another_epoch_asks_the_client_to_load_everything_anew(database: Database, desk: Desk) -> None:
    follower = Follower(desk)
    follower.poll()
    with database.engine.connect().execution_options(watchroom_write=True) as connection:
        connection.execute(text("UPDATE meta SET value = 'other' WHERE name = 'epoch'"))
        connection.commit()
    assert follower.poll().is_reset


def test_five_wrong_passwords_lock_the_name(desk: Desk) -> None:
    desk.as_identity(cli_identity()).do(people.give_password, 1, "shift-2026-night")
    assert people.sign_in(desk, "jia", "shift-2026-night").identity.name == "演示员甲"
    for _ in range(people.FAILURES):
        with pytest.raises(Refused, match="wrong"):
            people.sign_in(desk, "JIA", "wrong-password-1")
    if desk.engine.dialect.name != "sqlite":
        return  # there the collector reads the failures in the server's log, and locks
    with pytest.raises(Refused, match="locked"):
        people.sign_in(desk, "jia", "shift-2026-night")


def test_a_wrong_name_and_a_wrong_password_read_the_same(desk: Desk) -> None:
    desk.as_identity(cli_identity()).do(people.give_password, 1, "shift-2026-night")
    sentences = set()
    for login in ("jia", "nobody"):
        with pytest.raises(Refused) as caught:
            people.sign_in(desk, login, "wrong-password-1")
        sentences.add(str(caught.value))
    assert len(sentences) == 1


def test_a_database_of_a_newer_program_is_refused_and_left_alone(database: Database) -> None:
    with database.engine.connect().execution_options(watchroom_write=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    with pytest.raises(Refused, match="newer Watchroom"):
        open_database(database.url)


def test_a_url_that_is_none_is_said_in_one_sentence() -> None:
    with pytest.raises(BadInput, match="not a database URL"):
        open_database("over there")
    with pytest.raises(DatabaseAway, match="watchroom init"):
        open_database("sqlite:////nowhere/at/all.db")


def _forge(database: Database, statement: str) -> None:
    """Run a statement as somebody would who switches the triggers off."""
    with database.engine.connect().execution_options(watchroom_write=True) as connection:
        if database.is_embedded:
            triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
            for name, _ in triggers:
                connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
            connection.exec_driver_sql(statement)
            for _, sql in triggers:
                connection.exec_driver_sql(sql)
        else:
            connection.exec_driver_sql("SET session_replication_role = replica")
            connection.exec_driver_sql(statement)
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
        connection.commit()
