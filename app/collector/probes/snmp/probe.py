"""The SNMP check: one session a target, kept between polls."""

import asyncio
import json
import logging
import socket
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from app.collector.probes.snmp.client import BadAnswer, Credentials, NoAnswer, open_client
from app.collector.probes.snmp.device import Device
from app.collector.probes.snmp.families import Family, known
from app.collector.probes.snmp.rates import Snapshot
from app.collector.probes.snmp.reading import Reading
from app.collector.probes.snmp.sampling import facts, samples
from app.collector.probes.snmp.traffic import Traffic
from app.collector.samples import Outcome, Target
from app.words import tr

MOST_SESSIONS: Final = 800
"""Sockets held open; the longest unused is closed beyond that and opened again when it is due."""

SNMP_PORT: Final = 161
_MOST_TROUBLES: Final = 3
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Session:
    target: Target
    device: Device
    traffic: Traffic = field(default_factory=Traffic)


class SnmpProbe:
    """Asks devices by SNMP v2c and v3; remembers what each one has and its counters."""

    def __init__(self, families: Sequence[Family] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._families = families
        self._loading = asyncio.Lock()
        self._clock = clock
        self._sessions: OrderedDict[int, _Session] = OrderedDict()

    async def ask(self, target: Target) -> Outcome:
        at = datetime.now(UTC)
        started = self._clock()
        try:
            session = await self._session(target)
            reading = await session.device.read(budget_s=max(30.0, target.timeout_s * 4))
            took_s = self._clock() - started
            around, is_new = await session.device.around(reading.ports)
        except NoAnswer:
            return await _silent(target, at)
        except BadAnswer as error:
            return _failed(target, at, tr("the SNMP answer can't be read: {detail}", detail=str(error)))
        except ValueError:
            return _failed(target, at, tr("the SNMP settings of this check don't fit together"))
        except OSError as error:
            return _failed(target, at, tr("the address can't be used: {detail}", detail=str(error)), is_reachable=False)
        outcome = self._outcome(session, reading, at, took_s * 1000)
        told = {**outcome.facts, **around.facts()}
        return replace(outcome, facts=told, links=around.links if is_new else None)

    async def close(self) -> None:
        for session in self._sessions.values():
            session.device.close()
        self._sessions.clear()

    def _outcome(self, session: _Session, reading: Reading, at: datetime, latency_ms: float) -> Outcome:
        now = Snapshot.of(self._clock(), reading.system.uptime_s, reading.ports)
        found = samples(reading, session.traffic.take(now))
        told = facts(reading)
        if reading.troubles:
            told["trouble"] = "; ".join(reading.troubles[:_MOST_TROUBLES])
        target = session.target
        return Outcome(target.check_id, target.ci_id, at, True, latency_ms, found, told)

    async def _session(self, target: Target) -> _Session:
        """Return the target's session, a new one when its address or credentials changed."""
        session = self._sessions.get(target.check_id)
        if session is None or _way(session.target) != _way(target):
            if session is not None:
                session.device.close()
            session = _Session(target, await self._device(target))
            self._sessions[target.check_id] = session
        session.target = target
        self._sessions.move_to_end(target.check_id)
        while len(self._sessions) > MOST_SESSIONS:
            self._sessions.popitem(last=False)[1].device.close()
        return session

    async def _device(self, target: Target) -> Device:
        families = await self._load() if self._families is None else self._families
        try:
            credentials = Credentials.of(target.params, target.secret)
        except json.JSONDecodeError as error:
            raise ValueError("v3 keys") from error
        address = await numeric_address(target.address)
        client = open_client(address, target.port or SNMP_PORT, credentials, target.timeout_s, target.retries)
        return Device(client, families, self._clock)

    async def _load(self) -> Sequence[Family]:
        """Load what is known of devices once for all, however many are asked for the first time together."""
        async with self._loading:
            if self._families is None:
                knowledge = await asyncio.to_thread(known)
                for trouble in knowledge.troubles:
                    _log.warning(trouble)
                self._families = knowledge.families
            return self._families


async def numeric_address(name: str) -> str:
    """Return the first address of `name`; raises OSError when it has none."""
    found = await asyncio.get_running_loop().getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    return str(found[0][4][0])


async def _silent(target: Target, at: datetime) -> Outcome:
    """A system that refuses the port says so (ICMP), so that "SNMP is off" is known from "nothing there"."""
    loop = asyncio.get_running_loop()
    port = target.port or SNMP_PORT
    address = await numeric_address(target.address)
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as knock:
        knock.setblocking(False)
        try:
            await loop.sock_connect(knock, (address, port))
            await loop.sock_sendall(knock, b"\x30\x00")
            await asyncio.wait_for(loop.sock_recv(knock, 16), min(1.0, target.timeout_s))
        except ConnectionRefusedError:
            return _failed(target, at, tr("SNMP is off there: nothing listens on port {port}", port=port))
        except OSError:
            pass
    return _failed(target, at, tr("no SNMP answer (wrong community, or SNMP is off)"), is_reachable=False)


def _way(target: Target) -> tuple[object, ...]:
    return (target.address, target.port, dict(target.params), target.secret, target.timeout_s, target.retries)


def _failed(target: Target, at: datetime, trouble: str, is_reachable: bool = True) -> Outcome:
    return Outcome(target.check_id, target.ci_id, at, False, trouble=trouble, is_reachable=is_reachable)
