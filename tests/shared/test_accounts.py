"""Accounts of a shared database through the program, on a server that asks for passwords (SECURITY 1, 4, 6)."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, text

from app import duty, people
from app.database import Database, display_identity, open_database
from app.desk import Desk
from app.duty import shift_log
from app.errors import BadInput, Refused
from app.passwords import LIFE, Age
from app.trials.logins import PASSWORD, Site, add_person, raw
from models.enums import Post
from tests.shared.logins import site

__all__ = ["site"]

NEW = "Fresh-morning-77"


@pytest.fixture
def seat(site: Site, home: Path) -> Iterator[Database]:
    """The database as a seat opens it before anybody has signed in: by the display's login."""
    url = make_url(site.url).set(username="display", password=site.passwords["display"])
    opened = open_database(url.render_as_string(hide_password=False))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def desk(seat: Database) -> Desk:
    return seat.desk(display_identity(), "A1")


def somebody(site: Site, *posts: str) -> tuple[str, int]:
    """Enter a new person with PASSWORD and return login and id."""
    login = f"p{uuid.uuid4().hex[:10]}"
    return login, add_person(site, login, list(posts))


def seated(desk: Desk, login: str, password: str = PASSWORD) -> Desk:
    return desk.as_identity(people.sign_in(desk, login, password).identity)


def entries(site: Site, table: str) -> list[tuple[str, str]]:
    rows = site.owner.execute("SELECT person, seat FROM audit_entry WHERE table_name = %s ORDER BY id", (table,))
    return [(person, at) for person, at in rows.fetchall()]


def test_a_database_whose_address_names_nobody_opens_with_the_persons_own_login(site: Site, home: Path) -> None:
    login, person_id = somebody(site, "operator")
    url = make_url(site.url).set(username=None, password=None).render_as_string(hide_password=False)
    with pytest.raises(BadInput):
        open_database(url, login=login, password="Wrong-77777")
    opened = open_database(url, login=login, password=PASSWORD)
    try:
        desk = opened.desk(display_identity(), "A1")
        assert people.sign_in(desk, login, PASSWORD).identity.id == person_id
        assert desk.read(lambda tx: tx.session.scalar(text("SHOW jit"))) == "off"
    finally:
        opened.engine.dispose()


def test_who_signs_in_is_who_the_database_sees(site: Site, desk: Desk) -> None:
    login, person_id = somebody(site, "operator", "engineer")
    signed = people.sign_in(desk, login, PASSWORD)
    assert signed.identity.id == person_id
    assert signed.identity.posts == {Post.OPERATOR, Post.ENGINEER}
    assert signed.standing is not None and signed.standing.age is Age.FRESH
    desk.as_identity(signed.identity).do(shift_log.write, uuid.uuid4(), "接班")
    assert entries(site, "shift_log_entry")[-1] == (login, "A1")
    assert entries(site, "sign_in")[-1] == (login, "A1")


def test_a_password_that_ends_within_two_weeks_is_said_at_the_sign_in(site: Site, seat: Database) -> None:
    login, _ = somebody(site, "operator")
    ages = []
    for days_left in (15, 13, 1):
        desk = seat.desk(display_identity(), "A1", LIFE - timedelta(days=days_left, minutes=-30))
        signed = people.sign_in(desk, login, PASSWORD)
        assert signed.standing is not None
        ages.append((signed.standing.age, signed.standing.days_left))
    assert ages == [(Age.FRESH, 14), (Age.ENDS_SOON, 12), (Age.ENDS_SOON, 0)]


def test_a_change_of_person_ends_the_last_persons_connections(site: Site, desk: Desk) -> None:
    first, _ = somebody(site, "operator")
    second, _ = somebody(site, "operator")
    earlier = seated(desk, first)
    earlier.do(shift_log.write, uuid.uuid4(), "甲班")
    seated(desk, second)
    earlier.do(shift_log.write, uuid.uuid4(), "还是甲班？")
    assert entries(site, "shift_log_entry")[-1][0] == second
    count = site.owner.execute("SELECT count(*) FROM pg_stat_activity WHERE usename = %s", (first,)).fetchone()
    assert count == (0,)


@pytest.mark.parametrize("login", ["t_operator", "nobody-at-all"])
def test_a_wrong_name_and_a_wrong_password_read_the_same(desk: Desk, login: str) -> None:
    with pytest.raises(Refused, match="name or the password is wrong"):
        people.sign_in(desk, login, "wrong-password-1")


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short1", "8 characters"),
        ("nodigitshere", "digit"),
        ("1234567890", "letter"),
        ("x" * 140 + "1", "at most"),
        (PASSWORD, "one of your last 5"),
        ("{login}-1234", "name or login"),
    ],
)
def test_a_weak_password_is_refused_with_its_reason_and_never_quoted(
    site: Site, desk: Desk, password: str, says: str
) -> None:
    login, _ = somebody(site, "clerk")
    own = seated(desk, login)
    weak = password.format(login=login)
    with pytest.raises(BadInput, match=says) as refused:
        own.do(people.change_password, PASSWORD, weak)
    assert weak not in str(refused.value) and weak not in repr(refused.value.__cause__)


def test_a_changed_password_holds_at_once_and_the_old_one_no_more(site: Site, desk: Desk) -> None:
    login, _ = somebody(site, "clerk")
    own = seated(desk, login)
    own.do(people.change_password, PASSWORD, NEW)
    own.engine.dispose()
    assert own.read(people.by_login, login) is not None
    with pytest.raises(psycopg.OperationalError):
        raw(site.url, login, PASSWORD)
    raw(site.url, login, NEW).close()
    assert login not in strangers(site)


def test_the_present_password_is_asked_for(site: Site, desk: Desk) -> None:
    login, _ = somebody(site, "clerk")
    with pytest.raises(BadInput, match="present password"):
        seated(desk, login).do(people.change_password, "not-the-one-1", NEW)


def test_an_administrator_makes_a_colleague_who_must_change_the_password(site: Site, desk: Desk) -> None:
    administrator = seated(desk, "t_administrator")
    login = f"n{uuid.uuid4().hex[:8]}"
    made = administrator.do(
        people.add_with_password, uuid.uuid4(), "新同事", login, frozenset({Post.CLERK}), password="start-Here-1"
    )
    signed = people.sign_in(desk, login, "start-Here-1")
    assert signed.identity.id == made
    assert signed.standing is not None and signed.standing.must_change
    until = site.owner.execute(
        "SELECT rolvaliduntil < now() + interval '25 hours' FROM pg_authid WHERE rolname = %s", (login,)
    )
    assert until.fetchone() == (True,)


def test_who_leaves_can_sign_in_no_more_and_holds_no_post(site: Site, desk: Desk) -> None:
    login, person_id = somebody(site, "manager")
    administrator = seated(desk, "t_administrator")
    row = administrator.read(people.by_login, login)
    assert row is not None
    administrator.do(
        people.edit_person, person_id, row.version, row.name, row.posts, department="", telephone="", mobile="",
        is_active=False,
    )  # fmt: skip
    with pytest.raises(psycopg.OperationalError):
        raw(site.url, login, PASSWORD)
    held = "SELECT pg_has_role(%s, 'watchroom_manager', 'MEMBER')"
    assert site.owner.execute(held, (login,)).fetchone() == (False,)


def test_an_expired_password_opens_nothing(site: Site, desk: Desk) -> None:
    login, _ = somebody(site, "clerk")
    site.owner.execute(f"ALTER ROLE {login} VALID UNTIL 'yesterday'".encode())
    with pytest.raises(Refused, match="name or the password is wrong"):
        people.sign_in(desk, login, PASSWORD)


def test_a_locked_login_opens_nothing_until_it_is_unlocked(site: Site) -> None:
    login, _ = somebody(site, "clerk")
    with site.connect("K") as collector:
        assert collector.execute("SELECT watchroom_lock_login(%s, '5 failures')", (login,)).fetchone() == (True,)
        assert collector.execute("SELECT watchroom_lock_login(%s, 'again')", (login,)).fetchone() == (False,)
        with pytest.raises(psycopg.OperationalError):
            raw(site.url, login, PASSWORD)
        assert collector.execute("SELECT watchroom_unlock_due()").fetchone() == (0,)
        site.owner.execute("UPDATE login_lock SET locked_at = now() - interval '16 minutes' WHERE login = %s", (login,))
        assert collector.execute("SELECT watchroom_unlock_due()").fetchone() == (1,)
    raw(site.url, login, PASSWORD).close()


def test_a_password_that_was_changed_past_the_program_is_found(site: Site) -> None:
    login, _ = somebody(site, "clerk")
    assert login not in strangers(site)
    with raw(site.url, login, PASSWORD) as own:
        own.execute(f"ALTER ROLE {login} PASSWORD 'weak'".encode())
    assert login in strangers(site)


def test_a_hand_over_carries_the_second_persons_own_proof(site: Site, desk: Desk) -> None:
    first, _ = somebody(site, "operator")
    second, second_id = somebody(site, "operator")
    own = seated(desk, first)
    handed = own.do(duty.offer, uuid.uuid4(), "早班", [], "")
    with pytest.raises(BadInput, match="password is wrong"):
        own.do(duty.sign_for, handed, 1, second_id, "wrong-password-1")
    own.do(duty.sign_for, handed, 1, second_id, PASSWORD)
    signed = own.read(duty.handover, handed)
    assert signed is not None and signed.to_person_id == second_id
    proofs = site.owner.execute(
        "SELECT purpose, used_in IS NOT NULL FROM attestation WHERE person_id = %s", (second_id,)
    )
    assert proofs.fetchall() == [(f"handover:{handed}", True)]
    assert entries(site, "attestation")[-2:] == [(second, "A1"), (first, "A1")]


def test_a_proof_is_used_once_and_for_its_own_purpose(site: Site) -> None:
    first, first_id = somebody(site, "operator")
    second, second_id = somebody(site, "operator")
    with raw(site.url, second, PASSWORD) as other:
        other.execute("SELECT watchroom_attest('signature-test:1')")
    sign = (
        "INSERT INTO signature (subject, subject_id, role, person_id, signed_at, digest)"
        " VALUES ('signature-test', %s, 'to', %s, now(), 'x')"
    )
    with raw(site.url, first, PASSWORD) as own:
        with pytest.raises(psycopg.errors.RaiseException):
            own.execute(sign, (2, second_id))
        own.execute(sign, (1, second_id))
        with pytest.raises(psycopg.errors.RaiseException):
            own.execute(sign, (1, second_id))
    assert first_id != second_id


def test_a_proof_of_three_minutes_ago_is_too_old(site: Site) -> None:
    first, _ = somebody(site, "operator")
    second, second_id = somebody(site, "operator")
    with raw(site.url, second, PASSWORD) as other:
        other.execute("SELECT watchroom_attest('signature-test:3')")
    site.owner.execute("UPDATE attestation SET at = now() - interval '3 minutes' WHERE purpose = 'signature-test:3'")
    with raw(site.url, first, PASSWORD) as own, pytest.raises(psycopg.errors.RaiseException):
        own.execute(
            "INSERT INTO signature (subject, subject_id, role, person_id, signed_at, digest)"
            " VALUES ('signature-test', 3, 'to', %s, now(), 'x')",
            (second_id,),
        )


def test_our_verifier_is_the_servers(site: Site) -> None:
    """PostgreSQL itself accepts what the function computes, also for a password of more than one script."""
    login, person_id = somebody(site, "clerk")
    site.owner.execute("SELECT watchroom_keep_password(%s, %s, false)", (person_id, "值班2026-Ｎｉｇｈｔ"))
    raw(site.url, login, "值班2026-Ｎｉｇｈｔ").close()


def strangers(site: Site) -> set[str]:
    with site.connect("K") as collector:
        return {row[0] for row in collector.execute("SELECT watchroom_password_strangers()").fetchall()}
