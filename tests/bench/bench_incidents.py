"""P3: a million incidents. Any page of the queue against a raw keyset page with a repaint, at 0 %, 50 % and 99 %."""

import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from _pace import compare, timed
from PySide6.QtWidgets import QApplication

from app import incidents
from app.database import cli_identity, open_database
from app.desk import Desk, ReadTx
from app.incidents import IncidentRow
from ui.commands import Commands
from ui.context import Context
from ui.docks.incident_columns import DatabaseClock, queue_columns
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.shapes import Shapes
from ui.table import Table
from ui.theme import Theme
from ui.work import Work

INCIDENTS = 1_000_000
PAGE = 200
DEPTHS = {"0 %": 0.0, "50 %": 0.5, "99 %": 0.99}

FILL = f"""
INSERT INTO incident (key, number, happened_at, recorded_at, state, grade, severity, priority, source, title,
  description, cause, solution, review, acknowledge_due_at, search)
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {INCIDENTS})
SELECT printf('%032x', i), printf('E-%08d', i), datetime('2020-01-01', '+' || (i * 3) || ' minutes') || '.000000',
  datetime('2020-01-01', '+' || (i * 3) || ' minutes') || '.000000',
  CASE WHEN i % 500 = 0 THEN 'new' ELSE 'closed' END, CASE i % 9 WHEN 0 THEN 'III' ELSE 'IV' END, 'warning', 'normal',
  'monitoring', '接口 ' || i || ' 丢包率 3.1%', '', '', '', '',
  datetime('2020-01-01', '+' || (i * 3 + 10) || ' minutes') || '.000000', '接口 ' || i FROM n"""

RAW = """
SELECT i.id, i.version, i.number, i.state, i.grade, i.severity, i.priority, i.source, i.ci_id, c.name, i.title,
  i.happened_at, i.recorded_at, i.acknowledge_due_at, i.answered_at, i.acknowledged_at, a.name, i.acknowledge_reason,
  i.acknowledge_expires_at, i.assignee_id, b.name, i.escalation_level, i.cleared_at, i.caller, i.cause_key
FROM incident i LEFT JOIN ci c ON c.id = i.ci_id LEFT JOIN person a ON a.id = i.acknowledged_by
LEFT JOIN person b ON b.id = i.assignee_id WHERE (i.happened_at, i.id) < (?, ?)
ORDER BY i.happened_at DESC, i.id DESC LIMIT 200"""


def filled(folder: Path) -> Desk:
    """Return the desk of a database with a million incidents, written without their audit entries."""
    database = open_database(f"sqlite:///{folder / 'million.db'}", create=True)
    raw = sqlite3.connect(folder / "million.db")
    for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
        raw.execute(f'DROP TRIGGER "{name}"')
    raw.execute(FILL)
    raw.commit()
    raw.execute("ANALYZE")
    raw.close()
    return database.desk(cli_identity(), "bench")


def at_depth(desk: Desk, part: float) -> IncidentRow:
    """Return the row behind which the page at this depth begins."""

    def read(tx: ReadTx) -> IncidentRow:
        return incidents.rows(tx, [max(1, int(INCIDENTS * (1 - part)))])[0]

    return desk.read(read)


def no_desk() -> Desk:
    raise RuntimeError("the table of this benchmark reads nothing by itself")


def table(app: QApplication) -> Table:
    app.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    work = Work(no_desk)
    context = Context(work, Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory())
    shown = Table("bench", queue_columns(DatabaseClock()), context)
    shown.resize(1600, 900)
    shown.show()
    app.processEvents()
    return shown


def main() -> int:
    app = QApplication(sys.argv[:1])
    shown = table(app)
    with tempfile.TemporaryDirectory() as folder:
        os.environ["WATCHROOM_HOME"] = folder
        desk = filled(Path(folder))
        raw = sqlite3.connect(Path(folder) / "million.db")

        def ours(after: IncidentRow) -> None:
            shown.rows.reset(desk.read(incidents.page, "all", after=after, limit=PAGE))
            shown.viewport().repaint()

        def floor(after: IncidentRow) -> None:
            raw.execute(RAW, (f"{after.happened_at:%Y-%m-%d %H:%M:%S.%f}", after.id)).fetchall()
            shown.viewport().repaint()

        pages: dict[str, tuple[Callable[[], None], Callable[[], None]]] = {}
        for name, part in DEPTHS.items():
            after = at_depth(desk, part)
            pages[name] = (partial(ours, after), partial(floor, after))
        held = [
            compare(f"P3 page of 1M incidents at {name}", timed(mine), timed(bare), 1.5, rounds=60)
            for name, (mine, bare) in pages.items()
        ]
        first, deep = pages["0 %"][0], pages["99 %"][0]
        held.append(compare("P3 page at 99 % against 0 %", timed(deep), timed(first), 1.2, rounds=60))
        raw.close()
        desk.close()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
