"""Packed hours give back exactly what was put in."""

import contextlib
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.collector.history.packing import Damaged, Samples, merged, pack, unpack, unpack_all
from app.collector.history.rollup import FIVE_MINUTES_S, HOUR_S, pack_slices, rolled, unpack_slices

HOUR = 1_790_000_000 // HOUR_S * HOUR_S

offsets = st.lists(st.integers(0, HOUR_S - 1), min_size=1, max_size=40, unique=True).map(sorted)
regular = st.tuples(st.integers(0, 59), st.sampled_from([90, 300, 601])).map(
    lambda pair: list(range(pair[0], HOUR_S, pair[1]))
)
tenths = st.integers(-500, 1500).map(lambda n: n / 10)
figures = st.one_of(tenths, st.floats(), st.just(math.nan), st.just(-0.0), st.integers(0, 2**52).map(float))


@st.composite
def hours(draw: st.DrawFn) -> Samples:
    at = draw(st.one_of(offsets, regular))
    kind = draw(st.sampled_from([figures, tenths, st.floats(), st.just(1.0)]))
    values = draw(st.lists(kind, min_size=len(at), max_size=len(at)))
    return Samples(np.array(at, np.int64) + HOUR, np.array(values, np.float64))


def same_bits(one: Samples, other: Samples) -> bool:
    is_nan = np.isnan(one.values)
    return (
        one.at.tolist() == other.at.tolist()
        and is_nan.tolist() == np.isnan(other.values).tolist()
        and one.values[~is_nan].tobytes() == other.values[~is_nan].tobytes()
    )


@given(hours())
def test_an_hour_comes_back_bit_by_bit(samples: Samples) -> None:
    assert same_bits(samples, unpack(HOUR, pack(HOUR, samples)))


@given(st.lists(hours(), max_size=12), st.integers(0, 11), st.binary(max_size=30))
def test_many_hours_come_back_as_each_alone_without_the_damaged(
    some: list[Samples], place: int, garbage: bytes
) -> None:
    packed = [(HOUR, pack(HOUR, one)) for one in some]
    with contextlib.suppress(Damaged):
        unpack(HOUR, garbage)
        return  # what can be read is not damaged
    packed.insert(min(place, len(packed)), (HOUR, garbage))
    found = unpack_all(packed)
    assert len(found) == len(some)
    assert all(same_bits(one, other) for one, other in zip(found, some, strict=True))


def test_a_quiet_hour_costs_next_to_nothing() -> None:
    at = np.arange(HOUR, HOUR + HOUR_S, 10)
    assert len(pack(HOUR, Samples(at, np.full(len(at), 21.5)))) < 20


@given(hours(), hours())
def test_merging_twice_is_merging_once_and_the_later_value_stands(first: Samples, second: Samples) -> None:
    once = merged(first, second)
    assert same_bits(once, merged(once, second))
    assert (np.diff(once.at) > 0).all()
    by_time = dict(zip(first.at.tolist(), first.values.tolist(), strict=True))
    by_time |= dict(zip(second.at.tolist(), second.values.tolist(), strict=True))
    assert [by_time[at] for at in once.at.tolist()] == pytest.approx(once.values.tolist(), nan_ok=True)


@given(hours(), st.binary(max_size=40))
def test_bytes_that_are_damaged_never_raise_anything_else(samples: Samples, garbage: bytes) -> None:
    for data in (garbage, pack(HOUR, samples)[:-1]):
        with contextlib.suppress(Damaged):
            unpack(HOUR, data)


@given(hours())
def test_roll_ups_hold_the_lowest_and_the_highest(samples: Samples) -> None:
    there = samples.values[np.isfinite(samples.values) & (np.abs(samples.values) < 1e30)]
    kept = Samples(samples.at[: len(there)], there)
    slices = rolled(kept, FIVE_MINUTES_S)
    assert slices.count.sum() == len(there)
    if len(there):
        assert slices.low.min() == there.min() and slices.high.max() == there.max()
        assert (slices.low <= slices.mean).all() and (slices.mean <= slices.high).all()


@given(hours())
def test_packed_roll_ups_come_back_to_seven_digits(samples: Samples) -> None:
    values = np.where(np.abs(samples.values) < 1e30, samples.values, np.nan)
    slices = rolled(Samples(samples.at, values), FIVE_MINUTES_S)
    back = unpack_slices(HOUR, pack_slices(HOUR, slices))
    assert back.at.tolist() == slices.at.tolist() and back.count.tolist() == slices.count.tolist()
    assert back.mean == pytest.approx(slices.mean, rel=1e-6, abs=1e-30)


def test_minus_zero_stays_minus_zero() -> None:
    samples = Samples(np.array([HOUR, HOUR + 7, HOUR + 9]), np.array([-0.0, 0.0, 1.5]))
    assert same_bits(samples, unpack(HOUR, pack(HOUR, samples)))
