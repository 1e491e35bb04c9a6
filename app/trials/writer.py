"""The program that is killed: `python -m app.trials.writer PATH FIRST` writes rows and acknowledges each."""

import itertools
import sqlite3
import sys
from pathlib import Path

from app.trials.ledger import INSERT, TABLE, entry, pragmas


def write(path: Path, first: int) -> None:
    """Write rows from `first` on until something ends the process; a printed number is a committed row."""
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in pragmas("FULL"):
        connection.execute(pragma)
    connection.execute(TABLE.replace("TABLE", "TABLE IF NOT EXISTS", 1))
    for number in itertools.count(first):
        connection.execute(INSERT, entry(number, 0))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
