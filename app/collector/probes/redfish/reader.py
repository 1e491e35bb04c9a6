"""One reading of a Redfish service: identity, parts, sensors and health."""

import asyncio
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from app.collector.probes.redfish import parts
from app.collector.probes.redfish.logs import NewEntries, entries
from app.collector.probes.redfish.service import ROOT, Access, Document, Service, inner, listed, opened, words
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.samples import Target

REDFISH_PORT: Final = 443
LOGS_EVERY_S: Final = 300.0
"""Logs are large and change seldom: they are read with some of the readings only."""


@dataclass(frozen=True, slots=True)
class _Inside:
    """What belongs to one computer system."""

    processors: Sequence[Document]
    memory: Sequence[Document]
    drives: Sequence[Document]
    logs: Sequence[Document]


@dataclass(frozen=True, slots=True)
class _Case:
    """What one chassis measures."""

    chassis: Document
    thermal: Document
    power: Document
    sensors: Sequence[Document]
    supplies: Sequence[Document]
    fans: Sequence[Document]


class RedfishReader:
    """Params of a target: `user`, `scheme` (https when empty), `login` ("session", else basic authentication) and
    `verify` ("1" for a certificate that must be trusted: controllers come with their own). The secret is the password.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._news = NewEntries()
        self._clock = clock
        self._logs_at: dict[int, float] = {}

    async def read(self, target: Target) -> Reading:
        async with opened(access_of(target)) as service:
            wants_logs = self._clock() - self._logs_at.get(target.check_id, float("-inf")) >= LOGS_EVERY_S
            found = await read(service, wants_logs=wants_logs)
        if not wants_logs:
            return found
        self._logs_at[target.check_id] = self._clock()
        return replace(found, log=self._news.of(target.check_id, found.log))


def access_of(target: Target) -> Access:
    """Return how the target's service is reached."""
    scheme = target.params.get("scheme") or "https"
    if scheme not in ("http", "https"):
        raise ValueError(scheme)
    host = f"[{target.address}]" if ":" in target.address else target.address
    base = f"{scheme}://{host}:{target.port or (REDFISH_PORT if scheme == 'https' else 80)}"
    return Access(
        base,
        target.params.get("user", ""),
        target.secret or "",
        by_session=target.params.get("login") == "session",
        verify=target.params.get("verify") == "1",
        timeout_s=max(target.timeout_s, 5.0),
    )


async def read(service: Service, *, wants_logs: bool = False) -> Reading:
    """Return everything that the service tells. Raises NoAnswer, BadAnswer when not even its root can be read."""
    root = await service.root()
    systems, chassis, managers = await asyncio.gather(
        *(service.members(root.get(name)) for name in ("Systems", "Chassis", "Managers"))
    )
    inside = await asyncio.gather(*(_inside(service, one) for one in systems))
    cases = await asyncio.gather(*(_case(service, one) for one in chassis))
    manager_logs = await asyncio.gather(*(service.members(one.get("LogServices")) for one in managers))
    logs = [log for some in (*(one.logs for one in inside), *manager_logs) for log in some]
    told = await entries(service, logs) if wants_logs else ()
    disks = [disk for one in inside for disk in one.drives]
    sensors = [
        *_states(systems, chassis, managers, logs),
        *(found for one in inside for part in (*one.processors, *one.memory) for found in _state(part)),
        *parts.wear(disks),
        *(found for case in cases for found in _measured(case)),
    ]
    return Reading(
        _system(systems, chassis, managers),
        (),
        tuple(row for one in inside for row in parts.processors(one.processors)),
        tuple(row for one in inside for row in parts.memory(one.memory)),
        tuple(parts.drives(disks)),
        tuple(_once(sensors)),
        (),
        (),
        tuple(service.troubles),
        tuple(told),
    )


async def _inside(service: Service, system: Document) -> _Inside:
    names = ("Processors", "Memory", "Storage", "SimpleStorage", "LogServices")
    processors, memory, storage, simple, logs = await asyncio.gather(
        *(service.members(system.get(name)) for name in names)
    )
    drives = await service.documents(link for one in storage for link in listed(one, "Drives"))
    if not drives:
        drives = [disk for one in simple for disk in listed(one, "Devices")]
    return _Inside(processors, memory, drives, logs)


async def _case(service: Service, chassis: Document) -> _Case:
    thermal, power, newer_power, newer_thermal = await asyncio.gather(
        *(service.document(chassis.get(name)) for name in ("Thermal", "Power", "PowerSubsystem", "ThermalSubsystem"))
    )
    sensors, supplies, fans = await asyncio.gather(
        service.members(chassis.get("Sensors")),
        service.members(newer_power.get("PowerSupplies")),
        service.members(newer_thermal.get("Fans")),
    )
    return _Case(chassis, thermal, power, sensors, supplies, fans)


def _measured(case: _Case) -> Iterator[Sensor]:
    yield from parts.thermal(case.thermal)
    yield from parts.power(case.power)
    for one in case.sensors:
        yield from parts.sensor(one)
    if not listed(case.power, "PowerSupplies"):
        for one in filter(parts.is_there, case.supplies):
            yield from parts.supply(one)
    if not listed(case.thermal, "Fans"):
        for one in case.fans:
            yield from _state(one)


def _states(*kinds: Iterable[Document]) -> Iterator[Sensor]:
    for found in kinds:
        for one in found:
            yield from _state(one)


def _state(part: Document) -> Iterator[Sensor]:
    return parts.health(part, words(part, "DeviceLocator", "Name", "Id"))


def _once(sensors: Iterable[Sensor]) -> Iterator[Sensor]:
    """Yield each place's figure once: newer services tell the same sensor in two documents."""
    seen: set[tuple[str, str]] = set()
    for one in sensors:
        if (one.sensor_class, one.oid) not in seen:
            seen.add((one.sensor_class, one.oid))
            yield one


def _system(systems: Sequence[Document], chassis: Sequence[Document], managers: Sequence[Document]) -> System:
    """Return the identity: of the computer system, of an enclosure without one its chassis."""
    who = next((one for one in (*systems, *chassis) if words(one, "Model", "SerialNumber")), {})
    first = systems[0] if systems else {}
    firmware = next((text for one in managers if (text := words(one, "FirmwareVersion"))), "")
    made_by = words(who, "Manufacturer") or next((t for one in chassis if (t := words(one, "Manufacturer"))), "")
    return System(
        descr=words(inner(first, "ProcessorSummary"), "Model"),
        name=words(first, "HostName", "Name") or words(who, "Name"),
        object_id=ROOT,
        vendor=made_by,
        model=words(who, "Model"),
        version=words(first, "BiosVersion") or firmware,
        serial=words(who, "SerialNumber"),
    )
