"""The pyramid of a curve shows each peak and each break, however many points there are."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from app.collector.history.pyramid import Pyramid

figures = st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")))


@given(st.lists(figures, min_size=1, max_size=300), st.integers(1, 5), st.integers(1, 40), st.data())
def test_what_is_seen_has_the_lows_and_highs_of_what_is_there(
    some: list[float], pieces: int, columns: int, data: st.DataObject
) -> None:
    values = np.array(some * 20)
    at = np.arange(len(values), dtype=float)
    pyramid = Pyramid(at[:1], values[:1])
    for part in np.array_split(np.arange(1, len(values)), pieces):
        pyramid.append(at[part], values[part])
    first = data.draw(st.integers(0, len(values) - 1))
    last = data.draw(st.integers(first, len(values) - 1))
    x, y, joins = pyramid.seen(first, last, columns)
    inside = values[first : last + 1]
    assert len(x) == len(y) == len(joins) and (np.diff(x) >= 0).all()
    if not np.isnan(inside).all():
        assert np.nanmin(y) <= np.nanmin(inside) and np.nanmax(y) >= np.nanmax(inside)
    assert np.nanmin(np.append(y, np.inf)) >= np.nanmin(np.append(values, np.inf))


def test_a_million_points_become_as_many_as_there_are_pixels() -> None:
    values = np.sin(np.arange(1_000_000) / 5_000)
    values[777_777] = 9.0
    pyramid = Pyramid(np.arange(1_000_000.0), values)
    x, y, joins = pyramid.seen(0, 1e6, 1_200)
    assert len(x) <= 2_402 and y.max() == 9.0 and joins.all()


def test_no_line_goes_across_a_break_between_runs() -> None:
    at = np.append(np.arange(100_000.0), np.arange(900_000.0, 1_000_000.0))
    values = np.zeros(200_000)
    values[100_000] = np.nan
    x, _, joins = Pyramid(at, values).seen(0, 1e6, 500)
    across = np.flatnonzero(np.diff(x) > 700_000)
    assert len(across) == 1 and not joins[across[0]]


def test_a_short_curve_is_drawn_as_it_is() -> None:
    at, values = np.arange(5.0), np.array([1.0, 2.0, np.nan, 4.0, 5.0])
    x, y, joins = Pyramid(at, values).seen(0, 4, 100)
    assert x.tolist() == at.tolist() and np.array_equal(y, values, equal_nan=True)
    assert joins.tolist() == [True, False, False, True, True]
