"""Seats as processes of their own that follow one PostgreSQL, and writers whose every change each of them must hear."""

import json
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import IO

from app.connecting import parsed, server_engine
from app.database import cli_identity, open_database
from app.desk import Tx, command
from app.listening import ServerListener
from app.permissions import Permission
from models.cmdb import Place
from models.enums import PlaceKind

ROOT = Path(__file__).resolve().parent.parent.parent
READY = "ready"
SILENT_S = 60.0
"""A seat that hears nothing for so long has heard what it ever will."""


@command(Permission.CMDB_EDIT)
def make(tx: Tx, name: str) -> int:
    """Change one row."""
    return tx.add(Place(key=uuid.uuid4(), kind=PlaceKind.ROOM, name=name)).id


@dataclass(frozen=True, slots=True)
class Written:
    """A change by the clock that all processes of the machine share: when its commit began and when it was done."""

    began: float
    done: float


@dataclass(frozen=True, slots=True)
class Heard:
    """What one seat heard: when it first learned of each key, how often it had to load everything anew."""

    at: dict[int, float]
    resets: int


@contextmanager
def crowd(url: str, seats: int, changes: int, folder: Path) -> Iterator[list[Path]]:
    """Start this many seats that wait for so many changes; give the files that hold what each has heard at the end."""
    files = [folder / f"seat-{n}.json" for n in range(seats)]
    started = [_started(url, changes, file) for file in files]
    try:
        for seat in started:
            if _line(seat.stdout) != READY:
                raise SystemExit("a seat did not start")
        yield files
        for seat in started:
            seat.wait(SILENT_S * 2)
    finally:
        for seat in started:
            seat.kill()
            seat.communicate()


def write(url: str, changes: int, writers: int, pause_s: float = 0.0) -> dict[int, Written]:
    """Write so many changes by writers at once, each with its own connection, and return when each was committed."""
    written: dict[int, Written] = {}

    def run(share: int) -> None:
        desk = open_database(url).desk(cli_identity(), "writer")
        for n in range(share):
            began = time.monotonic()
            key = desk.do(make, f"{n}")
            written[key] = Written(began, time.monotonic())
            time.sleep(pause_s)
        desk.close()

    threads = [threading.Thread(target=run, args=(changes // writers,)) for _ in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return written


def heard(file: Path) -> Heard:
    found = json.loads(file.read_text())
    return Heard({int(key): at for key, at in found["at"].items()}, found["resets"])


def quantile(values: list[float], part: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if part != 0.5 else median(ordered)


def sit(url: str, changes: int, file: Path) -> None:
    """Follow the feed until every change was heard, or nothing more comes; then say what was heard."""
    listener, at, resets = ServerListener(server_engine(parsed(url))), dict[int, float](), 0
    listener.poll()
    print(READY, flush=True)
    latest, never = time.monotonic() + SILENT_S, threading.Event()
    while len(at) < changes and time.monotonic() < latest:
        listener.wait(never)
        found = listener.poll()
        now = time.monotonic()
        resets += found.is_reset
        for key in found.tables.get("place", ()):
            at.setdefault(key, now)
            latest = now + SILENT_S
    listener.close()
    file.write_text(json.dumps({"at": at, "resets": resets}))


def _started(url: str, changes: int, file: Path) -> subprocess.Popen[str]:
    words = [sys.executable, "-m", "tests.bench._crowd", url, str(changes), str(file)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)


def _line(stream: IO[str] | None) -> str:
    return stream.readline().strip() if stream else ""


if __name__ == "__main__":
    sit(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
