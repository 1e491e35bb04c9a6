"""The feed loses nothing and repeats nothing, whoever commits first, and it wakes who listens."""

import threading
import time
import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from app.database import Database
from app.desk import Desk
from app.errors import DatabaseAway
from app.feed import Changes, Follower, Line, Place, Snapshot, arrived
from app.listening import Listener, listen
from tests.ui.desks import make_room
from tests.ui.real import add_switch

PATIENCE_S = 30.0


@pytest.fixture
def listener(desk: Desk) -> Iterator[Listener]:
    """A listener of either database that has read everything there is."""
    made = listen(desk)
    made.poll()
    yield made
    made.close()


@pytest.fixture
def server(database: Database) -> Iterator[Engine]:
    """Several connections to PostgreSQL; what concerns transactions that overlap is not asked of SQLite."""
    if database.is_embedded:
        pytest.skip("one writer at a time")
    made = create_engine(database.engine.url)
    yield made
    made.dispose()


def heard(listener: Listener, *keys: int) -> set[int]:
    """Return the places that the listener names until it has named `keys`."""
    named: set[int] = set()
    latest = time.monotonic() + PATIENCE_S
    while not named.issuperset(keys) and time.monotonic() < latest:
        named |= listener.poll().tables.get("place", frozenset())
    return named


def test_a_listener_names_each_change_once(desk: Desk, listener: Listener) -> None:
    first, second = desk.do(make_room, "101"), desk.do(make_room, "102")
    assert heard(listener, first, second) == {first, second}
    assert not listener.poll()


def test_a_commit_wakes_who_waits(desk: Desk, listener: Listener) -> None:
    woken = threading.Event()

    def wait() -> None:
        listener.wait(threading.Event())
        woken.set()

    waiting = threading.Thread(target=wait)
    began = time.monotonic()
    waiting.start()
    made = desk.do(make_room, "101")
    assert woken.wait(PATIENCE_S)
    waiting.join()
    assert heard(listener, made) == {made}
    assert time.monotonic() - began < PATIENCE_S


def test_waiting_ends_when_the_program_does(listener: Listener) -> None:
    ending = threading.Event()
    ending.set()
    listener.wait(ending)


def test_what_commits_late_under_an_old_number_is_named(desk: Desk, listener: Listener, server: Engine) -> None:
    with server.connect() as late:
        late.execute(text("SELECT pg_current_xact_id()"))
        early = desk.do(make_room, "101")
        assert heard(listener, early) == {early}
        late.execute(text("UPDATE place SET note = 'late' WHERE id = :id"), {"id": early})
        other = desk.do(make_room, "102")
        assert heard(listener, other) == {other}
        late.commit()
    assert heard(listener, early) == {early}


def test_a_transaction_left_open_keeps_nobody_waiting_and_nothing_twice(
    desk: Desk, listener: Listener, server: Engine
) -> None:
    with server.connect() as idle:
        idle.execute(text("SELECT pg_current_xact_id()"))
        for name in ("101", "102", "103"):
            made = desk.do(make_room, name)
            assert heard(listener, made) == {made}
        assert not listener.poll()
    assert not listener.poll()


def test_states_that_commit_out_of_order_are_all_named(desk: Desk, listener: Listener, server: Engine) -> None:
    device = add_switch(desk)
    heard(listener)
    change = text(
        "INSERT INTO state_change (ci_id, at, old, new, summary) VALUES (:ci, now(), 'normal', 'critical', '')"
    )
    with server.connect() as late, server.connect() as early:
        late.execute(change, {"ci": device})
        early.execute(change, {"ci": device})
        early.commit()
        assert _states(listener) == {device}
        late.commit()
    assert _states(listener) == {device}
    assert not listener.poll()


def test_a_lost_line_is_told_and_the_next_poll_goes_on_where_it_stopped(
    desk: Desk, listener: Listener, server: Engine
) -> None:
    with server.connect() as other:
        other.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'watchroom feed'")
        )
        other.commit()
    made = desk.do(make_room, "101")
    with pytest.raises(DatabaseAway):
        listener.poll()
    assert heard(listener, made) == {made}


def test_another_epoch_makes_a_client_load_everything_anew(database: Database, desk: Desk, listener: Listener) -> None:
    desk.do(make_room, "101")
    with database.engine.connect().execution_options(watchroom_write=True) as connection:
        connection.execute(text("UPDATE meta SET value = :epoch WHERE name = 'epoch'"), {"epoch": uuid.uuid4().hex})
        connection.commit()
    assert listener.poll() == Changes(is_reset=True)
    assert not listener.poll()


def test_a_server_whose_numbers_go_back_makes_a_client_load_everything_anew() -> None:
    before = Place("epoch", 0, snapshot=Snapshot.of("90:100:"))
    changes, place = arrived([Line("epoch", 0, "40:50:42,44", None, None)], before)
    assert changes.is_reset
    assert place.snapshot == Snapshot(50, (42, 44))


def test_a_follower_without_a_line_of_its_own_reads_the_same(desk: Desk) -> None:
    follower = Follower(desk)
    follower.poll()
    made = desk.do(make_room, "101")
    assert follower.poll().tables["place"] == {made}
    assert not follower.poll()


def _states(listener: Listener) -> set[int]:
    named: set[int] = set()
    latest = time.monotonic() + PATIENCE_S
    while not named and time.monotonic() < latest:
        named |= listener.poll().states
    return named
