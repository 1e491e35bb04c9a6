"""Places for a graph's nodes: the same graph always looks the same, and a device more moves the others little."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from math import cos, pi, sin, sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

ROUNDS = 120
WIDE = 1.9
"""How much wider than high the places are spread: what a page is."""
_NEAR = 1e-4
SPRUNG_AT_MOST = 1_000
_GOLDEN_ANGLE = pi * (3 - sqrt(5))
_PARTED_AT_MOST = 80
_PAIRS_AT_MOST = 16_000_000
"""Pairs that are looked at while nodes are parted: a second of work."""

Places = NDArray[np.float64]


@lru_cache(maxsize=4)
def placed(keys: tuple[str, ...], edges: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[float, float]]:
    """Return a place for each key, 0..1 each way: linked nodes near each other, the others apart.

    Springs after Fruchterman and Reingold, from a start that only a key's own name decides; then those that lie upon
    each other are parted. Of more than SPRUNG_AT_MOST nodes those with one link lie around what they are linked to.
    """
    if not keys:
        return {}
    if len(keys) <= SPRUNG_AT_MOST:
        scaled = _scaled(_parted(_scaled(_sprung(keys, edges))))
        return {key: (float(x), float(y)) for key, (x, y) in zip(keys, scaled, strict=True)}
    links = Counter(end for edge in edges for end in edge)
    inner = tuple(key for key in keys if links[key] > 1) or keys[:1]
    inside = set(inner)
    spots = dict(zip(inner, _scaled(_sprung(inner, tuple(e for e in edges if inside.issuperset(e)))), strict=True))
    outer = [(a, b) if b in inside else (b, a) for a, b in edges if (a in inside) != (b in inside)]
    spots |= dict(_around(spots, outer, 0.4 / len(inner) ** 0.5))
    rest = {key: spots.get(key, _start(key)) for key in keys}
    every = _scaled(np.array(list(rest.values())))
    return {key: (float(x), float(y)) for key, (x, y) in zip(rest, every, strict=True)}


def _sprung(keys: Sequence[str], edges: Iterable[tuple[str, str]]) -> Places:
    number = {key: place for place, key in enumerate(keys)}
    ends = np.array([(number[a], number[b]) for a, b in edges], dtype=np.int64).reshape(-1, 2)
    spots = np.array([_start(key) for key in keys])
    apart = 1.0 / np.sqrt(len(keys))
    for turn in range(ROUNDS):
        spots = _moved(spots, ends, apart, 0.1 * (1 - turn / ROUNDS))
    return spots


def _around(
    spots: Mapping[str, Any], outer: Iterable[tuple[str, str]], reach: float
) -> Iterator[tuple[str, tuple[float, float]]]:
    """Yield a place for each (leaf, hub) of `outer`: a spiral around the hub, as the seeds of a sunflower lie."""
    leaves: dict[str, list[str]] = {}
    for leaf, hub in outer:
        leaves.setdefault(hub, []).append(leaf)
    for hub, mine in leaves.items():
        x, y = spots[hub]
        for n, leaf in enumerate(sorted(mine), start=1):
            far, turn = reach * (n / len(mine)) ** 0.5, n * _GOLDEN_ANGLE
            yield leaf, (x + far * cos(turn), y + far * sin(turn))


def _scaled(spots: Places) -> Places:
    """Return the places spread over the whole, 0..1 each way; in the middle where they do not differ."""
    low, high = spots.min(axis=0), spots.max(axis=0)
    is_spread = high - low > _NEAR
    return np.where(is_spread, (spots - low) / np.where(is_spread, high - low, 1.0), 0.5)


def _parted(spots: Places) -> Places:
    """Return the places with those pushed apart that are nearer to each other than all of them have room."""
    count = len(spots)
    gap = np.float32(0.72 * np.sqrt(WIDE / count))
    x, y = (spots[:, 0] * WIDE).astype(np.float32), spots[:, 1].astype(np.float32)
    for _ in range(min(_PARTED_AT_MOST, _PAIRS_AT_MOST // count**2)):
        right, down = x[:, None] - x, y[:, None] - y
        far = np.sqrt(right * right + down * down)
        np.fill_diagonal(far, gap)
        if far.min() >= gap:
            break
        push = np.maximum(gap / np.maximum(far, _NEAR) - 1, 0) * np.float32(0.3)
        x = np.clip(x + (right * push).sum(axis=1), 0, WIDE)
        y = np.clip(y + (down * push).sum(axis=1), 0, 1)
    return np.stack((x / WIDE, y), axis=1).astype(np.float64)


def _moved(spots: Places, ends: NDArray[np.int64], apart: float, step: float) -> Places:
    """Return the places after one round: everything pushes, links pull, nothing moves further than `step`."""
    reach = (spots**2).sum(axis=1)
    square = np.maximum(reach[:, None] + reach[None, :] - 2 * spots @ spots.T, _NEAR)
    weight = apart**2 / square
    force: Places = spots * weight.sum(axis=1)[:, None] - weight @ spots
    if len(ends):
        pull = spots[ends[:, 0]] - spots[ends[:, 1]]
        pull *= (np.sqrt((pull**2).sum(axis=1)) / apart)[:, None]
        np.add.at(force, ends[:, 0], -pull)
        np.add.at(force, ends[:, 1], pull)
    force -= (spots - 0.5) * apart  # what hangs on nothing must not drift away
    length = np.maximum(np.sqrt((force**2).sum(axis=1)), _NEAR)
    moved: Places = spots + force / length[:, None] * np.minimum(length, step)[:, None]
    return moved


def _start(key: str) -> tuple[float, float]:
    digest = sha256(key.encode()).digest()
    return int.from_bytes(digest[:4], "big") / 2**32, int.from_bytes(digest[4:8], "big") / 2**32
