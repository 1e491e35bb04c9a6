"""What else an address answers to: Redfish, IPMI, NUT and Modbus, asked with nothing but a greeting.

No name and no password is offered to anybody, so that a search locks no account.
"""

import asyncio
import contextlib
import re
import socket
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp

from app.collector.probes.ipmi import IPMI_PORT
from app.collector.probes.modbus import MODBUS_PORT
from app.collector.probes.nut import NUT_PORT
from app.collector.probes.redfish.service import ROOT, object_of
from app.text import clean_line
from models.enums import CheckKind

TIMEOUT_S = 1.5
REDFISH_PORT = 443
PORTS: Final[Mapping[CheckKind, int]] = {
    CheckKind.REDFISH: REDFISH_PORT,
    CheckKind.IPMI: IPMI_PORT,
    CheckKind.NUT: NUT_PORT,
    CheckKind.MODBUS: MODBUS_PORT,
}
"""Where each is asked; those of a search's own stand instead."""
CLASSES: Final[Mapping[CheckKind, str]] = {
    CheckKind.NUT: "ups",
    CheckKind.REDFISH: "server",
    CheckKind.IPMI: "server",
    CheckKind.MODBUS: "sensor",
}
"""What answers is taken for, where SNMP does not tell; the first that fits."""

_LARGEST = 65_536
_PRESENCE_PING = bytes.fromhex("0600ff06000011be80000000")
"""RMCP's own greeting (ASF 2.0), which a controller answers before anybody signs in."""
_PRESENCE_PONG = 0x40
_WHO_ARE_YOU = bytes.fromhex("000100000005ff2b0e0100")
"""Modbus: read device identification; a device that does not know the question refuses it as Modbus does."""
_UPS = re.compile(r'UPS (\S+) "((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Knock:
    """What answered at an address, by kind of check, and what it said of itself."""

    kinds: tuple[CheckKind, ...] = ()
    maker: str = ""
    model: str = ""
    name: str = ""
    params: Mapping[CheckKind, Mapping[str, str]] = field(default_factory=dict)

    @property
    def class_name(self) -> str:
        """Return the proposed class, "" where nothing answered."""
        return next((name for kind, name in CLASSES.items() if kind in self.kinds), "")


@dataclass(frozen=True, slots=True)
class _Said:
    maker: str = ""
    model: str = ""
    name: str = ""
    params: Mapping[str, str] = field(default_factory=dict)


async def knock(address: str, ports: Mapping[CheckKind, int] = PORTS) -> Knock:
    """Return what answers at `address`; whatever goes wrong on the way is no answer."""
    asked = [kind for kind in PORTS if kind in ports]
    answers = await asyncio.gather(*(_asked(_KNOCKS[kind], address, ports[kind]) for kind in asked))
    said = {kind: answer for kind, answer in zip(asked, answers, strict=True) if answer is not None}
    return Knock(
        tuple(said),
        _first(one.maker for one in said.values()),
        _first(one.model for one in said.values()),
        _first(one.name for one in said.values()),
        {kind: one.params for kind, one in said.items() if one.params},
    )


def _first(words: Iterable[str]) -> str:
    return next(filter(None, words), "")


async def _asked(ask: Callable[[str, int], Awaitable[_Said | None]], address: str, port: int) -> _Said | None:
    with contextlib.suppress(OSError, aiohttp.ClientError, ValueError, EOFError):
        async with asyncio.timeout(TIMEOUT_S):
            return await ask(address, port)
    return None


async def _redfish(address: str, port: int) -> _Said | None:
    """Read the service's root, the one document that is open to everybody, by HTTPS, else by HTTP."""
    host = f"[{address}]" if ":" in address else address
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as session:
        for scheme in ("https", "http"):
            with contextlib.suppress(aiohttp.ClientError):
                async with session.get(f"{scheme}://{host}:{port}{ROOT}", allow_redirects=False) as answer:
                    found = await _document(answer)
                if found is not None:
                    maker, model = (clean_line(str(found.get(name) or ""), 120) for name in ("Vendor", "Product"))
                    return _Said(maker, model, params={"scheme": scheme})
    return None


async def _document(answer: aiohttp.ClientResponse) -> Mapping[str, object] | None:
    found = await object_of(answer, _LARGEST) if answer.status == 200 else {}
    return found if "RedfishVersion" in found else None


async def _ipmi(address: str, port: int) -> _Said | None:
    loop = asyncio.get_running_loop()
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as asker:
        asker.setblocking(False)
        asker.connect((address, port))
        await loop.sock_sendall(asker, _PRESENCE_PING)
        answer = await loop.sock_recv(asker, 512)
    return _Said() if len(answer) > 8 and answer[3] == 6 and answer[8] == _PRESENCE_PONG else None


async def _nut(address: str, port: int) -> _Said | None:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(b"LIST UPS\n")
        if await reader.readline() != b"BEGIN LIST UPS\n":
            return None
        first = _UPS.match((await reader.readline()).decode("utf-8", "replace"))
        writer.write(b"LOGOUT\n")
        return _Said(name=clean_line(first[1], 120)) if first else None
    finally:
        writer.close()


async def _modbus(address: str, port: int) -> _Said | None:
    reader, writer = await asyncio.open_connection(address, port)
    try:
        writer.write(_WHO_ARE_YOU)
        head = await reader.readexactly(8)
        is_modbus = head[:4] == _WHO_ARE_YOU[:4] and head[7] & 0x7F == 0x2B
        return _identity(await reader.read(256) if head[7] == 0x2B else b"") if is_modbus else None
    finally:
        writer.close()


def _identity(rest: bytes) -> _Said:
    """Return maker and product of an identification: objects of number, length and text after six bytes."""
    told: dict[int, str] = {}
    at = 6
    while at + 2 <= len(rest):
        number, length = rest[at], rest[at + 1]
        told[number] = clean_line(rest[at + 2 : at + 2 + length].decode("utf-8", "replace"), 120)
        at += 2 + length
    return _Said(told.get(0, ""), told.get(1, ""))


_KNOCKS: Final[Mapping[CheckKind, Callable[[str, int], Awaitable[_Said | None]]]] = {
    CheckKind.REDFISH: _redfish,
    CheckKind.IPMI: _ipmi,
    CheckKind.NUT: _nut,
    CheckKind.MODBUS: _modbus,
}
