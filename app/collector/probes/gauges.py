"""Figures and states of a service as sensors, and rates of what a service only counts."""

import time
from collections.abc import Callable, Iterator
from typing import Final

from app.collector import audits
from app.collector.probes.snmp.reading import Sensor
from app.collector.samples import Metric

_OLDEST_S: Final = 86_400

Rate = Callable[[str, float | None], float | None]
"""How fast the counter of this name rises each second."""


class Rates:
    """How fast counters rise, by check and name; the first reading and one after a restart have no rate."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._before: dict[tuple[int, str], tuple[float, float]] = {}

    def per_second(self, check_id: int, name: str, count: float | None) -> float | None:
        if count is None:
            return None
        now, key = self._clock(), (check_id, name)
        before = self._before.get(key)
        self._before[key] = (now, count)
        if before is None or count < before[1] or not 0 < now - before[0] < _OLDEST_S:
            return None
        return (count - before[1]) / (now - before[0])


def percent(metric: str, name: str, used: float | None, most: float | None) -> Iterator[Sensor]:
    """Yield the share of `most` that is used; nothing where there is no limit."""
    if used is not None and most is not None and most > 0 and used >= 0:
        yield Sensor("percent", name, _place(metric, name), name, round(100 * used / most, 2), "%", metric=metric)


def count(metric: str, name: str, value: float | None, unit: str = "") -> Iterator[Sensor]:
    """Yield a number; nothing where the service does not tell it."""
    if value is not None:
        yield Sensor("count", name, _place(metric, name), name, round(value, 3), unit, metric=metric)


def state(metric: str, name: str, level: int, says: str = "") -> Sensor:
    """Return 0 good, 1 warning or 2 critical with the sentence that says what is wrong."""
    told = says if level else ""
    return Sensor("state", name, _place(metric, name), name, float(level), "", level, metric, told)


def audited(found: Iterator[audits.Finding]) -> Iterator[Sensor]:
    """Yield each rule's state: 1 where it is broken."""
    for one in found:
        yield state(Metric.AUDIT, one.subject, int(one.is_broken), one.says)


def _place(metric: str, name: str) -> str:
    return f"{metric}:{name}" if name else metric
