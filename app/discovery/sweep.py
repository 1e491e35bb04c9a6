"""The search itself: pings in waves over one socket, then SNMP and names for what answered."""

import asyncio
import socket
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from app.ci_classes import OTHER
from app.collector.probes.icmp import IcmpProbe
from app.collector.probes.snmp.client import BadAnswer, Client, Credentials, NoAnswer, Value, open_client
from app.collector.probes.snmp.probe import SNMP_PORT
from app.collector.probes.snmp.reading import System
from app.collector.probes.snmp.values import number, text
from app.desk import Desk
from app.devices.tools import Teller
from app.discovery.adding import known_at
from app.discovery.knocking import PORTS, Knock, knock
from app.discovery.proposing import identified, propose_class
from app.text import clean_line
from app.words import tr
from models.enums import CheckKind

PINGS = 2
PING_TIMEOUT_S = 1.0
SNMP_TIMEOUT_S = 1.0
SNMP_RETRIES = 1
SNMP_AT_ONCE = 64
NAME_TIMEOUT_S = 3.0
LOOK_EVERY_S = 0.2
"""How soon a stop is noticed."""

_DESCR, _OBJECT, _UPTIME, _NAME = (f"1.3.6.1.2.1.1.{n}.0" for n in (1, 2, 3, 5))
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search:
    """What is searched for: numeric addresses, communities that are tried in turn, whether names are looked up.

    `knocks` are the ports at which other kinds of checks are asked for, by kind; empty: none is.
    """

    addresses: Sequence[str]
    communities: Sequence[str] = field(default=(), repr=False)
    port: int = SNMP_PORT
    asks_names: bool = True
    knocks: Mapping[CheckKind, int] = field(default_factory=lambda: PORTS)


@dataclass(frozen=True, slots=True)
class Found:
    """A device that answers. `known` is the name of the configuration item that has its address already."""

    address: str
    rtt_ms: float
    name: str = ""
    descr: str = ""
    maker: str = ""
    model: str = ""
    firmware: str = ""
    class_name: str = OTHER
    community: str = field(default="", repr=False)
    port: int = SNMP_PORT
    known: str = ""
    others: tuple[CheckKind, ...] = ()
    """what else answers, at `ports` and with the settings `params`"""
    ports: Mapping[CheckKind, int] = field(default_factory=dict)
    params: Mapping[CheckKind, Mapping[str, str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.address

    @property
    def kinds(self) -> tuple[CheckKind, ...]:
        """The checks that are proposed."""
        by_snmp = (CheckKind.SNMP,) if self.community else ()
        return (CheckKind.ICMP, *by_snmp, *self.others)


def sweep(desk: Desk, teller: Teller, search: Search, tell: Callable[[Sequence[Found]], object]) -> int:
    """Search, `tell` what was found from this thread as it is found, and return how many devices answered.

    What `teller.progress` raises stops the search within a second; what was told stays told. Adds nothing anywhere.
    Raises Refused where the system forbids pings.
    """
    return asyncio.run(_Sweep(desk, teller, search, tell).run())


class _Sweep:
    def __init__(self, desk: Desk, teller: Teller, search: Search, tell: Callable[[Sequence[Found]], object]) -> None:
        self._desk, self._teller, self._search, self._tell = desk, teller, search, tell
        self._room = asyncio.Semaphore(SNMP_AT_ONCE)
        self._asked = self._found = 0

    async def run(self) -> int:
        addresses, probe = self._search.addresses, IcmpProbe()
        wave = min(max(len(addresses) // 32, 64), 1024)
        try:
            for start in range(0, len(addresses), wave):
                await self._one_wave(probe, addresses[start : start + wave])
        finally:
            await probe.close()
        self._say()
        return self._found

    async def _one_wave(self, probe: IcmpProbe, addresses: Sequence[str]) -> None:
        counts = dict.fromkeys(addresses, PINGS)
        trips = await self._watched(probe.round_trips(counts, PING_TIMEOUT_S))
        answered = {host: min(came) for host, rtts in trips.items() if (came := [r for r in rtts if r is not None])}
        known = self._desk.read(known_at, list(answered)) if answered else {}
        looks = [self._look(host, rtt_ms, known.get(host, "")) for host, rtt_ms in answered.items()]
        found = await self._watched(asyncio.gather(*looks)) if looks else []
        self._asked += len(addresses)
        self._found += len(found)
        if found:
            self._tell(found)
        self._say()

    def _say(self) -> None:
        total = len(self._search.addresses)
        words = tr(
            "{asked} of {total} addresses asked, {found} answer", asked=self._asked, total=total, found=self._found
        )
        self._teller.progress(self._asked / total if total else 1.0, words)

    async def _watched(self, work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
        """Wait for `work`, and give it up when the teller says stop."""
        task = asyncio.ensure_future(work)
        try:
            while not (await asyncio.wait([task], timeout=LOOK_EVERY_S))[0]:
                self._say()
            return task.result()
        finally:
            task.cancel()

    async def _look(self, address: str, rtt_ms: float, known: str) -> Found:
        async with self._room:
            named = await _name_of(address) if self._search.asks_names else ""
            heard = knock(address, self._search.knocks) if self._search.knocks else _nothing()
            found, answered = await asyncio.gather(self._by_snmp(address, rtt_ms, named, known), heard)
        return _with_others(found, answered, self._search.knocks)

    async def _by_snmp(self, address: str, rtt_ms: float, named: str, known: str) -> Found:
        for community in self._search.communities:
            system = await self._ask(address, community)
            if system is not None:
                return _described(address, rtt_ms, named, system, community, self._search.port, known)
        return Found(address, rtt_ms, named, known=known)

    async def _ask(self, address: str, community: str) -> System | None:
        """Return the system group, None when nothing answers to this community."""
        credentials = Credentials(community=community)
        try:
            client = open_client(address, self._search.port, credentials, SNMP_TIMEOUT_S, SNMP_RETRIES)
        except (ValueError, OSError):
            return None
        try:
            return await _system_of(client)
        except (NoAnswer, BadAnswer, OSError):
            return None
        finally:
            client.close()


async def _system_of(client: Client) -> System:
    got: dict[str, Value] = await client.get((_DESCR, _OBJECT, _UPTIME, _NAME))
    ticks = number(got.get(_UPTIME))
    return System(
        descr=text(got.get(_DESCR)),
        name=text(got.get(_NAME)),
        object_id=text(got.get(_OBJECT)).lstrip("."),
        uptime_s=None if ticks is None else ticks / 100,
    )


def _described(address: str, rtt_ms: float, named: str, system: System, community: str, port: int, known: str) -> Found:
    whole = identified(system)
    return Found(
        address,
        rtt_ms,
        clean_line(system.name or named, 120),
        clean_line(system.descr),
        clean_line(whole.vendor),
        clean_line(whole.model),
        clean_line(whole.version),
        propose_class(system.object_id, system.descr),
        community,
        port,
        known,
    )


async def _nothing() -> Knock:
    return Knock()


def _with_others(found: Found, answered: Knock, ports: Mapping[CheckKind, int]) -> Found:
    """Return `found` with what else answers; what SNMP said of it stands before what that says."""
    is_other = found.class_name == OTHER
    return replace(
        found,
        name=found.name or answered.name,
        maker=found.maker or answered.maker,
        model=found.model or answered.model,
        class_name=answered.class_name or OTHER if is_other else found.class_name,
        others=answered.kinds,
        ports={kind: ports[kind] for kind in answered.kinds},
        params=answered.params,
    )


async def _name_of(address: str) -> str:
    """Return the name that the name server has for an address, "" when it has none or is slow."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(NAME_TIMEOUT_S):
            name, _ = await loop.getnameinfo((address, 0), socket.NI_NAMEREQD)
    except (OSError, TimeoutError, UnicodeError):
        return ""
    return clean_line(name, 120)
