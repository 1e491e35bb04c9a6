"""P10: a sweep of 10,000 hosts on loopback, alone and with its samples stored, against `fping -i0`: CPU time."""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from statistics import median

from app.collector.history import History
from app.collector.probes.icmp import IcmpProbe
from app.collector.samples import Target
from app.database import open_database
from models.enums import CheckKind

HOSTS = [f"127.{n >> 16}.{n >> 8 & 255}.{n & 255}" for n in range(1, 10_001)]
ROUNDS = 9
GOAL = 1.3
Sweep = Callable[[], Awaitable[None]]


async def main() -> int:
    if shutil.which("fping") is None:
        print("P10 ping sweep: fping is not installed, so there is nothing to compare with")
        return 0
    probe = IcmpProbe(packets_per_s=None)
    counts = dict.fromkeys(HOSTS, 1)

    async def sweep() -> None:
        found = await probe.round_trips(counts)
        lost = sum(rtts == [None] for rtts in found.values())
        if lost:
            raise SystemExit(f"{lost} replies were lost")

    with tempfile.TemporaryDirectory() as home:
        held = [await _compare("P10 ping sweep of 10,000 hosts", sweep), await _stored(probe, home)]
    await probe.close()
    return 0 if all(held) else 1


async def _stored(probe: IcmpProbe, home: str) -> bool:
    os.environ["WATCHROOM_HOME"] = home
    database = open_database(f"sqlite:///{home}/ours.db", create=True)
    history = History(database.engine)
    targets = [Target(n, n, CheckKind.ICMP, host, params={"count": "1"}) for n, host in enumerate(HOSTS, start=1)]

    async def sweep_and_store() -> None:
        found = await probe.sweep(targets)
        if found.others:
            raise SystemExit(f"replies were lost at {datetime.now(UTC)}")
        with database.engine.connect().execution_options(watchroom_write=True) as connection:
            history.append(connection, (), [found])
            connection.commit()

    held = await _compare("P10 the same with storage (two samples a host)", sweep_and_store)
    database.engine.dispose()
    return held


async def _compare(name: str, ours: Sweep) -> bool:
    await ours()
    pairs = []
    for _ in range(ROUNDS):
        before = _cpu(resource.RUSAGE_SELF)
        await ours()
        pairs.append((_cpu(resource.RUSAGE_SELF) - before, _fping()))
    ratio = median(a / b for a, b in pairs)
    ours_us, floor_us = (median(pair[side] for pair in pairs) * 1e6 / len(HOSTS) for side in (0, 1))
    verdict = "ok" if ratio <= GOAL else "MISSED"
    figures = f"ours {ours_us:6.2f} us  floor {floor_us:6.2f} us a host  ratio {ratio:6.2f}  goal <= {GOAL}"
    print(f"{name:<48} {figures}  {verdict}")
    return ratio <= GOAL


def _fping() -> float:
    """Return the CPU seconds of fping over the same hosts."""
    before = _cpu(resource.RUSAGE_CHILDREN)
    command = ["fping", "-i0", "-q", "-r0", "-t1000"]
    subprocess.run(command, input="\n".join(HOSTS).encode(), capture_output=True, check=False)
    return _cpu(resource.RUSAGE_CHILDREN) - before


def _cpu(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
