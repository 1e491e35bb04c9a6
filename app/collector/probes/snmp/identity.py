"""Which device it is: maker, model, version and serial number, by what families know of its words."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from app.collector.probes.snmp.families import Family, Source
from app.collector.probes.snmp.lookup import Cells, Tables
from app.collector.probes.snmp.reading import System
from app.collector.probes.snmp.values import text

_NOTHING: Final = re.compile(
    r"(n/?a|none|null|unknown|not (available|specified|applicable)|to be filled by o\.?e\.?m\.?|default string|"
    r"[-0. ]*|undefined|unspecified|\.)",
    re.IGNORECASE,
)
"""What makers leave in a field that nobody filled in."""

_CELL: Final = re.compile(r"\{(\w+)(?:\.([\d.]+))?\}")


def identify(base: System, families: Iterable[Family], tables: Mapping[str, Tables]) -> System:
    """Return `base` with what the families know, the nearest to its object id first, the standard MIBs last."""
    ordered = sorted(families, key=lambda one: (one.is_standard, -one.closeness(base.object_id, base.descr)))
    model, version, serial = (_word(key, base.descr, ordered, tables) for key in ("model", "version", "serial"))
    makers = (_word("vendor", base.descr, [one], tables) or one.vendor for one in ordered)
    vendor = next(filter(None, makers), base.vendor)
    return replace(base, vendor=vendor, model=model, version=version, serial=serial)


def _word(key: str, descr: str, families: Iterable[Family], tables: Mapping[str, Tables]) -> str:
    for family in families:
        cells = Cells(tables.get(family.name, {}))
        for source in family.identity.get(key, ()):
            for found in _candidates(source, descr, cells):
                said = source.words.get(found, "") if source.words else found
                if not _NOTHING.fullmatch(said):
                    return said
    return ""


def _candidates(source: Source, descr: str, cells: Cells) -> Iterator[str]:
    """Yield the words that `source` offers, in the device's order."""
    if not source.column:
        yield from _matched(source, descr, "0", cells)
        return
    for index, value in cells.tables.get(source.column, {}).items():
        if all(cells.holds(condition, index) for condition in source.where):
            yield from _matched(source, text(value), index, cells)


def _matched(source: Source, word: str, index: str, cells: Cells) -> Iterator[str]:
    found = source.match.search(word) if source.match else None
    if source.match and not found:
        return
    if source.show:
        yield _CELL.sub(lambda cell: _shown(cell, word, found, index, cells), source.show).strip()
    elif found:
        yield " ".join(group for group in found.groups() if group).strip() or found.group(0)
    else:
        yield " ".join(word.split())


def _shown(cell: re.Match[str], word: str, found: re.Match[str] | None, index: str, cells: Cells) -> str:
    """Return what {1} (a group), {0} (the word), {column.7} or {column} (the same row, else the first) stands for."""
    name, row = cell.groups()
    if name.isdigit():
        return (found.group(int(name)) or "") if found else word
    rows = cells.tables.get(name, {})
    if row:
        return text(rows.get(row))
    return text(rows.get(index, next(iter(rows.values()), None)))
