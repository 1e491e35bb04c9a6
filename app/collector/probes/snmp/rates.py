"""Rates of interfaces from two readings of their counters. Pure; the first poll gives none."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from app.collector.probes.snmp.reading import Port

_TICKS_WRAP_S: Final = 2**32 / 100
_FASTEST_BPS: Final = 1e12
"""What an interface of unknown speed may carry at most before its counter is held to have jumped."""

_LEEWAY: Final = 1.5
"""Agents refresh counters before or after a poll, so one interval may show more than the line carries."""


_FAULTS: Final = 2**32
_NO_WIDTH: Final = 0
"""No reading is below it: a counter whose width changed has no rate."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One reading of all counters; `at_s` is any steady clock's."""

    at_s: float
    uptime_s: float | None
    ports: dict[str, Port]

    @classmethod
    def of(cls, at_s: float, uptime_s: float | None, ports: Iterable[Port]) -> "Snapshot":
        return cls(at_s, uptime_s, {f"{port.index} {port.name}": port for port in ports})


class Rates(NamedTuple):
    """Per second since the reading before; None where no honest figure can be given."""

    in_bps: float | None = None
    out_bps: float | None = None
    in_packets: float | None = None
    """of all kinds that are counted"""
    out_packets: float | None = None
    in_broadcasts: float | None = None
    in_rise: float | None = None
    out_rise: float | None = None
    in_errors: float | None = None
    out_errors: float | None = None
    in_discards: float | None = None
    out_discards: float | None = None
    in_utilisation: float | None = None
    out_utilisation: float | None = None
    is_jump: bool = False
    """a counter went further than its line can carry: once is a jump of the counter, again is traffic"""


def rates(before: Snapshot | None, now: Snapshot, jumped: Collection[str] = ()) -> dict[str, Rates]:
    """Return rates by `now.ports` key; none after the first reading or a restart.

    What the interfaces of `jumped` count is believed beyond their speed, which a configuration may have understated.
    """
    if before is None or now.at_s <= before.at_s or _was_restarted(before, now):
        return {}
    seconds = now.at_s - before.at_s
    return {
        key: _port(before.ports[key], port, seconds, key in jumped)
        for key, port in now.ports.items()
        if key in before.ports
    }


def _was_restarted(before: Snapshot, now: Snapshot) -> bool:
    """True when the uptime went back, unless it only wrapped after 497 days."""
    if before.uptime_s is None or now.uptime_s is None or now.uptime_s >= before.uptime_s:
        return False
    seconds = now.at_s - before.at_s
    expected = before.uptime_s + seconds - _TICKS_WRAP_S
    return abs(now.uptime_s - expected) > 60 + seconds * 0.1


def _port(before: Port, now: Port, seconds: float, has_jumped: bool) -> Rates:
    likely_bps = (now.speed_bps or _FASTEST_BPS) * _LEEWAY
    most = (_FASTEST_BPS if has_jumped else likely_bps) * seconds / 8
    most_packets = most / 64
    octets = 2**now.counter_bits if before.counter_bits == now.counter_bits else _NO_WIDTH
    packets = 2**now.packet_bits if before.packet_bits == now.packet_bits else _NO_WIDTH
    in_bps = _rate(before.in_octets, now.in_octets, octets, most, seconds, 8)
    out_bps = _rate(before.out_octets, now.out_octets, octets, most, seconds, 8)
    singles = _rate(before.in_packets, now.in_packets, packets, most_packets, seconds)
    broadcasts = _rate(before.in_broadcasts, now.in_broadcasts, packets, most_packets, seconds)
    return Rates(
        in_bps,
        out_bps,
        None if singles is None else singles + (broadcasts or 0.0),
        _rate(before.out_packets, now.out_packets, packets, most_packets, seconds),
        broadcasts,
        None,
        None,
        _rate(before.in_errors, now.in_errors, _FAULTS, most_packets, seconds),
        _rate(before.out_errors, now.out_errors, _FAULTS, most_packets, seconds),
        _rate(before.in_discards, now.in_discards, _FAULTS, most_packets, seconds),
        _rate(before.out_discards, now.out_discards, _FAULTS, most_packets, seconds),
        _share(in_bps, now.speed_bps),
        _share(out_bps, now.speed_bps),
        _is_beyond(before, now, likely_bps * seconds / 8),
    )


def _is_beyond(before: Port, now: Port, most: float) -> bool:
    return (
        _grew_beyond(before.in_octets, now.in_octets, most)
        or _grew_beyond(before.out_octets, now.out_octets, most)
        or _grew_beyond(before.in_packets, now.in_packets, most / 64)
        or _grew_beyond(before.out_packets, now.out_packets, most / 64)
    )


def _grew_beyond(before: int | None, now: int | None, most: float) -> bool:
    return before is not None and now is not None and now - before > most


def _rate(
    before: int | None, now: int | None, modulus: int, most: float, seconds: float, times: int = 1
) -> float | None:
    """Return counts a second, so many `times`; a counter that went back has wrapped if that explains it, else None."""
    if before is None or now is None or before >= modulus or now >= modulus:
        return None
    delta = now - before
    if delta < 0:
        delta += modulus
        most = min(most, modulus / 4)
    return delta / seconds * times if delta <= most else None


def _share(bps: float | None, speed_bps: float | None) -> float | None:
    return None if bps is None or not speed_bps else min(100.0, 100 * bps / speed_bps)
