"""Ours and the floor by turns: CPU time, median of the pairwise ratios, one printed line (PERFORMANCE)."""

from collections.abc import Callable
from statistics import median
from time import process_time

Timed = Callable[[], float]


def timed(work: Callable[[], object], before: Callable[[], object] | None = None) -> Timed:
    """Return a call that prepares with `before`, runs `work` and gives its CPU seconds."""

    def run() -> float:
        if before:
            before()
        started = process_time()
        work()
        return process_time() - started

    return run


def compare(name: str, ours: Timed, floor: Timed, goal: float, rounds: int = 15) -> bool:
    """Print one line and return whether the goal is held."""
    ours(), floor()
    pairs = [(ours(), floor()) for _ in range(rounds)]
    ratio = median(a / b for a, b in pairs)
    ours_ms, floor_ms = median(a for a, _ in pairs) * 1000, median(b for _, b in pairs) * 1000
    verdict = "ok" if ratio <= goal else "MISSED"
    figures = f"ours {ours_ms:8.2f} ms  floor {floor_ms:8.2f} ms  ratio {ratio:6.2f}  goal <= {goal}"
    print(f"{name:<44} {figures}  {verdict}")
    return ratio <= goal
