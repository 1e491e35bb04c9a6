"""Scale: the whole collector on 10,000 devices at a round a minute: its CPU, its memory and whether it keeps up.

Every device is pinged (on loopback), 500 of them are also asked by SNMP for 48 ports. No goal but keeping up: each
check once a minute, within a tenth.
"""

import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import psutil
from _big_database import DEVICES, big_database
from _snmp_agents import PORTS, address
from _zabbix import cpu_seconds

AGENTS, PORT = 500, 11_171
SETTLE_S, SECONDS = 100.0, 120.0


def prepare(path: Path) -> None:
    """Let the devices be on this machine, some of them with SNMP; no trail is written of it."""
    raw = sqlite3.connect(path)
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f'DROP TRIGGER "{name}"')
    raw.execute("UPDATE check_item SET address = '127.2.' || (ci_id / 250) || '.' || (ci_id % 250 + 1)")
    raw.executemany(
        "INSERT INTO check_item (key, ci_id, kind, address, port, params, interval_s, retries)"
        " VALUES (?, ?, 'snmp', ?, ?, '{}', 60, 2)",
        [(uuid.uuid4().hex, n + 1, address(n), PORT) for n in range(AGENTS)],
    )
    for _, sql in triggers:
        raw.execute(sql)
    raw.commit()
    raw.close()


def measure(url: str, path: Path) -> tuple[float, float, int]:
    """Return the share of a processor, the resident MiB and the checks a minute that a collector settles at."""
    process = subprocess.Popen([sys.executable, "-m", "app", "collect", "--db", url])
    try:
        time.sleep(SETTLE_S)
        seen, before = psutil.Process(process.pid), cpu_seconds(psutil.Process(process.pid))
        time.sleep(SECONDS)
        share = (cpu_seconds(seen) - before) / SECONDS
        resident = seen.memory_info().rss / 2**20
        with sqlite3.connect(path) as raw:
            (checks,) = raw.execute("SELECT checks_per_minute FROM collector_beat").fetchone()
        return share, resident, checks
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def main() -> int:
    original = big_database()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.db"
        shutil.copy(original, path)
        prepare(path)
        line = [sys.executable, str(Path(__file__).with_name("_snmp_agents.py")), str(AGENTS), str(PORT)]
        agents = subprocess.Popen(line, stdout=subprocess.PIPE)
        try:
            assert agents.stdout is not None
            agents.stdout.readline()
            share, resident, checks = measure(f"sqlite:///{path}", path)
        finally:
            agents.kill()
            agents.wait()
    wanted = DEVICES + AGENTS
    figures = f"{share:.1%} of a processor  {resident:.0f} MiB  {checks:,} of {wanted:,} checks a minute"
    print(f"collector: {DEVICES:,} pinged, {AGENTS} with {PORTS} ports by SNMP   {figures}")
    return 0 if checks >= 0.9 * wanted else 1


if __name__ == "__main__":
    sys.exit(main())
