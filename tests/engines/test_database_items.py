"""What databases are asked and what is made of their answers, without a server."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app.collector.probes import mysql, oracle, postgresql
from app.collector.probes.polled import NotServing, PolledProbe
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.sql import MOST_ROWS, QueryFailed, Row, SqlReader
from app.collector.probes.sql_items import Item, load, own_folder, parse, sizes
from app.collector.samples import Metric, Outcome, Target
from app.errors import BadInput
from models.enums import CheckKind
from tests.engines.oracle_answers import ANSWERS
from tests.power.ports import free_port

ENGINES = ("postgresql", "mysql", "mariadb", "oracle")
A8 = (
    Metric.DB_SPACE, Metric.DB_WASTE, Metric.DB_DEADLOCKS, Metric.DB_LONGEST, Metric.DB_HEAVIEST, Metric.DB_READS,
    Metric.DB_WRITES, Metric.DB_SESSIONS, Metric.DB_REPLICATION, Metric.DB_LAG, Metric.DB_STATISTICS, Metric.DB_PROCESS,
    Metric.DB_OBJECT, Metric.DB_GROWTH,
)  # fmt: skip


class Recorded:
    """A session that gives recorded rows by the item's name; an exception stands for a refusal."""

    product, version, release = "Oracle", 19.0, "19.0"

    def __init__(self, answers: dict[str, Sequence[Row] | Exception], engine: str = "oracle") -> None:
        self.engine = engine
        self._by_sql = {item.sql: answers.get(item.name, []) for item in load(engine)}

    def rows(self, sql: str) -> Sequence[Row]:
        found = self._by_sql[sql]
        if isinstance(found, Exception):
            raise found
        return found[:MOST_ROWS]

    def abort(self) -> None:
        """Have nothing to end."""

    def close(self) -> None:
        """Have nothing to close."""


def ask(reader: SqlReader, kind: CheckKind = CheckKind.ORACLE, **params: str) -> Outcome:
    target = Target(1, 1, kind, "127.0.0.1", free_port(), params, "x", timeout_s=20.0)
    return asyncio.run(PolledProbe(reader).ask(target))


def values(outcome: Outcome) -> dict[tuple[str, str], float | None]:
    return {(one.metric, one.instance): one.value for one in outcome.samples}


@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_is_asked_for_every_item_of_the_regulation(engine: str) -> None:
    items = load(engine)
    assert {*A8} <= {one.metric for one in items}
    assert len({one.name for one in items}) == len(items)


def test_recorded_answers_of_oracle_become_figures_states_and_sentences() -> None:
    found = ask(SqlReader(lambda _: Recorded(ANSWERS)))
    told = values(found)
    assert found.trouble == ""
    assert told[Metric.DB_SPACE, "USERS"] == 96.4
    assert told[Metric.DB_SESSIONS, "processes"] == 41.33
    assert told[Metric.DB_LAG, "apply lag"] == 754.0
    assert told[Metric.DB_PROCESS, "PMON"] == 0
    assert told[Metric.DB_PROCESS, "RECO"] == 2
    assert told[Metric.DB_BACKUP, ""] == 31.5
    says = {one.metric: one.says for one in found.samples if one.says}
    assert says[Metric.DB_LOG].endswith("ORA-00600: internal error code, arguments: [kdsgrp1]")
    assert says[Metric.DB_LONGEST].startswith("Longest statement 4211 s: 143,2201 APP")
    assert says[Metric.DB_ARCHIVE] == "Archiving of the log LOG_ARCHIVE_DEST_2: ERROR ORA-16198: LGWR received timedout"


def test_a_refused_item_costs_only_itself() -> None:
    answers = {**ANSWERS, "last backup": QueryFailed("ORA-00942", True), "disk groups": QueryFailed("ORA-00942", True)}
    found = ask(SqlReader(lambda _: Recorded(answers)))
    assert found.ok
    assert found.facts["trouble"] == "last backup: ORA-00942"
    assert (Metric.DB_SPACE, "USERS") in values(found)


def test_a_deadlock_counts_for_an_hour_and_a_restart_begins_anew() -> None:
    now = [0.0]
    count = [7.0]
    reader = SqlReader(lambda _: Recorded({"deadlocks": [{"value": count[0]}]}), clock=lambda: now[0])

    def seen(at_s: float, value: float) -> float | None:
        now[0], count[0] = at_s, value
        return values(ask(reader))[Metric.DB_DEADLOCKS, ""]

    assert [seen(0, 7), seen(60, 8), seen(3_500, 8), seen(3_700, 8), seen(3_800, 2), seen(3_900, 3)] == [
        0,
        1,
        1,
        0,
        0,
        1,
    ]


def test_a_seldom_item_stands_until_it_is_asked_again() -> None:
    now = [0.0]
    answers: dict[str, Sequence[Row] | Exception] = {"last backup": [{"value": 1.0}]}
    reader = SqlReader(lambda _: Recorded(answers), clock=lambda: now[0])
    assert values(ask(reader))[Metric.DB_BACKUP, ""] == 1.0
    answers["last backup"] = [{"value": 2.0}]
    assert values(ask(reader))[Metric.DB_BACKUP, ""] == 1.0
    now[0] = 301.0
    assert values(ask(reader))[Metric.DB_BACKUP, ""] == 2.0


@pytest.mark.parametrize("value", ["n/a", float("nan"), float("inf"), None, b"\xff", object()])
def test_what_is_no_number_is_left_out(value: object) -> None:
    found = ask(SqlReader(lambda _: Recorded({"last backup": [{"value": value}], "deadlocks": [{"value": value}]})))
    assert found.ok
    assert (Metric.DB_BACKUP, "") not in values(found)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("DPY-6005: cannot connect to database. [Errno 111] Connection refused", ConnectionRefusedError),
        ('DPY-6001: Service "X" is not registered with the listener (ORA-12514)', NotServing),
        ("ORA-01033: ORACLE initialization or shutdown in progress", NotServing),
        ("ORA-00257: Archiver error. Connect AS SYSDBA only until resolved.", NotServing),
        ("ORA-01017: invalid credential or not authorized; logon denied", BadAnswer),
        ("DPY-6005: cannot connect to database. timed out", NoAnswer),
    ],
)
def test_why_oracle_lets_nobody_in_is_told_apart(text: str, kind: type[Exception]) -> None:
    assert type(oracle.why(text)) is kind


@pytest.mark.parametrize("connect", [postgresql.connect, mysql.connect, oracle.connect])
def test_a_closed_port_is_a_finding(connect: Callable[[Target], postgresql.PostgresSession]) -> None:
    found = ask(SqlReader(connect), CheckKind.MYSQL, user="watch", database="x")
    assert (found.ok, found.trouble) == (True, "nothing listens on that port")


@pytest.mark.parametrize(
    "sql", ["DELETE FROM a", "SELECT 1; DROP TABLE a", "EXPLAIN SELECT 1", "", "COPY a TO PROGRAM 'x'"]
)
def test_a_file_may_only_read(sql: str) -> None:
    with pytest.raises(BadInput):
        parse(f'[[item]]\nname = "a"\nmetric = "db.a"\nsql = """{sql}"""', "mine")


def test_a_sites_own_item_stands_instead_of_the_programs(home: Path) -> None:
    own_folder().mkdir(parents=True)
    (own_folder() / "oracle.toml").write_text(
        '[[item]]\nname = "last backup"\nmetric = "db.backup_h"\nsql = "SELECT 5 AS value FROM dual"\n',
        encoding="utf-8",
    )
    mine = {one.name: one for one in load("oracle")}["last backup"]
    assert mine == Item("last backup", "db.backup_h", "SELECT 5 AS value FROM dual")


def test_sizes_are_read_as_people_write_them() -> None:
    assert sizes("USERS=20G, 数据：500M；tmp = 1024") == {"USERS": 20 * 2**30, "数据": 500 * 2**20, "tmp": 1024.0}
    with pytest.raises(BadInput):
        sizes("USERS 20G")
