"""How much one sender may bring, and what of it was dropped: a storm costs its own sender only (R7)."""

from collections.abc import Mapping
from dataclasses import dataclass

MOST_SENDERS = 4_096
ALL_TOGETHER = 10
"""How many times one sender's rate all of them may bring: addresses of datagrams can be forged."""


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


@dataclass(slots=True)
class Count:
    """What came from one sender since it was last taken."""

    received: int = 0
    dropped: int = 0


class Limits:
    """Lets `rate` messages a second through for each sender, and `burst` at once."""

    def __init__(self, rate: float = 1_000.0, burst: float = 5_000.0) -> None:
        self._rate, self._burst = rate, burst
        self._buckets: dict[str, _Bucket] = {}
        self._all = _Bucket(burst * ALL_TOGETHER, 0.0)
        self._counts: dict[str, Count] = {}

    def set_rate(self, rate: float) -> None:
        """Let `rate` messages a second through from now on, and five seconds' worth at once."""
        self._rate, self._burst = rate, 5 * rate

    def allows(self, sender: str, now: float) -> bool:
        """Count a message and tell whether it may pass; `now` is a clock that only goes forward, in seconds."""
        count = self._count_of(sender)
        count.received += 1
        bucket = self._buckets.get(sender)
        if bucket is None:
            if len(self._buckets) >= MOST_SENDERS:
                del self._buckets[next(iter(self._buckets))]
            bucket = self._buckets[sender] = _Bucket(self._burst, now)
        passes = _takes(bucket, self._rate, self._burst, now) and _takes(
            self._all, self._rate * ALL_TOGETHER, self._burst * ALL_TOGETHER, now
        )
        count.dropped += not passes
        return passes

    def drop(self, sender: str) -> None:
        """Count a message that passed and yet could not be kept."""
        self._count_of(sender).dropped += 1

    def take_counts(self) -> Mapping[str, Count]:
        """Return what came since the last call, by sender."""
        counts, self._counts = self._counts, {}
        return counts

    def _count_of(self, sender: str) -> Count:
        if sender not in self._counts and len(self._counts) >= MOST_SENDERS:
            sender = "…"
        return self._counts.setdefault(sender, Count())


def _takes(bucket: _Bucket, rate: float, burst: float, now: float) -> bool:
    bucket.left = min(burst, bucket.left + (now - bucket.at) * rate)
    bucket.at = now
    if bucket.left < 1:
        return False
    bucket.left -= 1
    return True
