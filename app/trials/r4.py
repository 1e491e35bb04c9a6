"""R4: what somebody with a real login and psql tries against the rules: nothing gets through, and a superuser does."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from app.trials.attacks import ATTACKS, FOR_EVERYBODY, Attack
from app.trials.logins import POSTS, SERVICES, Site, make_site
from app.trials.server import running

REFUSALS = (
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.RaiseException,
    psycopg.errors.DivisionByZero,
)
"""How the database says no; anything else would be an attack that was written wrongly."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many attacks got through, by name; the control is the superuser, whom no rule binds."""

    name: str
    attacks: int
    through: tuple[str, ...]
    is_control: bool = False

    @property
    def passed(self) -> bool:
        return bool(self.through) is self.is_control


def trial() -> Iterator[Outcome]:
    """Attack a server of the trial's own with each post's login, then as its superuser.

    Raises Refused without Debian's PostgreSQL.
    """
    with running("watchroom-r4-") as (server, _folder):
        site = make_site(server.dsn())
        ids = marks(site)
        tried = [*ATTACKS, *everybodys()]
        yield Outcome("logins", len(tried), tuple(_named(each) for each in tried if verdict(site, ids, each)))
        site.connections = dict.fromkeys(site.connections, site.owner)
        through = tuple(_named(each) for each in FOR_EVERYBODY if verdict(site, ids, each))
        yield Outcome("control: the superuser", len(FOR_EVERYBODY), through, is_control=True)
        site.close()


def everybodys() -> Iterator[Attack]:
    """Yield what nobody at all may do, as each login."""
    for attack in FOR_EVERYBODY:
        for letter in (*POSTS, *SERVICES):
            if letter != attack.letter:
                yield Attack(attack.name, letter, attack.statements, attack.harmless)


def verdict(site: Site, ids: dict[str, int], attack: Attack) -> str:
    """Try an attack in a transaction that is rolled back; return what it did, empty when it was beaten."""
    with site.trying(attack.letter) as connection:
        try:
            for statement in attack.statements:
                connection.execute(filled(statement, ids))
        except psycopg.Error as refused:
            return "" if isinstance(refused, REFUSALS) else f"it failed for another reason: {refused!r}"
        if not attack.harmless:
            return "it got through"
        row = connection.execute(filled(attack.harmless, ids)).fetchone()
        return "" if row and row[0] else "it did harm"


def filled(statement: str, ids: dict[str, int]) -> bytes:
    return statement.format(**ids).encode() if "{" in statement else statement.encode()


def _named(attack: Attack) -> str:
    return f"{attack.name} ({attack.letter})"


def marks(site: Site) -> dict[str, int]:
    """Write the records that are attacked; return their ids by name, and those of people by letter."""
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


def _made(site: Site, statement: str, *values: Any) -> int:
    row: Any = site.owner.execute(statement.encode(), values).fetchone()
    return int(row[0])
