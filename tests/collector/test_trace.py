"""The route of loopback is one hop."""

import asyncio
import sys

import pytest

from app.collector.probes.trace import Hop, traceroute
from app.errors import BadInput

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the error queue is Linux's")


def trace(address: str, max_hops: int = 5) -> list[Hop]:
    async def run() -> list[Hop]:
        return [hop async for hop in traceroute(address, max_hops, timeout_s=0.2)]

    return asyncio.run(run())


def test_loopback_is_reached_at_the_first_hop() -> None:
    (hop,) = trace("127.0.0.1")
    assert hop.is_end
    assert hop.address == "127.0.0.1"
    assert hop.rtt_ms is not None


def test_a_way_to_nowhere_ends_without_the_target() -> None:
    hops = trace("240.0.0.1", 3)
    assert [hop.ttl for hop in hops] == [1, 2, 3][: len(hops)]
    assert all(hop.address != "240.0.0.1" for hop in hops)


def test_a_name_without_address_is_refused() -> None:
    with pytest.raises(BadInput):
        trace("no-such-host.invalid")
