"""PostgreSQL: a real server that is brought into each trouble, seen as a figure and as an alarm."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.collector.limits import Threshold
from app.collector.probes import postgresql
from app.collector.probes.sql import SqlReader
from app.collector.samples import Metric, Target
from models.enums import CheckKind
from tests.engines.watched import Watched, figures
from tests.shared.debian_server import SUPERUSER, SUPERUSER_PASSWORD, DebianServer, debian_server, free_port

pytestmark = pytest.mark.slow
USER, PASSWORD = "watch", "watch-word-9"
SOON = (
    Threshold(Metric.DB_LONGEST, warning_high=1, unit="s"),
    Threshold(Metric.DB_BLOCKED, warning_high=0.2, unit="s"),
)
GRANTS = (
    f"CREATE ROLE {USER} LOGIN PASSWORD '{PASSWORD}' IN ROLE pg_monitor, pg_read_server_files",
    f"GRANT EXECUTE ON FUNCTION pg_current_logfile() TO {USER}",
    f"GRANT EXECUTE ON FUNCTION pg_read_file(text, bigint, bigint, boolean) TO {USER}",
    f"GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO {USER}",
)


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    with debian_server(settings="deadlock_timeout = '1s'\n") as made:
        for statement in GRANTS:
            made.sql(statement)
        made.sql("CREATE TABLE stock (id int PRIMARY KEY, n int)")
        made.sql("INSERT INTO stock VALUES (1, 0), (2, 0)")
        yield made


def watched(port: int, password: str = PASSWORD, **params: str) -> Watched:
    target = Target(
        1, 1, CheckKind.POSTGRESQL, "127.0.0.1", port, {"user": USER} | params, password, timeout_s=20.0, retries=0
    )
    return Watched(SqlReader(postgresql.connect), target, SOON)


def test_a_deadlock_stands_as_an_alarm(server: DebianServer) -> None:
    watch = watched(server.port)
    assert figures(watch.ask())[Metric.DB_DEADLOCKS, "postgres"] == 0
    assert watch.alarms == {}
    with server.connect() as one, server.connect() as two, ThreadPoolExecutor(1) as aside:
        for connection, row in ((one, 1), (two, 2)):
            connection.execute("BEGIN")
            connection.execute("UPDATE stock SET n = 1 WHERE id = %s", (row,))
        waiting = aside.submit(one.execute, "UPDATE stock SET n = 1 WHERE id = 2")
        watch.ask_until(lambda alarms: Metric.DB_BLOCKED in alarms)
        assert f"{SUPERUSER}@postgres" in watch.alarms[Metric.DB_BLOCKED]
        with pytest.raises(psycopg.errors.DeadlockDetected):
            two.execute("UPDATE stock SET n = 1 WHERE id = 1")
            waiting.result()
        for connection in (one, two):
            connection.rollback()
    watch.ask_until(lambda alarms: Metric.DB_DEADLOCKS in alarms and Metric.DB_BLOCKED not in alarms)


def test_a_long_statement_is_told_with_who_runs_it(server: DebianServer) -> None:
    watch = watched(server.port)
    with server.connect() as busy, ThreadPoolExecutor(1) as aside:
        sleeping = aside.submit(busy.execute, "SELECT pg_sleep(600), 'private words'")
        watch.ask_until(lambda alarms: Metric.DB_LONGEST in alarms)
        said = watch.alarms[Metric.DB_LONGEST]
        assert f"{busy.info.backend_pid} {SUPERUSER}@postgres" in said
        assert "private words" not in said
        busy.cancel_safe()
        with pytest.raises(psycopg.errors.QueryCanceled):
            sleeping.result()
    watch.ask_until(lambda alarms: Metric.DB_LONGEST not in alarms)


def test_a_full_table_space_is_seen_by_its_share_and_in_the_log(server: DebianServer) -> None:
    with small_disk(server) as folder:
        server.sql(f"CREATE TABLESPACE small LOCATION '{folder}'")
        watch = watched(server.port, space="small=16M")
        assert figures(watch.ask())[Metric.DB_SPACE, "small"] == pytest.approx(0, abs=1)
        server.sql("CREATE TABLE heap (text text) TABLESPACE small")
        with pytest.raises(psycopg.errors.DiskFull):
            server.sql("INSERT INTO heap SELECT repeat(md5(n::text), 30) FROM generate_series(1, 100000) n")
        watch = watched(server.port, space="small=16M")
        found = figures(watch.ask())
        server.sql("DROP TABLE heap")
        server.sql("DROP TABLESPACE small")
    share, logged = found[Metric.DB_SPACE, "small"], found[Metric.DB_LOG, ""]
    assert share is not None
    assert share > 95
    assert logged is not None
    assert logged >= 1
    assert "No space left on device" in watch.alarms[Metric.DB_LOG]
    assert "small" in watch.alarms[Metric.DB_SPACE]


def test_a_stopped_replica_is_missed_by_its_primary_and_a_lone_one_misses_its_own(server: DebianServer) -> None:
    primary, port, data = watched(server.port, replicas="1"), free_port(), server.folder / "second"
    url = f"postgresql://{SUPERUSER}:{SUPERUSER_PASSWORD}@127.0.0.1:{server.port}/postgres"
    server.run("pg_basebackup", "-D", str(data), "-d", url, "-R", "-C", "-S", "second", "-c", "fast")
    start = ["pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(server.folder / "second.log"), "-o", f"-p {port}"]
    server.run(*start, "start")
    try:
        replica = watched(port)
        primary.ask_until(lambda alarms: not alarms)
        good = replica.ask_until(lambda alarms: not alarms)
        assert figures(good)[Metric.DB_REPLICATION, "replica"] == 0
        assert figures(good)[Metric.DB_LAG, ""] is not None
        server.run("pg_ctl", "-D", str(data), "-w", "-m", "fast", "stop")
        primary.ask_until(lambda alarms: {Metric.DB_REPLICAS_MISSING, Metric.DB_REPLICATION} <= alarms.keys())
        assert "slot second" in primary.alarms[Metric.DB_REPLICATION]
        assert [*replica.ask().samples] == []
        assert [*replica.alarms] == ["postgresql:1"]
        (data / "postgresql.auto.conf").open("a").write("\nprimary_conninfo = 'host=127.0.0.1 port=1'\n")
        server.run(*start, "start")
        replica.ask_until(lambda alarms: Metric.DB_REPLICATION in alarms)
        assert "no walreceiver" in replica.alarms[Metric.DB_REPLICATION]
    finally:
        server.run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")
        server.sql("SELECT pg_drop_replication_slot('second')")


def test_a_full_server_is_critical_and_a_wrong_password_is_not(server: DebianServer) -> None:
    wrong = watched(server.port, password="wrong").ask()
    assert (wrong.ok, wrong.is_reachable) == (False, True)
    assert "password authentication failed" in wrong.trouble
    with server.connect() as administrator:
        held = []
        try:
            with pytest.raises(psycopg.OperationalError):
                while True:
                    held.append(server.connect(USER, PASSWORD))
            full = watched(server.port).ask()
        finally:
            for connection in held:
                connection.close()
        administrator.execute("SELECT 1")
    assert full.ok
    assert "connection" in full.trouble or "clients" in full.trouble


def test_the_check_can_neither_write_nor_wait_for_a_table(server: DebianServer) -> None:
    target = watched(server.port).target
    session = postgresql.connect(target)
    try:
        with pytest.raises(postgresql.QueryFailed, match="read-only"):
            session.rows("CREATE TABLE mine (id int)")
        server.sql(f"GRANT SELECT ON stock TO {USER}")
        with server.connect() as other:
            other.execute("BEGIN")
            other.execute("LOCK TABLE stock IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(postgresql.QueryFailed, match="lock timeout"):
                session.rows("SELECT * FROM public.stock")
        with pytest.raises(postgresql.QueryFailed, match="statement timeout"):
            session.rows("SELECT pg_sleep(60)")
    finally:
        session.close()


@contextmanager
def small_disk(server: DebianServer) -> Iterator[Path]:
    """A folder on a file system of 16 MB of its own; skips where nobody may mount one."""
    folder = server.folder / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", str(folder)], check=False).returncode:
        pytest.skip("NOT TESTED: a full table space needs the right to mount a small file system")
    try:
        owner = server.data.stat()
        os.chown(folder, owner.st_uid, owner.st_gid)
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)
