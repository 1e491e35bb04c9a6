"""From a family's TOML to values: every key is known, every column exists, or FamilyError says which not."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from app.collector.probes.snmp.families import (
    CLASSES,
    Condition,
    Family,
    FamilyError,
    Kind,
    Lookup,
    Ref,
    Rows,
    Scale,
    Source,
    Template,
)

CONVERSIONS: Final = frozenset({"fahrenheit", "kelvin", "milliwatt", "microwatt"})

_TOP: Final = frozenset(
    {"name", "vendor", "objects", "descr", "exists", "base", "columns", "identity", "states", "instead_of"}
)
_COMMON: Final = frozenset({"rows", "descr", "where", "unless", "match", "scale", "not_available", "fallback"})
_SPACE: Final = frozenset({"used", "free", "total", "percent", "percent_free", "less"})
_KEYS: Final = {
    Kind.PORT: frozenset(
        {"name", "alias", "mac", "oper", "admin", "speed", "speed_mbps", "in_octets", "out_octets"}
        | {"in_packets", "out_packets", "in_broadcasts", "in_errors", "out_errors", "in_discards", "out_discards"}
    ),
    Kind.PROCESSOR: frozenset({"value", "percent_free"}),
    Kind.MEMORY: _SPACE,
    Kind.STORAGE: _SPACE,
    Kind.SENSOR: frozenset(
        {"value", "class", "unit", "figure", "numbers", "unsigned", "bits", "absent", "range", "metric"}
        | {"states", "good", "warning", "critical"}
    ),
    Kind.SUPPLY: frozenset({"level", "max", "colour"}),
}
_NOT_COLUMNS: Final = _COMMON | {
    *("class", "unit", "figure", "numbers", "unsigned", "bits", "absent", "range", "metric", "less"),
    *("states", "good", "warning", "critical"),
}
_LEVELS: Final = (("good", 0), ("warning", 1), ("critical", 2))
_IDENTITY: Final = frozenset({"vendor", "model", "version", "serial"})
_OID: Final = re.compile(r"\d+(\.\d+)+")
_CELL: Final = re.compile(r"\{([^{}]+)\}")
_PARTS: Final = re.compile(r"(-?\d+)(?:(-)(\d+)?)?")


def family_of(raw: Mapping[str, Any]) -> Family:
    """Return the family that `raw` describes; raises FamilyError, or what reading a wrong type raises."""
    _refuse(raw, _TOP | {kind.value for kind in Kind}, "the file")
    columns, scalars = _columns(raw.get("columns", {}), raw.get("base", ""))
    states = raw.get("states", {})
    family = Family(
        name=raw["name"],
        objects=tuple(raw.get("objects", ())),
        descr=_pattern(raw.get("descr")),
        exists=_words(raw.get("exists", ())),
        columns=columns,
        scalars=scalars,
        tables=tuple(
            _rows(kind, one, states, f"{kind} no. {n}")
            for kind in Kind
            for n, one in enumerate(raw.get(kind.value, ()), start=1)
        ),
        instead_of=frozenset(Kind(kind) for kind in raw.get("instead_of", ())),
        vendor=raw.get("vendor", ""),
        identity=_identity(raw.get("identity", {})),
    )
    unknown = (family.names() | set(family.exists)) - set(columns)
    if unknown:
        raise FamilyError(f"[columns] lacks {', '.join(sorted(unknown))}")
    return family


def ref(text: str) -> Ref:
    """Return what "column", "column@other", "column@2-3", "column@-1", "index", "3" or "2-" names."""
    name, _, by = text.partition("@")
    if name == "index":
        return Ref(first=1)
    if parts := _PARTS.fullmatch(name):
        return Ref("", "", *_span(parts))
    if parts := _PARTS.fullmatch(by):
        return Ref(name, "", *_span(parts))
    return Ref(name, by)


def template(text: str) -> Template:
    """Return "Fan {name|descr} of {1}" taken apart."""
    found: list[str | tuple[Ref, ...]] = []
    for n, part in enumerate(_CELL.split(text)):
        if n % 2:
            found.append(tuple(ref(one.strip()) for one in part.split("|")))
        elif part:
            found.append(part)
    return Template(tuple(found))


def _span(parts: re.Match[str]) -> tuple[int, int]:
    first = int(parts.group(1))
    return (first, int(parts.group(3) or 0)) if parts.group(2) else (first, first)


def _columns(raw: Mapping[str, str], base: str) -> tuple[dict[str, str], frozenset[str]]:
    columns: dict[str, str] = {}
    scalars = set()
    for name, told in raw.items():
        oid = base + told if told.startswith(".") else told
        if not _OID.fullmatch(oid):
            raise FamilyError(f"[columns] {name} = {told!r} is no object id")
        if oid.endswith(".0"):
            scalars.add(name)
        columns[name] = oid.removesuffix(".0")
    return columns, frozenset(scalars)


def _rows(kind: Kind, raw: dict[str, Any], states: Mapping[str, Any], where: str) -> Rows:
    _refuse(raw, _COMMON | _KEYS[kind], where)
    fields = {key: _words(value) for key, value in raw.items() if key not in _NOT_COLUMNS}
    if not fields:
        raise FamilyError(f"{where}: no column is named")
    if kind is Kind.SENSOR and "class" not in raw:
        raise FamilyError(f"{where}: 'class' is missing")
    sensor_class = _lookup(raw.get("class", ""))
    if strange := sensor_class.every_word() - CLASSES - {"-"}:
        raise FamilyError(f"{where}: class {', '.join(sorted(strange))} is not known")
    low, high = raw.get("range", (None, None))
    return Rows(
        kind=kind,
        rows=_words(raw.get("rows", ())) or fields.get("value") or next(iter(fields.values())),
        fields=fields,
        descr=template(raw.get("descr", "{index}")),
        sensor_class=sensor_class,
        unit=_lookup(raw.get("unit", "")),
        scale=_scale(raw.get("scale", 1.0), where),
        where=_conditions(raw.get("where", {}), where),
        unless=_conditions(raw.get("unless", {}), where),
        match=_pattern(raw.get("match")),
        figure=_pattern(raw.get("figure")),
        numbers={key(word): float(value) for word, value in raw.get("numbers", {}).items()},
        is_unsigned=bool(raw.get("unsigned", False)),
        is_bits=bool(raw.get("bits", False)),
        absent=_keys(raw.get("absent", ())),
        not_available=_keys(raw.get("not_available", ())),
        low=low,
        high=high,
        state=_state(raw, states, where),
        less=_pattern(raw.get("less")),
        is_fallback=bool(raw.get("fallback", False)),
        metric=raw.get("metric", ""),
    )


def _state(raw: Mapping[str, Any], states: Mapping[str, Any], where: str) -> dict[str, int]:
    named = raw.get("states", "")
    if named and named not in states:
        raise FamilyError(f"{where}: [states] lacks {named}")
    told = {**(states[named] if named else {}), **{word: raw[word] for word, _ in _LEVELS if word in raw}}
    _refuse(told, {word for word, _ in _LEVELS}, f"[states] {named}")
    return {key(value): level for word, level in _LEVELS for value in told.get(word, ())}


def key(value: object) -> str:
    """Return `value` as states, conditions and "not available" values are compared: figures without zeros, small."""
    if isinstance(value, float):
        return f"{value:g}" if value != int(value) else str(int(value))
    return str(value).strip().lower()


def _keys(raw: Iterable[object]) -> frozenset[str]:
    return frozenset(key(one) for one in raw)


def _identity(raw: Mapping[str, Any]) -> dict[str, tuple[Source, ...]]:
    _refuse(raw, _IDENTITY, "[identity]")
    return {word: tuple(_source(one, f"identity {word}") for one in sources) for word, sources in raw.items()}


def _source(raw: dict[str, Any], where: str) -> Source:
    _refuse(raw, frozenset({"column", "where", "match", "show", "words"}), where)
    return Source(
        raw.get("column", ""),
        _conditions(raw.get("where", {}), where),
        _pattern(raw.get("match")),
        raw.get("show", ""),
        raw.get("words", {}),
    )


def _lookup(raw: str | dict[str, str]) -> Lookup:
    if isinstance(raw, str):
        return Lookup(other=raw)
    told = {word: value for word, value in raw.items() if word not in ("column", "other")}
    return Lookup(
        ref(raw["column"]),
        {word: value for word, value in told.items() if not word.startswith("~")},
        tuple((re.compile(word[1:], re.IGNORECASE), value) for word, value in told.items() if word.startswith("~")),
        raw.get("other", ""),
    )


def _scale(raw: float | dict[str, Any], where: str) -> Scale:
    if not isinstance(raw, dict):
        return Scale(float(raw))
    if "column" in raw:
        return Scale(lookup=_lookup({word: str(value) for word, value in raw.items()}))
    refs = ("units", "precision", "by", "divisor", "signed")
    _refuse(raw, frozenset({"factor", "offset", "convert", *refs}), f"{where}: scale")
    convert = raw.get("convert", "")
    if convert and convert not in CONVERSIONS:
        raise FamilyError(f"{where}: convert {convert!r} is not known")
    units, precision, by, divisor, signed = (ref(raw[one]) if one in raw else None for one in refs)
    factor, offset = float(raw.get("factor", 1.0)), float(raw.get("offset", 0.0))
    return Scale(factor, offset, units, precision, by, divisor, signed, convert=convert)


def _conditions(raw: dict[str, Any], where: str) -> tuple[Condition, ...]:
    return tuple(_condition(ref(cell), told, where) for cell, told in raw.items())


def _condition(cell: Ref, told: str | list[object] | dict[str, float], where: str) -> Condition:
    if isinstance(told, str):
        return Condition(cell, pattern=re.compile(told, re.IGNORECASE))
    if isinstance(told, list):
        return Condition(cell, values=_keys(told))
    _refuse(told, frozenset({"min", "max"}), where)
    return Condition(cell, low=told.get("min"), high=told.get("max"))


def _refuse(raw: Mapping[str, object], known: Iterable[str], where: str) -> None:
    if strange := set(raw) - set(known):
        raise FamilyError(f"{where}: {', '.join(sorted(strange))} is not known")


def _words(raw: str | Iterable[str]) -> tuple[str, ...]:
    return (raw,) if isinstance(raw, str) else tuple(raw)


def _pattern(raw: str | None) -> re.Pattern[str] | None:
    return re.compile(raw) if raw else None
