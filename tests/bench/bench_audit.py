"""What the audit trail costs: transactions a second of 16 writers with it and sealed meanwhile, against none at all."""

import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app import audit
from app.database import cli_identity, open_database
from app.desk import Desk
from models.triggers import expected_triggers
from tests.shared.debian_server import SUPERUSER_PASSWORD, DebianServer, binaries, debian_server

WRITERS, SECONDS, PAIRS, GOAL = 16, 5, 5, 0.7
CONTACTS = 2_000
SEAL_EVERY_S = 3.0
SETTINGS = "fsync = on\nfull_page_writes = on\nautovacuum = on\nshared_buffers = '128MB'\nmax_wal_size = '1GB'\n"
SCRIPT = f"""
\\set id random(1, {CONTACTS})
\\set mark random(1, 1000000)
BEGIN;
SELECT set_config('watchroom.seat', 'A1', true), set_config('watchroom.command', 'bench', true),
  set_config('watchroom.wakes_later', 'on', true);
UPDATE contact SET note = 'note ' || :mark, version = version + 1 WHERE id = :id;
INSERT INTO act (kind, text, at) VALUES ('export', 'ledger ' || :mark, clock_timestamp());
COMMIT;
NOTIFY watchroom;
"""
"""What a command of the program sends: who acts, two writes, and after the commit the word that wakes other seats."""


def main() -> int:
    """Print one line; the ratio is the median of pairs run by turns. Returns 1 when the goal is missed."""
    if binaries() is None:
        print("audit overhead: needs postgresql-15 from Debian, not measured")
        return 0
    with tempfile.TemporaryDirectory() as home, debian_server(settings=SETTINGS) as server:
        os.environ["WATCHROOM_HOME"] = home
        for name in ("with_trail", "without"):
            server.new_room(name)
            _fill(server, name)
        _switch_off(server, "without")
        (server.folder / "writer.sql").write_text(SCRIPT)
        opened = open_database(server.url(database="with_trail"))
        desk = opened.desk(cli_identity(), "bench")
        ours, floor = _sealed(desk, lambda: _rate(server, "with_trail")), lambda: _rate(server, "without")
        ours(), floor()
        pairs = [(ours(), floor()) for _ in range(PAIRS)]
        is_whole = desk.read(audit.verify).is_whole
        opened.engine.dispose()
    ratio = median(a / b for a, b in pairs)
    a, b = (median(pair[side] for pair in pairs) for side in (0, 1))
    verdict = "ok" if ratio >= GOAL and is_whole else "MISSED"
    print(
        f"audit at {WRITERS} writers: ours {a:7.0f}/s  floor {b:7.0f}/s  ratio {ratio:5.2f}  goal >= {GOAL}  {verdict}"
    )
    return 0 if verdict == "ok" else 1


def _fill(server: DebianServer, name: str) -> None:
    server.sql(
        "INSERT INTO contact (key, name) SELECT gen_random_uuid(), 'contact ' || n"
        f" FROM generate_series(1, {CONTACTS}) AS n",
        name,
    )


def _switch_off(server: DebianServer, name: str) -> None:
    """Take the trail's triggers off the tables that are written; the rest stays as it is."""
    for trigger in sorted(expected_triggers()):
        if trigger in ("watch_contact_update", "watch_act_insert"):
            server.sql(f"ALTER TABLE {trigger.split('_')[1]} DISABLE TRIGGER {trigger}", name)


def _rate(server: DebianServer, name: str) -> float:
    """Return the transactions a second of WRITERS clients of pgbench."""
    folder = binaries()
    assert folder is not None
    done = subprocess.run(
        [
            *(str(folder / "pgbench"), "--no-vacuum", "-c", str(WRITERS), "-j", "2", "-T", str(SECONDS)),
            *(
                "-f",
                str(server.folder / "writer.sql"),
                "-h",
                "127.0.0.1",
                "-p",
                str(server.port),
                "-U",
                "postgres",
                name,
            ),
        ],
        env={"PGPASSWORD": SUPERUSER_PASSWORD, "PATH": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found is not None, done.stdout
    return float(found[1])


def _sealed(desk: Desk, run: Callable[[], float]) -> Callable[[], float]:
    """Return the same call with the sealer at work beside it, as the collector has it."""

    def seal(ended: threading.Event) -> None:
        while not ended.wait(SEAL_EVERY_S):
            desk.do(audit.seal)

    def both() -> float:
        ended = threading.Event()
        sealer = threading.Thread(target=seal, args=(ended,))
        sealer.start()
        try:
            return run()
        finally:
            ended.set()
            sealer.join()

    return both


if __name__ == "__main__":
    sys.exit(main())
