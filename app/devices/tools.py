"""What a person tries by hand on a device: ping, traceroute, a port (REQUIREMENTS A3); lines are told as they come."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from app.collector.probes.icmp import ping_once
from app.collector.probes.tcp import port_test
from app.collector.probes.trace import traceroute
from app.desk import Desk
from app.words import tr


@dataclass(frozen=True, slots=True)
class Echo:
    """What came of one ping; `rtt_ms` None: nothing, for the reason of `trouble`."""

    rtt_ms: float | None
    trouble: str = ""


class Teller(Protocol):
    """Who watches the tool: told each line, and free to stop it."""

    def progress(self, part: float, text: str = "") -> None: ...


def ping(desk: Desk, teller: Teller, address: str) -> Echo:
    """Ping an address once; whoever watches asks again. Raises WatchroomError when the system forbids it."""
    outcome = asyncio.run(ping_once(address, 1))
    if outcome.ok and outcome.latency_ms is not None:
        return Echo(outcome.latency_ms)
    return Echo(None, outcome.trouble or tr("no answer"))


def trace(desk: Desk, teller: Teller, address: str) -> None:
    """Follow the way to an address, hop by hop."""
    asyncio.run(_trace(teller, address))


def try_port(desk: Desk, teller: Teller, address: str, port: int) -> None:
    """Connect to a port and tell how long it took, or why not."""
    asyncio.run(_try_port(teller, address, port))


async def _trace(teller: Teller, address: str) -> None:
    async for hop in traceroute(address):
        rtt = f"{hop.rtt_ms:.2f} ms" if hop.rtt_ms is not None else "*"
        teller.progress(hop.ttl / 30, f"{hop.ttl:>2}  {hop.address or '*':<40} {rtt}")


async def _try_port(teller: Teller, address: str, port: int) -> None:
    outcome = await port_test(address, port)
    if outcome.ok and outcome.latency_ms is not None:
        text = tr("Port {port} answers after {ms} ms", port=port, ms=f"{outcome.latency_ms:.1f}")
    else:
        text = outcome.trouble
    teller.progress(1.0, text)
    for fact in outcome.facts.values():
        teller.progress(1.0, fact)
