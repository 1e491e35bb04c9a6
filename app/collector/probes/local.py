"""This machine's own figures, by psutil."""

import asyncio
import platform
import socket
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import psutil

from app.collector.samples import Metric, Outcome, Sample, Target
from app.text import clean_line
from app.words import tr

_READ_ONLY_IMAGES = {"squashfs", "iso9660", "erofs", "udf"}


class LocalProbe:
    """Rates (CPU, interfaces) are over the time since the last call of the same check; the first has no rates."""

    def __init__(self) -> None:
        self._traffic: dict[int, tuple[float, Mapping[str, Any]]] = {}
        psutil.cpu_percent()

    async def ask(self, target: Target) -> Outcome:
        """Read everything in a thread: a hanging network mount must not hold the loop."""
        try:
            async with asyncio.timeout(target.timeout_s):
                samples = await asyncio.to_thread(self._read, target.check_id)
        except TimeoutError:
            trouble = tr("This machine's figures took longer than {n} s", n=round(target.timeout_s))
            return Outcome(target.check_id, target.ci_id, datetime.now(UTC), False, trouble=trouble)
        at = datetime.now(UTC)
        return Outcome(target.check_id, target.ci_id, at, True, samples=samples, facts=_facts())

    async def close(self) -> None:
        self._traffic.clear()

    def _read(self, check_id: int) -> tuple[Sample, ...]:
        memory = psutil.virtual_memory()
        samples = [
            Sample(Metric.UPTIME_S, time.time() - psutil.boot_time(), "s"),
            Sample(Metric.CPU, psutil.cpu_percent(), "%"),
            Sample(Metric.LOAD, psutil.getloadavg()[0], ""),
            Sample(Metric.MEMORY, memory.percent, "%"),
        ]
        swap = psutil.swap_memory()
        if swap.total:
            samples.append(Sample(Metric.SWAP, swap.percent, "%"))
        samples.extend(_disks())
        samples.extend(self._interfaces(check_id))
        samples.extend(_sensors())
        return tuple(samples)

    def _interfaces(self, check_id: int) -> Iterator[Sample]:
        now, counters = time.monotonic(), psutil.net_io_counters(pernic=True)
        states = psutil.net_if_stats()
        before_at, before = self._traffic.get(check_id, (now, {}))
        self._traffic[check_id] = (now, counters)
        seconds = now - before_at
        for name, count in counters.items():
            state, old = states.get(name), before.get(name)
            if name == "lo" or state is None or old is None or seconds <= 0:
                continue
            if count.bytes_recv < old.bytes_recv or count.bytes_sent < old.bytes_sent:
                continue  # the interface was made anew; its counters began at 0
            speed = state.speed * 1e6
            received = (count.bytes_recv - old.bytes_recv) * 8 / seconds
            sent = (count.bytes_sent - old.bytes_sent) * 8 / seconds
            yield Sample(Metric.IF_IN, received, "bps", name)
            yield Sample(Metric.IF_OUT, sent, "bps", name)
            yield Sample(Metric.IF_IN_ERRORS, max(0, count.errin - old.errin) / seconds, "/s", name)
            yield Sample(Metric.IF_OUT_ERRORS, max(0, count.errout - old.errout) / seconds, "/s", name)
            yield Sample(Metric.IF_IN_DISCARDS, max(0, count.dropin - old.dropin) / seconds, "/s", name)
            yield Sample(Metric.IF_OUT_DISCARDS, max(0, count.dropout - old.dropout) / seconds, "/s", name)
            if speed > 0:
                yield Sample(Metric.IF_IN_UTILISATION, 100 * received / speed, "%", name)
                yield Sample(Metric.IF_OUT_UTILISATION, 100 * sent / speed, "%", name)


def _disks() -> Iterator[Sample]:
    """Yield the fill of each file system once, however often it is mounted; images are always full."""
    seen = set()
    for part in psutil.disk_partitions(all=False):
        if part.device in seen or part.fstype in _READ_ONLY_IMAGES or "cdrom" in part.opts:
            continue
        seen.add(part.device)
        try:
            usage = psutil.disk_usage(part.mountpoint)
        except OSError:
            continue
        if usage.total:
            yield Sample(Metric.DISK, usage.percent, "%", part.mountpoint, part.fstype)


def _sensors() -> Iterator[Sample]:
    """Yield temperatures and fans where the system knows them (not in most virtual machines)."""
    read = getattr(psutil, "sensors_temperatures", dict)
    for chip, entries in read().items():
        for number, entry in enumerate(entries):
            instance = f"{chip}/{entry.label or number}"
            yield Sample(Metric.TEMPERATURE, entry.current, "°C", instance)
    read = getattr(psutil, "sensors_fans", dict)
    for chip, entries in read().items():
        for number, entry in enumerate(entries):
            yield Sample(Metric.FAN, float(entry.current), "rpm", f"{chip}/{entry.label or number}")


def _facts() -> dict[str, str]:
    return {
        "name": clean_line(socket.gethostname()),
        "descr": clean_line(platform.platform()),
        "model": clean_line(platform.machine()),
        "processors": str(psutil.cpu_count() or ""),
    }
