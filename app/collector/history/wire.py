"""Prometheus remote write 1.0 as bytes: `WriteRequest`, `TimeSeries`, `Label`, `Sample`, deflated with snappy.

https://prometheus.io/docs/specs/prw/remote_write_spec/ names the messages. They are written by hand, since a sample of
this century always takes sixteen bytes and so a series' samples are one array.
"""

import struct
from collections.abc import Iterable, Mapping
from typing import Final

import cramjam
import numpy as np
from numpy.typing import NDArray

from app.collector.history.packing import Values

Milliseconds = NDArray[np.int64]

_SERIES: Final = 0x0A
_LABEL: Final = 0x0A
_SAMPLES: Final = 0x12
_NAME: Final = 0x0A
_VALUE: Final = 0x12
_DOUBLE: Final = 0x09
_VARINT: Final = 0x10
_SAMPLE_SIZE: Final = 16
_STAMP_SIZE: Final = 6
"""Milliseconds since 1970 take six groups of seven bits from 1971 to 2109."""


def labels(pairs: Mapping[str, str]) -> bytes:
    """Return a series' labels, in order of their names as receivers demand; empty ones are left out."""
    return b"".join(
        _sized(_LABEL, _text(_NAME, name) + _text(_VALUE, pairs[name])) for name in sorted(pairs) if pairs[name]
    )


def series(packed_labels: bytes, at: Milliseconds, values: Values) -> bytes:
    """Return one series with its samples, times in milliseconds and rising."""
    return _sized(_SERIES, packed_labels + _samples(at, values))


def request(parts: Iterable[bytes]) -> bytes:
    """Return the body of a request that writes these series."""
    return bytes(cramjam.snappy.compress_raw(b"".join(parts)))


def _samples(at: Milliseconds, values: Values) -> bytes:
    rows = np.empty((len(at), 2 + _SAMPLE_SIZE), np.uint8)
    rows[:, 0], rows[:, 1], rows[:, 2], rows[:, 11] = _SAMPLES, _SAMPLE_SIZE, _DOUBLE, _VARINT
    rows[:, 3:11] = np.ascontiguousarray(values, "<f8").view(np.uint8).reshape(-1, 8)
    stamps = at[:, None] >> np.arange(0, 7 * _STAMP_SIZE, 7)
    rows[:, 12:] = stamps & 0x7F
    rows[:, 12:-1] |= 0x80
    return rows.tobytes()


def _text(tag: int, text: str) -> bytes:
    return _sized(tag, text.encode("utf-8"))


def _sized(tag: int, body: bytes) -> bytes:
    return struct.pack("B", tag) + _varint(len(body)) + body


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)
