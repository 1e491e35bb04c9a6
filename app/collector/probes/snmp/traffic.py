"""One device's traffic from poll to poll: rates, and how far packets rise above what is usual (REQUIREMENTS A3)."""

from dataclasses import dataclass, field
from typing import Final

from app.collector.probes.snmp.rates import Rates, Snapshot, rates

QUIET_PPS: Final = 1_000.0
"""What an interface may carry at any time without rising above its usual most."""
DOUBLES_IN_S: Final = 600.0
"""How fast the usual most follows traffic that stays: a nightly copy is known after its first hour."""
HALVES_IN_S: Final = 7 * 86_400.0
LEARNT_FROM: Final = 1
"""Rates after which a rise is told: that one high figure is no alarm yet is the check's own repetitions' to say."""
TOLD_FROM: Final = 2.0
BROADCASTS_TOLD_FROM: Final = 100.0


@dataclass(slots=True)
class Usual:
    """The most packets a second of one direction of one interface in the last days."""

    most: float = 0.0
    readings: int = 0

    def rise(self, packets: float, seconds: float) -> float | None:
        """Return `packets` as a multiple of the usual most, and learn from it; None while little is known."""
        self.readings += 1
        if self.readings <= LEARNT_FROM:
            self.most = max(self.most, packets)
            return None
        usual = max(self.most, QUIET_PPS)
        fading = self.most * 0.5 ** (seconds / HALVES_IN_S)
        self.most = min(max(packets, fading), usual * 2 ** min(1.0, seconds / DOUBLES_IN_S))
        return packets / usual


@dataclass(slots=True)
class Traffic:
    """What is remembered of a device's counters between two polls."""

    _before: Snapshot | None = None
    _jumped: frozenset[str] = frozenset()
    _usual: dict[tuple[str, bool], Usual] = field(default_factory=dict)
    _told: set[tuple[str, str]] = field(default_factory=set)

    def take(self, now: Snapshot) -> dict[str, Rates]:
        """Return the rates since the reading before, by port."""
        before, self._before = self._before, now
        found = rates(before, now, self._jumped)
        self._jumped = frozenset(key for key, rate in found.items() if rate.is_jump)
        if before is None:
            return found
        seconds = now.at_s - before.at_s
        return {key: self._weighed(key, rate, seconds) for key, rate in found.items()}

    def _weighed(self, key: str, rate: Rates, seconds: float) -> Rates:
        return rate._replace(
            in_broadcasts=self._worth_telling(key, "broadcasts", rate.in_broadcasts, BROADCASTS_TOLD_FROM),
            in_rise=self._worth_telling(key, "in", self._rise(key, True, rate.in_packets, seconds), TOLD_FROM),
            out_rise=self._worth_telling(key, "out", self._rise(key, False, rate.out_packets, seconds), TOLD_FROM),
        )

    def _rise(self, key: str, is_in: bool, packets: float | None, seconds: float) -> float | None:
        if packets is None:
            return None
        return self._usual.setdefault((key, is_in), Usual()).rise(packets, seconds)

    def _worth_telling(self, key: str, what: str, value: float | None, least: float) -> float | None:
        """Return a figure that is high, and once more when it is no longer, which ends its alarm; else None."""
        name = (key, what)
        if value is None:
            return None
        if value >= least:
            self._told.add(name)
        elif name in self._told:
            self._told.discard(name)
        else:
            return None
        return value
