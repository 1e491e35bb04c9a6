"""Attacks with raw psycopg on a shared database: none gets through (SECURITY, R4)."""

import json
from typing import Any

import psycopg
import pytest

from tests.shared.attacks import ATTACKS, Attack
from tests.shared.logins import Site, site

__all__ = ["site"]


REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.RaiseException,
    psycopg.errors.DivisionByZero,
)
"""How the database says no; anything else would be an attack that was written wrongly."""


@pytest.fixture(scope="module")
def marks(site: Site) -> dict[str, int]:
    """The ids of people by letter and of the records that are attacked."""
    o, e = site.people["O"], site.people["E"]
    people = dict(site.people)
    rounds = "INSERT INTO inspection (key, number, template, template_version, state, inspector_id, witness_id)"
    rounds += " VALUES (gen_random_uuid(), %s, 't', 1, %s, %s, %s) RETURNING id"
    incident = (
        "INSERT INTO incident (key, number, state, grade, source, priority, title, acknowledge_due_at)"
        " VALUES (gen_random_uuid(), %s, %s, 'I', 'operator', 'normal', 't', now()) RETURNING id"
    )
    line = "INSERT INTO shift_log_entry (key, kind, text, person_id, voided_at)"
    line += " VALUES (gen_random_uuid(), 'note', 'mine', %s, %s) RETURNING id"
    handover = "INSERT INTO handover (key, number, state, from_person_id, items)"
    handover += " VALUES (gen_random_uuid(), 'H-1', 'offered', %s, '[]') RETURNING id"
    member = (
        "INSERT INTO visit_member (key, visit_id, name) SELECT gen_random_uuid(), id, '访客' FROM visit RETURNING id"
    )
    place = "INSERT INTO place (key, kind, name) VALUES (gen_random_uuid(), 'room', '机房') RETURNING id"
    visit = (
        "INSERT INTO visit (key, number, state, room_id, purpose, headcount) SELECT gen_random_uuid(), 'V-1', 'inside',"
    )
    visit += " id, 'p', 1 FROM place RETURNING id"
    made = {
        "draft": _made(site, rounds, "XJ-1", "draft", o, None),
        "once": _made(site, rounds, "XJ-2", "signed_once", e, None),
        "signed": _made(site, rounds, "XJ-3", "signed", o, e),
        "incident": _made(site, incident, "E-1", "acknowledged"),
        "closed": _made(site, incident, "E-2", "closed"),
        "line": _made(site, line, o, None),
        "voided": _made(site, line, o, "2026-11-23"),
        "offered": _made(site, handover, o),
        "place": _made(site, place),
        "visit": _made(site, visit),
        "member": _made(site, member),
    }
    _made(
        site,
        "INSERT INTO inspection_value (inspection_id, item, limits) VALUES (%s, 'a', '{}') RETURNING id",
        made["signed"],
    )
    _made(site, "INSERT INTO act (kind, text, at) VALUES ('export', 'first', now()) RETURNING id")
    _made(site, "INSERT INTO counter (name, last) VALUES ('E-1', 5) RETURNING last")
    return people | made


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name.replace(" ", "_"))
def test_an_attack_does_not_get_through(site: Site, marks: dict[str, int], attack: Attack) -> None:
    with site.trying(attack.letter) as connection:
        try:
            for statement in attack.statements:
                connection.execute(_filled(statement, marks))
        except psycopg.Error as refused:
            assert isinstance(refused, REFUSALS), f"it failed for another reason: {refused!r}"
            return
        assert attack.harmless, "it got through"
        assert _holds(connection, _filled(attack.harmless, marks)), "it did harm"


def _holds(connection: psycopg.Connection[Any], question: bytes) -> bool:
    """Ask within the attacker's own transaction, where what he did is seen; what he may not read is asked elsewhere."""
    row = connection.execute(question).fetchone()
    return bool(row and row[0])


def _made(site: Site, statement: str, *values: Any) -> int:
    row: Any = site.owner.execute(statement.encode(), values).fetchone()
    return int(row[0])


def _filled(statement: str, marks: dict[str, int]) -> bytes:
    return statement.format(**marks).encode() if "{" in statement else statement.encode()


def test_every_attack_has_its_own_name() -> None:
    names = [attack.name for attack in ATTACKS]
    assert len(names) == len(set(names)) >= 40, json.dumps(sorted({n for n in names if names.count(n) > 1}))
