"""Seats are known by name, and what a program has open is known to the others until it dies."""

import uuid
from datetime import timedelta

from app import seats
from app.database import Database
from app.desk import Desk
from app.feed import Follower
from app.presence import Companion, Shown, companions
from app.version import VERSION

ONE, OTHER = uuid.uuid4(), uuid.uuid4()
NOTHING: frozenset[Shown] = frozenset()
RECORD = Shown("incident", 7, True)


def later(database: Database, desk: Desk, by: timedelta) -> Desk:
    """Return the same desk after some time."""
    return database.desk(desk.identity, desk.seat, by)


def test_a_program_is_registered_with_its_seat_person_version_and_address(desk: Desk) -> None:
    (row,) = desk.do(seats.beat, ONE, "ws-03", NOTHING)
    assert (row.name, row.person, row.program_version, row.is_alive) == ("A1", "演示员甲", VERSION, True)
    assert row.address.startswith("ws-03")


def test_a_name_that_is_in_use_elsewhere_shows_both(desk: Desk) -> None:
    desk.do(seats.beat, ONE, "ws-03", NOTHING)
    both = desk.do(seats.beat, OTHER, "ws-04", NOTHING)
    assert [(row.name, row.instance) for row in both] == [("A1", ONE), ("A1", OTHER)]


def test_the_row_of_a_dead_program_is_taken_over_by_the_next(database: Database, desk: Desk) -> None:
    desk.do(seats.beat, ONE, "ws-03", NOTHING)
    (row,) = later(database, desk, seats.LEASE).do(seats.beat, OTHER, "ws-03", NOTHING)
    assert row.instance == OTHER
    assert len(desk.read(seats.everything)) == 1


def test_who_edits_a_record_is_told_to_the_others_only(desk: Desk) -> None:
    desk.do(seats.beat, ONE, "ws-03", frozenset({RECORD}))
    living = desk.do(seats.beat, OTHER, "ws-04", frozenset({Shown("incident", 7)}))
    assert companions(living, OTHER, "incident", 7) == (Companion(False, "演示员甲", "A1"),)
    assert companions(living, ONE, "incident", 7) == (Companion(True, "演示员甲", "A1"),)
    assert companions(living, OTHER, "incident", 8) == ()


def test_what_a_dead_seat_had_open_is_gone(database: Database, desk: Desk) -> None:
    desk.do(seats.beat, ONE, "ws-03", frozenset({RECORD}))
    living = later(database, desk, seats.LEASE + timedelta(seconds=1)).do(seats.beat, OTHER, "ws-04", NOTHING)
    assert companions(living, OTHER, "incident", 7) == ()
    assert [row.is_alive for row in later(database, desk, seats.LEASE * 3).read(seats.everything)] == [False]


def test_who_leaves_is_gone_at_once(desk: Desk) -> None:
    desk.do(seats.beat, ONE, "ws-03", frozenset({RECORD}))
    desk.do(seats.leave, ONE)
    assert desk.read(seats.living) == ()


def test_the_feed_tells_that_a_record_was_opened_but_not_each_beat(desk: Desk) -> None:
    desk.do(seats.beat, ONE, "ws-03", NOTHING)
    follower = Follower(desk)
    follower.poll()
    desk.do(seats.beat, ONE, "ws-03", frozenset({RECORD}))
    assert follower.poll().seats
    desk.do(seats.beat, ONE, "ws-03", frozenset({RECORD}))
    assert not follower.poll()


def test_beats_leave_nothing_in_the_trail(desk: Desk) -> None:
    follower = Follower(desk)
    follower.poll()
    desk.do(seats.beat, ONE, "ws-03", frozenset({RECORD}))
    assert not follower.poll().tables
