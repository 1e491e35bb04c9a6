"""Places for a graph's nodes: the same graph always looks the same, and a device more moves the others little."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

ROUNDS = 120
_NEAR = 1e-4

Places = NDArray[np.float64]


@lru_cache(maxsize=4)
def placed(keys: tuple[str, ...], edges: tuple[tuple[str, str], ...]) -> Mapping[str, tuple[float, float]]:
    """Return a place for each key, 0..1 each way: linked nodes near each other, the others apart.

    Springs after Fruchterman and Reingold, from a start that only a key's own name decides.
    """
    if not keys:
        return {}
    number = {key: place for place, key in enumerate(keys)}
    ends = np.array([(number[a], number[b]) for a, b in edges], dtype=np.int64).reshape(-1, 2)
    spots = np.array([_start(key) for key in keys])
    apart = 1.0 / np.sqrt(len(keys))
    for turn in range(ROUNDS):
        spots = _moved(spots, ends, apart, 0.1 * (1 - turn / ROUNDS))
    low, high = spots.min(axis=0), spots.max(axis=0)
    spread = np.where(high - low > _NEAR, high - low, 1.0)
    scaled = (spots - low) / spread if len(keys) > 1 else np.full((1, 2), 0.5)
    return {key: (float(x), float(y)) for key, (x, y) in zip(keys, scaled, strict=True)}


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
