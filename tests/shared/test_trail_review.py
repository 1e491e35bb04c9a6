"""The trail is read by page, and its review is a note that only the auditor writes and nobody changes (H4)."""

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import outputs, trail
from app.database import Database
from app.desk import Desk
from app.errors import BadInput, NotAllowed
from app.times import month_range, next_month, to_local
from models.enums import Post
from tests.databases import desk_of, trail_findings


@pytest.fixture
def auditor(database: Database) -> Desk:
    return desk_of(database, Post.AUDITOR)


def test_the_trail_is_read_page_by_page_and_searched(desk: Desk, auditor: Desk) -> None:
    for number in range(5):
        desk.do_because(f"why-{number}-then", outputs.left, "export", f"list {number}")
    first = auditor.read(trail.page, limit=3)
    rest = auditor.read(trail.page, after=first[-1], limit=100)
    ids = [row.id for row in (*first, *rest)]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == auditor.read(trail.count)
    assert auditor.read(trail.page, after=rest[0], backwards=True, limit=3) == first
    (found,) = auditor.read(trail.page, "why-3-then", "acts")
    assert (found.command, found.person, found.seat) == ("outputs.left", "jia", "A1")
    assert ("text", None, "list 3") in auditor.read(trail.changes, found.id)
    assert {row.table for row in auditor.read(trail.page, "", "accounts")} <= {"person", "person_post", "setting"}


def test_an_administrator_of_a_shared_database_reads_no_values(desk: Desk, database: Database) -> None:
    if database.is_embedded:
        pytest.skip("an embedded database hides no columns")
    desk.do_because("a patient's name", outputs.left, "export", "list")
    administrator = desk_of(database, Post.ADMINISTRATOR)
    newest = administrator.read(trail.page)[0]
    assert (newest.table, newest.reason) == ("act", "")
    assert administrator.read(trail.changes, newest.id) == ()


def test_a_month_is_due_until_an_auditor_has_written_its_note(desk: Desk, database: Database) -> None:
    now = desk.read(lambda tx: tx.now)
    month = to_local(now).date().replace(day=1)
    ahead = month_range(next_month(month))[0] - now + timedelta(days=3)
    auditor = desk_of(database, Post.AUDITOR)
    later = database.desk(auditor.identity, "T1", ahead)
    assert later.read(trail.standing).due == month
    auditor.do(trail.write_note, uuid.uuid4(), month, "", "一切正常")
    assert later.read(trail.standing).due == month, "the month was not over yet"
    if database.is_embedded:  # a server stamps and compares by its own clock
        later.do(trail.write_note, uuid.uuid4(), month, "夜间有三次失败登录", "建议改密码", "whole")
        found = later.read(trail.standing)
        assert found.due is None
        assert found.last is not None and (found.last.findings, found.last.verdict) == ("夜间有三次失败登录", "whole")
    assert trail_findings(desk) == []


def test_a_note_needs_an_opinion_and_a_month_that_began(auditor: Desk) -> None:
    month = to_local(auditor.read(lambda tx: tx.now)).date().replace(day=1)
    for field, wanted, opinion in (("opinion", month, " "), ("month", next_month(month), "x")):
        with pytest.raises(BadInput) as caught:
            auditor.do(trail.write_note, uuid.uuid4(), wanted, "", opinion)
        assert caught.value.field == field


def test_only_the_auditor_writes_notes_and_nobody_changes_one(desk: Desk, database: Database, auditor: Desk) -> None:
    month = to_local(desk.read(lambda tx: tx.now)).date()
    for post in (Post.MANAGER, Post.ADMINISTRATOR, Post.OPERATOR):
        with pytest.raises(NotAllowed):
            desk_of(database, post).do(trail.write_note, uuid.uuid4(), month, "", "x")
    key = uuid.uuid4()
    made = auditor.do(trail.write_note, key, month, "", "一切正常")
    assert auditor.do(trail.write_note, key, month, "", "另一个意见") == made
    for statement in ("UPDATE trail_review SET opinion = 'x'", "DELETE FROM trail_review"):
        with pytest.raises(DBAPIError), database.engine.connect() as connection:
            connection.execute(text(statement))
    assert [row.opinion for row in desk.read(trail.notes)] == ["一切正常"]


def test_a_note_is_printed_with_its_figures(desk: Desk, auditor: Desk) -> None:
    desk.do(outputs.left, "export", "list")
    month = to_local(desk.read(lambda tx: tx.now)).date()
    made = auditor.do(trail.write_note, uuid.uuid4(), month, "无", "一切正常")
    (note,) = auditor.read(trail.notes)
    figures = auditor.read(trail.summary, note.from_at, note.to_at)
    assert figures.outputs == 1
    assert figures.entries == note.entries > 0
    assert trail.note_pdf(auditor, made).startswith(b"%PDF")
