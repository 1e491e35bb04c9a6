"""The trail on PostgreSQL: no false alarm under many writers, and nothing a superuser does stays unseen (R5)."""

import random
import threading
import uuid
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import psycopg
import pytest

from app import audit
from app.database import Database, cli_identity, open_database
from app.desk import Desk
from app.shared.roles import PEOPLE, group_of
from app.trials import r5
from app.trials.mutations import kinds
from app.words import set_language
from models.enums import Post
from tests.shared.debian_server import DebianServer, debian_server

ROOM = "room"
WRITERS, LOOKS = 16, 4


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    with debian_server() as started:
        started.new_room(ROOM)
        yield started


@pytest.fixture
def database(server: DebianServer, home: Path) -> Iterator[Database]:
    opened = open_database(server.url(database=ROOM))
    yield opened
    opened.engine.dispose()


@pytest.fixture
def desk(database: Database) -> Desk:
    return database.desk(cli_identity(), "A1")


def test_an_entry_that_commits_late_is_sealed_all_the_same(server: DebianServer, desk: Desk) -> None:
    """Its number is lower than that of an entry that was sealed before it could be seen."""
    with psycopg.connect(server.url(database=ROOM).replace("+psycopg", "")) as slow:
        _act(slow, "slow")
        with server.connect(database=ROOM) as quick:
            _act(quick, "quick")
        _seal_all(desk)
        slow.commit()
    assert desk.read(audit.verify).findings == ()
    _seal_all(desk)
    verdict = desk.read(audit.verify)
    assert (verdict.findings, verdict.unsealed) == ((), 0)


@pytest.mark.slow
def test_sixteen_writers_raise_no_false_alarm(server: DebianServer, desk: Desk) -> None:
    enough = threading.Event()
    threads = [threading.Thread(target=_write, args=(server, seed, enough)) for seed in range(WRITERS)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(LOOKS):
            desk.do(audit.seal)
            assert desk.read(audit.verify).findings == ()
    finally:
        enough.set()
        for thread in threads:
            thread.join()
    _seal_all(desk)
    verdict = desk.read(audit.verify)
    assert (verdict.findings, verdict.unsealed) == ((), 0)
    assert verdict.entries > WRITERS


def test_two_sealers_at_once_make_one_chain(database: Database, server: DebianServer, desk: Desk) -> None:
    with server.connect(database=ROOM) as raw:
        for number in range(40):
            _act(raw, f"both {number}")
    other = open_database(database.url)
    sealers = [threading.Thread(target=_seal_all, args=(one.desk(cli_identity(), "S"),)) for one in (database, other)]
    for sealer in sealers:
        sealer.start()
    for sealer in sealers:
        sealer.join()
    other.engine.dispose()
    assert desk.read(audit.verify).findings == ()


def test_rows_written_under_other_settings_of_the_session_raise_no_alarm(server: DebianServer, desk: Desk) -> None:
    with server.connect(database=ROOM) as raw:
        raw.execute("SET timezone = 'Asia/Shanghai'")
        raw.execute("SET extra_float_digits = 0")
        raw.execute("SET bytea_output = 'escape'")
        _act(raw, "elsewhere")
    assert desk.read(audit.verify).findings == ()


def test_an_edit_past_the_program_is_named_so_in_the_trail(server: DebianServer, desk: Desk) -> None:
    with server.connect(database=ROOM) as raw:
        _act(raw, "by hand")
    query = "SELECT person, command FROM audit_entry ORDER BY id DESC LIMIT 1"
    assert server.sql(query, ROOM) == [("postgres", "direct edit")]


def test_the_auditor_verifies_and_hears_what_was_not_compared(server: DebianServer, home: Path, desk: Desk) -> None:
    server.sql(f"CREATE ROLE shen LOGIN PASSWORD 'audit-2026-x' IN ROLE {PEOPLE}, {group_of(Post.AUDITOR)}")
    key = uuid.uuid4()
    server.sql(f"INSERT INTO person (key, name, login) VALUES ('{key}', '审计员', 'shen')", ROOM)
    server.sql("INSERT INTO person_post (person_id, post) SELECT max(id), 'auditor' FROM person", ROOM)
    server.sql(
        "INSERT INTO password (person_id, hash, set_at, is_temporary) SELECT p.id, a.rolpassword, now(), false"
        " FROM person p JOIN pg_authid a ON a.rolname = p.login",
        ROOM,
    )
    auditor = open_database(server.url("shen", "audit-2026-x", ROOM))
    try:
        verdict = auditor.desk(cli_identity(), "A2").read(audit.verify)
    finally:
        auditor.engine.dispose()
        server.sql("DROP ROLE shen")
    assert verdict.findings == ()
    assert verdict.entries > 0 and "password" in verdict.unchecked


def test_whatever_a_superuser_does_is_found(server: DebianServer, home: Path) -> None:
    """A short round of R5: a quarter of its kinds; `watchroom trials R5` does a thousand of all."""
    mutations, control = r5.run(server.url(), rounds=len(kinds()) // 4, seed=11)
    assert mutations.missed == () and mutations.rounds > 10
    assert control.rounds > 0 and control.found == 0


def test_findings_are_told_in_the_readers_language(server: DebianServer, desk: Desk) -> None:
    set_language("zh_CN")
    server.sql("ALTER TABLE act DISABLE TRIGGER watch_act_insert", ROOM)
    try:
        found = [finding.what for finding in desk.read(audit.verify).findings]
    finally:
        server.sql("ALTER TABLE act ENABLE TRIGGER watch_act_insert", ROOM)
    assert "触发器 watch_act_insert 已被停用" in found


def _act(raw: psycopg.Connection, words: str) -> None:
    raw.execute("INSERT INTO act (kind, text, at) VALUES ('export', %s, now())", [words])


def _seal_all(desk: Desk) -> None:
    while desk.do(audit.seal):
        continue


def _write(server: DebianServer, seed: int, enough: threading.Event) -> None:
    """Do transactions of a few changes, a tenth of them rolled back, until it is enough."""
    chance = random.Random(seed)
    with psycopg.connect(server.url(database=ROOM).replace("+psycopg", "")) as raw:
        for number in count():
            for part in range(chance.randint(1, 4)):
                _act(raw, f"{seed} {number} {part}")
            raw.execute("INSERT INTO setting (name, value) VALUES (%s, '{}')", [f"writer {seed} {number}"])
            raw.execute("UPDATE setting SET value = '{\"value\": 1}' WHERE name = %s", [f"writer {seed} {number}"])
            raw.rollback() if chance.random() < 0.1 else raw.commit()
            if enough.is_set():
                return
