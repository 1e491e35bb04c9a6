"""Uninterruptible power supplies behind a NUT server, by its own line protocol (RFC 9271)."""

import asyncio
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from app.collector.probes.polled import OnBattery
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.samples import Metric, Target
from app.words import tr

NUT_PORT: Final = 3493
MOST_LINES: Final = 5_000
LONGEST_RUNTIME_S: Final = 30 * 86_400
"""A runtime beyond that is a driver's way of saying that it does not know."""

_VARIABLE: Final = re.compile(r'VAR \S+ (\S+) "((?:[^"\\]|\\.)*)"')
_FIGURES: Final = {
    "battery.charge": ("charge", "%"),
    "battery.voltage": ("voltage", "V"),
    "battery.current": ("current", "A"),
    "battery.temperature": ("temperature", "°C"),
    "input.voltage": ("voltage", "V"),
    "input.frequency": ("frequency", "Hz"),
    "input.current": ("current", "A"),
    "output.voltage": ("voltage", "V"),
    "output.frequency": ("frequency", "Hz"),
    "output.current": ("current", "A"),
    "ups.load": ("load", "%"),
    "ups.realpower": ("power", "W"),
    "ups.temperature": ("temperature", "°C"),
    "ambient.temperature": ("temperature", "°C"),
    "ambient.humidity": ("humidity", "%"),
}
_PARTS: Final = re.compile(r"^(input|output)\.L[123](-N)?\.(voltage|current|realpower)$")
_CLASSES: Final = {"voltage": ("voltage", "V"), "current": ("current", "A"), "realpower": ("power", "W")}
_CRITICAL: Final = {"FSD", "OFF", "OVER"}
_WARNING: Final = {"RB", "BYPASS", "ALARM"}
"""That it runs on battery is told by the time on battery, that the battery ends by a figure of its own: one cause, one
incident.
"""

Variables = Mapping[str, str]


class NutReader:
    """Params of a target: `ups`, the name at the server (its first one when empty)."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._on_battery = OnBattery(clock)

    async def read(self, target: Target) -> Reading:
        variables = await ask(target.address, target.port or NUT_PORT, target.params.get("ups", ""), target.timeout_s)
        return reading(variables, self._on_battery.minutes(target.check_id, is_on_battery(variables)))


async def ask(address: str, port: int, ups: str, timeout_s: float) -> dict[str, str]:
    """Return the variables of a UPS. Raises NoAnswer, BadAnswer, OSError."""
    try:
        async with asyncio.timeout(timeout_s):
            stream, writer = await asyncio.open_connection(address, port)
            try:
                name = ups or await _first(stream, writer)
                _check_name(name)
                lines = await _list(stream, writer, f"LIST VAR {name}")
                writer.write(b"LOGOUT\n")
            finally:
                writer.close()
    except TimeoutError as error:
        raise NoAnswer from error
    found = (_VARIABLE.fullmatch(line) for line in lines)
    return {one[1]: re.sub(r"\\(.)", r"\1", one[2]) for one in found if one is not None}


def is_on_battery(variables: Variables) -> bool | None:
    """Tell whether the mains are away; None when the server says neither."""
    flags = set(variables.get("ups.status", "").split())
    if flags & {"OB", "LB"} and "OL" not in flags:
        return True
    return False if "OL" in flags else None


def reading(variables: Variables, on_battery_min: float | None = None) -> Reading:
    """Return the variables as a reading; what is no number becomes a hole."""
    sensors = tuple(_sensors(variables, on_battery_min))
    system = System(
        descr=variables.get("device.description", ""),
        name=variables.get("device.name", ""),
        vendor=variables.get("device.mfr") or variables.get("ups.mfr", ""),
        model=variables.get("device.model") or variables.get("ups.model", ""),
        version=variables.get("ups.firmware", ""),
        serial=variables.get("device.serial") or variables.get("ups.serial", ""),
    )
    return Reading(system, (), (), (), (), sensors, (), (), ())


def _sensors(variables: Variables, on_battery_min: float | None) -> Iterator[Sensor]:
    for name, text in variables.items():
        part = _PARTS.fullmatch(name)
        known = _CLASSES[part[3]] if part else _FIGURES.get(name)
        if known is not None:
            yield Sensor(known[0], name, name, name, _number(text), known[1])
    if "battery.runtime" in variables:
        left_s = _number(variables["battery.runtime"])
        is_told = left_s is not None and 0 <= left_s <= LONGEST_RUNTIME_S
        value = left_s / 60 if is_told and left_s is not None else None
        yield Sensor("runtime", "battery.runtime", "battery.runtime", "battery.runtime", value, "min")
    if on_battery_min is not None:
        yield Sensor("runtime", "0", "ups.status", "on battery", on_battery_min, "min", metric=Metric.UPS_ON_BATTERY_S)
    flags = set(variables.get("ups.status", "").split())
    if flags:
        level = 2 if flags & _CRITICAL else 1 if flags & _WARNING else 0
        yield Sensor("state", "ups.status", "ups.status", "ups.status", float(level), "", level)
        low = 2 if "LB" in flags else 0
        yield Sensor("state", "LB", "ups.status", "ups.status", float(low), "", low, metric=Metric.UPS_LOW_BATTERY)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if abs(value) < 1e12 else None


async def _first(stream: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    for line in await _list(stream, writer, "LIST UPS"):
        words = line.split()
        if len(words) > 1 and words[0] == "UPS":
            return words[1]
    raise BadAnswer(tr("the NUT server has no UPS"))


async def _list(stream: asyncio.StreamReader, writer: asyncio.StreamWriter, request: str) -> list[str]:
    """Return the lines between BEGIN and END of the answer to `request`. Raises BadAnswer."""
    writer.write(request.encode() + b"\n")
    lines: list[str] = []
    for _ in range(MOST_LINES):
        line = await _line(stream)
        if line.startswith("ERR "):
            raise BadAnswer(tr("the NUT server refuses: {detail}", detail=line[4:]))
        if not lines and not line.startswith("BEGIN "):
            raise BadAnswer(tr("this is no NUT server: {detail}", detail=line[:60]))
        if line.startswith("END "):
            return lines[1:]
        lines.append(line)
    raise BadAnswer(tr("this is no NUT server: {detail}", detail=tr("the answer does not end")))


async def _line(stream: asyncio.StreamReader) -> str:
    try:
        found = await stream.readline()
    except ValueError as error:  # a line beyond the stream's limit
        raise BadAnswer(tr("this is no NUT server: {detail}", detail=tr("the answer does not end"))) from error
    if not found:
        raise BadAnswer(tr("the NUT server hung up"))
    return found.decode("utf-8", "replace").rstrip("\r\n")


def _check_name(name: str) -> None:
    if not re.fullmatch(r"[\w.@:-]{1,80}", name):
        raise ValueError(name)
