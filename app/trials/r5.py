"""R5: what a superuser does to the trail or to the rules is found by `verify`; without a mutation nothing is."""

import random
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.orm import Session

from app import audit, connecting
from app.audit_checks import Finding
from app.database import cli_identity, open_database
from app.desk import ReadTx
from app.shared.setting_up import prepare
from app.trials.mutations import Kind, kinds, survey
from app.trouble import worded

ROUNDS = 1_000
CONTROL_EVERY = 20
PEOPLE, CHANGES = 12, 40


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of `rounds` had a finding; the control is right with none, the mutations with all."""

    name: str
    rounds: int
    found: int
    missed: tuple[str, ...] = ()
    is_control: bool = False

    @property
    def passed(self) -> bool:
        return self.found == (0 if self.is_control else self.rounds)


def run(server: str, rounds: int = ROUNDS, seed: int = 1) -> list[Outcome]:
    """Mutate a new database on `server` (the URL of a superuser) `rounds` times and return the outcomes.

    The database is dropped afterwards; the groups that all databases of a server share stay. No other room's database
    may lie on that server: its logins would be strangers here.
    """
    with _database(server) as url:
        return list(trial(url, rounds, seed))


def trial(url: str, rounds: int, seed: int) -> Iterator[Outcome]:
    """Fill the prepared database at `url`, mutate it in transactions that roll back, and yield both outcomes."""
    remembered = _fill(url)
    engine = connecting.server_engine(make_url(url))
    chance = random.Random(seed)
    drawn = [kind for _ in range(-(-rounds // len(kinds()))) for kind in chance.sample(kinds(), len(kinds()))][:rounds]
    missed, alarms, controls = [], 0, 0
    try:
        for number, kind in enumerate(drawn):
            if number % CONTROL_EVERY == 0:
                controls += 1
                alarms += bool(_findings(engine, remembered, None, chance))
            if not _findings(engine, remembered, kind, chance):
                missed.append(kind.name)
    finally:
        engine.dispose()
    yield Outcome("mutations", len(drawn), len(drawn) - len(missed), tuple(missed))
    yield Outcome("control: no mutation", controls, alarms, is_control=True)


def _findings(
    engine: Engine, remembered: tuple[int, str], kind: Kind | None, chance: random.Random
) -> tuple[Finding, ...]:
    """Return what `verify` finds in a transaction after a mutation, or without one; all is rolled back."""
    with engine.connect() as connection:
        if kind is not None:
            for statement in kind.statements(chance, survey(connection)):
                connection.exec_driver_sql(statement.replace("%", "%%"))
        try:
            return audit.verify(_reading(connection), remembered).findings
        finally:
            connection.rollback()


def _reading(connection: Connection) -> ReadTx:
    now = connection.scalar(text("SELECT clock_timestamp()"))
    return ReadTx(Session(connection, autoflush=False), now, cli_identity(), "R5", False, None)


def _fill(url: str) -> tuple[int, str]:
    """Write people, contacts, settings and acts with changes under several seals, and some entries that have none."""
    engine = connecting.server_engine(make_url(url))
    database = open_database(url)
    desk = database.desk(cli_identity(), "R5")
    try:
        for number in range(PEOPLE):
            _write(engine, *_rows(number))
        for number in range(CHANGES):
            _write(engine, f"UPDATE contact SET note = 'change {number}' WHERE id % {PEOPLE} = {number % PEOPLE}")
            if number % 10 == 5:
                desk.do(audit.seal)
        verdict = desk.read(audit.verify)
    finally:
        database.engine.dispose()
        engine.dispose()
    return verdict.last_seal, verdict.last_digest


def _rows(number: int) -> tuple[str, ...]:
    key, other = uuid.uuid4(), uuid.uuid4()
    return (
        f"INSERT INTO person (key, name, login) VALUES ('{key}', 'person {number}', NULL)",
        f"INSERT INTO contact (key, name) VALUES ('{other}', 'contact {number}')",
        f"INSERT INTO setting (name, value) VALUES ('trial {number}', '{{}}')",
        f"INSERT INTO act (kind, text, at) VALUES ('export', 'ledger {number}', now())",
    )


def _write(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement.replace("%", "%%"))


@contextmanager
def _database(server: str) -> Iterator[str]:
    """A database of the trial's own on a server, with the rules of a shared one."""
    name = f"watchroom_r5_{uuid.uuid4().hex[:12]}"
    url = connecting.parsed(server).set(database=name).render_as_string(hide_password=False)
    outside = create_engine(connecting.parsed(server), isolation_level="AUTOCOMMIT")
    try:
        with worded(), outside.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        inside = connecting.server_engine(make_url(url))
        prepare(inside)
        inside.dispose()
        yield url
        with outside.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE "{name}" WITH (FORCE)')
    finally:
        outside.dispose()
