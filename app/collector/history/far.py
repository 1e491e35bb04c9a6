"""Reading from a Prometheus-compatible store: the same slices that the database would give, by PromQL.

Roll-ups are asked at the last millisecond of each slice over its whole width: releases that count the first moment of a
range and those that don't (Prometheus 3) then answer alike, since samples lie at whole seconds.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, select

from app.collector.history.packing import Samples, merged
from app.collector.history.remote import Place, Remote, StoreAway, ask
from app.collector.history.rollup import Slices
from models.history import series

_AT_ONCE: Final = 10_000
"""Points of one answer; Prometheus gives 11,000."""
_FIGURES: Final = {
    "low": "min(min_over_time({range}))",
    "mean": "sum(sum_over_time({range})) / sum(count_over_time({range}))",
    "high": "max(max_over_time({range}))",
    "count": "sum(count_over_time({range}))",
}
"""Aggregated, since a series whose unit was corrected is two there."""


@dataclass(frozen=True, slots=True)
class Far:
    """One series of the store."""

    remote: Remote
    place: Place

    def raw(self, first: int, end: int) -> Slices:
        """Return the samples from second `first` (included) to `end` (excluded). Raises StoreAway."""
        selector = self.place.selector(self.remote.job, "(_absent)?")
        found = ask(self.remote, "query", query=f"{selector}[{(end - first) * 1000}ms]", time=f"{end - 1}.999")
        parts = [_samples(one, self.place.name) for one in found]
        whole = merged(*parts) if parts else Samples(np.empty(0, np.int64), np.empty(0))
        return Slices(whole.at, np.ones(len(whole.at), np.int64), whole.values, whole.values, whole.values)

    def rolled(self, first: int, end: int, width_s: int) -> Slices:
        """Return the slices of `width_s` seconds that begin from `first` to `end`. Raises StoreAway."""
        begin = first // width_s * width_s
        steps = range(begin, end, width_s * _AT_ONCE)
        return Slices.joined([self._rolled(start, min(end, start + width_s * _AT_ONCE), width_s) for start in steps])

    def _rolled(self, first: int, end: int, width_s: int) -> Slices:
        selected = f"{self.place.selector(self.remote.job)}[{width_s}s]"
        figures = (
            f'label_replace({how.replace("{range}", selected)}, "figure", "{name}", "", "")'
            for name, how in _FIGURES.items()
        )
        last = (end - 1) // width_s * width_s + width_s - 1
        query, span = " or ".join(figures), {"start": f"{first + width_s - 1}.999", "end": f"{last}.999"}
        found = ask(self.remote, "query_range", query=query, step=width_s, **span)
        columns = {str(one.get("metric", {}).get("figure")): _column(one) for one in found}
        if not columns:
            return Slices.joined([])
        try:
            at = columns["mean"].at - (width_s - 1)
            low, mean, high, count = (columns[name].values for name in ("low", "mean", "high", "count"))
            return Slices(at, count.astype(np.int64), low, np.clip(mean, low, high), high)
        except (KeyError, ValueError) as missing:
            raise StoreAway(str(missing)) from missing


def places(connection: Connection, ids: Collection[int]) -> dict[int, Place]:
    """Return how series are named there."""
    columns = (series.c.id, series.c.ci_id, series.c.metric, series.c.instance, series.c.unit)
    found = connection.execute(select(*columns).where(series.c.id.in_(ids)))
    return {row.id: Place(row.ci_id, row.metric, row.instance, row.unit) for row in found}


def united(here: Slices, there: Slices) -> Slices:
    """Return the slices of both in order of time; of two that begin together the one of more samples, else `here`'s."""
    if not len(there):
        return here
    if not len(here):
        return there
    at, count = np.concatenate((here.at, there.at)), np.concatenate((here.count, there.count))
    order = np.lexsort((np.arange(len(at)), -count, at))
    order = order[np.append(True, np.diff(at[order]) != 0)]
    low, mean, high = (
        np.concatenate(pair)[order]
        for pair in ((here.low, there.low), (here.mean, there.mean), (here.high, there.high))
    )
    return Slices(at[order], count[order], low, mean, high)


def _samples(one: Mapping[str, Any], name: str) -> Samples:
    """Return a series of an answer; moments without a figure as NaN."""
    found = _column(one)
    is_absent = one.get("metric", {}).get("__name__") != name
    return Samples(found.at, np.full(len(found.at), np.nan)) if is_absent else found


def _column(one: Mapping[str, Any]) -> Samples:
    """Return times, cut to whole seconds, and values. Raises StoreAway."""
    try:
        pairs: Sequence[Any] = one["values"]
        at = np.fromiter(_times(pairs), np.int64, len(pairs))
        return Samples(at, np.fromiter((float(pair[1]) for pair in pairs), np.float64, len(pairs)))
    except (KeyError, TypeError, ValueError, IndexError) as nonsense:
        raise StoreAway(str(nonsense)) from nonsense


def _times(pairs: Iterable[Any]) -> Iterator[int]:
    return (int(pair[0]) for pair in pairs)
