"""The cells of one table of a family on one device."""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from app.collector.probes.snmp.client import Value
from app.collector.probes.snmp.families import Condition, Family, Lookup, Ref, Rows, Template
from app.collector.probes.snmp.values import NOT_AVAILABLE, count, number, text

Tables = Mapping[str, Mapping[str, Value]]
"""Rows by index of each column, by the column's name within its family."""

_SI_PREFIXES: Final = {str(n): 10.0 ** (3 * (n - 9)) for n in range(1, 18)}
"""SensorDataScale of RFC 3433: 1 is yocto, 9 units, 17 yotta."""


def _decibel_milliwatts(milliwatts: float) -> float | None:
    """No light at all has no logarithm, and is nothing that was measured."""
    return round(10 * math.log10(milliwatts), 3) if milliwatts > 0 else None


_CONVERSIONS: Final[Mapping[str, Callable[[float], float | None]]] = {
    "fahrenheit": lambda degrees: round((degrees - 32) / 1.8, 3),
    "kelvin": lambda degrees: round(degrees - 273.15, 3),
    "milliwatt": _decibel_milliwatts,
    "microwatt": lambda power: _decibel_milliwatts(power / 1000),
}


class Cells:
    """Looks cells up by references, for identities and tables alike."""

    __slots__ = ("tables",)

    def __init__(self, tables: Tables) -> None:
        self.tables = tables

    def value(self, ref: Ref, index: str) -> Value:
        if not ref.name:
            return self._part(ref, index)
        row = index
        if ref.by:
            row = text(self.cell(ref.by, index))
        elif ref.first:
            row = self._part(ref, index)
        return self.cell(ref.name, row)

    def cell(self, column: str, index: str) -> Value:
        return self.tables.get(column, {}).get(index)

    def word(self, ref: Ref, index: str) -> str:
        return text(self.value(ref, index))

    def looked_up(self, lookup: Lookup, index: str) -> str:
        return lookup.of(self.word(lookup.ref, index)) if lookup.ref else lookup.other

    def holds(self, condition: Condition, index: str) -> bool:
        told = self.word(condition.ref, index)
        if condition.pattern is not None:
            return bool(condition.pattern.search(told))
        if condition.values:
            return _key(told) in condition.values
        figure = number(self.value(condition.ref, index))
        if figure is None:
            return False
        return (condition.low is None or figure >= condition.low) and (
            condition.high is None or figure <= condition.high
        )

    def filled(self, template: Template, index: str) -> str:
        """Return the template with its cells, blanks and dangling separators taken together."""
        words = (part if isinstance(part, str) else self._first(part, index) for part in template.parts)
        return " ".join("".join(words).split()).strip(" -:,")

    def _first(self, refs: Sequence[Ref], index: str) -> str:
        return next((word for ref in refs if (word := self.word(ref, index))), "")

    @staticmethod
    def _part(ref: Ref, index: str) -> str:
        if ref.first == 1 and not ref.last:
            return index
        parts = index.split(".")
        if ref.first < 0:
            return parts[ref.first] if len(parts) >= -ref.first else ""
        return ".".join(parts[ref.first - 1 : ref.last or None])


class Table(Cells):
    """One table of a family on one device: which rows count and what figures they have."""

    __slots__ = ("_firsts", "family", "spec")

    def __init__(self, spec: Rows, family: Family, tables: Tables) -> None:
        super().__init__(tables)
        self.spec = spec
        self.family = family
        self._firsts: dict[str, dict[str, Value]] = {}

    def indexes(self) -> Iterator[str]:
        """Yield the rows that count, in the device's order."""
        seen = dict.fromkeys(index for name in self.spec.rows for index in self.tables.get(name, ()))
        for index in seen:
            if self._fits(index):
                yield index

    def _fits(self, index: str) -> bool:
        spec = self.spec
        if not all(self.holds(condition, index) for condition in spec.where):
            return False
        if any(self.holds(condition, index) for condition in spec.unless):
            return False
        if spec.absent and _key(text(self.first("value", index))) in spec.absent:
            return False
        return spec.match is None or bool(spec.match.search(self.descr(index)))

    def first_column(self, field: str, index: str) -> str:
        """Return the name of the first of the field's columns that has something at `index`, else ""."""
        for column in self.spec.fields.get(field, ()):
            value = self.cell(column, index)
            if value is not None and value != b"":
                return column
        return ""

    def first(self, field: str, index: str) -> Value:
        """Return what the first of the field's columns has that has something at `index`."""
        found = self._firsts.get(field)
        if found is None:
            found = self._firsts[field] = self._merged(field)
        return found.get(index)

    def counts(self, field: str, indexes: Iterable[str]) -> list[int | None]:
        """Return the field's counters exactly, a place for each of `indexes`."""
        cells = self._merged(field)
        return [value if value.__class__ is int and value >= 0 else count(value) for value in map(cells.get, indexes)]

    def _merged(self, field: str) -> dict[str, Value]:
        """Return the field's cells by index: a port has a dozen fields, asked for one by one at each poll."""
        found: dict[str, Value] = {}
        for column in reversed(self.spec.fields.get(field, ())):
            cells = self.tables.get(column, {})
            found.update((index, value) for index, value in cells.items() if value is not None and value != b"")
        return found

    def figure(self, field: str, index: str) -> float | None:
        """Return the field's raw figure, None when the device or the family says that it is none."""
        raw = self.first(field, index)
        if self.spec.figure is not None:
            found = self.spec.figure.search(text(raw))
            raw = found.group(found.lastindex or 0) if found else None
        if self.spec.is_bits and isinstance(raw, bytes):
            raw = int.from_bytes(raw[:8])
        if self.spec.numbers:
            raw = self.spec.numbers.get(_key(text(raw)), raw)
        figure = number(raw)
        if self.spec.is_unsigned and figure is not None and figure < 0:
            figure += 2.0**32
        if figure is None or figure in NOT_AVAILABLE or self._is_told_none(figure):
            return None
        return figure

    def count(self, field: str, index: str) -> int | None:
        return count(self.first(field, index))

    def descr(self, index: str) -> str:
        return self.filled(self.spec.descr, index)

    def _is_told_none(self, figure: float) -> bool:
        told = self.spec.not_available
        return bool(told) and (str(int(figure)) if figure.is_integer() else str(figure)) in told

    def is_told_unknown(self, field: str, index: str) -> bool:
        return _key(text(self.first(field, index))) in self.spec.not_available

    def level(self, field: str, index: str) -> int | None:
        """Return 0 good, 1 warning, 2 critical by the state's number or word ("*" any other number), else None."""
        figure = self.figure(field, index)
        if figure is not None and figure.is_integer():
            return self.spec.state.get(str(int(figure)), self.spec.state.get("*"))
        return self.spec.state.get(_key(text(self.first(field, index))))

    def scaled(self, value: float | None, index: str) -> float | None:
        if value is None:
            return None
        scale = self.spec.scale
        figure = value * self._factor(index) + scale.offset
        converted = _CONVERSIONS[scale.convert](figure) if scale.convert else figure
        if converted is None or not math.isfinite(converted):
            return None
        low, high = self.spec.low, self.spec.high
        if (low is not None and converted < low) or (high is not None and converted > high):
            return None
        return round(converted, 9)

    def _factor(self, index: str) -> float:
        scale = self.spec.scale
        factor = scale.factor
        if scale.units:
            factor *= _SI_PREFIXES.get(self.word(scale.units, index), 1.0)
        if scale.precision:
            factor *= 10.0 ** -min(max(number(self.value(scale.precision, index)) or 0.0, -8.0), 9.0)
        if scale.by:
            factor *= number(self.value(scale.by, index)) or 1.0
        if scale.divisor:
            factor /= number(self.value(scale.divisor, index)) or 1.0
        if scale.signed:
            told = number(self.value(scale.signed, index)) or 1.0
            factor *= told if told > 0 else 1 / -told
        if scale.lookup:
            factor *= float(self.looked_up(scale.lookup, index) or 1.0)
        return factor


def _key(told: str) -> str:
    """Return `told` as families list values: small letters, figures without needless zeros."""
    small = told.strip().lower()
    if _FIGURE.fullmatch(small):
        return small.rstrip("0").rstrip(".") if "." in small else small
    return small


_FIGURE: Final = re.compile(r"-?\d+(\.\d+)?")
