"""What a device said, as values: made from raw columns and the families that fit. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from app.collector.probes.snmp.families import Family, Kind
from app.collector.probes.snmp.lookup import Table, Tables
from app.collector.probes.snmp.values import number, text
from app.collector.samples import LogEntry

_UNITS: Final = {
    "temperature": "°C",
    "humidity": "%",
    "fanspeed": "rpm",
    "voltage": "V",
    "current": "A",
    "power": "W",
    "frequency": "Hz",
    "load": "%",
    "charge": "%",
    "runtime": "min",
    "dbm": "dBm",
    "percent": "%",
    "delay": "s",
    "signal": "dBm",
    "snr": "dB",
    "power_consumed": "kWh",
}
_OPER: Final = {
    1: "up",
    2: "down",
    3: "testing",
    4: "unknown",
    5: "dormant",
    6: "notPresent",
    7: "lowerLayerDown",
}
_ADMIN: Final = {1: "up", 2: "down", 3: "testing"}


@dataclass(frozen=True, slots=True)
class System:
    descr: str = ""
    name: str = ""
    object_id: str = ""
    vendor: str = ""
    model: str = ""
    version: str = ""
    serial: str = ""
    uptime_s: float | None = None


class Port(NamedTuple):
    """One interface; counters are raw readings, `counter_bits` and `packet_bits` (32 or 64) say where they wrap."""

    index: str  # type: ignore[assignment]  # nobody seeks a value in a port, as tuple.index would
    name: str
    descr: str
    alias: str
    oper: str
    admin: str
    speed_bps: float | None
    in_octets: int | None
    out_octets: int | None
    in_errors: int | None
    out_errors: int | None
    in_discards: int | None
    out_discards: int | None
    counter_bits: int
    in_packets: int | None = None
    """of a single receiver; those to all of the network are `in_broadcasts`"""
    out_packets: int | None = None
    in_broadcasts: int | None = None
    packet_bits: int = 32
    mac: str = ""


@dataclass(frozen=True, slots=True)
class Processor:
    index: str
    descr: str
    usage_percent: float | None


@dataclass(frozen=True, slots=True)
class Space:
    """Memory or a file system."""

    index: str
    descr: str
    used_bytes: float | None
    total_bytes: float | None
    used_percent: float | None


@dataclass(frozen=True, slots=True)
class Sensor:
    """One measured figure; `level` is 0 good, 1 warning, 2 critical where the family knows the state."""

    sensor_class: str
    index: str
    oid: str
    descr: str
    value: float | None
    unit: str
    level: int | None = None
    metric: str = ""
    """where the family names another measure than the class's"""
    says: str = ""
    """the sentence about what is not good"""


@dataclass(frozen=True, slots=True)
class Supply:
    index: str
    descr: str
    colour: str
    level: float | None
    most: float | None
    percent: float | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A row that a family found without knowing what it measures."""

    oid: str
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that one poll found; `troubles` are sentences about what was cut or unreadable."""

    system: System
    ports: tuple[Port, ...] = ()
    processors: tuple[Processor, ...] = ()
    memory: tuple[Space, ...] = ()
    storage: tuple[Space, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    supplies: tuple[Supply, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    troubles: tuple[str, ...] = ()
    log: tuple[LogEntry, ...] = ()


def build(system: System, families: Iterable[Family], tables: Mapping[str, Tables], troubles: Iterable[str]) -> Reading:
    """Return the reading of a device from the raw columns of each family (by the family's name)."""
    found: dict[Kind, list[object]] = {kind: [] for kind in Kind}
    unknown: list[Unknown] = []
    for family in _makers_first(families):
        mine: dict[Kind, list[object]] = {kind: [] for kind in Kind}
        for spec in family.tables:
            table = Table(spec, family, tables.get(family.name, {}))
            if not (spec.is_fallback and (found[spec.kind] or mine[spec.kind])):
                mine[spec.kind] += _rows(table, unknown)
        for kind, rows in mine.items():
            if not _replaced(kind, family, families, found):
                found[kind] += rows
    return Reading(
        system,
        tuple(row for row in found[Kind.PORT] if isinstance(row, Port)),
        tuple(row for row in found[Kind.PROCESSOR] if isinstance(row, Processor)),
        tuple(row for row in found[Kind.MEMORY] if isinstance(row, Space)),
        tuple(row for row in found[Kind.STORAGE] if isinstance(row, Space)),
        tuple(_without_twins(row for row in found[Kind.SENSOR] if isinstance(row, Sensor))),
        tuple(row for row in found[Kind.SUPPLY] if isinstance(row, Supply)),
        tuple(unknown),
        tuple(troubles),
    )


def _without_twins(sensors: Iterable[Sensor]) -> Iterator[Sensor]:
    """Yield each object once, and of what two MIBs tell in the same words of the same row the maker's."""
    objects: set[tuple[str, str]] = set()
    rows: set[tuple[str, str, str, float | None]] = set()
    for one in sensors:
        row = (one.sensor_class, one.index, one.descr, one.value)
        if (one.sensor_class, one.oid) not in objects and row not in rows:
            yield one
        objects.add((one.sensor_class, one.oid))
        if one.index != "0":
            rows.add(row)


def _makers_first(families: Iterable[Family]) -> list[Family]:
    return sorted(families, key=lambda family: family.is_standard)


def _replaced(kind: Kind, family: Family, families: Iterable[Family], found: Mapping[Kind, list[object]]) -> bool:
    """A maker's own table stands instead of the standard one, where it found something."""
    return family.is_standard and bool(found[kind]) and any(kind in other.instead_of for other in families)


def _rows(table: Table, unknown: list[Unknown]) -> list[object]:
    kind = table.spec.kind
    if kind is Kind.PORT:
        return _ports(table)
    if kind is Kind.PROCESSOR:
        return [row for index in table.indexes() if (row := _processor(table, index)) is not None]
    if kind is Kind.SENSOR:
        return [row for index in table.indexes() for row in _sensor(table, index, unknown)]
    if kind is Kind.SUPPLY:
        return [_supply(table, index) for index in table.indexes()]
    return _spaces(table)


_COUNTED: Final = ("in_octets", "out_octets", "in_errors", "out_errors", "in_discards", "out_discards")


def _ports(table: Table) -> list[object]:
    """Return the interfaces, made of whole columns: a switch has hundreds of them at each poll."""
    indexes = list(table.indexes())
    descrs = [table.descr(index) for index in indexes]
    names = [text(table.first("name", index)) for index in indexes]
    columns: tuple[Sequence[object], ...] = (
        indexes,
        [name or descr or index for name, descr, index in zip(names, descrs, indexes, strict=True)],
        descrs,
        [text(table.first("alias", index)) for index in indexes],
        [_OPER.get(state or 0, "unknown") for state in table.counts("oper", indexes)],
        [_ADMIN.get(state or 0, "unknown") for state in table.counts("admin", indexes)],
        [_speed(table, index) for index in indexes],
        *(table.counts(field, indexes) for field in _COUNTED),
        _bits(table, "in_octets", indexes),
        *(table.counts(field, indexes) for field in ("in_packets", "out_packets", "in_broadcasts")),
        _bits(table, "in_packets", indexes),
        [_mac(table.first("mac", index)) for index in indexes],
    )
    return [Port._make(row) for row in zip(*columns, strict=True)]


def _speed(table: Table, index: str) -> float | None:
    megabits = table.figure("speed_mbps", index)
    return megabits * 1e6 if megabits else table.figure("speed", index)


def _bits(table: Table, field: str, indexes: Iterable[str]) -> list[int]:
    """Return the widths of counters of which the field's first column is the wide one."""
    wide = table.tables.get(table.spec.fields.get(field, ("",))[0], {})
    return [64 if wide.get(index) is not None else 32 for index in indexes]


def _mac(value: object) -> str:
    """Return "00:1a:2b:3c:4d:5e"; "" for what is no address of a card, or the one of no card at all."""
    return value.hex(":") if isinstance(value, bytes) and len(value) == 6 and any(value) else ""


def _processor(table: Table, index: str) -> Processor | None:
    usage = table.scaled(table.figure("value", index), index)
    idle = table.figure("percent_free", index)
    if usage is None and idle is not None:
        usage = 100.0 - idle
    if usage is not None and not 0 <= usage <= 1000:
        usage = None
    return Processor(index, table.descr(index), usage)


def _spaces(table: Table) -> list[object]:
    indexes = list(table.indexes())
    spared = 0.0
    if table.spec.less is not None:
        inside = [index for index in indexes if table.spec.less.search(table.descr(index))]
        spared = sum(_bytes(table, "used", index) or 0.0 for index in inside)
    return [_space(table, index, spared) for index in indexes]


def _space(table: Table, index: str, spared: float) -> Space:
    total, used, free = (_bytes(table, field, index) for field in ("total", "used", "free"))
    percent = table.figure("percent", index)
    left = table.figure("percent_free", index)
    if percent is None and left is not None:
        percent = 100.0 - left
    if total is None and used is not None and free is not None:
        total = used + free
    if used is None and total is not None and free is not None:
        used = total - free
    if used is None and total is not None and percent is not None:
        used = total * percent / 100
    if used is not None and _is_first_of_less(table, index) and spared < used:
        used -= spared
        percent = None
    if table.spec.scale.by and used is not None and total and used > total:
        used, total = None, None  # block counts that 32 bits wrapped: neither figure means anything
    if percent is None and used is not None and total:
        percent = 100 * used / total
    return Space(index, table.descr(index), used, total, None if percent is None else round(percent, 2))


def _is_first_of_less(table: Table, index: str) -> bool:
    """The row that buffers and caches are inside of: the table's first (physical memory)."""
    return table.spec.less is not None and index == next(table.indexes(), None)


def _bytes(table: Table, field: str, index: str) -> float | None:
    raw = number(table.first(field, index))
    if raw is not None and raw < 0 and table.spec.scale.by:
        return table.scaled(raw + 2.0**32, index)  # agents that send large unsigned block counts as signed
    figure = table.figure(field, index)
    return None if figure is None or figure < 0 else table.scaled(figure, index)


def _sensor(table: Table, index: str, unknown: list[Unknown]) -> Iterator[Sensor]:
    spec = table.spec
    column = table.first_column("value", index)
    sensor_class = table.looked_up(spec.sensor_class, index)
    if not column or sensor_class == "-":
        return
    oid = f"{table.family.columns[column]}.{index}"
    if not sensor_class:
        unknown.append(Unknown(oid, text(table.cell(column, index))))
        return
    is_state = sensor_class == "state"
    level = table.level("value", index) if is_state and not table.is_told_unknown("value", index) else None
    value = table.scaled(table.figure("value", index), index)
    if value is None and level is not None:
        value = float(level)  # a state in words
    unit = table.looked_up(spec.unit, index) or _UNITS.get(sensor_class, "")
    yield Sensor(sensor_class, index, oid, table.descr(index), value, unit, level, spec.metric)


def _supply(table: Table, index: str) -> Supply:
    level, most = table.figure("level", index), table.figure("max", index)
    level = None if level is not None and level < 0 else level  # -2 unknown, -3 "some left" (RFC 3805)
    most = None if most is not None and most <= 0 else most
    percent = None if level is None or most is None else round(min(100.0, 100 * level / most), 1)
    return Supply(index, table.descr(index), text(table.first("colour", index)), level, most, percent)
