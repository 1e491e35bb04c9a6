"""The small ledger that the trials write: rows that tell by themselves whether they are whole."""

import hashlib
import random
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

TABLE = "CREATE TABLE entry (number INTEGER PRIMARY KEY, text TEXT NOT NULL, digest TEXT NOT NULL) STRICT"
INSERT = "INSERT INTO entry VALUES (?, ?, ?)"
CHECKPOINT_PAGES = 20


@dataclass(frozen=True, slots=True)
class Damage:
    """What a crash left: acknowledged rows that are gone, rows that are torn, and whether the file is whole."""

    lost: int
    torn: int
    is_whole: bool

    @property
    def is_none(self) -> bool:
        return self.is_whole and not self.lost and not self.torn


def entry(number: int, seed: int) -> tuple[int, str, str]:
    """Return row `number`, of up to 6 kB, so that some fill more than a page."""
    text = random.Random(f"{seed}/{number}").randbytes(number * 37 % 3_000 + 8).hex()
    return number, text, _digest(number, text)


def pragmas(synchronous: str) -> tuple[str, ...]:
    """Return the settings of the embedded database; checkpoints come often, so that crashes fall into them."""
    return (
        "PRAGMA journal_mode = WAL",
        f"PRAGMA synchronous = {synchronous}",
        f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}",
    )


def damage(path: Path, acknowledged: Iterable[int]) -> Damage:
    """Open what a crash left at `path` and compare it with what had been acknowledged."""
    expected = set(acknowledged)
    connection = sqlite3.connect(path)
    try:
        is_whole = connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = connection.execute("SELECT number, text, digest FROM entry").fetchall()
    except sqlite3.DatabaseError:
        return Damage(lost=len(expected), torn=0, is_whole=False)
    finally:
        connection.close()
    torn = sum(_digest(number, text) != digest for number, text, digest in rows)
    return Damage(len(expected - {row[0] for row in rows}), torn, is_whole)


def _digest(number: int, text: str) -> str:
    return hashlib.sha256(f"{number}/{text}".encode()).hexdigest()
