"""When each check is due: spread over the interval, never twice at once, sooner in doubt."""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

from app.collector.samples import Target

_GOLDEN = 0.618033988749895
FIRST_ROUND_PER_S = 200
"""Checks a second while everything is asked for the first time."""
RETRY_S = 5.0


@dataclass(slots=True)
class _Entry:
    target: Target
    due: float
    is_running: bool = False
    is_wanted: bool = False


class Schedule:
    """A heap of due times on a monotonic clock in seconds, which every call is given as `now`."""

    def __init__(self) -> None:
        self._entries: dict[int, _Entry] = {}
        self._heap: list[tuple[float, int]] = []
        self._by_ci: dict[int, list[int]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def replace(self, targets: Iterable[Target], now: float) -> None:
        """Take these targets from now on; those that were there keep their place in time."""
        before, self._entries, self._by_ci = self._entries, {}, {}
        targets = list(targets)
        spread = max(1.0, len(targets) / FIRST_ROUND_PER_S)
        for target in targets:
            entry = before.get(target.check_id)
            if entry is None or entry.target.interval_s != target.interval_s:
                is_running = entry is not None and entry.is_running
                phase = target.check_id * _GOLDEN % 1.0
                entry = _Entry(target, now + phase * min(spread, target.interval_s), is_running)
            entry.target = target
            self._entries[target.check_id] = entry
            self._by_ci.setdefault(target.ci_id, []).append(target.check_id)
        self._heap = [(e.due, i) for i, e in self._entries.items() if not e.is_running]
        heapq.heapify(self._heap)

    def take_due(self, now: float) -> list[Target]:
        """Return what is due, which counts as running until `finish`."""
        due = []
        while self._heap and self._heap[0][0] <= now:
            at, check_id = heapq.heappop(self._heap)
            entry = self._entries.get(check_id)
            if entry is None or entry.is_running or entry.due != at:
                continue  # put in anew since, or gone
            entry.is_running = True
            due.append(entry.target)
        return due

    def finish(self, check_id: int, now: float, *, is_doubtful: bool = False) -> None:
        """Note that a check ended: the next one keeps the rhythm, a doubtful result is looked at again sooner."""
        entry = self._entries.get(check_id)
        if entry is None:
            return
        entry.is_running = False
        interval = entry.target.interval_s
        if entry.is_wanted:
            entry.is_wanted, entry.due = False, now
        elif is_doubtful:
            entry.due = now + min(interval, max(RETRY_S, interval / 4))
        else:
            entry.due = entry.due + interval if entry.due + interval > now else now + interval
        heapq.heappush(self._heap, (entry.due, check_id))

    def check_now(self, ci_id: int, now: float) -> None:
        """Make a device's checks due; one that is running is run again afterwards."""
        for check_id in self._by_ci.get(ci_id, ()):
            entry = self._entries[check_id]
            if entry.is_running:
                entry.is_wanted = True
            elif entry.due > now:
                entry.due = now
                heapq.heappush(self._heap, (now, check_id))

    def next_due(self) -> float | None:
        """Return when `take_due` has something to give, None when everything is running."""
        while self._heap:
            at, check_id = self._heap[0]
            entry = self._entries.get(check_id)
            if entry is not None and not entry.is_running and entry.due == at:
                return at
            heapq.heappop(self._heap)
        return None
