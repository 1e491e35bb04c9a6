"""Rights by system: granted and withdrawn at the desk, and in force for raw connections at once (H1, SECURITY 2)."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest

from app import cmdb, people, system_rights
from app.database import Database
from app.desk import Desk
from app.errors import BadInput, NotAllowed, Refused
from app.trials.logins import Site, add_person
from models.enums import Post, RelationKind
from tests.databases import desk_of, trail_findings
from tests.shared.logins import site

__all__ = ["site"]

PAY, MAIL = "缴费系统", "邮件系统"


def system(desk: Desk, name: str) -> int:
    return desk.do(cmdb.create, uuid.uuid4(), cmdb.CiDraft("service", name))


def clerk(desk: Desk) -> int:
    return desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", (Post.OPERATOR,))


def test_a_right_is_granted_seen_from_both_sides_and_withdrawn(desk: Desk) -> None:
    pay, mail, yi = system(desk, PAY), system(desk, MAIL), clerk(desk)
    assert [row.right_id for row in desk.read(system_rights.of_person, yi)] == [None]
    first = desk.do(system_rights.grant, uuid.uuid4(), yi, pay, "值守缴费", may_write=True)
    desk.do(system_rights.grant, uuid.uuid4(), yi, mail, "代班", seat="A2")
    held = {(row.system, row.may_write, row.seat, row.reason) for row in desk.read(system_rights.of_person, yi)}
    assert held == {(PAY, True, "", "值守缴费"), (MAIL, False, "A2", "代班")}
    people_of_pay = [(row.person, row.right_id) for row in desk.read(system_rights.of_system, pay)]
    assert people_of_pay == [("演示员乙", first), ("演示员甲", None)]
    desk.do(system_rights.withdraw, first, "调岗")
    assert [row.system for row in desk.read(system_rights.of_person, yi)] == [MAIL]
    assert trail_findings(desk) == []


def test_a_right_granted_anew_takes_the_place_of_the_one_before(desk: Desk) -> None:
    pay, yi = system(desk, PAY), clerk(desk)
    desk.do(system_rights.grant, uuid.uuid4(), yi, pay, "查阅")
    key = uuid.uuid4()
    second = desk.do(system_rights.grant, key, yi, pay, "处理", may_write=True)
    assert desk.do(system_rights.grant, key, yi, pay, "处理", may_write=True) == second
    (row,) = desk.read(system_rights.of_person, yi)
    assert (row.right_id, row.may_write) == (second, True)


def test_the_last_right_goes_only_with_the_word_that_everything_is_seen_then(desk: Desk) -> None:
    pay, yi = system(desk, PAY), clerk(desk)
    only = desk.do(system_rights.grant, uuid.uuid4(), yi, pay, "值守缴费")
    with pytest.raises(Refused, match="every system"):
        desk.do(system_rights.withdraw, only, "调岗")
    desk.do(system_rights.withdraw, only, "调岗", opens_all=True)
    with pytest.raises(Refused, match="already"):
        desk.do(system_rights.withdraw, only, "调岗", opens_all=True)
    assert [row.right_id for row in desk.read(system_rights.of_person, yi)] == [None]


def test_what_makes_no_sense_is_refused_at_its_field(desk: Desk) -> None:
    pay, yi = system(desk, PAY), clerk(desk)
    switch = desk.do(cmdb.create, uuid.uuid4(), cmdb.CiDraft("switch", "SW-1"))
    now = desk.read(lambda tx: tx.now)
    assert desk.identity.id is not None
    past = now - timedelta(minutes=1)
    for field, system_id, reason, end in (
        ("reason", pay, " ", None),
        ("system_id", switch, "x", None),
        ("expires_at", pay, "x", past),
    ):
        with pytest.raises(BadInput) as caught:
            desk.do(system_rights.grant, uuid.uuid4(), yi, system_id, reason, expires_at=end)
        assert caught.value.field == field
    with pytest.raises(Refused, match="himself"):
        desk.do(system_rights.grant, uuid.uuid4(), desk.identity.id, pay, "x")


def test_only_the_project_manager_grants(desk: Desk, database: Database) -> None:
    pay, yi = system(desk, PAY), clerk(desk)
    for post in (Post.OPERATOR, Post.ENGINEER, Post.ADMINISTRATOR, Post.AUDITOR):
        with pytest.raises(NotAllowed):
            desk_of(database, post).do(system_rights.grant, uuid.uuid4(), yi, pay, "x")


@pytest.fixture
def own_site(site: Site) -> Iterator[Site]:
    """The module's shared database, where nobody is narrowed at the end of a test."""
    yield site
    site.owner.execute("UPDATE system_right SET ended_at = clock_timestamp() WHERE ended_at IS NULL")


def _ci(site: Site, name: str, class_name: str) -> int:
    row = site.owner.execute(
        "INSERT INTO ci (key, class_name, name, state, attributes) VALUES (gen_random_uuid(), %s, %s, 'in_use', '{}')"
        " RETURNING id",
        (class_name, name),
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_a_right_and_its_end_hold_for_a_raw_connection_at_once(own_site: Site) -> None:
    pay, mail = _ci(own_site, PAY, "service"), _ci(own_site, MAIL, "service")
    server, other = _ci(own_site, "SRV-1", "server"), _ci(own_site, "SRV-2", "server")
    for below, above in ((server, pay), (other, mail)):
        own_site.owner.execute(
            "INSERT INTO relation (key, source_id, target_id, kind) VALUES (gen_random_uuid(), %s, %s, %s)",
            (below, above, RelationKind.PART_OF),
        )
    yi = own_site.people["O"]
    with own_site.connect("O") as operator, own_site.connect("M") as manager:

        def seen() -> set[int]:
            return {row[0] for row in operator.execute("SELECT id FROM ci").fetchall()}

        def give(system_id: int, end: str = "NULL") -> int:
            row = manager.execute(
                "INSERT INTO system_right (key, person_id, system_id, reason, expires_at)"
                f" VALUES (gen_random_uuid(), %s, %s, 'r', {end}) RETURNING id",
                (yi, system_id),
            ).fetchone()
            assert row is not None
            return int(row[0])

        assert seen() >= {pay, mail, server, other}
        first = give(pay)
        assert seen() == {pay, server}
        give(mail, "clock_timestamp() + interval '1 hour'")
        assert seen() == {pay, mail, server, other}
        manager.execute("UPDATE system_right SET end_reason = 'x' WHERE id = %s", (first,))
        assert seen() == {mail, other}
        own_site.owner.execute("UPDATE system_right SET expires_at = clock_timestamp() WHERE system_id = %s", (mail,))
        assert seen() == set(), "time alone never shows somebody more"
        with pytest.raises(psycopg.errors.RaiseException, match="stays as it is"):
            manager.execute("UPDATE system_right SET ended_at = NULL WHERE id = %s", (first,))


def test_a_narrowed_manager_does_not_free_himself(own_site: Site) -> None:
    pay = _ci(own_site, PAY, "service")
    add_person(own_site, "t_chief", ["manager"])
    own_site.owner.execute(
        "INSERT INTO system_right (key, person_id, system_id, reason) VALUES (gen_random_uuid(), %s, %s, 'r')",
        (own_site.people["M"], pay),
    )
    with own_site.connect("M") as manager:
        for tried in (
            "UPDATE system_right SET ended_at = now()",
            "INSERT INTO system_right (key, person_id, system_id, reason)"
            f" SELECT gen_random_uuid(), watchroom_me(), {pay}, 'r'",
        ):
            with pytest.raises(psycopg.errors.RaiseException, match="himself"):
                manager.execute(tried)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            manager.execute(
                "INSERT INTO system_right (key, person_id, system_id, reason) VALUES (gen_random_uuid(), %s, %s, 'r')",
                (own_site.people["O"], pay),
            )
