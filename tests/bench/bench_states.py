"""P8: a status cycle of 10,000 devices into SQLite, all and 1 % of them changed, against a raw bulk upsert."""

import os
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from statistics import median

from app.collector.batch import Batch, Beat, Configuration
from app.collector.memory import HEARTBEAT
from app.collector.samples import Metric, Outcome, Sample, Target
from app.collector.store import DeskStore
from app.collector.watch import Watch
from app.database import Database, open_database
from models.enums import CheckKind, State

DEVICES = 10_000
ROUNDS = 15
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
BAR = bytes((State.NORMAL.rank,)) * HEARTBEAT
WHOLE = """
CREATE TABLE status (
  ci_id INTEGER NOT NULL PRIMARY KEY REFERENCES ci (id), state VARCHAR(24) NOT NULL,
  since DATETIME CHECK (since >= '2000-01-01' AND since < '2100-01-01'),
  checked_at DATETIME CHECK (checked_at >= '2000-01-01' AND checked_at < '2100-01-01'),
  interval_s INTEGER NOT NULL, value_text VARCHAR(250) DEFAULT '' NOT NULL, summary VARCHAR(250) DEFAULT '' NOT NULL,
  affected_by INTEGER REFERENCES ci (id), heartbeat BLOB NOT NULL, judge JSON NOT NULL, facts JSON NOT NULL)
"""
UPSERT = """
INSERT INTO status VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')
ON CONFLICT (ci_id) DO UPDATE SET
  state = excluded.state, since = excluded.since, checked_at = excluded.checked_at, interval_s = excluded.interval_s,
  value_text = excluded.value_text, summary = excluded.summary, affected_by = excluded.affected_by,
  heartbeat = excluded.heartbeat, judge = excluded.judge
"""
PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "cache_size = -16000")


def main() -> int:
    with tempfile.TemporaryDirectory() as home:
        os.environ["WATCHROOM_HOME"] = home
        database = open_database(f"sqlite:///{home}/ours.db", create=True)
        _add_devices(database)
        floor = _floor(Path(home))
        held = [
            _compare("P8 status cycle, all changed", _cycle(database, DEVICES), floor, 1.3),
            _compare("P8 status cycle, 1 % changed", _cycle(database, DEVICES // 100), floor, 0.35),
        ]
        database.engine.dispose()
    return 0 if all(held) else 1


def _add_devices(database: Database) -> None:
    statement = (
        "INSERT INTO ci (id, key, class_name, name, state, attributes) VALUES (?, ?, 'server', ?, 'in_use', '{}')"
    )
    rows = [(n, uuid.uuid4().hex, f"server {n}") for n in range(1, DEVICES + 1)]
    with database.engine.connect().execution_options(watchroom_write=True) as connection:
        connection.exec_driver_sql(statement, rows)
        connection.commit()


def _cycle(database: Database, changed: int) -> Callable[[], float]:
    """Return a call that judges a round in which `changed` devices show another figure, stores it and gives the
    seconds of storing."""
    store, rounds, watch = DeskStore(database), count(1), Watch({})
    targets = [Target(n, n, CheckKind.SNMP, "", name=f"server {n}") for n in range(1, DEVICES + 1)]
    watch.configure(Configuration(targets=tuple(targets)), NOW)

    shown = dict.fromkeys(range(1, DEVICES + 1), 0)

    def judge(number: int) -> Batch:
        at = NOW + timedelta(minutes=number)
        for target in targets:
            if (target.ci_id + number) % (DEVICES // changed) == 0:
                shown[target.ci_id] = number % 80
            watch.take(target, _outcome(target, at, shown[target.ci_id]))
        return replace(watch.gather(), outcomes=())

    for _ in range(HEARTBEAT):
        judge(0)
    store.write(Batch(watch.judgements), Beat(NOW, NOW, DEVICES, DEVICES))

    def run() -> float:
        batch = judge(next(rounds))
        started = time.perf_counter()
        store.write(batch, Beat(NOW, NOW, DEVICES, DEVICES))
        return time.perf_counter() - started

    return run


def _outcome(target: Target, at: datetime, figure: int) -> Outcome:
    return Outcome(target.check_id, target.ci_id, at, True, samples=(Sample(Metric.CPU, float(figure), "%"),))


def _floor(home: Path) -> Callable[[], float]:
    """Return a call that upserts ready-made rows with all that a status says into one table of a file of its own."""
    raw = sqlite3.connect(home / "floor.db", isolation_level=None)
    for pragma in PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")
    raw.execute(WHOLE)
    raw.execute("CREATE TABLE ci (id INTEGER PRIMARY KEY)")
    raw.executemany("INSERT INTO ci VALUES (?)", [(n,) for n in range(1, DEVICES + 1)])
    moment, memory = "2026-11-23 01:00:00.000000", '{"checks":{"1234":{"kind":"snmp","settled":true}}}'
    rows = [(n, "normal", moment, moment, 60, "CPU 1%", "", None, BAR, memory) for n in range(1, DEVICES + 1)]

    def run() -> float:
        started = time.perf_counter()
        raw.execute("BEGIN IMMEDIATE")
        raw.executemany(UPSERT, rows)
        raw.execute("COMMIT")
        return time.perf_counter() - started

    return run


def _compare(name: str, ours: Callable[[], float], floor: Callable[[], float], goal: float) -> bool:
    ours(), floor()
    pairs = [(ours(), floor()) for _ in range(ROUNDS)]
    ratio = median(a / b for a, b in pairs)
    ours_ms, floor_ms = (median(pair[side] for pair in pairs) * 1000 for side in (0, 1))
    verdict = "ok" if ratio <= goal else "MISSED"
    figures = f"ours {ours_ms:8.2f} ms  floor {floor_ms:8.2f} ms  ratio {ratio:6.2f}  goal <= {goal}"
    print(f"{name:<44} {figures}  {verdict}")
    return ratio <= goal


if __name__ == "__main__":
    sys.exit(main())
