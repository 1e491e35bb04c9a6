"""What a device said, as values: made from raw columns and the families that fit. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.collector.probes.snmp.client import Value
from app.collector.probes.snmp.families import Family, Kind, Rows, Scale, Source
from app.collector.probes.snmp.values import NOT_AVAILABLE, count, number, text

Tables = Mapping[str, Mapping[str, Value]]
"""Rows by index of each column, by the column's name within its family."""

_TEMPLATE: Final = re.compile(r"\{(\w+)(?:@(\w+))?\}")
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
}
_SCALE_UNITS: Final = {str(n): 10.0 ** (3 * (n - 9)) for n in range(1, 18)}
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


@dataclass(frozen=True, slots=True)
class Port:
    """One interface; counters are raw readings, `counter_bits` (32 or 64) says where octets wrap."""

    index: str
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


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of a family on one device: looks cells up."""

    spec: Rows
    family: Family
    tables: Tables

    def indexes(self) -> Iterator[str]:
        """Yield the rows that count, in the device's order."""
        seen = dict.fromkeys(index for name in self.spec.rows for index in self.tables.get(name, ()))
        for index in seen:
            if self._fits(index):
                yield index

    def _fits(self, index: str) -> bool:
        spec = self.spec
        if any(self.word(column, index) not in values for column, values in spec.where.items()):
            return False
        if any(self.word(column, index) in values for column, values in spec.unless.items()):
            return False
        return spec.match is None or bool(spec.match.search(self.descr(index)))

    def cell(self, column: str, index: str) -> Value:
        return self.tables.get(column, {}).get(index)

    def word(self, column: str, index: str) -> str:
        return text(self.cell(column, index))

    def first(self, field: str, index: str) -> Value:
        """Return the first of the field's columns that has something at `index`."""
        for column in self.spec.fields.get(field, ()):
            value = self.cell(column, index)
            if value is not None and value != b"":
                return value
        return None

    def figure(self, field: str, index: str) -> float | None:
        figure = number(self.first(field, index))
        return None if figure in NOT_AVAILABLE or figure in self.spec.not_available else figure

    def count(self, field: str, index: str) -> int | None:
        return count(self.first(field, index))

    def descr(self, index: str) -> str:
        """Return the template filled in: {column}, {column@2} (the index's 2nd part), {index}, {1} ..."""
        parts = index.split(".")

        def fill(found: re.Match[str]) -> str:
            name, by = found.group(1), found.group(2)
            if name == "index":
                return index
            if name.isdigit():
                return parts[int(name) - 1] if int(name) <= len(parts) else ""
            row = index
            if by:
                row = self._part(parts, by) if by.isdigit() else self.word(by, index)
            return self.word(name, row)

        return " ".join(_TEMPLATE.sub(fill, self.spec.descr).split())

    @staticmethod
    def _part(parts: Sequence[str], nth: str) -> str:
        return parts[int(nth) - 1] if int(nth) <= len(parts) else ""

    def scaled(self, value: float | None, index: str) -> float | None:
        if value is None:
            return None
        scale: Scale = self.spec.scale
        factor = scale.factor
        if scale.units_column:
            factor *= _SCALE_UNITS.get(self.word(scale.units_column, index), 1.0)
        if scale.precision_column:
            factor *= 10.0 ** -min(max(number(self.cell(scale.precision_column, index)) or 0.0, -8.0), 9.0)
        if scale.factor_column:
            factor *= number(self.cell(scale.factor_column, index)) or 1.0
        return round(value * factor, 9)


def build(system: System, families: Iterable[Family], tables: Mapping[str, Tables], troubles: Iterable[str]) -> Reading:
    """Return the reading of a device from the raw columns of each family (by the family's name)."""
    found: dict[Kind, list[object]] = {kind: [] for kind in Kind}
    unknown: list[Unknown] = []
    for family in _makers_first(families):
        mine: dict[Kind, list[object]] = {kind: [] for kind in Kind}
        for spec in family.tables:
            table = _Table(spec, family, tables.get(family.name, {}))
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
        tuple(row for row in found[Kind.SENSOR] if isinstance(row, Sensor)),
        tuple(row for row in found[Kind.SUPPLY] if isinstance(row, Supply)),
        tuple(unknown),
        tuple(troubles),
    )


def _makers_first(families: Iterable[Family]) -> list[Family]:
    return sorted(families, key=lambda family: family.is_standard)


def _replaced(kind: Kind, family: Family, families: Iterable[Family], found: Mapping[Kind, list[object]]) -> bool:
    """A maker's own table stands instead of the standard one, where it found something."""
    return family.is_standard and bool(found[kind]) and any(kind in other.instead_of for other in families)


def _rows(table: _Table, unknown: list[Unknown]) -> list[object]:
    kind = table.spec.kind
    if kind is Kind.PORT:
        return [_port(table, index) for index in table.indexes()]
    if kind is Kind.PROCESSOR:
        return [row for index in table.indexes() if (row := _processor(table, index)) is not None]
    if kind is Kind.SENSOR:
        return [row for index in table.indexes() for row in _sensor(table, index, unknown)]
    if kind is Kind.SUPPLY:
        return [_supply(table, index) for index in table.indexes()]
    return _spaces(table)


def _port(table: _Table, index: str) -> Port:
    descr = table.descr(index)
    megabits, bits = table.figure("speed_mbps", index), table.figure("speed", index)
    wide = table.spec.fields.get("in_octets", ("",))[0]
    return Port(
        index=index,
        name=text(table.first("name", index)) or descr or index,
        descr=descr,
        alias=text(table.first("alias", index)),
        oper=_OPER.get(table.count("oper", index) or 0, "unknown"),
        admin=_ADMIN.get(table.count("admin", index) or 0, "unknown"),
        speed_bps=megabits * 1e6 if megabits else bits,
        in_octets=table.count("in_octets", index),
        out_octets=table.count("out_octets", index),
        in_errors=table.count("in_errors", index),
        out_errors=table.count("out_errors", index),
        in_discards=table.count("in_discards", index),
        out_discards=table.count("out_discards", index),
        counter_bits=64 if table.cell(wide, index) is not None else 32,
    )


def _processor(table: _Table, index: str) -> Processor | None:
    usage = table.scaled(table.figure("value", index), index)
    idle = table.figure("percent_free", index)
    if usage is None and idle is not None:
        usage = 100.0 - idle
    if usage is not None and not 0 <= usage <= 1000:
        usage = None
    return Processor(index, table.descr(index), usage)


def _spaces(table: _Table) -> list[object]:
    indexes = list(table.indexes())
    spared = 0.0
    if table.spec.less is not None:
        inside = [index for index in indexes if table.spec.less.search(table.descr(index))]
        spared = sum(_bytes(table, "used", index) or 0.0 for index in inside)
    return [_space(table, index, spared) for index in indexes]


def _space(table: _Table, index: str, spared: float) -> Space:
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
    if percent is None and used is not None and total:
        percent = 100 * used / total
    return Space(index, table.descr(index), used, total, None if percent is None else round(percent, 2))


def _is_first_of_less(table: _Table, index: str) -> bool:
    """The row that buffers and caches are inside of: the table's first (physical memory)."""
    return table.spec.less is not None and index == next(table.indexes(), None)


def _bytes(table: _Table, field: str, index: str) -> float | None:
    figure = number(table.first(field, index))
    if figure is not None and figure < 0 and table.spec.scale.factor_column:
        figure += 2.0**32  # agents that send large unsigned block counts as signed
    if figure is not None and (figure < 0 or figure in table.spec.not_available):
        return None
    return table.scaled(figure, index)


def _sensor(table: _Table, index: str, unknown: list[Unknown]) -> Iterator[Sensor]:
    spec = table.spec
    column = spec.fields["value"][0]
    oid = f"{table.family.columns[column]}.{index}"
    told = spec.sensor_class
    sensor_class = told.words.get(table.word(told.column, index) if told.column else "", "")
    if sensor_class == "-":
        return
    if not sensor_class:
        unknown.append(Unknown(oid, table.word(column, index)))
        return
    raw = table.figure("value", index)
    unit = spec.unit.words.get(table.word(spec.unit.column, index) if spec.unit.column else "", "")
    yield Sensor(
        sensor_class,
        index,
        oid,
        table.descr(index),
        table.scaled(raw, index),
        unit or _UNITS.get(sensor_class, ""),
        spec.state.get(int(raw)) if raw is not None else None,
        spec.metric,
    )


def _supply(table: _Table, index: str) -> Supply:
    level, most = table.figure("level", index), table.figure("max", index)
    level = None if level is not None and level < 0 else level  # -2 unknown, -3 "some left" (RFC 3805)
    most = None if most is not None and most <= 0 else most
    percent = None if level is None or most is None else round(min(100.0, 100 * level / most), 1)
    return Supply(index, table.descr(index), text(table.first("colour", index)), level, most, percent)


def identify(base: System, families: Iterable[Family], tables: Mapping[str, Tables]) -> System:
    """Return `base` with maker, model, version and serial number, its maker's family before the others."""
    ordered = _makers_first(families)
    words = {key: _identity(key, base.descr, ordered, tables) for key in ("model", "version", "serial")}
    vendor = next((family.vendor for family in ordered if family.vendor), "") or base.vendor
    return System(
        base.descr,
        base.name,
        base.object_id,
        vendor,
        words["model"],
        words["version"],
        words["serial"],
        base.uptime_s,
    )


def _identity(key: str, descr: str, families: Iterable[Family], tables: Mapping[str, Tables]) -> str:
    for family in families:
        for source in family.identity.get(key, ()):
            for found in _candidates(source, descr, tables.get(family.name, {})):
                if found:
                    return found
    return ""


def _candidates(source: Source, descr: str, tables: Tables) -> Iterator[str]:
    """Yield the words that `source` offers; with a pattern, its groups joined."""
    if source.column:
        column = tables.get(source.column, {})
        offered = [
            text(value)
            for index, value in column.items()
            if all(text(tables.get(name, {}).get(index)) in wanted for name, wanted in source.where.items())
        ]
    else:
        offered = [descr]
    for word in offered:
        if source.match is None:
            yield word
        elif found := source.match.search(word):
            yield " ".join(group for group in found.groups() if group).strip() or found.group(0)
