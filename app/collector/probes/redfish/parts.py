"""What Redfish documents say, as sensors, processors and spaces. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

from app.collector.probes.redfish.service import Document, figure, inner, listed, words
from app.collector.probes.snmp.reading import Processor, Sensor, Space

GIB: Final = 2**30
MIB: Final = 2**20
_LEVELS: Final = {"OK": 0, "Warning": 1, "Critical": 2}
_NOT_THERE: Final = ("Absent",)
_SENSORS: Final = {
    "Temperature": ("temperature", "°C"),
    "Humidity": ("humidity", "%"),
    "Rotational": ("fanspeed", "rpm"),
    "Voltage": ("voltage", "V"),
    "Current": ("current", "A"),
    "Power": ("power", "W"),
    "Frequency": ("frequency", "Hz"),
    "EnergykWh": ("power_consumed", "kWh"),
    "Percent": ("percent", "%"),
    "PressurePa": ("pressure", "Pa"),
    "PressurekPa": ("pressure", "kPa"),
    "LiquidFlow": ("waterflow", "L/min"),
    "LiquidFlowLPM": ("waterflow", "L/min"),
    "AirFlow": ("airflow", "cft_i/min"),
}
"""Class and unit by a sensor's reading type."""
_BY_UNIT: Final = {"Cel": "Temperature", "RPM": "Rotational", "V": "Voltage", "A": "Current", "W": "Power"}


def is_there(part: Document) -> bool:
    """Tell whether the place that a document describes holds a part at all."""
    return inner(part, "Status").get("State") not in _NOT_THERE


def health(part: Document, what: str) -> Iterator[Sensor]:
    """Yield what a part says of its own state, nothing when it says nothing."""
    status = inner(part, "Status")
    level = _LEVELS.get(str(status.get("Health") or status.get("HealthRollup")))
    if level is not None and is_there(part):
        yield Sensor("state", _place(part), _place(part), what, float(level), "", level)


def thermal(document: Document) -> Iterator[Sensor]:
    """Yield temperatures and fans of a Thermal document with their states."""
    for one in filter(is_there, listed(document, "Temperatures")):
        name = _name(one)
        yield _sensor("temperature", one, name, figure(one, "ReadingCelsius"), "°C")
        yield from health(one, name)
    for one in filter(is_there, listed(document, "Fans")):
        name = words(one, "Name", "FanName") or _place(one)
        in_percent = words(one, "ReadingUnits", "Units") == "Percent"
        speed = figure(one, "Reading", "CurrentReading")
        yield _sensor("percent" if in_percent else "fanspeed", one, name, speed, "%" if in_percent else "rpm")
        yield from health(one, name)


def power(document: Document) -> Iterator[Sensor]:
    """Yield draw, voltages and power supplies of a Power document with their states."""
    for one in filter(is_there, listed(document, "PowerControl")):
        drawn = figure(one, "PowerConsumedWatts")
        if drawn is not None:
            yield _sensor("power", one, _name(one, "Power Control"), drawn, "W")
    for one in filter(is_there, listed(document, "Voltages")):
        yield _sensor("voltage", one, _name(one), figure(one, "ReadingVolts"), "V")
        yield from health(one, _name(one))
    for one in filter(is_there, listed(document, "PowerSupplies")):
        yield from supply(one)


def supply(one: Document) -> Iterator[Sensor]:
    """Yield what a power supply measures and says of itself."""
    name = _name(one)
    told = (
        ("power", "output", figure(one, "PowerOutputWatts", "LastPowerOutputWatts"), "W"),
        ("power", "input", figure(one, "PowerInputWatts"), "W"),
        ("voltage", "input", figure(one, "LineInputVoltage"), "V"),
    )
    for sensor_class, side, value, unit in told:
        if value is not None:
            place = f"{_place(one)}/{side}/{sensor_class}"
            yield Sensor(sensor_class, place, place, f"{name} {side}", value, unit)
    yield from health(one, name)


def sensor(one: Document) -> Iterator[Sensor]:
    """Yield a Sensor document's figure and state; one of an unknown kind gives none."""
    units = words(one, "ReadingUnits")
    known = _SENSORS.get(words(one, "ReadingType") or _BY_UNIT.get(units, ""))
    if known is None or not is_there(one):
        return
    sensor_class, unit = known
    if sensor_class == "fanspeed" and units in ("%", "Percent"):
        sensor_class, unit = "percent", "%"
    yield _sensor(sensor_class, one, _name(one), figure(one, "Reading"), unit)
    yield from health(one, _name(one))


def processors(found: Iterable[Document]) -> Iterator[Processor]:
    """Yield the processors that are plugged in; Redfish tells no usage."""
    for one in filter(is_there, found):
        yield Processor(_place(one), words(one, "Model", "Name", "Id"), None)


def memory(found: Iterable[Document]) -> Iterator[Space]:
    """Yield the memory modules that are plugged in."""
    for one in filter(is_there, found):
        size = figure(one, "CapacityMiB", "SizeMB")
        if size:
            yield Space(_place(one), words(one, "DeviceLocator", "Name", "Id"), None, size * MIB, None)


def drives(found: Iterable[Document]) -> Iterator[Space]:
    """Yield disks; a controller tells their size, not how full they are."""
    for one in filter(is_there, found):
        yield Space(_place(one), words(one, "Name", "Model", "Id"), None, figure(one, "CapacityBytes"), None)


def wear(found: Iterable[Document]) -> Iterator[Sensor]:
    """Yield the life that is left of each disk that tells it, and the state of each."""
    for one in filter(is_there, found):
        left = figure(one, "PredictedMediaLifeLeftPercent")
        name = words(one, "Name", "Model", "Id")
        if left is not None:
            yield _sensor("percent", one, f"{name} life left", left, "%")
        if one.get("FailurePredicted") is True:
            yield Sensor("state", f"{_place(one)}/predicted", _place(one), f"{name} failure predicted", 2.0, "", 2)
        yield from health(one, name)


def _sensor(sensor_class: str, one: Document, name: str, value: float | None, unit: str) -> Sensor:
    return Sensor(sensor_class, _place(one), _place(one), name, value, unit)


def _place(part: Document) -> str:
    return words(part, "@odata.id") or str(part.get("MemberId") or part.get("Id") or "")


def _name(part: Document, otherwise: str = "") -> str:
    return words(part, "Name") or otherwise or words(part, "Id", "MemberId") or _place(part)
