"""Rates of interfaces from two readings of their counters. Pure; the first poll gives none."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from app.collector.probes.snmp.reading import Port

_TICKS_WRAP_S: Final = 2**32 / 100
_FASTEST_BPS: Final = 1e12
"""What an interface of unknown speed may carry at most before its counter is held to have jumped."""

_LEEWAY: Final = 1.5
"""Agents refresh counters before or after a poll, so one interval may show more than the line carries."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of all counters; `at_s` is any steady clock's."""

    at_s: float
    uptime_s: float | None
    ports: dict[str, Port]

    @classmethod
    def of(cls, at_s: float, uptime_s: float | None, ports: Iterable[Port]) -> "Snapshot":
        return cls(at_s, uptime_s, {f"{port.index} {port.name}": port for port in ports})


@dataclass(frozen=True, slots=True)
class Rates:
    """Per second since the reading before; None where no honest figure can be given."""

    in_bps: float | None = None
    out_bps: float | None = None
    in_errors: float | None = None
    out_errors: float | None = None
    in_discards: float | None = None
    out_discards: float | None = None
    in_utilisation: float | None = None
    out_utilisation: float | None = None


def rates(before: Snapshot | None, now: Snapshot) -> dict[str, Rates]:
    """Return rates by `now.ports` key; none after the first reading or a restart."""
    if before is None or now.at_s <= before.at_s or _was_restarted(before, now):
        return {}
    seconds = now.at_s - before.at_s
    return {key: _port(before.ports[key], port, seconds) for key, port in now.ports.items() if key in before.ports}


def _was_restarted(before: Snapshot, now: Snapshot) -> bool:
    """True when the uptime went back, unless it only wrapped after 497 days."""
    if before.uptime_s is None or now.uptime_s is None or now.uptime_s >= before.uptime_s:
        return False
    seconds = now.at_s - before.at_s
    expected = before.uptime_s + seconds - _TICKS_WRAP_S
    return abs(now.uptime_s - expected) > 60 + seconds * 0.1


def _port(before: Port, now: Port, seconds: float) -> Rates:
    most_bps = (now.speed_bps or _FASTEST_BPS) * _LEEWAY
    octets = 2**now.counter_bits, most_bps * seconds / 8
    is_same_width = before.counter_bits == now.counter_bits
    in_bps = _rate(before.in_octets, now.in_octets, *octets, seconds) if is_same_width else None
    out_bps = _rate(before.out_octets, now.out_octets, *octets, seconds) if is_same_width else None
    in_bps, out_bps = (None if rate is None else rate * 8 for rate in (in_bps, out_bps))
    packets = 2**32, most_bps * seconds / 8 / 64
    return Rates(
        in_bps,
        out_bps,
        _rate(before.in_errors, now.in_errors, *packets, seconds),
        _rate(before.out_errors, now.out_errors, *packets, seconds),
        _rate(before.in_discards, now.in_discards, *packets, seconds),
        _rate(before.out_discards, now.out_discards, *packets, seconds),
        _share(in_bps, now.speed_bps),
        _share(out_bps, now.speed_bps),
    )


def _rate(before: int | None, now: int | None, modulus: int, most: float, seconds: float) -> float | None:
    """Return counts per second; a counter that went back has wrapped if that explains it, else None."""
    if before is None or now is None or before >= modulus or now >= modulus:
        return None
    delta = now - before
    if delta < 0:
        delta += modulus
        most = min(most, modulus / 4)
    return delta / seconds if delta <= most else None


def _share(bps: float | None, speed_bps: float | None) -> float | None:
    return None if bps is None or not speed_bps else min(100.0, 100 * bps / speed_bps)
