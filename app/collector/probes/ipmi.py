"""IPMI over LAN: a server's management controller that knows no Redfish.

The library keeps sockets and threads of its own that a check could not end, so each check is a process of its own.
"""

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.samples import Target
from app.words import tr

IPMI_PORT: Final = 623
_CHILD: Final = "app.collector.probes.ipmi_child"
_CLASSES: Final = {"°C": "temperature", "RPM": "fanspeed", "V": "voltage", "A": "current", "W": "power"}
_UNITS: Final = {"fanspeed": "rpm"}
_LEVELS: Final = {0: 0, 1: 1}


class IpmiReader:
    """Params of a target: `user`; the secret is the password."""

    async def read(self, target: Target) -> Reading:
        request = {
            "host": target.address,
            "port": target.port or IPMI_PORT,
            "user": target.params.get("user", ""),
            "password": target.secret or "",
        }
        return reading(await ask(request))


async def ask(request: Mapping[str, object]) -> Mapping[str, Any]:
    """Return what the controller told. Raises NoAnswer, BadAnswer; ends its process when it is cancelled."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        _CHILD,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    try:
        output, _ = await child.communicate(json.dumps(request).encode())
    except asyncio.CancelledError:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await child.wait()
        raise
    return _understood(output)


def _understood(output: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(output)
    except ValueError as error:
        raise BadAnswer(tr("the IPMI answer can't be read")) from error
    trouble = str(found.get("trouble", ""))
    if "timeout" in trouble or "timed out" in trouble:
        raise NoAnswer(trouble)
    if trouble:
        raise BadAnswer(tr("the controller refuses: {detail}", detail=trouble))
    return found  # type: ignore[no-any-return]


def reading(found: Mapping[str, Any]) -> Reading:
    """Return what the controller told as a reading."""
    who = found.get("system", {})
    system = System(
        vendor=str(who.get("Manufacturer") or ""),
        model=str(who.get("Product name") or ""),
        version=str(who.get("Hardware Version") or ""),
        serial=str(who.get("Serial Number") or ""),
    )
    sensors = tuple(one for row in found.get("sensors", ()) for one in _sensors(row))
    return Reading(system, (), (), (), (), sensors, (), (), tuple(found.get("troubles", ())))


def _sensors(row: Mapping[str, Any]) -> Iterator[Sensor]:
    """Yield a sensor's figure and its state; one that is not there at the moment gives neither."""
    name, unit = str(row["name"]), str(row["unit"])
    if row["unavailable"]:
        return
    sensor_class = _CLASSES.get(unit, "percent" if unit == "%" else "")
    value = row["value"]
    if sensor_class and isinstance(value, int | float):
        yield Sensor(sensor_class, name, name, name, float(value), _UNITS.get(sensor_class, unit))
    level = _LEVELS.get(int(row["health"]), 2)
    yield Sensor("state", name, name, name, float(level), "", level)
