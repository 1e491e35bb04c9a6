"""Samples of an hour as a few bytes, without loss: times as differences, values as scaled integers or XORed floats."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

Seconds = NDArray[np.int64]
Values = NDArray[np.float64]

_HEAD: Final = struct.Struct("<BBHHH")
"""Form, decimal places, number of samples, first second within the hour, step (0: times follow)."""

_DEFLATED: Final = 1
_INTEGERS: Final = 2
_HOLES: Final = 4
_CONSTANT: Final = 8
_MOST_PLACES: Final = 6
_EXACT: Final = 2.0**53
_WIDTHS: Final = (np.uint8, np.uint16, np.uint32, np.uint64)


class Damaged(Exception):
    """Bytes that are not a packed hour."""


@dataclass(frozen=True, slots=True)
class Samples:
    """Times in seconds, rising, and their values; NaN where the figure was not available."""

    at: Seconds
    values: Values


def pack(hour: int, samples: Samples) -> bytes:
    """Return the samples of the hour beginning at second `hour`; at least one, times rising within the hour."""
    offsets = samples.at - hour
    steps: Seconds = offsets[1:] - offsets[:-1]
    step = int(steps[0]) if len(steps) and (steps == steps[0]).all() else 0
    form, body = 0, b""
    if len(steps) and not step:
        body += _packed_integers(_differences(steps))
    holes = np.isnan(samples.values)
    if holes.any():
        form |= _HOLES
        body += np.packbits(holes).tobytes()
    value_form, places, packed = _packed_values(samples.values[~holes])
    form |= value_form
    body += packed
    deflater = zlib.compressobj(6, zlib.DEFLATED, -15)
    small = deflater.compress(body) + deflater.flush()
    if len(small) < len(body):
        form, body = form | _DEFLATED, small
    return _HEAD.pack(form, places, len(samples.at), int(offsets[0]), step) + body


def unpack(hour: int, data: bytes) -> Samples:
    """Return what `pack` was given. Raises Damaged."""
    try:
        form, places, count, first, step, body = _opened(data)
        if step or count == 1:
            at = np.arange(count, dtype=np.int64) * step + (hour + first)
            position = 0
        else:
            turns, position = _unpacked_integers(body, 0, count - 1)
            offsets = turns.cumsum().cumsum()
            at = np.concatenate((np.zeros(1, np.int64), offsets)) + (hour + first)
        if not form & _HOLES:
            return Samples(at, _unpacked_values(form, places, body, position, count))
        length = (count + 7) // 8
        holes = np.unpackbits(np.frombuffer(body, np.uint8, length, position), count=count).astype(bool)
        values = np.full(count, np.nan)
        values[~holes] = _unpacked_values(form, places, body, position + length, int((~holes).sum()))
        return Samples(at, values)
    except (struct.error, zlib.error, ValueError, IndexError, OverflowError) as error:
        raise Damaged(str(error)) from error


def unpack_all(hours: Iterable[tuple[int, bytes]]) -> list[Samples]:
    """Return what `pack` was given for each hour, in order, without those that are damaged.

    Hours of even steps and scaled integers, which most are, are unpacked together: one by one, a month costs twice as
    much.
    """
    found: dict[int, Samples] = {}
    alike: dict[tuple[int, int, int], list[_Even]] = {}
    for place, (hour, data) in enumerate(hours):
        with suppress(Damaged):
            even = _even(place, hour, data)
            if even is None:
                found[place] = unpack(hour, data)
            else:
                alike.setdefault((even.places, even.figures, even.body[0]), []).append(even)
    for (places, count, width), group in alike.items():
        found.update(zip([one.place for one in group], _unpacked_even(group, places, count, width), strict=True))
    return [found[place] for place in sorted(found)]


class _Even(NamedTuple):
    """An hour of even steps and scaled integers, inflated."""

    place: int
    first: int
    step: int
    places: int
    figures: int
    body: bytes


def _even(place: int, hour: int, data: bytes) -> _Even | None:
    """Return an hour that can be unpacked together with others, None for another one. Raises Damaged."""
    try:
        form, places, count, first, step, body = _opened(data)
        if not step or form & (_HOLES | _CONSTANT) or not form & _INTEGERS:
            return None
        if body[0] >= len(_WIDTHS) or len(body) != 9 + (count - 1) * 2 ** body[0]:
            raise Damaged(f"{len(body)} bytes for {count} figures")
    except (struct.error, zlib.error, IndexError) as error:
        raise Damaged(str(error)) from error
    return _Even(place, hour + first, step, places, count, body)


def _unpacked_even(group: Sequence[_Even], places: int, count: int, width: int) -> Iterator[Samples]:
    """Yield the samples of hours of as many figures of one width."""
    size, rows = 2**width, len(group)
    joined = np.frombuffer(b"".join(one.body for one in group), np.uint8).reshape(rows, -1)
    folded = np.empty((rows, count), np.uint64)
    folded[:, :1] = joined[:, 1:9].copy().view(np.uint64)
    planes = joined[:, 9:].reshape(rows, size, count - 1)
    folded[:, 1:] = planes.transpose(0, 2, 1).copy().view(_WIDTHS[width])[:, :, 0]
    turns = (folded >> np.uint64(1)).view(np.int64) ^ -(folded & np.uint64(1)).view(np.int64)
    values = turns.cumsum(axis=1).astype(np.float64)
    if places:
        values /= 10.0**places
    firsts, steps = (
        np.array(column, np.int64)[:, None] for column in zip(*((o.first, o.step) for o in group), strict=True)
    )
    at = firsts + np.arange(count, dtype=np.int64) * steps
    return map(Samples, at, values)


def _opened(data: bytes) -> tuple[int, int, int, int, int, bytes]:
    """Return form, decimal places, count, first second, step and the inflated rest."""
    form, places, count, first, step = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    return form, places, count, first, step, zlib.decompress(body, -15) if form & _DEFLATED else body


def _packed_values(values: Values) -> tuple[int, int, bytes]:
    """Return form, decimal places and bytes: integers where a few decimal places are exact, else XORed floats."""
    if not len(values):
        return _CONSTANT, 0, b""
    bits = values.view(np.uint64)
    if (bits == bits[0]).all():
        return _CONSTANT, 0, values[:1].tobytes()
    for places in range(_MOST_PLACES + 1):
        with np.errstate(over="ignore"):
            scaled = np.rint(values * 10.0**places)
        if not (np.abs(scaled) < _EXACT).all():
            break
        whole = scaled.astype(np.int64)
        if _is_same(whole / 10.0**places, values):
            return _INTEGERS, places, _packed_integers(_differences(whole))
    turned = bits.copy()
    turned[1:] ^= bits[:-1]
    return 0, 0, turned.view(np.uint8).reshape(-1, 8).T.tobytes()


def _differences(numbers: Seconds) -> Seconds:
    """Return the first number and what each next one adds."""
    apart = numbers.copy()
    apart[1:] -= numbers[:-1]
    return apart


def _is_same(one: Values, other: Values) -> bool:
    """Bit by bit: 0.0 and -0.0 differ."""
    return bool((one.view(np.uint64) == other.view(np.uint64)).all())


def _unpacked_values(form: int, places: int, body: bytes, position: int, count: int) -> Values:
    if not count:
        return np.empty(0)
    if form & _CONSTANT:
        return np.repeat(np.frombuffer(body, np.float64, 1, position), count)
    if form & _INTEGERS:
        differences, _ = _unpacked_integers(body, position, count)
        whole = differences.cumsum().astype(np.float64)
        return whole / 10.0**places if places else whole
    planes = np.frombuffer(body, np.uint8, count * 8, position).reshape(8, count)
    turned = np.ascontiguousarray(planes.T).view(np.uint64).ravel()
    return np.bitwise_xor.accumulate(turned).view(np.float64)


def _packed_integers(numbers: Seconds) -> bytes:
    """Return one byte of width and the numbers, zigzag, byte plane by byte plane: equal planes deflate to nothing.

    The first number may be far larger than the rest, so it stands apart.
    """
    folded = ((numbers << 1) ^ (numbers >> 63)).view(np.uint64)
    rest = folded[1:]
    most = int(rest.max()) if len(rest) else 0
    width = next(width for width in range(4) if most < 2 ** (8 * 2**width))
    size = 2**width
    planes = rest.astype(_WIDTHS[width]).view(np.uint8).reshape(-1, size).T
    return bytes([width]) + folded[:1].tobytes() + planes.tobytes()


def _unpacked_integers(body: bytes, position: int, count: int) -> tuple[Seconds, int]:
    """Return the numbers and the position after them."""
    width = body[position]
    size = 2**width
    folded = np.empty(count, np.uint64)
    folded[:1] = np.frombuffer(body, np.uint64, 1, position + 1)
    start = position + 9
    planes = np.frombuffer(body, np.uint8, (count - 1) * size, start)
    folded[1:] = planes if size == 1 else planes.reshape(size, count - 1).T.copy().view(_WIDTHS[width])[:, 0]
    numbers = (folded >> np.uint64(1)).view(np.int64) ^ -(folded & np.uint64(1)).view(np.int64)
    return numbers, start + (count - 1) * size


def merged(*parts: Samples) -> Samples:
    """Return all samples in order of time; of two at one time the later part's stands."""
    at = np.concatenate([part.at for part in parts])
    values = np.concatenate([part.values for part in parts])
    if len(at) > 1 and not (at[1:] > at[:-1]).all():
        order = np.argsort(at, kind="stable")
        at, values = at[order], values[order]
        last = np.append(at[1:] != at[:-1], True)
        at, values = at[last], values[last]
    return Samples(at, values)
