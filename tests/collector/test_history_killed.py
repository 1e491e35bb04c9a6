"""Packing and rolling up when the collector is killed in the middle: nothing is lost and nothing is there twice."""

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from app.collector.history import History, Level, read
from app.collector.samples import Metric, Outcome, Sample
from app.database import Database
from models.history import fresh, packed_hour, rollup_1h, rollup_5m, series

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEVICES, HOURS = 600, 3
PACK = """
import sys
from datetime import datetime
from app.collector.history import History
from app.database import open_database
History(open_database(sys.argv[1]).engine).pack(datetime.fromisoformat(sys.argv[2]))
"""
_PATIENCE_S = 120.0


def fill(database: Database) -> None:
    """Put a sample each ten minutes of two series of each device in."""
    history = History(database.engine)
    for step in range(HOURS * 6):
        at = NOON + timedelta(minutes=10 * step)
        outcomes = [
            Outcome(
                ci, ci, at, True, samples=(Sample(Metric.CPU, float(step), "%"), Sample(Metric.MEMORY, ci / 10, "%"))
            )
            for ci in range(1, DEVICES + 1)
        ]
        with database.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
            history.append(connection, outcomes)


def count(database: Database, table: object) -> int:
    with database.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


def kill_while_packing(database: Database, at_rows: int) -> None:
    """Let another process pack and kill it as soon as so many hours are packed."""
    line = [sys.executable, "-c", PACK, database.url, (NOON + timedelta(days=1)).isoformat()]
    process = subprocess.Popen(line)
    end = time.monotonic() + _PATIENCE_S
    while count(database, packed_hour) < at_rows and process.poll() is None:
        assert time.monotonic() < end
        time.sleep(0.01)
    process.kill()
    process.wait(_PATIENCE_S)


@pytest.mark.slow
def test_whenever_packing_is_killed_each_sample_is_there_once(database: Database) -> None:
    fill(database)
    whole = DEVICES * 2 * HOURS
    for part in (1, whole // 3, whole // 2, whole):
        kill_while_packing(database, part)
        assert_whole(database)
    History(database.engine).pack(NOON + timedelta(days=1))
    assert [count(database, table) for table in (fresh, packed_hour, rollup_5m, rollup_1h)] == [0, whole, whole, whole]
    assert_whole(database)


def assert_whole(database: Database) -> None:
    """Hold that each level of some series has what was measured, packed or not."""
    until = NOON + timedelta(hours=HOURS)
    steps = np.arange(HOURS * 6, dtype=float)
    with database.engine.connect() as connection:
        chosen = select(series.c.id, series.c.metric).where(series.c.ci_id.in_((1, DEVICES // 2, DEVICES)))
        for series_id, metric in connection.execute(chosen.order_by(series.c.id)).all():
            raw = read(connection, series_id, NOON, until)
            hourly = read(connection, series_id, NOON, until, level=Level.HOURS)
            assert len(raw) == len(steps) and len(hourly) == HOURS
            if metric == Metric.CPU:
                assert raw.mean.tolist() == steps.tolist()
                assert hourly.mean.tolist() == steps.reshape(HOURS, 6).mean(axis=1).tolist()
