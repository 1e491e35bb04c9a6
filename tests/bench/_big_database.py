"""A database of 10,000 watched devices and 1,000,000 incidents, made once and kept for the next run."""

import os
import sqlite3
import tempfile
import uuid
from datetime import UTC, datetime
from pathlib import Path

from app.database import open_database
from models.enums import State

DEVICES = 10_000
INCIDENTS = 1_000_000
PLACE = Path(tempfile.gettempdir()) / "watchroom-bench"

_INCIDENTS = f"""
INSERT INTO incident (key, number, happened_at, recorded_at, state, grade, severity, priority, source, title,
  description, cause, solution, review, acknowledge_due_at, search, ci_id)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {INCIDENTS})
SELECT printf('%032x', i), printf('E-%08d', i), datetime('2020-01-01', '+' || (i * 3) || ' minutes') || '.000000',
  datetime('2020-01-01', '+' || (i * 3) || ' minutes') || '.000000',
  CASE WHEN i % 5000 = 0 THEN 'new' ELSE 'closed' END, CASE i % 9 WHEN 0 THEN 'III' ELSE 'IV' END, 'warning', 'normal',
  'monitoring', '接口 ' || i || ' 丢包率 3.1%', '', '', '', '',
  datetime('2020-01-01', '+' || (i * 3 + 10) || ' minutes') || '.000000', '接口 ' || i, i % {DEVICES} + 1 FROM n"""


def big_database() -> Path:
    """Return the file, made anew when the tables have changed since; WATCHROOM_HOME must be its folder's `home`."""
    schema = Path(__file__).resolve().parents[2] / "models" / "migrations" / "versions"
    newest = max(path.stat().st_mtime for path in schema.glob("*.py"))
    path = PLACE / "big.db"
    home = PLACE / "home"
    os.environ["WATCHROOM_HOME"] = str(home)
    if path.exists() and path.stat().st_mtime > newest:
        return path
    home.mkdir(parents=True, exist_ok=True)
    draft = PLACE / "draft.db"
    for old in PLACE.glob("*.db*"):
        old.unlink()
    open_database(f"sqlite:///{draft}", create=True).engine.dispose()
    _fill(draft)
    draft.replace(path)
    return path


def _fill(path: Path) -> None:
    """Write the rows without their audit entries; the triggers come back afterwards."""
    raw = sqlite3.connect(path)
    triggers = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        raw.execute(f'DROP TRIGGER "{name}"')
    numbers, now = range(1, DEVICES + 1), datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    raw.executemany(
        "INSERT INTO ci (id, key, class_name, name, address, state, attributes, search)"
        " VALUES (?, ?, 'server', ?, ?, 'in_use', '{}', ?)",
        [(n, uuid.uuid4().hex, f"服务器 {n}", f"10.0.{n >> 8}.{n & 255}", f"服务器 {n} fwq{n}") for n in numbers],
    )
    raw.executemany(
        "INSERT INTO check_item (id, key, ci_id, kind, address, params, interval_s, retries)"
        " VALUES (?, ?, ?, 'icmp', ?, '{}', 60, 2)",
        [(n, uuid.uuid4().hex, n, f"10.0.{n >> 8}.{n & 255}") for n in numbers],
    )
    bar = bytes((State.NORMAL.rank,)) * 60
    raw.executemany(
        "INSERT INTO device_state (ci_id, state, since, interval_s, summary, judge, facts)"
        " VALUES (?, ?, ?, 60, '', '{}', '{}')",
        [(n, "warning" if n % 100 == 0 else "normal", now) for n in numbers],
    )
    raw.executemany(
        "INSERT INTO device_beat (ci_id, checked_at, value_text, heartbeat) VALUES (?, ?, ?, ?)",
        [(n, now, f"CPU {n % 90}%", bar) for n in numbers],
    )
    raw.execute(_INCIDENTS)
    for _, sql in triggers:
        raw.execute(sql)
    raw.execute("ANALYZE")
    raw.commit()
    raw.close()
