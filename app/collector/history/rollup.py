"""Low, mean, high and count of slices of time."""

import struct
import zlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from app.collector.history.packing import Damaged, Samples, Seconds, Values

HOUR_S: Final = 3600
FIVE_MINUTES_S: Final = 300
_SLOTS: Final = HOUR_S // FIVE_MINUTES_S
_LARGEST: Final = 3e38
_HEAD: Final = struct.Struct("<BH")


@dataclass(frozen=True, slots=True)
class Slices:
    """Figures of slices that begin at `at`, rising; a slice without a figure is not there."""

    at: Seconds
    count: NDArray[np.int64]
    low: Values
    mean: Values
    high: Values

    def __len__(self) -> int:
        return len(self.at)

    @classmethod
    def joined(cls, parts: "list[Slices]") -> "Slices":
        """Return the parts, which follow each other, as one."""
        parts = [part for part in parts if len(part)]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            nothing = np.empty(0)
            return cls(np.empty(0, np.int64), np.empty(0, np.int64), nothing, nothing, nothing)
        return cls(
            np.concatenate([part.at for part in parts]),
            np.concatenate([part.count for part in parts]),
            np.concatenate([part.low for part in parts]),
            np.concatenate([part.mean for part in parts]),
            np.concatenate([part.high for part in parts]),
        )


def rolled(samples: Samples, width_s: int) -> Slices:
    """Return the slices of `width_s` seconds; figures that were not available don't count."""
    there = ~np.isnan(samples.values)
    return grouped(samples.at[there] // width_s * width_s, samples.values[there])


def grouped(keys: Seconds, values: Values) -> Slices:
    """Return a slice for each run of equal `keys`, which rise."""
    if not len(keys):
        return Slices.joined([])
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    count = np.diff(np.append(starts, len(keys)))
    low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
    mean = np.clip(np.add.reduceat(values, starts) / count, low, high)
    return Slices(keys[starts], count, low, mean, high)


def pack_slices(hour: int, slices: Slices) -> bytes:
    """Return an hour's five-minute slices in bytes; figures keep 24 bits, more than a chart can show."""
    slots = (slices.at - hour) // FIVE_MINUTES_S
    mask = int((1 << slots).sum())
    figures = np.concatenate((slices.low, slices.mean, slices.high)).clip(-_LARGEST, _LARGEST).astype("<f4")
    planes = figures.view(np.uint8).reshape(-1, 4).T.tobytes()
    body = slices.count.astype("<u2").tobytes() + planes
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    small = deflater.compress(body) + deflater.flush()
    if len(small) < len(body):
        return _HEAD.pack(1, mask) + small
    return _HEAD.pack(0, mask) + body


def unpack_slices(hour: int, data: bytes) -> Slices:
    """Return what `pack_slices` was given. Raises Damaged."""
    try:
        is_small, mask = _HEAD.unpack_from(data)
        body = zlib.decompress(data[_HEAD.size :], -15) if is_small else data[_HEAD.size :]
        slots = np.array([slot for slot in range(_SLOTS) if mask >> slot & 1], np.int64)
        n = len(slots)
        count = np.frombuffer(body, "<u2", n).astype(np.int64)
        planes = np.frombuffer(body, np.uint8, n * 12, n * 2).reshape(4, n * 3)
        figures = np.ascontiguousarray(planes.T).view("<f4").ravel().astype(np.float64)
    except (struct.error, zlib.error, ValueError) as error:
        raise Damaged(str(error)) from error
    return Slices(hour + slots * FIVE_MINUTES_S, count, figures[:n], figures[n : 2 * n], figures[2 * n :])
