"""What is known about devices: `resources/families/*.toml` (the format: `resources/families/README.md`)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources as packaged
from importlib.resources.abc import Traversable
from typing import Any, Final

FAST_FIELDS: Final = frozenset(
    {
        "value",
        "used",
        "free",
        "total",
        "percent",
        "percent_free",
        "level",
        "oper",
        "admin",
        "speed",
        "speed_mbps",
        "in_octets",
        "out_octets",
        "in_errors",
        "out_errors",
        "in_discards",
        "out_discards",
    }
)
"""Fields that change from poll to poll; everything else is read again only now and then."""

_NAME_IN_TEMPLATE: Final = re.compile(r"\{(\w+)(?:@(\w+))?\}")


class Kind(StrEnum):
    """What a row of a table is."""

    PORT = "port"
    PROCESSOR = "processor"
    MEMORY = "memory"
    STORAGE = "storage"
    SENSOR = "sensor"
    SUPPLY = "supply"


class FamilyError(Exception):
    """A family's file can't be used; the text names the file and the key."""


@dataclass(frozen=True, slots=True)
class ByColumn:
    """A property that a column of the device tells: its value is looked up in `words`."""

    column: str
    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scale:
    """What a raw figure is multiplied with; columns of exponents as ENTITY-SENSOR has them."""

    factor: float = 1.0
    units_column: str = ""
    precision_column: str = ""
    factor_column: str = ""


@dataclass(frozen=True, slots=True)
class Rows:
    """One table of a family: which rows count, what they are, which columns hold what."""

    kind: Kind
    rows: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    descr: str
    sensor_class: ByColumn
    unit: ByColumn
    scale: Scale
    where: Mapping[str, frozenset[str]]
    unless: Mapping[str, frozenset[str]]
    match: re.Pattern[str] | None
    not_available: frozenset[float]
    state: Mapping[int, int]
    less: re.Pattern[str] | None
    is_fallback: bool
    metric: str

    def names(self) -> set[str]:
        """Return every column that the table needs."""
        found = {*self.rows, *self.where, *self.unless, self.sensor_class.column, self.unit.column}
        found |= {self.scale.units_column, self.scale.precision_column, self.scale.factor_column}
        found |= {name for names in self.fields.values() for name in names}
        for name, by in _NAME_IN_TEMPLATE.findall(self.descr):
            found |= {name, by}
        return {name for name in found if name and not name.isdigit() and name != "index"}

    def fast_names(self) -> set[str]:
        return {name for key, names in self.fields.items() if key in FAST_FIELDS for name in names}


@dataclass(frozen=True, slots=True)
class Source:
    """Where a word of the identity may be: a column (the first fitting row), else sysDescr."""

    column: str = ""
    where: Mapping[str, frozenset[str]] = field(default_factory=dict)
    match: re.Pattern[str] | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """One file: a MIB, or the devices of a maker."""

    name: str
    objects: tuple[str, ...]
    descr: re.Pattern[str] | None
    exists: tuple[str, ...]
    columns: Mapping[str, str]
    tables: tuple[Rows, ...]
    instead_of: frozenset[Kind]
    vendor: str
    identity: Mapping[str, tuple[Source, ...]]

    @property
    def is_standard(self) -> bool:
        """True for what is tried on every device."""
        return not self.objects and self.descr is None

    def fits(self, object_id: str, descr: str) -> bool:
        if self.is_standard:
            return True
        dotted = object_id + "."
        return any(dotted.startswith(prefix + ".") for prefix in self.objects) or bool(
            self.descr and self.descr.search(descr)
        )

    def names(self) -> set[str]:
        used = {name for table in self.tables for name in table.names()}
        for sources in self.identity.values():
            for source in sources:
                used |= {source.column, *source.where} - {""}
        return used

    def fast_names(self) -> set[str]:
        return {name for table in self.tables for name in table.fast_names()}


def load(folder: Traversable | None = None) -> tuple[Family, ...]:
    """Return the families of `folder` (else the program's own), standard MIBs first, then by file name.

    Raises FamilyError.
    """
    root = folder if folder is not None else packaged.files("resources") / "families"
    found = (file for file in root.iterdir() if file.name.endswith(".toml"))
    files = sorted(found, key=lambda file: file.name)
    families = [_family(file.name, file.read_text(encoding="utf-8")) for file in files]
    return tuple(sorted(families, key=lambda family: not family.is_standard))


def _family(file: str, text: str) -> Family:
    try:
        raw = tomllib.loads(text)
        family = Family(
            name=raw["name"],
            objects=tuple(raw.get("objects", ())),
            descr=_pattern(raw.get("descr")),
            exists=_words(raw.get("exists", ())),
            columns=raw.get("columns", {}),
            tables=tuple(_rows(kind, one) for kind in Kind for one in raw.get(kind.value, ())),
            instead_of=frozenset(Kind(kind) for kind in raw.get("instead_of", ())),
            vendor=raw.get("vendor", ""),
            identity={key: _sources(raw["identity"][key]) for key in raw.get("identity", {})},
        )
    except (tomllib.TOMLDecodeError, KeyError, ValueError, TypeError, re.error) as error:
        raise FamilyError(f"{file}: {error!r}") from error
    unknown = (family.names() | set(family.exists)) - set(family.columns)
    if unknown:
        raise FamilyError(f"{file}: [columns] lacks {', '.join(sorted(unknown))}")
    return family


_RESERVED: Final = frozenset(
    {"rows", "descr", "class", "unit", "scale", "where", "unless", "match", "not_available"}
    | {"good", "warning", "critical", "less", "fallback", "metric"}
)


def _rows(kind: Kind, raw: dict[str, Any]) -> Rows:
    fields = {key: _words(value) for key, value in raw.items() if key not in _RESERVED}
    first = fields.get("value") or next(iter(fields.values()))
    words = (("good", 0), ("warning", 1), ("critical", 2))
    return Rows(
        kind=kind,
        rows=_words(raw.get("rows", ())) or first,
        fields=fields,
        descr=raw.get("descr", "{index}"),
        sensor_class=_by_column(raw.get("class", "")),
        unit=_by_column(raw.get("unit", "")),
        scale=_scale(raw.get("scale", 1.0)),
        where=_conditions(raw.get("where", {})),
        unless=_conditions(raw.get("unless", {})),
        match=_pattern(raw.get("match")),
        not_available=frozenset(float(one) for one in raw.get("not_available", ())),
        state={value: level for word, level in words for value in raw.get(word, ())},
        less=_pattern(raw.get("less")),
        is_fallback=bool(raw.get("fallback", False)),
        metric=raw.get("metric", ""),
    )


def _sources(raw: Iterable[dict[str, Any]]) -> tuple[Source, ...]:
    return tuple(
        Source(one.get("column", ""), _conditions(one.get("where", {})), _pattern(one.get("match"))) for one in raw
    )


def _by_column(raw: str | dict[str, str]) -> ByColumn:
    if isinstance(raw, str):
        return ByColumn("", {"": raw})
    return ByColumn(raw["column"], {key: value for key, value in raw.items() if key != "column"})


def _scale(raw: float | dict[str, Any]) -> Scale:
    if isinstance(raw, dict):
        return Scale(float(raw.get("factor", 1.0)), raw.get("units", ""), raw.get("precision", ""), raw.get("by", ""))
    return Scale(float(raw))


def _conditions(raw: dict[str, list[object]]) -> dict[str, frozenset[str]]:
    return {column: frozenset(str(one) for one in values) for column, values in raw.items()}


def _words(raw: str | Iterable[str]) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(raw)


def _pattern(raw: str | None) -> re.Pattern[str] | None:
    return re.compile(raw) if raw else None
