"""P13: a Chinese term in a million incidents: the queue's page against a raw keyset page, an absent one against LIKE.

The absent term is looked for in the queue, through all incidents, and in the palette, which looks through the newest.
"""

import sqlite3
import sys

from _big_database import big_database
from _pace import compare, timed

from app import incidents, search
from app.database import cli_identity, open_database

PAGE = 200
FOUND, ABSENT = "接口", "精密空调"
RAW = """
SELECT i.id, i.version, i.number, i.state, i.grade, i.severity, i.priority, i.source, i.ci_id, c.name, i.title,
  i.happened_at, i.recorded_at, i.acknowledge_due_at, i.answered_at, i.acknowledged_at, a.name, i.acknowledge_reason,
  i.acknowledge_expires_at, i.assignee_id, b.name, i.escalation_level, i.cleared_at, i.caller, i.cause_key
FROM incident i LEFT JOIN ci c ON c.id = i.ci_id LEFT JOIN person a ON a.id = i.acknowledged_by
LEFT JOIN person b ON b.id = i.assignee_id ORDER BY i.happened_at DESC, i.id DESC LIMIT 200"""
LIKE = f"SELECT count(*) FROM incident WHERE search LIKE '%{ABSENT}%'"


def main() -> int:
    path = big_database()
    database = open_database(f"sqlite:///{path}")
    desk, raw = database.desk(cli_identity(), "bench"), sqlite3.connect(path)

    def page(term: str) -> None:
        desk.read(incidents.page, "all", term, limit=PAGE)

    held = [
        compare(
            f"P13 “{FOUND}” in 1M incidents",
            timed(lambda: page(FOUND)),
            timed(lambda: raw.execute(RAW).fetchall()),
            2,
            rounds=40,
        ),
        compare(
            "P13 an absent term, the queue",
            timed(lambda: page(ABSENT)),
            timed(lambda: raw.execute(LIKE).fetchall()),
            0.002,
            rounds=5,
        ),
        compare(
            "P13 an absent term, the palette",
            timed(lambda: desk.read(search.everywhere, ABSENT)),
            timed(lambda: raw.execute(LIKE).fetchall()),
            0.002,
            rounds=5,
        ),
    ]
    raw.close()
    database.engine.dispose()
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
