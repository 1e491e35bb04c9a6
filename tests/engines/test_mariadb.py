"""MariaDB: a real server that is brought into each trouble, seen as a figure and as an alarm."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.collector.limits import Threshold
from app.collector.probes import mysql
from app.collector.probes.sql import SqlReader
from app.collector.samples import Metric, Target
from models.enums import CheckKind
from tests.engines.mariadb_server import PASSWORD, WATCH, MariaServer
from tests.engines.watched import Watched, figures
from tests.power.ports import free_port

pytestmark = pytest.mark.slow
SOON = (
    Threshold(Metric.DB_LONGEST, warning_high=1, unit="s"),
    Threshold(Metric.DB_BLOCKED, warning_high=1, unit="s"),
)


@pytest.fixture(scope="module")
def server() -> Iterator[MariaServer]:
    with MariaServer() as made:
        made.sql("CREATE TABLE shop.stock (id int PRIMARY KEY, n int) ENGINE InnoDB")
        made.sql("INSERT INTO shop.stock VALUES (1, 0), (2, 0)")
        yield made


def watched(port: int, password: str = PASSWORD, **params: str) -> Watched:
    target = Target(
        1, 1, CheckKind.MYSQL, "127.0.0.1", port, {"user": WATCH} | params, password, timeout_s=20.0, retries=0
    )
    return Watched(SqlReader(mysql.connect), target, SOON)


def test_a_deadlock_stands_as_an_alarm(server: MariaServer) -> None:
    import pymysql

    watch = watched(server.port)
    assert figures(watch.ask())[Metric.DB_DEADLOCKS, ""] == 0
    with server.connect() as one, server.connect() as two, ThreadPoolExecutor(1) as aside:
        for connection, row in ((one, 1), (two, 2)):
            connection.begin()
            connection.cursor().execute("UPDATE shop.stock SET n = 1 WHERE id = %s", (row,))
        waiting = aside.submit(one.cursor().execute, "UPDATE shop.stock SET n = 1 WHERE id = 2")
        watch.ask_until(lambda alarms: Metric.DB_BLOCKED in alarms)
        assert f"{one.thread_id()} <- {two.thread_id()}" in watch.alarms[Metric.DB_BLOCKED]
        with pytest.raises(pymysql.OperationalError, match="Deadlock"):
            two.cursor().execute("UPDATE shop.stock SET n = 1 WHERE id = 1")
            waiting.result()
        waiting.exception()  # the one that was not chosen goes on
        one.rollback()
        two.rollback()
    watch.ask_until(lambda alarms: Metric.DB_DEADLOCKS in alarms and Metric.DB_BLOCKED not in alarms)


def test_a_long_statement_is_told_with_who_runs_it(server: MariaServer) -> None:
    import pymysql

    watch = watched(server.port)
    with server.connect() as busy, ThreadPoolExecutor(1) as aside:
        sleeping = aside.submit(busy.cursor().execute, "SELECT sleep(600), 'private words'")
        watch.ask_until(lambda alarms: Metric.DB_LONGEST in alarms)
        said = watch.alarms[Metric.DB_LONGEST]
        assert f"{busy.thread_id()} " in said
        assert "private words" not in said
        server.sql(f"KILL QUERY {busy.thread_id()}")
        with pytest.raises(pymysql.OperationalError, match="interrupted"):
            sleeping.result()
    watch.ask_until(lambda alarms: Metric.DB_LONGEST not in alarms)


def test_a_full_table_space_is_seen_by_its_share() -> None:
    import pymysql

    with MariaServer(1, "--innodb-data-file-path=ibdata1:12M:autoextend:max:16M", "--innodb-file-per-table=0") as full:
        full.sql("CREATE TABLE shop.heap (text longtext) ENGINE InnoDB")
        with pytest.raises(pymysql.Error, match="full"):
            for _ in range(100):
                full.sql("INSERT INTO shop.heap VALUES (repeat('x', 1000000))")
        watch = watched(full.port, space="shop=1M")
        found = figures(watch.ask())
    system, quota = found[Metric.DB_SPACE, "innodb_system"], found[Metric.DB_SPACE, "shop"]
    assert system is not None
    assert system > 95
    assert quota is not None
    assert quota > 100
    assert Metric.DB_SPACE in watch.alarms


def test_a_stopped_replica_says_so_itself_and_is_missed_by_its_primary(server: MariaServer) -> None:
    primary = watched(server.port, replicas="1")
    with MariaServer(2) as second:
        start = f"MASTER_HOST='127.0.0.1', MASTER_PORT={server.port}, MASTER_USER='copy', MASTER_PASSWORD='copy-word-9'"
        position = server.sql("SHOW MASTER STATUS")[0]
        at = f"MASTER_LOG_FILE='{position[0]}', MASTER_LOG_POS={position[1]}"
        second.sql(f"CHANGE MASTER TO {start}, {at}, MASTER_CONNECT_RETRY=1")
        second.sql("START SLAVE")
        replica = watched(second.port)
        replica.ask_until(lambda alarms: not alarms)
        primary.ask_until(lambda alarms: Metric.DB_REPLICAS_MISSING not in alarms)
        second.sql("STOP SLAVE SQL_THREAD")
        replica.ask_until(lambda alarms: "replica applies" in alarms.get(Metric.DB_REPLICATION, ""))
        second.sql("START SLAVE SQL_THREAD")
        found = replica.ask_until(lambda alarms: not alarms)
        assert figures(found)[Metric.DB_LAG, ""] is not None
        second.sql("STOP SLAVE")
        replica.ask_until(lambda alarms: Metric.DB_REPLICATION in alarms)
        server.sql("INSERT INTO shop.stock VALUES (9, 9)")  # what makes the primary see that nobody reads
        primary.ask_until(lambda alarms: Metric.DB_REPLICAS_MISSING in alarms)


def test_a_wrong_password_leaves_it_unmeasured_and_a_closed_port_is_critical(server: MariaServer) -> None:
    wrong = watched(server.port, password="wrong").ask()
    assert (wrong.ok, wrong.is_reachable) == (False, True)
    assert "Access denied" in wrong.trouble
    nobody = watched(free_port())
    assert nobody.ask().trouble == "nothing listens on that port"
    assert [*nobody.alarms] == ["mysql:1"]


def test_the_check_can_neither_write_nor_run_long(server: MariaServer) -> None:
    server.sql(f"GRANT ALL ON shop.* TO '{WATCH}'@'127.0.0.1'")
    session = mysql.connect(watched(server.port).target)
    try:
        with pytest.raises(mysql.QueryFailed, match="READ ONLY"):
            session.rows("UPDATE shop.stock SET n = 2")
        with pytest.raises(mysql.QueryFailed, match="max_statement_time"):
            session.rows("SELECT sleep(60)")
    finally:
        session.close()
