"""Modbus TCP: sensors, meters and power supplies of the room by a register map."""

import asyncio
import math
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Literal

from pymodbus import ModbusException
from pymodbus.client import AsyncModbusTcpClient
from pymodbus.client.mixin import ModbusClientMixin

from app.collector.probes.modbus_map import Register, RegisterMap, load
from app.collector.probes.polled import OnBattery
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.samples import Metric, Target
from app.words import tr

MODBUS_PORT: Final = 502
MOST_AT_ONCE: Final = 120
"""Registers in one request; the protocol allows 125."""

Words = list[int]
Found = Mapping[Register, Words]


class ModbusReader:
    """Params of a target: `map`, the register map's name (`known` stands instead of it), and `device_id` where it
    is not the map's own.
    """

    def __init__(self, known: RegisterMap | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._known = known
        self._on_battery = OnBattery(clock)

    async def read(self, target: Target) -> Reading:
        known = self._known if self._known is not None else await asyncio.to_thread(load, target.params.get("map", ""))
        device_id = int(target.params.get("device_id") or known.device_id)
        found, troubles = await ask(target.address, target.port or MODBUS_PORT, known, device_id, target.timeout_s)
        return reading(known, found, troubles, lambda is_on: self._on_battery.minutes(target.check_id, is_on))


async def ask(
    address: str, port: int, known: RegisterMap, device_id: int, timeout_s: float
) -> tuple[dict[Register, Words], list[str]]:
    """Return the raw registers that the device gave and what it refused. Raises NoAnswer, BadAnswer, OSError."""
    client = AsyncModbusTcpClient(address, port=port, timeout=timeout_s, retries=1, reconnect_delay=0)
    found: dict[Register, Words] = {}
    troubles: list[str] = []
    try:
        if not await client.connect():
            raise NoAnswer
        for block in blocks(known.registers):
            found |= await _block(client, block, device_id, troubles)
    except ModbusException as error:
        raise NoAnswer from error
    finally:
        client.close()
    if troubles and not found:
        raise BadAnswer(troubles[0])
    return found, troubles


def blocks(registers: Iterable[Register]) -> Iterator[tuple[Register, ...]]:
    """Yield registers that follow one another without a hole: many devices refuse what lies in between."""
    block: list[Register] = []
    for one in sorted(registers, key=lambda each: (each.table, each.address)):
        last = block[-1] if block else None
        follows = last is not None and one.table == last.table and one.address == last.address + last.length
        if block and not (follows and one.address + one.length - block[0].address <= MOST_AT_ONCE):
            yield tuple(block)
            block = []
        block.append(one)
    if block:
        yield tuple(block)


async def _block(
    client: AsyncModbusTcpClient, block: tuple[Register, ...], device_id: int, troubles: list[str]
) -> dict[Register, Words]:
    first, last = block[0], block[-1]
    count = last.address + last.length - first.address
    raw = await _raw(client, first.table, first.address, count, device_id)
    if raw is None:
        troubles.append(tr("register {n} is refused", n=f"{first.table} {first.address}"))
        return {}
    return {one: raw[one.address - first.address :][: one.length] for one in block}


async def _raw(client: AsyncModbusTcpClient, table: str, address: int, count: int, device_id: int) -> Words | None:
    """Return the words, bits as 0 and 1; None when the device refuses or gives fewer."""
    asks: dict[str, Callable[..., Any]] = {
        "holding": client.read_holding_registers,
        "input": client.read_input_registers,
        "coil": client.read_coils,
        "discrete": client.read_discrete_inputs,
    }
    answer = await asks[table](address, count=count, device_id=device_id)
    if answer.isError():
        return None
    words = [int(one) for one in (answer.bits if table in ("coil", "discrete") else answer.registers)]
    return words[:count] if len(words) >= count else None


def reading(
    known: RegisterMap, found: Found, troubles: Iterable[str], minutes: Callable[[bool], float | None]
) -> Reading:
    """Return the registers as a reading by their map."""
    sensors = [_sensor(one, words) for one, words in found.items()]
    for one, words in found.items():
        if one.on_battery:
            value = minutes(raw_value(one, words) in one.on_battery)
            sensors.append(Sensor("runtime", "0", _place(one), one.descr, value, "min", metric=Metric.UPS_ON_BATTERY_S))
    system = System(vendor=known.vendor, model=known.model)
    return Reading(system, (), (), (), (), tuple(sensors), (), (), tuple(troubles))


def raw_value(one: Register, words: Words) -> float | None:
    """Return the number that the words spell; None for what is no number and for the device's own "not known"."""
    if one.table in ("coil", "discrete"):
        return float(words[0])
    kind = ModbusClientMixin.DATATYPE[one.type.upper()]
    order: Literal["big", "little"] = "little" if one.words == "little" else "big"
    value = ModbusClientMixin.convert_from_registers(words, kind, word_order=order)
    if not isinstance(value, int | float) or not math.isfinite(value) or value in one.missing:
        return None
    return float(value)


def _sensor(one: Register, words: Words) -> Sensor:
    raw = raw_value(one, words)
    if one.sensor_class == "state":
        level = None if raw is None else dict(one.levels).get(int(raw))
        return Sensor("state", _place(one), _place(one), one.descr, raw, "", level)
    value = None if raw is None else round(raw * one.scale + one.offset, 9)
    return Sensor(one.sensor_class, _place(one), _place(one), one.descr, value, one.unit)


def _place(one: Register) -> str:
    return f"{one.table}:{one.address}"
