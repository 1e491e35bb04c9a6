"""A device's reading as samples: what is judged and kept."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from app.collector.probes.snmp.rates import Rates
from app.collector.probes.snmp.reading import Port, Reading, Sensor, Space
from app.collector.samples import Metric, Sample

_BY_CLASS: Final = {
    "temperature": Metric.TEMPERATURE,
    "humidity": Metric.HUMIDITY,
    "fanspeed": Metric.FAN,
    "voltage": Metric.VOLTAGE,
    "current": Metric.CURRENT,
    "power": Metric.POWER,
    "frequency": Metric.FREQUENCY,
    "load": Metric.UPS_LOAD,
    "charge": Metric.UPS_BATTERY,
    "runtime": Metric.UPS_RUNTIME_MIN,
    "dbm": Metric.OPTICAL_POWER,
    "power_factor": Metric.POWER_FACTOR,
    "power_consumed": Metric.ENERGY,
    "percent": Metric.SENSOR_PERCENT,
    "count": Metric.SENSOR_COUNT,
    "airflow": Metric.AIRFLOW,
    "waterflow": Metric.WATERFLOW,
    "pressure": Metric.PRESSURE,
    "signal": Metric.SIGNAL,
    "snr": Metric.SNR,
    "delay": Metric.DELAY,
}
_RUNS_HOT: Final = re.compile(
    r"cpu|proc|core|chip|asic|soc\b|die\b|vrm|pch\b|mosfet|dts|hot ?spot|dimm|ioc\b|expander|controller|bbu|disk|drive|"
    r"ssd|nvme|raid|sfp|xfp|transceiver|lane|ethernet|optic|module|discharge|cond\b|compressor|heat ?sink",
    re.IGNORECASE,
)
"""Words of parts that run hot by design: the limits of a room's air are not theirs."""
_PART_OF_MEMORY: Final = re.compile(r"buffers|cached|shared|virtual", re.IGNORECASE)
_MAIN: Final = re.compile(r"physical|real memory|main memory|system memory|^memory$", re.IGNORECASE)
"""The memory that a device's figure is about, where it lists several (Windows lists the virtual one first)."""
_SWAP: Final = re.compile(r"swap", re.IGNORECASE)
_NOT_A_DISK: Final = re.compile(r"^/(sys|proc|run|dev|snap)(/|$)")


_TRAFFIC: Final = (
    (Metric.IF_IN, "bit/s"),
    (Metric.IF_OUT, "bit/s"),
    (Metric.IF_IN_PACKETS, "/s"),
    (Metric.IF_OUT_PACKETS, "/s"),
    (Metric.IF_IN_BROADCASTS, "/s"),
    (Metric.IF_IN_RISE, "×"),
    (Metric.IF_OUT_RISE, "×"),
    (Metric.IF_IN_ERRORS, "/s"),
    (Metric.IF_OUT_ERRORS, "/s"),
    (Metric.IF_IN_DISCARDS, "/s"),
    (Metric.IF_OUT_DISCARDS, "/s"),
    (Metric.IF_IN_UTILISATION, "%"),
    (Metric.IF_OUT_UTILISATION, "%"),
)
"""Metric and unit of each of `Rates`, in its order."""


def samples(reading: Reading, rates: Mapping[str, Rates]) -> tuple[Sample, ...]:
    """Return everything of `reading` that is judged or charted; `rates` is by "index name" of the port."""
    return (
        *_host(reading),
        *(one for space in reading.storage for one in _disk(space)),
        *_interfaces(reading.ports, rates),
        *_sensors(reading.sensors),
        *(Sample(Metric.SUPPLY, one.percent, "%", one.descr, one.descr) for one in reading.supplies),
    )


def facts(reading: Reading) -> dict[str, str]:
    """Return what the device says of itself, without what it leaves empty."""
    system = reading.system
    told = {
        "name": system.name,
        "descr": system.descr,
        "vendor": system.vendor,
        "model": system.model,
        "version": system.version,
        "serial": system.serial,
    }
    return {key: value for key, value in told.items() if value}


def _host(reading: Reading) -> Iterator[Sample]:
    if reading.system.uptime_s is not None:
        yield Sample(Metric.UPTIME_S, reading.system.uptime_s, "s")
    usages = [one.usage_percent for one in reading.processors if one.usage_percent is not None]
    if reading.processors:
        yield Sample(Metric.CPU, sum(usages) / len(usages) if usages else None, "%")
    first = next((space for space in reading.memory if _MAIN.search(space.descr)), next(iter(reading.memory), None))
    for space in reading.memory:
        if space is first:
            yield Sample(Metric.MEMORY, space.used_percent, "%", "", space.descr)
        elif _SWAP.search(space.descr):
            yield Sample(Metric.SWAP, space.used_percent, "%", "", space.descr)
        elif not _PART_OF_MEMORY.search(space.descr):
            yield Sample(Metric.MEMORY, space.used_percent, "%", space.descr, space.descr)


def _disk(space: Space) -> Iterator[Sample]:
    if not _NOT_A_DISK.search(space.descr):
        yield Sample(Metric.DISK, space.used_percent, "%", space.descr, space.descr)


def _interfaces(ports: tuple[Port, ...], rates: Mapping[str, Rates]) -> list[Sample]:
    names = Counter([port.name for port in ports])
    found = []
    for port in ports:
        if port.admin == "down":
            continue
        name = port.name if names[port.name] == 1 else f"{port.name} #{port.index}"
        label = f"{name} {port.alias}" if port.alias and port.alias != port.name else name
        found.append(Sample(Metric.IF_UP, _is_up(port), "", name, label))
        known = None if port.oper == "down" else rates.get(f"{port.index} {port.name}")
        if known is not None:  # the first poll knows none, which is not a hole in the record
            told = zip(_TRAFFIC, known, strict=False)
            found += [Sample(metric, value, unit, name, label) for (metric, unit), value in told if value is not None]
    return found


def _is_up(port: Port) -> float | None:
    return {"up": 1.0, "dormant": 1.0, "unknown": None}.get(port.oper, 0.0)


def _sensors(sensors: tuple[Sensor, ...]) -> Iterator[Sample]:
    names = Counter((one.sensor_class, one.metric, one.descr) for one in sensors)
    for one in sensors:
        is_alone = names[one.sensor_class, one.metric, one.descr] == 1
        name = one.descr if is_alone else f"{one.descr} #{one.index}"
        if one.sensor_class == "state":
            if one.level is not None:
                metric = one.metric or Metric.SENSOR_STATE
                yield Sample(metric, float(one.level), "", name, one.descr, one.says)
        elif one.metric == Metric.UPS_ON_BATTERY_S:
            yield Sample(one.metric, None if one.value is None else one.value * 60, "s", "", one.descr)
        else:
            yield Sample(_metric(one), one.value, one.unit, name, one.descr, one.says)


def _metric(sensor: Sensor) -> str:
    if sensor.metric:
        return sensor.metric
    if sensor.sensor_class == "temperature" and _RUNS_HOT.search(sensor.descr):
        return Metric.PART_TEMPERATURE
    return _BY_CLASS[sensor.sensor_class]
