"""The document of `watchroom probe HOST --json`: everything that can be read from one device (DESIGN 7)."""

from dataclasses import asdict, replace

from app.collector.probes.snmp.client import Credentials, open_client
from app.collector.probes.snmp.device import Device
from app.collector.probes.snmp.families import known
from app.collector.probes.snmp.reading import Port, Reading, Sensor, Space

Document = dict[str, object]


async def report(
    address: str, port: int, credentials: Credentials, timeout_s: float = 2.0, retries: int = 2
) -> Document:
    """Return the document of the device at the numeric `address`.

    Raises NoAnswer or BadAnswer when nothing can be read, ValueError for impossible credentials.
    """
    knowledge = known()
    device = Device(open_client(address, port, credentials, timeout_s, retries), knowledge.families)
    try:
        reading = await device.read(budget_s=150.0)
        return document(replace(reading, troubles=(*knowledge.troubles, *reading.troubles)))
    finally:
        device.close()


def document(reading: Reading) -> Document:
    """Return `reading` as plain values, in DESIGN 7's order and names."""
    system = reading.system
    return {
        "system": {
            "descr": system.descr,
            "name": system.name,
            "vendor": system.vendor,
            "model": system.model,
            "version": system.version,
            "serial": system.serial,
            "uptime_s": system.uptime_s,
        },
        "ports": [_port(port) for port in reading.ports],
        "processors": [asdict(processor) for processor in reading.processors],
        "memory": [_space(space) for space in reading.memory],
        "storage": [_space(space) for space in reading.storage],
        "sensors": [_sensor(sensor) for sensor in reading.sensors],
        "supplies": [
            {
                "index": supply.index,
                "descr": supply.descr,
                "colour": supply.colour,
                "level": supply.level,
                "max": supply.most,
                "percent": supply.percent,
            }
            for supply in reading.supplies
        ],
        "unknown": [asdict(unknown) for unknown in reading.unknown],
        "troubles": list(reading.troubles),
    }


def _port(port: Port) -> Document:
    row = port._asdict()
    del row["counter_bits"]
    return row


def _space(space: Space) -> Document:
    row = asdict(space)
    for key in ("used_bytes", "total_bytes"):
        row[key] = None if row[key] is None else round(row[key])
    return row


def _sensor(sensor: Sensor) -> Document:
    of_services = {"metric": sensor.metric, "says": sensor.says}
    return {key: text for key, text in of_services.items() if text} | {
        "class": sensor.sensor_class,
        "index": sensor.index,
        "oid": sensor.oid,
        "descr": sensor.descr,
        "value": sensor.value,
        "unit": sensor.unit,
        "level": sensor.level,
    }
