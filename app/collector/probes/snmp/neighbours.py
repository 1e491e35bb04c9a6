"""Whom a device sees: its neighbours by LLDP and CDP, its own addresses, how many ports it has."""

import ipaddress
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.collector.probes.snmp.client import Column, Value
from app.collector.probes.snmp.reading import Port
from app.collector.probes.snmp.values import number, text
from app.collector.samples import Link
from app.interface_facts import MOST, PREFIX, line

Walk = Callable[[str], Awaitable[Column]]

_LLDP: Final = "1.0.8802.1.1.2.1"
_LOCAL_ID, _LOCAL_DESCR = f"{_LLDP}.3.7.1.3", f"{_LLDP}.3.7.1.4"
_FAR_CHASSIS, _FAR_PORT_ID, _FAR_PORT, _FAR_NAME, _FAR_DESCR = (f"{_LLDP}.4.1.1.{n}" for n in (5, 7, 8, 9, 10))
_FAR_ADDRESS: Final = f"{_LLDP}.4.2.1.3"
_CDP: Final = "1.3.6.1.4.1.9.9.23.1.2.1.1"
_IF_TYPE: Final = "1.3.6.1.2.1.2.2.1.3"
_ADDRESSES: Final = "1.3.6.1.2.1.4.20.1.1"
_SOCKETS: Final = frozenset({6, 56, 62, 69, 117})
"""ifType of what a cable goes into: Ethernet in its old and new numbers, and fibre channel."""
_FACT_LENGTH: Final = 240
_CUT: Final = " …"


@dataclass(frozen=True, slots=True)
class Around:
    """What was read; `ports` 0 and the rest empty where the device does not tell."""

    addresses: tuple[str, ...] = ()
    ports: int = 0
    links: tuple[Link, ...] = ()
    interfaces: tuple[tuple[str, str], ...] = ()
    """name and line of what a cable goes into, at most MOST"""

    def facts(self) -> dict[str, str]:
        """Return what is compared with the record."""
        told = " ".join(self.addresses)
        if len(told) > _FACT_LENGTH:
            told = told[:_FACT_LENGTH].rsplit(" ", 1)[0] + _CUT
        found = {"addresses": told, "ports": str(self.ports) if self.ports else ""}
        listed = {f"{PREFIX}{name}": words for name, words in self.interfaces}
        return {name: value for name, value in found.items() if value} | listed


async def look_around(walk: Walk, ports: Sequence[Port]) -> Around:
    """Return what the device sees around itself; tables that it lacks cost one question each."""
    types = (await walk(_IF_TYPE)).rows
    addresses = (await walk(_ADDRESSES)).rows
    links = [*await _lldp(walk, ports), *await _cdp(walk, ports)]
    return Around(
        tuple(sorted(filter(_is_told, addresses), key=_in_order)),
        sum(number(value) in _SOCKETS for value in types.values()),
        tuple(_once(links)),
        tuple(_interfaces(ports, types)),
    )


def _interfaces(ports: Sequence[Port], types: Mapping[str, Value]) -> Iterator[tuple[str, str]]:
    sockets = [port for port in ports if number(types.get(port.index)) in _SOCKETS]
    for port in sockets[:MOST]:
        yield port.name, line(port.mac, port.speed_bps if port.oper == "up" else None, port.alias)


async def _lldp(walk: Walk, ports: Sequence[Port]) -> list[Link]:
    names = (await walk(_FAR_NAME)).rows
    chassis = (await walk(_FAR_CHASSIS)).rows
    if not chassis and not names:
        return []
    ids, descrs, far_ids, far_ports, platforms, managed = [
        (await walk(oid)).rows for oid in (_LOCAL_ID, _LOCAL_DESCR, _FAR_PORT_ID, _FAR_PORT, _FAR_DESCR, _FAR_ADDRESS)
    ]
    addresses = dict(filter(None, map(_managed, managed)))
    known, by_index = _names(ports), {port.index: port.name for port in ports}
    found = []
    for index in chassis or names:
        name = text(names.get(index)) or _hardware(chassis.get(index))
        local = index.split(".")[1] if index.count(".") >= 2 else index
        offered = (text(ids.get(local)), text(descrs.get(local)))
        port = next((known[each] for each in offered if each in known), offered[1] or offered[0])
        port = port or by_index.get(local, local)
        far = text(far_ports.get(index)) or _hardware(far_ids.get(index))
        if name:
            found.append(Link(port, name, far, addresses.get(index, ""), text(platforms.get(index))[:80]))
    return found


async def _cdp(walk: Walk, ports: Sequence[Port]) -> list[Link]:
    names = (await walk(f"{_CDP}.6")).rows
    if not names:
        return []
    addresses, far_ports, platforms = [(await walk(f"{_CDP}.{column}")).rows for column in (4, 7, 8)]
    by_index = {port.index: port.name for port in ports}
    return [
        Link(
            by_index.get(index.split(".")[0], index.split(".")[0]),
            text(name),
            text(far_ports.get(index)),
            _address(addresses.get(index)),
            text(platforms.get(index))[:80],
            "cdp",
        )
        for index, name in names.items()
        if text(name)
    ]


def _once(links: Sequence[Link]) -> Iterator[Link]:
    """Yield each neighbour behind a port once: both protocols tell of the same cable."""
    seen = set()
    for link in links:
        cable = (link.port, short_name(link.name))
        if cable not in seen:
            seen.add(cable)
            yield link


def short_name(name: str) -> str:
    """Return a device's name without its domain and without the serial number that CDP may add in brackets."""
    plain = name.split("(")[0].strip().casefold()
    return plain if _is_address(plain) else plain.split(".")[0]


def _names(ports: Sequence[Port]) -> Mapping[str, str]:
    return {each: port.name for port in ports for each in (port.alias, port.descr, port.name) if each}


def _managed(index: str) -> tuple[str, str] | None:
    """Return the row and the address that stand in an index of lldpRemManAddrTable; None for other families."""
    parts = index.split(".")
    is_v4 = len(parts) == 9 and parts[3:5] == ["1", "4"]
    return (".".join(parts[:3]), ".".join(parts[5:])) if is_v4 else None


def _hardware(value: Value) -> str:
    """Return an identifier that may be six raw bytes of a MAC address."""
    if isinstance(value, bytes) and len(value) == 6 and not value.isascii():
        return value.hex(":")
    return text(value)


def _address(value: Value) -> str:
    return ".".join(map(str, value)) if isinstance(value, bytes) and len(value) == 4 else ""


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word)
    except ValueError:
        return False
    return True


def _is_told(address: str) -> bool:
    return _is_address(address) and not ipaddress.ip_address(address).is_loopback


def _in_order(address: str) -> int:
    return int(ipaddress.ip_address(address))
