"""A device's interfaces as facts and as recorded: one line each, in which name, address of the card, speed and
description can be compared. The lines read the same in every language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

PREFIX = "interface "
"""Leads the names of facts and of attributes of a record that are an interface's line."""
MOST = 512
LONGEST = 240
_APART = " · "
_NONE = "—"
_STEPS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_OPTIONAL = 2
"""Parts of a line, the card's address and the speed, that are not compared where one side lacks them: an interface
without a partner has no speed.
"""


@dataclass(frozen=True, slots=True)
class Unlike:
    """An interface that differs: the parts that do, "—" for one that a side lacks altogether."""

    name: str
    recorded: str
    polled: str


def line(mac: str, speed_bps: float | None, description: str) -> str:
    """Return an interface's line; `speed_bps` None where nothing is plugged in."""
    words = " ".join(description.replace(_APART, " ").split())[:120]
    return _APART.join((mac or _NONE, _speed(speed_bps) if speed_bps else _NONE, words or _NONE))


def lines_in(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the lines by interface that stand among facts, or among a record's attributes."""
    return {key.removeprefix(PREFIX): str(value) for key, value in values.items() if key.startswith(PREFIX)}


def unlike(recorded: Mapping[str, str], polled: Mapping[str, str]) -> list[Unlike]:
    """Return the interfaces that differ, in the device's order, then those that it does not have."""
    found = []
    for name, told in polled.items():
        if name not in recorded:
            found.append(Unlike(name, _NONE, told))
            continue
        pairs = list(_differing(recorded[name], told))
        if pairs:
            found.append(Unlike(name, *(_APART.join(side) for side in zip(*pairs, strict=True))))
    return found + [Unlike(name, known, _NONE) for name, known in recorded.items() if name not in polled]


def summed_up(recorded: Mapping[str, str], polled: Mapping[str, str]) -> tuple[str, str] | None:
    """Return what record and device say where they differ, each at most LONGEST letters; None where they don't."""
    if not recorded:
        return ("", _cut([f"{len(polled)}: {next(iter(polled))}", *list(polled)[1:]], ", ")) if polled else None
    found = unlike(recorded, polled)
    if not found:
        return None
    return (
        _cut([f"{one.name}: {one.recorded}" for one in found], "; "),
        _cut([f"{one.name}: {one.polled}" for one in found], "; "),
    )


def _differing(recorded: str, polled: str) -> Iterator[tuple[str, str]]:
    pairs = zip_longest(recorded.split(_APART), polled.split(_APART), fillvalue=_NONE)
    for place, (known, told) in enumerate(pairs):
        if known != told and not (place < _OPTIONAL and _NONE in (known, told)):
            yield known, told


def _cut(parts: list[str], apart: str) -> str:
    """Return the parts as one line, with how many more there are where it would be too long."""
    whole = apart.join(parts)
    if len(whole) <= LONGEST:
        return whole
    kept = ""
    for place, part in enumerate(parts):
        longer = f"{kept}{apart}{part}" if kept else part
        more = f"{apart}… +{len(parts) - place}"
        if len(longer) + len(more) > LONGEST:
            return f"{kept}{more}" if kept else f"{part[: LONGEST - len(more)]}{more}"
        kept = longer
    return kept


def _speed(bits: float) -> str:
    for size, letter in _STEPS:
        if bits >= size:
            return f"{bits / size:g} {letter}b/s"
    return f"{bits:g} b/s"
