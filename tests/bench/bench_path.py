"""P6: samples from the answer of a device to the database, judged, against the driver's own insertion of bare rows.

Ours is the whole path: what 1,000 devices answered is judged, gathered into a batch and stored with states, beats and
samples through the desk. The floor is one executemany of the same samples, as ready tuples, into a table by time. Wall
time, by turns.
"""

import gc
import os
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from statistics import median

from app.collector.batch import Beat, Configuration
from app.collector.limits import DEFAULTS
from app.collector.samples import Metric, Outcome, Sample, Target
from app.collector.store import DeskStore
from app.collector.watch import Watch
from app.database import open_database
from models.enums import CheckKind

DEVICES, PORTS, MILLIONS = 1_000, 8, 10
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BARE = "CREATE TABLE bare (at BIGINT, series_id INT, value DOUBLE, PRIMARY KEY (at, series_id)) WITHOUT ROWID"
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16000")
Round = list[tuple[Target, Outcome]]


def answers(targets: list[Target], at: datetime, draw: Random) -> Round:
    """Return what switches of PORTS ports say: processor, memory and the traffic of each port both ways."""
    ports = [f"GE1/0/{port}" for port in range(1, PORTS + 1)]
    found = []
    for target in targets:
        samples = [Sample(Metric.CPU, float(draw.randrange(5, 60)), "%"), Sample(Metric.MEMORY, 41.5, "%")]
        for port in ports:
            samples.append(Sample(Metric.IF_IN, draw.uniform(1e6, 9e8), "bps", port))
            samples.append(Sample(Metric.IF_OUT, draw.uniform(1e6, 9e8), "bps", port))
        found.append((target, Outcome(target.check_id, target.ci_id, at, True, samples=tuple(samples))))
    return found


def add_devices(path: Path) -> None:
    with sqlite3.connect(path) as raw:
        for (name,) in raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ci'"
        ).fetchall():
            raw.execute(f'DROP TRIGGER "{name}"')
        raw.executemany(
            "INSERT INTO ci (id, key, class_name, name, state, attributes) VALUES (?, ?, 'switch', ?, 'in_use', '{}')",
            [(n, uuid.uuid4().hex, f"switch {n}") for n in range(1, DEVICES + 1)],
        )


def whole_path(store: DeskStore, watch: Watch, found: Round) -> float:
    started = time.perf_counter()
    for target, outcome in found:
        watch.take(target, outcome)
    store.write(watch.gather(), Beat(NOW, NOW, DEVICES, DEVICES))
    return time.perf_counter() - started


def bare(raw: sqlite3.Connection, found: Round) -> float:
    rows, at = [], int(found[0][1].at.timestamp())
    for _, outcome in found:
        rows += [(at, outcome.ci_id * 100 + place, sample.value) for place, sample in enumerate(outcome.samples)]
    started = time.perf_counter()
    raw.execute("BEGIN IMMEDIATE")
    raw.executemany("INSERT OR REPLACE INTO bare VALUES (?, ?, ?)", rows)
    raw.execute("COMMIT")
    return time.perf_counter() - started


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ["WATCHROOM_HOME"] = home
        path, draw = Path(home) / "ours.db", Random(1)
        open_database(f"sqlite:///{path}", create=True).engine.dispose()
        add_devices(path)
        database = open_database(f"sqlite:///{path}")
        raw = sqlite3.connect(Path(home) / "floor.db", isolation_level=None)
        for statement in (*(f"PRAGMA {pragma}" for pragma in PRAGMAS), BARE):
            raw.execute(statement)
        store, watch = DeskStore(database), Watch({})
        targets = [
            Target(n, n, CheckKind.SNMP, "", ci_class="switch", name=f"switch {n}") for n in range(1, DEVICES + 1)
        ]
        watch.configure(Configuration(targets=tuple(targets), thresholds=DEFAULTS), NOW)
        gc.freeze()  # as `watchroom collect` does
        held = measure(lambda found: whole_path(store, watch, found), lambda found: bare(raw, found), targets, draw)
        database.engine.dispose()
    return 0 if held else 1


def measure(
    ours: Callable[[Round], float], floor: Callable[[Round], float], targets: list[Target], draw: Random
) -> bool:
    samples = DEVICES * (2 + 2 * PORTS)
    pairs, turn = [], 0
    while turn * samples < MILLIONS * 1_000_000:
        found = answers(targets, NOW + timedelta(minutes=turn), draw)
        pairs.append((ours(found), floor(found)))
        turn += 1
    pairs = pairs[1:]
    ratio = median(b / a for a, b in pairs)
    speed, bare_speed = (samples / median(pair[side] for pair in pairs) for side in (0, 1))
    tenth = len(pairs) // MILLIONS
    steady = median(a for a, _ in pairs[:tenth]) / median(a for a, _ in pairs[-tenth:])
    is_held = ratio >= 0.8 and steady >= 0.9
    rates = f"ours {speed:10,.0f}/s  floor {bare_speed:10,.0f}/s"
    print(f"P6 the whole path of {samples:,} samples a batch        {rates}  ratio {ratio:.2f}  goal >= 0.8")
    print(f"P6 the tenth million against the first                  ratio {steady:.2f}  goal >= 0.9")
    return is_held


if __name__ == "__main__":
    sys.exit(main())
