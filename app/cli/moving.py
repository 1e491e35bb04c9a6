"""`watchroom move`: an embedded database into a shared one."""

import argparse
import sys
import time
from pathlib import Path

from app import moving
from app.database import Database, default_url, open_database
from app.moving import Logins, Moved
from app.paths import config_dir
from app.words import tr, trn

SPEAKS_EVERY_S = 1.0
PASSWORDS = "passwords-after-move.txt"


class _Lines:
    """Says on stderr how far the move is, one line a second at most."""

    def __init__(self) -> None:
        self._spoke_at = 0.0

    def tell(self, line: str, part: float) -> None:
        now = time.monotonic()
        if now - self._spoke_at >= SPEAKS_EVERY_S:
            self._spoke_at = now
            print(f"{part:4.0%}  {line}", file=sys.stderr, flush=True)


def move(options: argparse.Namespace) -> int:
    """Carry the embedded database over, list what was counted on both sides, and say what to do next."""
    source = open_database(options.db or default_url(), even_moved=True)
    try:
        target = moving.open_target(options.to)
        try:
            return _move(source, target, options)
        finally:
            target.engine.dispose()
    finally:
        source.engine.dispose()


def _move(source: Database, target: Database, options: argparse.Namespace) -> int:
    file = Path(options.passwords) if options.passwords else config_dir() / PASSWORDS
    logins: list[Logins] = []

    def make_logins() -> None:
        logins.append(moving.make_logins(target, options.seats, file))

    _report(moving.move(source, target, _Lines().tell, make_logins))
    for made in logins:
        for note in made.notes:
            print(note)
        n = len(made.people) + len(made.services)
        print(tr("{n} temporary passwords are in {path}; hand them out and delete it.", n=n, path=file))
    return 0


def _report(moved: Moved) -> None:
    for table in moved.tables:
        print(f"{table.rows:>10}  {table.name}")
    rows = trn("{n} row", "{n} rows", moved.rows)
    print(tr("Moved and verified: {rows} in {n} tables, the same on both sides.", rows=rows, n=len(moved.tables)))
    for key in moved.keys:
        print(tr("Copy this key to each machine that runs a collector, to the same place there: {path}", path=key))
