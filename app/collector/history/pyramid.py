"""Lows and highs of ever longer runs of a curve, so that a million points are drawn as a screen of them."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.collector.history.packing import Values

FACTOR: Final = 16
"""Points, or runs, in a run of the next level."""
_LEAST: Final = 64
"""A level of fewer runs is not made."""

Flags = NDArray[np.bool_]


class _Column:
    """An array that grows at its end without being copied each time."""

    __slots__ = ("_kept", "size")

    def __init__(self, values: Values) -> None:
        self._kept, self.size = values, len(values)

    @property
    def values(self) -> Values:
        return self._kept[: self.size]

    def replace_from(self, start: int, values: Values) -> None:
        """Let the column be as it is up to `start`, and `values` from there on."""
        end = start + len(values)
        if end > len(self._kept):
            grown = np.empty(end + end // 2)
            grown[:start] = self._kept[:start]
            self._kept = grown
        self._kept[start:end] = values
        self.size = end


class Pyramid:
    """A curve with the lows and highs of its runs; points with NaN are breaks of the line."""

    def __init__(self, at: Values, values: Values) -> None:
        self._at, self._values, self._breaks = _Column(at), _Column(values), _Column(np.empty(0))
        self._levels: list[list[_Column]] = []
        self._renew(0)

    def __len__(self) -> int:
        return self._at.size

    def append(self, at: Values, values: Values) -> None:
        """Add points, which come after all others; the cost is theirs, not the curve's."""
        start = len(self)
        self._at.replace_from(start, at)
        self._values.replace_from(start, values)
        self._renew(start)

    def seen(self, since: float, until: float, columns: int) -> tuple[Values, Values, Flags]:
        """Return the polyline between two times, one point beyond each: times, values, and what joins the next one.

        At most `columns` runs, each with its low and its high, where there are more points than that twice over.
        """
        at = self._at.values
        first = max(0, int(np.searchsorted(at, since)) - 1)
        end = min(len(at), int(np.searchsorted(at, until, "right")) + 1)
        if end - first <= 2 * columns:
            values = self._values.values[first:end]
            return at[first:end], values, _joined(values, np.ones(end - first, bool))
        return self._thinned(first, end, columns)

    def _thinned(self, first: int, end: int, columns: int) -> tuple[Values, Values, Flags]:
        level, width = 0, 1
        while level < len(self._levels) and width * FACTOR * columns <= end - first:
            level, width = level + 1, width * FACTOR
        start, stop = first // width, -(-end // width)
        run = -(-(stop - start) // columns)
        start = start // run * run  # runs stay where they are while the window moves, so that peaks do not flicker
        lows, highs, breaks = (column[start:stop] for column in self._runs(level))
        begins = np.arange(0, len(lows), run)
        low, high = np.fmin.reduceat(lows, begins), np.fmax.reduceat(highs, begins)
        joins = np.ones(2 * len(low), bool)
        joins[1::2] = ~(np.maximum.reduceat(breaks, begins) > 0)
        values = np.stack((low, high), axis=1).ravel()
        return np.repeat(self._at.values[(start + begins) * width], 2), values, _joined(values, joins)

    def _runs(self, level: int) -> tuple[Values, Values, Values]:
        """Return lows, highs and breaks (0 or 1) of a level's runs; level 0 is the points."""
        if not level:
            values = self._values.values
            return values, values, self._breaks.values
        low, high, broken = (column.values for column in self._levels[level - 1])
        return low, high, broken

    def _renew(self, start: int) -> None:
        """Make the runs anew into which point `start` and later ones fall."""
        self._breaks.replace_from(start, np.isnan(self._values.values[start:]).astype(np.float64))
        level = 0
        while level < len(self._levels) or len(self._runs(level)[0]) >= FACTOR * _LEAST:
            start //= FACTOR
            below = self._runs(level)
            begins = np.arange(start * FACTOR, len(below[0]), FACTOR)
            ways = (np.fmin, np.fmax, np.maximum)
            made = [way.reduceat(column, begins) for way, column in zip(ways, below, strict=True)]
            if level == len(self._levels):
                self._levels.append([_Column(np.empty(0)) for _ in made])
            for column, values in zip(self._levels[level], made, strict=True):
                column.replace_from(start, values)
            level += 1


def _joined(values: Values, joins: Flags) -> Flags:
    """Return which points are joined to the next one: those of `joins` where both are there."""
    is_there = ~np.isnan(values)
    joins &= is_there
    joins[:-1] &= is_there[1:]
    return joins
