"""What a person tries by hand on a device: ping, traceroute, a port (REQUIREMENTS A3); lines are told as they come."""

import asyncio
from typing import Protocol

from app.collector.probes.icmp import ping_once
from app.collector.probes.tcp import port_test
from app.collector.probes.trace import traceroute
from app.desk import Desk
from app.words import tr

PINGS = 10


class Teller(Protocol):
    """Who watches the tool: told each line, and free to stop it."""

    def progress(self, part: float, text: str = "") -> None: ...


def ping(desk: Desk, teller: Teller, address: str) -> None:
    """Ping an address PINGS times and tell each answer. Raises WatchroomError when the system forbids it."""
    asyncio.run(_ping(teller, address))


def trace(desk: Desk, teller: Teller, address: str) -> None:
    """Follow the way to an address, hop by hop."""
    asyncio.run(_trace(teller, address))


def try_port(desk: Desk, teller: Teller, address: str, port: int) -> None:
    """Connect to a port and tell how long it took, or why not."""
    asyncio.run(_try_port(teller, address, port))


async def _ping(teller: Teller, address: str) -> None:
    answered = 0
    for number in range(1, PINGS + 1):
        outcome = await ping_once(address, 1)
        if outcome.ok and outcome.latency_ms is not None:
            answered += 1
            line = tr("{n}: answer after {ms} ms", n=number, ms=f"{outcome.latency_ms:.2f}")
        else:
            line = tr("{n}: {trouble}", n=number, trouble=outcome.trouble or tr("no answer"))
        teller.progress(number / PINGS, line)
        if number < PINGS:
            await asyncio.sleep(0.2)
    lost = 100 * (PINGS - answered) // PINGS
    teller.progress(
        1.0, tr("{sent} sent, {answered} answered, {lost} % lost", sent=PINGS, answered=answered, lost=lost)
    )


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
