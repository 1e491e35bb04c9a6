"""Thresholds: which one holds for a figure, and how bad a value is by it (REQUIREMENTS A13)."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from fnmatch import fnmatchcase

from app.collector.samples import Metric


class Level(IntEnum):
    """How bad a figure is."""

    GOOD = 0
    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, slots=True)
class Threshold:
    """Limits of one metric; a limit that is None is not looked at, and a value on a limit is outside.

    `hysteresis` is how far inside a value must come back before it counts as good again. `instance` is a
    pattern ("eth*", "" for every one). `ci_id` None: for the class `ci_class`, "" for every class.
    """

    metric: str
    instance: str = ""
    warning_low: float | None = None
    warning_high: float | None = None
    critical_low: float | None = None
    critical_high: float | None = None
    hysteresis: float = 0.0
    unit: str = ""
    ci_class: str = ""
    ci_id: int | None = None

    def grade(self, value: float, held: Level) -> Level:
        """Return the level of `value` when the figure stands at `held`; `value` is finite."""
        slack = self.hysteresis if held is Level.CRITICAL else 0.0
        low, high = self.critical_low, self.critical_high
        if (high is not None and value >= high - slack) or (low is not None and value <= low + slack):
            return Level.CRITICAL
        slack = self.hysteresis if held is not Level.GOOD else 0.0
        low, high = self.warning_low, self.warning_high
        if (high is not None and value >= high - slack) or (low is not None and value <= low + slack):
            return Level.WARNING
        return Level.GOOD

    def crossed(self, value: float, level: Level) -> float | None:
        """Return the limit of `level` that `value` lies nearest to: what the alarm's sentence names."""
        pair = (
            (self.critical_low, self.critical_high)
            if level is Level.CRITICAL
            else (self.warning_low, self.warning_high)
        )
        limits = [limit for limit in pair if limit is not None]
        return min(limits, key=lambda limit: abs(limit - value)) if limits else None


def is_number(value: float | None) -> bool:
    """Tell whether `value` can be judged: devices do answer NaN and infinities."""
    return value is not None and math.isfinite(value)


DEFAULTS: tuple[Threshold, ...] = (
    Threshold(Metric.CPU, warning_high=85, critical_high=95, hysteresis=5, unit="%"),
    Threshold(Metric.MEMORY, warning_high=90, critical_high=97, hysteresis=3, unit="%"),
    Threshold(Metric.DISK, warning_high=85, critical_high=95, hysteresis=2, unit="%"),
    Threshold(Metric.PING_LOSS, warning_high=20, critical_high=60, hysteresis=5, unit="%"),
    Threshold(Metric.IF_IN_UTILISATION, warning_high=80, critical_high=95, hysteresis=5, unit="%"),
    Threshold(Metric.IF_OUT_UTILISATION, warning_high=80, critical_high=95, hysteresis=5, unit="%"),
    Threshold(Metric.IF_IN_RISE, warning_high=10, critical_high=100, hysteresis=2, unit="×"),
    Threshold(Metric.IF_OUT_RISE, warning_high=10, critical_high=100, hysteresis=2, unit="×"),
    Threshold(Metric.IF_IN_BROADCASTS, warning_high=1_000, critical_high=10_000, hysteresis=200, unit="/s"),
    Threshold(Metric.IF_IN_ERRORS, warning_high=1, critical_high=50, hysteresis=0.5, unit="/s"),
    Threshold(Metric.IF_OUT_ERRORS, warning_high=1, critical_high=50, hysteresis=0.5, unit="/s"),
    Threshold(Metric.HTTP_CERTIFICATE_DAYS, warning_low=30, critical_low=7, unit="d"),
    Threshold(Metric.TEMPERATURE, warning_high=60, critical_high=75, hysteresis=3, unit="°C"),
    Threshold(Metric.PART_TEMPERATURE, warning_high=85, critical_high=95, hysteresis=3, unit="°C"),
    Threshold(Metric.SENSOR_STATE, warning_high=1, critical_high=2),
    Threshold(Metric.SUPPLY, warning_low=10, critical_low=2, hysteresis=2, unit="%"),
    Threshold(Metric.UPS_LOAD, warning_high=70, critical_high=90, hysteresis=5, unit="%"),
    Threshold(Metric.UPS_BATTERY, warning_low=50, critical_low=20, hysteresis=5, unit="%"),
    Threshold(Metric.UPS_RUNTIME_MIN, warning_low=15, critical_low=5, hysteresis=2, unit="min"),
    Threshold(Metric.UPS_ON_BATTERY_S, warning_high=1, critical_high=300, unit="s"),
    Threshold(Metric.UPS_LOW_BATTERY, critical_high=2),
    Threshold(Metric.THREADS, warning_high=85, critical_high=100, hysteresis=5, unit="%"),
    Threshold(Metric.CONNECTIONS, warning_high=85, critical_high=97, hysteresis=5, unit="%"),
    Threshold(Metric.REQUEST_ERRORS, warning_high=10, critical_high=100, hysteresis=2, unit="/min"),
    Threshold(Metric.HANDLES, warning_high=85, critical_high=95, hysteresis=5, unit="%"),
    Threshold(Metric.LISTENER, warning_high=1, critical_high=2),
    Threshold(Metric.DEPLOYED, warning_high=1, critical_high=2),
    Threshold(Metric.NODE, warning_high=1, critical_high=2),
    Threshold(Metric.ALARM, warning_high=1, critical_high=2),
    Threshold(Metric.HEAP, warning_high=90, critical_high=97, hysteresis=5, unit="%"),
    Threshold(Metric.GC, warning_high=10, critical_high=40, hysteresis=5, unit="%"),
    Threshold(Metric.POOL, warning_high=85, critical_high=100, hysteresis=5, unit="%"),
    Threshold(Metric.POOL_WAITING, warning_high=1, critical_high=20),
    Threshold(Metric.AUDIT, warning_high=1),
    Threshold(Metric.QUEUE_READY, warning_high=10_000, critical_high=100_000, hysteresis=1_000),
    Threshold(Metric.QUEUE_UNACKED, warning_high=10_000, critical_high=100_000, hysteresis=1_000),
    Threshold(Metric.BROKER_MEMORY, warning_high=85, critical_high=100, hysteresis=5, unit="%"),
    Threshold(Metric.DB_SPACE, warning_high=85, critical_high=95, hysteresis=2, unit="%"),
    Threshold(Metric.DB_WASTE, warning_high=40, hysteresis=5, unit="%"),
    Threshold(Metric.DB_DEADLOCKS, warning_high=1, critical_high=20),
    Threshold(Metric.DB_LOG, warning_high=1, critical_high=20),
    Threshold(Metric.DB_LONGEST, warning_high=600, critical_high=3_600, unit="s"),
    Threshold(Metric.DB_TRANSACTION, warning_high=1_800, critical_high=14_400, unit="s"),
    Threshold(Metric.DB_BLOCKED, warning_high=60, critical_high=300, unit="s"),
    Threshold(Metric.DB_SESSIONS, warning_high=80, critical_high=95, hysteresis=5, unit="%"),
    Threshold(Metric.DB_REPLICATION, warning_high=1, critical_high=2),
    Threshold(Metric.DB_LAG, warning_high=60, critical_high=600, hysteresis=10, unit="s"),
    Threshold(Metric.DB_REPLICAS_MISSING, critical_high=1),
    Threshold(Metric.DB_BACKUP, warning_high=26, critical_high=50, unit="h"),
    Threshold(Metric.DB_ARCHIVE, warning_high=1, critical_high=2),
    Threshold(Metric.DB_STATISTICS, warning_high=14, unit="d"),
    Threshold(Metric.DB_WRAPAROUND, warning_high=50, critical_high=80, hysteresis=2, unit="%"),
    Threshold(Metric.DB_PROCESS, warning_high=1, critical_high=2),
    Threshold(
        Metric.TEMPERATURE,
        warning_low=18,
        warning_high=28,
        critical_low=15,
        critical_high=32,
        hysteresis=0.5,
        unit="°C",
        ci_class="sensor",
    ),
    Threshold(
        Metric.HUMIDITY,
        warning_low=35,
        warning_high=75,
        critical_low=25,
        critical_high=85,
        hysteresis=2,
        unit="%",
        ci_class="sensor",
    ),
)
"""What holds where nobody has set anything. A room's sensors: class C of GB 50174-2008."""


@dataclass(slots=True)
class Limits:
    """The thresholds of one CI, the most specific first; answers are remembered. `metrics` have one at all."""

    thresholds: tuple[Threshold, ...] = ()
    metrics: frozenset[str] = field(init=False, repr=False)
    _found: dict[tuple[str, str], Threshold | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.metrics = frozenset(threshold.metric for threshold in self.thresholds)

    def of(self, metric: str, instance: str = "") -> Threshold | None:
        key = (metric, instance)
        if key not in self._found:
            self._found[key] = self._find(metric, instance)
        return self._found[key]

    def _find(self, metric: str, instance: str) -> Threshold | None:
        for threshold in self.thresholds:
            if threshold.metric == metric and (not threshold.instance or fnmatchcase(instance, threshold.instance)):
                return threshold
        return None


class Rulebook:
    """All thresholds; gives each CI its `Limits`: its own first, then its class's, then everybody's."""

    def __init__(self, thresholds: Iterable[Threshold]) -> None:
        self._by_ci: dict[int, list[Threshold]] = {}
        self._by_class: dict[str, list[Threshold]] = {}
        self._shared: dict[str, Limits] = {}
        for threshold in thresholds:
            if threshold.ci_id is not None:
                self._by_ci.setdefault(threshold.ci_id, []).append(threshold)
            else:
                self._by_class.setdefault(threshold.ci_class, []).append(threshold)

    def of(self, ci_id: int, ci_class: str = "") -> Limits:
        own = self._by_ci.get(ci_id)
        if not own:
            if ci_class not in self._shared:
                self._shared[ci_class] = Limits(self._of_class(ci_class))
            return self._shared[ci_class]
        return Limits((*_specific_first(own), *self._of_class(ci_class)))

    def _of_class(self, ci_class: str) -> tuple[Threshold, ...]:
        of_class = self._by_class.get(ci_class, []) if ci_class else []
        return (*_specific_first(of_class), *_specific_first(self._by_class.get("", [])))


def _specific_first(thresholds: list[Threshold]) -> list[Threshold]:
    """Sort names before patterns, long patterns before short ones and "" last."""
    return sorted(thresholds, key=lambda t: (not t.instance, not set("*?[").isdisjoint(t.instance), -len(t.instance)))
