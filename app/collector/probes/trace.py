"""The way to a device, hop by hop, without privileges: UDP with a growing TTL, answers from the error queue."""

import asyncio
import contextlib
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

from app.collector.probes.icmp import resolve
from app.errors import BadInput, Refused
from app.words import tr

MAX_HOPS = 30
_FIRST_PORT = 33_434
_IP_RECVERR, _IPV6_RECVERR = 11, 25
_MSG_ERRQUEUE = 0x2000
_ERROR = struct.Struct("IBBBBII")
_LOCAL_ORIGIN = 1
_UNREACHABLE_V4, _UNREACHABLE_V6 = 3, 1


@dataclass(frozen=True, slots=True)
class Hop:
    """One station; `address` is "" and `rtt_ms` None where nothing answered.

    `is_end`: the way ends here, at the target or at a station that says it goes no further.
    """

    ttl: int
    address: str
    rtt_ms: float | None
    is_end: bool = False


async def traceroute(address: str, max_hops: int = MAX_HOPS, timeout_s: float = 1.5) -> AsyncIterator[Hop]:
    """Yield the hops to `address` as they answer, until the way ends or `max_hops`.

    Raises BadInput for a name without an address, Refused where the system has no error queue (not Linux).
    """
    if sys.platform != "linux":
        raise Refused(tr("Tracing the route needs Linux here; use tracert {address} instead.", address=address))
    host = (await resolve([address])).get(address)
    if host is None:
        raise BadInput(tr("The name {name} has no address", name=address), "address")
    for ttl in range(1, max_hops + 1):
        hop = await _hop(host, ttl, timeout_s)
        yield hop
        if hop.is_end:
            return


async def _hop(host: str, ttl: int, timeout_s: float) -> Hop:
    is_v6 = ":" in host
    family = socket.AF_INET6 if is_v6 else socket.AF_INET
    level = socket.IPPROTO_IPV6 if is_v6 else socket.IPPROTO_IP
    with socket.socket(family, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        sender.setsockopt(level, socket.IPV6_UNICAST_HOPS if is_v6 else socket.IP_TTL, ttl)
        sender.setsockopt(level, _IPV6_RECVERR if is_v6 else _IP_RECVERR, 1)
        began = time.perf_counter()
        try:
            sender.sendto(b"watchroom", (host, _FIRST_PORT + ttl))
        except OSError:
            return Hop(ttl, "", None)
        answer = await _answer(sender, timeout_s)
        if answer is None:
            return Hop(ttl, "", None)
        station, is_end = answer
        return Hop(ttl, station, (time.perf_counter() - began) * 1000, is_end)


async def _answer(sender: socket.socket, timeout_s: float) -> tuple[str, bool] | None:
    """Return who answered and whether it is the end of the way; None when nobody did."""
    loop = asyncio.get_running_loop()
    arrived = asyncio.Event()
    loop.add_reader(sender.fileno(), arrived.set)
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                await arrived.wait()
                arrived.clear()
                with contextlib.suppress(BlockingIOError):
                    return _read_error(sender)
    except TimeoutError:
        return None
    finally:
        loop.remove_reader(sender.fileno())


def _read_error(sender: socket.socket) -> tuple[str, bool] | None:
    _, control, _, _ = sender.recvmsg(512, 512, _MSG_ERRQUEUE)
    for _, kind, data in control:
        if kind not in (_IP_RECVERR, _IPV6_RECVERR) or len(data) < _ERROR.size + 8:
            continue
        _, origin, icmp_type, _, _, _, _ = _ERROR.unpack_from(data)
        if origin == _LOCAL_ORIGIN:
            return None
        offender = data[_ERROR.size :]
        if kind == _IP_RECVERR:
            return socket.inet_ntop(socket.AF_INET, offender[4:8]), icmp_type == _UNREACHABLE_V4
        return socket.inet_ntop(socket.AF_INET6, offender[8:24]), icmp_type == _UNREACHABLE_V6
    return None
