"""Ping: many targets at once over one socket per address family, or through fping where that is forbidden."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from app.collector.probes.wire import WAVE_LIMIT, Wave, Wire, forbidden
from app.collector.samples import Outcome, Sweep, Target
from app.errors import Refused
from app.words import tr
from models.enums import CheckKind

PINGS = 3
SPACING_S = 0.25
TIMEOUT_S = 2.0
PACKETS_PER_S = 5_000.0

_FPING_LINE = re.compile(r"^(\S+)\s*:\s*((?:-|[\d.]+)(?:\s+(?:-|[\d.]+))*)\s*$")

Values = NDArray[np.float64]
Places = NDArray[np.int64]


class IcmpProbe:
    """Pings all targets of a batch together. Params of a target: `count` (pings a check, 3).

    `packets_per_s` paces the sending for the network's sake; None sends as fast as the machine can.
    """

    def __init__(self, packets_per_s: float | None = PACKETS_PER_S) -> None:
        self._packets_per_s = packets_per_s
        self._wires: dict[socket.AddressFamily, Wire] = {}

    async def sweep(self, targets: Sequence[Target]) -> Sweep:
        """Ping all `targets`, each address once, and return what came back."""
        resolved = await resolve({target.address for target in targets})
        hosts = [resolved.get(target.address) for target in targets]
        counts: dict[str, int] = {}
        for target, host in zip(targets, hosts, strict=True):
            if host is not None:
                count = _counted(target.params.get("count"))
                if count > counts.get(host, 0):
                    counts[host] = count
        timeout_s = min(max((target.timeout_s for target in targets), default=TIMEOUT_S), TIMEOUT_S)
        try:
            total_ms, came = await self._sums(counts, timeout_s)
        except Refused as refused:
            return _refused(targets, refused.sentence())
        tried = np.fromiter(counts.values(), np.float64, len(counts))
        with np.errstate(invalid="ignore"):
            rtt_ms, loss = total_ms / came, 100.0 * (tried - came) / tried
        places: dict[str | None, int] = {host: place for place, host in enumerate(counts)}
        places[None] = -1
        where = np.fromiter(map(places.__getitem__, hosts), np.int64, len(hosts))
        return _swept(targets, where, rtt_ms, loss, tried, datetime.now(UTC))

    async def round_trips(
        self, counts: Mapping[str, int], timeout_s: float = TIMEOUT_S
    ) -> dict[str, list[float | None]]:
        """Return the round trips in ms of `counts[host]` pings to each host; None for one without a reply.

        Hosts are numeric addresses. Raises Refused when neither a socket nor fping may be used.
        """
        found: dict[str, list[float | None]] = {host: [] for host in counts}
        async for waves in self._asked(counts, timeout_s):
            if isinstance(waves, dict):
                found.update(waves)
                continue
            for wave in waves:
                for host, rtt_ns in zip(wave.hosts, wave.rtt_ns, strict=True):
                    found[host].append(None if rtt_ns < 0 else rtt_ns / 1e6)
        return found

    async def _sums(self, counts: Mapping[str, int], timeout_s: float) -> tuple[Values, Values]:
        """Return, in the order of `counts`, the sum of the round trips in ms and how many came back."""
        places = {host: place for place, host in enumerate(counts)}
        total_ms, came = np.zeros(len(counts)), np.zeros(len(counts))
        async for waves in self._asked(counts, timeout_s):
            if isinstance(waves, dict):
                for host, rtts in waves.items():
                    back = [rtt for rtt in rtts if rtt is not None]
                    total_ms[places[host]], came[places[host]] = sum(back), len(back)
                continue
            for wave in waves:
                rtt_ns = np.frombuffer(wave.rtt_ns, np.int64)
                where = np.fromiter(map(places.__getitem__, wave.hosts), np.int64, len(wave.hosts))
                total_ms[where] += np.maximum(rtt_ns, 0) / 1e6
                came[where] += rtt_ns >= 0
        return total_ms, came

    async def _asked(
        self, counts: Mapping[str, int], timeout_s: float
    ) -> AsyncIterator[list[Wave] | dict[str, list[float | None]]]:
        """Yield what each address family brought: waves, or fping's round trips where no socket is allowed."""
        longer = {host: count for host, count in counts.items() if ":" in host}
        shorter = {host: count for host, count in counts.items() if host not in longer} if longer else counts
        for family, hosts in ((socket.AF_INET, shorter), (socket.AF_INET6, longer)):
            if not hosts:
                continue
            wire = self._wire(family)
            yield await (_by_fping(hosts, timeout_s) if wire is None else self._in_waves(wire, hosts, timeout_s))

    async def close(self) -> None:
        for wire in self._wires.values():
            wire.close()
        self._wires.clear()

    def _wire(self, family: socket.AddressFamily) -> Wire | None:
        if family not in self._wires:
            try:
                self._wires[family] = Wire(family)
            except Refused:
                return None
        return self._wires[family]

    async def _in_waves(self, wire: Wire, counts: Mapping[str, int], timeout_s: float) -> list[Wave]:
        """Send wave after wave, SPACING_S apart; late replies to early waves still count."""
        running = []
        most = max(counts.values())
        for number in range(most):
            hosts = [host for host, count in counts.items() if count > number]
            for start in range(0, len(hosts), WAVE_LIMIT):
                ping = wire.ping(hosts[start : start + WAVE_LIMIT], timeout_s, self._packets_per_s)
                running.append(asyncio.create_task(ping))
            if number + 1 < most:
                await asyncio.sleep(SPACING_S)
        return await asyncio.gather(*running)


async def resolve(names: Iterable[str]) -> dict[str, str]:
    """Return the numeric address of each name that has one; numeric addresses ask no name server."""
    found, unknown = {}, []
    for name in names:
        if is_numeric(name):
            found[name] = name
        else:
            unknown.append(name)
    answers = await asyncio.gather(*map(_look_up, unknown))
    found.update((name, address) for name, address in zip(unknown, answers, strict=True) if address)
    return found


async def _look_up(name: str) -> str:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(5):
            answers = await loop.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError, ValueError, TimeoutError):
        return ""
    return str(answers[0][4][0]) if answers else ""


@lru_cache(maxsize=WAVE_LIMIT)
def is_numeric(address: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address)
        except (OSError, ValueError):
            continue
        return True
    return False


@lru_cache(maxsize=100)
def _counted(setting: str | None) -> int:
    """Return how many pings a target's `count` asks for; what is no number asks for the usual."""
    try:
        return min(max(int(setting or PINGS), 1), 20)
    except ValueError:
        return PINGS


def _swept(
    targets: Sequence[Target], where: Places, rtt_ms: Values, loss: Values, tried: Values, at: datetime
) -> Sweep:
    """Return the round: target n was pinged as host `where[n]` (-1: it has no address) of the other columns."""
    others = {}
    if len(rtt_ms):
        rtt_ms, loss = rtt_ms[where], loss[where]
    else:
        rtt_ms = loss = np.full(len(targets), np.nan)
    nameless = where < 0
    if nameless.any():
        rtt_ms, loss = np.where(nameless, np.nan, rtt_ms), np.where(nameless, np.nan, loss)
    for place in np.flatnonzero(np.isnan(rtt_ms)).tolist():
        target = targets[place]
        if nameless[place]:
            trouble = tr("The name {name} has no address", name=target.address)
        else:
            trouble = tr("No answer to {n} pings", n=int(tried[where[place]]))
        others[place] = Outcome(
            target.check_id, target.ci_id, at, False, trouble=trouble, is_reachable=bool(nameless[place])
        )
    return Sweep(targets, at, rtt_ms, loss, others)


def _refused(targets: Sequence[Target], trouble: str) -> Sweep:
    at, nothing = datetime.now(UTC), np.full(len(targets), np.nan)
    others = {n: Outcome(t.check_id, t.ci_id, at, False, trouble=trouble) for n, t in enumerate(targets)}
    return Sweep(targets, at, nothing, nothing, others)


async def _by_fping(counts: Mapping[str, int], timeout_s: float) -> dict[str, list[float | None]]:
    """Ping through the fping program, which is allowed what we are not. Raises Refused when it is not there."""
    program = shutil.which("fping")
    if program is None:
        raise Refused(forbidden())
    count = max(counts.values())
    options = ["-q", "-C", str(count), "-i", "1", "-p", "250", "-t", str(int(timeout_s * 1000))]
    process = await asyncio.create_subprocess_exec(
        program,
        *options,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "LC_ALL": "C"},
    )
    try:
        _, answer = await process.communicate("\n".join(counts).encode())
    except asyncio.CancelledError:
        process.kill()
        raise
    return parse_fping(answer.decode(errors="replace"), counts)


def parse_fping(text: str, counts: Mapping[str, int]) -> dict[str, list[float | None]]:
    """Return round trips by host from the lines "host : 0.1 - 0.2" of fping -C; others are left out."""
    found: dict[str, list[float | None]] = {host: [None] * count for host, count in counts.items()}
    for line in text.splitlines():
        match = _FPING_LINE.match(line)
        if match and match[1] in found:
            found[match[1]] = [None if word == "-" else float(word) for word in match[2].split()]
    return found


async def ping_once(address: str, count: int = PINGS) -> Outcome:
    """Return what `count` pings to one address find: the device menu's "Ping"."""
    probe = IcmpProbe()
    try:
        target = Target(0, 0, CheckKind.ICMP, address, params={"count": str(count)})
        return (await probe.sweep([target])).outcome(0)
    finally:
        await probe.close()
