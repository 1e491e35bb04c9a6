"""P11: SNMP items stored per CPU-second, against Debian's Zabbix 6.0 server on the same agents in the same run.

Both ask the same switches of 48 ports for nine objects of each port, as fast as they can, and store every value: ours
is the whole `watchroom collect` on an embedded database, the other one zabbix_server with a PostgreSQL of its own. Only
what was asked for counts: the utilisation that ours derives and stores besides does not. The ratio is given against the
server with its database, as ours has its own within, and against the server alone.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import _zabbix
import psutil
from _snmp_agents import POLLED, PORTS, address
from _zabbix import Spent, cpu_seconds
from sqlalchemy import func, select, update

from app import devices
from app.database import Database, cli_identity, open_database
from models.enums import CheckKind
from models.history import fresh, series
from models.monitoring import Check

AGENTS, PORT = 100, 11_161
SECONDS, ROUNDS, SETTLE_S = 20.0, 3, 40.0
SAMPLE_SIZE = 16
GOAL = 3.0


class Ours:
    """A collector in a process of its own."""

    def __init__(self, database: Database, process: subprocess.Popen[bytes]) -> None:
        self._database = database
        self._process = psutil.Process(process.pid)

    def measure(self, seconds: float) -> Spent:
        before, started = self._samples(), cpu_seconds(self._process)
        time.sleep(seconds)
        samples, spent_s = self._samples() - before, cpu_seconds(self._process) - started
        return Spent(int(samples * self._share()), spent_s, 0.0)

    def pause(self) -> None:
        self._process.suspend()

    def resume(self) -> None:
        self._process.resume()

    def _samples(self) -> int:
        """Return how many samples lie in the database, those of packed hours left out."""
        with self._database.engine.connect() as connection:
            return int((connection.scalar(select(func.sum(func.length(fresh.c.data)))) or 0) / SAMPLE_SIZE)

    def _share(self) -> float:
        """Return which share of a device's series are objects that were asked for."""
        with self._database.engine.connect() as connection:
            counts = connection.scalars(select(func.count()).select_from(series).group_by(series.c.ci_id)).all()
        return len(POLLED) * PORTS / median(counts)


@contextmanager
def agents() -> Iterator[None]:
    line = [sys.executable, str(Path(__file__).with_name("_snmp_agents.py")), str(AGENTS), str(PORT)]
    process = subprocess.Popen(line, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def collecting(home: Path) -> Iterator[Ours]:
    os.environ["WATCHROOM_HOME"] = str(home)
    url = f"sqlite:///{home / 'ours.db'}"
    database = open_database(url, create=True)
    desk = database.desk(cli_identity(), "bench")
    for number in range(AGENTS):
        where = address(number)
        desk.do(devices.add_device, uuid.uuid4(), where, "switch", where, [CheckKind.SNMP], secret="public", port=PORT)
    with database.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
        connection.execute(update(Check).values(interval_s=1))
    process = subprocess.Popen([sys.executable, "-m", "app", "collect", "--db", url])
    try:
        yield Ours(database, process)
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(60)
        database.engine.dispose()


def main() -> int:
    if _zabbix.PROGRAM is None:
        print("P11 not measured: Debian's zabbix-server-pgsql is not installed")
        return 0
    oids = [f"{column}.{port}" for column in POLLED for port in range(1, PORTS + 1)]
    where = [(address(number), PORT) for number in range(AGENTS)]
    with (
        tempfile.TemporaryDirectory() as room,
        tempfile.TemporaryDirectory() as home,
        agents(),
        _zabbix.polling(Path(room), where, oids, PORT + 1) as theirs,
        collecting(Path(home)) as ours,
    ):
        rates = measure(ours, theirs)
    mine, server, whole = (median(column) for column in zip(*rates, strict=True))
    is_held = mine / whole >= GOAL
    for name, floor in (("with its database", whole), ("alone", server)):
        ratio = median(one[0] / one[2 if floor == whole else 1] for one in rates)
        figures = f"ours {mine:9,.0f}/CPU s  zabbix {floor:9,.0f}/CPU s  ratio {ratio:5.2f}  goal >= {GOAL:g}"
        print(f"P11 SNMP items stored, zabbix_server {name:<18} {figures}")
    return 0 if is_held else 1


def measure(ours: Ours, theirs: _zabbix.Zabbix) -> list[tuple[float, float, float]]:
    """Return ours, the server's and the server's with its database, items a CPU second, by turns."""
    time.sleep(SETTLE_S)
    found = []
    for _ in range(ROUNDS):
        ours.pause()
        them = theirs.measure(SECONDS)
        theirs.pause()
        ours.resume()
        us = ours.measure(SECONDS)
        theirs.resume()
        found.append(
            (us.stored / us.program_s, them.stored / them.program_s, them.stored / (them.program_s + them.database_s))
        )
        print("  round:", us, them, flush=True)
    return found


if __name__ == "__main__":
    sys.exit(main())
