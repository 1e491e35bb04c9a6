"""Ping: many targets at once over one socket per address family, or through fping where that is forbidden."""

import asyncio
import os
import re
import shutil
import socket
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from app.collector.probes.wire import WAVE_LIMIT, Wire, forbidden
from app.collector.samples import Metric, Outcome, Sample, Target
from app.errors import Refused
from app.words import tr
from models.enums import CheckKind

PINGS = 3
SPACING_S = 0.25
TIMEOUT_S = 2.0
PACKETS_PER_S = 5_000.0

_FPING_LINE = re.compile(r"^(\S+)\s*:\s*((?:-|[\d.]+)(?:\s+(?:-|[\d.]+))*)\s*$")


class IcmpProbe:
    """Pings all targets of a batch together. Params of a target: `count` (pings a check, 3).

    `packets_per_s` paces the sending for the network's sake; None sends as fast as the machine can.
    """

    def __init__(self, packets_per_s: float | None = PACKETS_PER_S) -> None:
        self._packets_per_s = packets_per_s
        self._wires: dict[socket.AddressFamily, Wire] = {}

    async def ask_all(self, targets: Sequence[Target]) -> list[Outcome]:
        resolved = await resolve({target.address for target in targets})
        counts: dict[str, int] = {}
        for target in targets:
            host = resolved.get(target.address)
            if host is not None:
                counts[host] = max(counts.get(host, 0), _count(target))
        timeout_s = min(max((t.timeout_s for t in targets), default=TIMEOUT_S), TIMEOUT_S)
        try:
            round_trips = await self.round_trips(counts, timeout_s)
        except Refused as refused:
            at = datetime.now(UTC)
            return [Outcome(t.check_id, t.ci_id, at, False, trouble=refused.sentence()) for t in targets]
        at = datetime.now(UTC)
        return [_outcome(target, resolved.get(target.address), round_trips, at) for target in targets]

    async def round_trips(
        self, counts: Mapping[str, int], timeout_s: float = TIMEOUT_S
    ) -> dict[str, list[float | None]]:
        """Return the round trips in ms of `counts[host]` pings to each host; None for one without a reply.

        Hosts are numeric addresses. Raises Refused when neither a socket nor fping may be used.
        """
        found: dict[str, list[float | None]] = {host: [] for host in counts}
        for family in (socket.AF_INET, socket.AF_INET6):
            hosts = {h: n for h, n in counts.items() if (":" in h) == (family == socket.AF_INET6)}
            if not hosts:
                continue
            wire = self._wire(family)
            if wire is None:
                found.update(await _by_fping(hosts, timeout_s))
            else:
                await self._in_waves(wire, hosts, timeout_s, found)
        return found

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

    async def _in_waves(
        self, wire: Wire, counts: Mapping[str, int], timeout_s: float, found: dict[str, list[float | None]]
    ) -> None:
        """Send wave after wave, SPACING_S apart; late replies to early waves still count."""
        running = []
        for number in range(max(counts.values())):
            hosts = [host for host, count in counts.items() if count > number]
            for start in range(0, len(hosts), WAVE_LIMIT):
                ping = wire.ping(hosts[start : start + WAVE_LIMIT], timeout_s, self._packets_per_s)
                running.append(asyncio.create_task(ping))
            if any(count > number + 1 for count in counts.values()):
                await asyncio.sleep(SPACING_S)
        for wave in await asyncio.gather(*running):
            for host, rtt_ns in zip(wave.hosts, wave.rtt_ns, strict=True):
                found[host].append(None if rtt_ns < 0 else rtt_ns / 1e6)


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


def is_numeric(address: str) -> bool:
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, address)
        except (OSError, ValueError):
            continue
        return True
    return False


def _count(target: Target) -> int:
    try:
        return min(max(int(target.params.get("count", PINGS)), 1), 20)
    except (TypeError, ValueError):
        return PINGS


def _outcome(target: Target, host: str | None, round_trips: Mapping[str, list[float | None]], at: datetime) -> Outcome:
    if host is None:
        trouble = tr("The name {name} has no address", name=target.address)
        return Outcome(target.check_id, target.ci_id, at, False, trouble=trouble)
    tried = round_trips.get(host, [])
    came = [rtt for rtt in tried if rtt is not None]
    if not came:
        trouble = tr("No answer to {n} pings", n=len(tried))
        return Outcome(target.check_id, target.ci_id, at, False, trouble=trouble, is_reachable=False)
    rtt_ms = sum(came) / len(came)
    loss = 100.0 * (len(tried) - len(came)) / len(tried)
    samples = (Sample(Metric.PING_RTT_MS, rtt_ms, "ms"), Sample(Metric.PING_LOSS, loss, "%"))
    return Outcome(target.check_id, target.ci_id, at, True, rtt_ms, samples)


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
        return (await probe.ask_all([target]))[0]
    finally:
        await probe.close()
