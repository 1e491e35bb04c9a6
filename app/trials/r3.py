"""R3: a window saves while its server is killed, frozen, cut off, restarted and failed over; nothing is lost.

The window is a process of its own (`ui.trial_r3`), since `app` knows no window. Failover here is a streaming standby
that is promoted by hand; Patroni's own round is run by tests/failover/patroni_round.py.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, select

from app.connecting import parsed
from app.database import open_database
from app.paths import HOME_VARIABLE
from app.trials.server import Server, Wire, remove
from models.duty import ShiftLogEntry

OUTAGE_S = 8.0
ANSWERS_WITHIN_S = 90.0
STARTS_WITHIN_S = 120.0
LOOK_S = 0.05
REPORT_S = 0.5
"""Within what time the window reports a line: what it says later was saved after the fault."""
PAUSE_MS = 200
SYNCHRONOUS = "\nsynchronous_commit = remote_apply\nsynchronous_standby_names = '*'\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fault: how long from its end until the database took the next line, and what the window did meanwhile."""

    name: str
    seconds: float
    kept: int
    refused: tuple[str, ...]
    """Why, for each line that was not taken."""
    longest_pause_ms: int
    longest_own_pause_ms: int
    """Without what the machine gave to other programs meanwhile."""


@dataclass(frozen=True, slots=True)
class Result:
    """All faults, and what of the saved lines is lost or doubled at the end."""

    outcomes: tuple[Outcome, ...]
    saved: int
    lost: int
    doubled: int

    @property
    def passed(self) -> bool:
        is_smooth = all(each.longest_own_pause_ms <= PAUSE_MS and not each.refused for each in self.outcomes)
        return self.saved > 0 and is_smooth and not (self.lost or self.doubled)


class WindowProcess:
    """The window and what it said so far."""

    def __init__(self, url: str, folder: Path) -> None:
        self._said = folder / "said"
        program = "from ui.trial_r3 import main; main()"
        with self._said.open("wb") as out, (folder / "log").open("wb") as log:
            self._running = subprocess.Popen(
                [sys.executable, "-c", program, url], stdout=out, stderr=log,
                env={**os.environ, HOME_VARIABLE: str(folder)},
            )  # fmt: skip

    def said(self, after: int = 0) -> list[dict[str, Any]]:
        lines = self._said.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines[after:] if line.endswith("\n")]

    def wait_for(self, holds: Callable[[dict[str, Any]], bool], after: int, within_s: float) -> dict[str, Any]:
        """Return the first thing said that holds. Raises TimeoutError with the newest things said."""
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            for what in self.said(after):
                if holds(what):
                    return what
            time.sleep(LOOK_S)
        raise TimeoutError(f"the window said: {self.said()[-8:]}")

    def end(self) -> None:
        self._running.send_signal(signal.SIGKILL)
        self._running.wait()


def trial(rounds: int = 1, outage_s: float = OUTAGE_S, progress: Callable[[Outcome], None] | None = None) -> Result:
    """Put the window through every fault, so often each, and count at the end."""
    with _pair() as (primary, standby, wire):
        folder = primary.folder.parent / "seat"
        folder.mkdir()
        window = WindowProcess(_url(wire.port, standby.port), folder)
        try:
            window.wait_for(_is_saved, 0, STARTS_WITHIN_S)
            outcomes = []
            for name, fault in [*_faults(primary, wire, outage_s) * rounds, _failover(primary, standby)]:
                outcomes.append(_suffered(window, name, fault))
                if progress:
                    progress(outcomes[-1])
            done = window.said()
            window.wait_for(lambda what: _is_saved(what) and what["at"] > done[-1]["at"], len(done), ANSWERS_WITHIN_S)
        finally:
            window.end()
        return _counted(tuple(outcomes), window, standby)


def _suffered(window: WindowProcess, name: str, fault: Callable[[], float]) -> Outcome:
    """Let the fault happen and wait for the next line that the database itself takes."""
    before = len(window.said())
    ended_at = fault()
    answer = window.wait_for(
        lambda what: _is_saved(what) and what["at"] > ended_at + REPORT_S, before, ANSWERS_WITHIN_S
    )
    said = window.said(before)
    pauses, own = ([what[word] for what in said if word in what] for word in ("pause_ms", "own_pause_ms"))
    kept = sum(1 for what in said if what.get("kept"))
    refused = tuple(what["why"] for what in said if "refused" in what)
    return Outcome(name, answer["at"] - ended_at, kept, refused, max(pauses, default=0), max(own, default=0))


def _faults(primary: Server, wire: Wire, outage_s: float) -> list[tuple[str, Callable[[], float]]]:
    """Return what befalls a server, each giving the time at which it was over."""

    def kill() -> float:
        primary.kill()
        primary.start()
        return time.monotonic()

    def freeze() -> float:
        primary.freeze()
        time.sleep(outage_s)
        primary.thaw()
        return time.monotonic()

    def cut() -> float:
        wire.cut()
        time.sleep(outage_s)
        wire.mend()
        return time.monotonic()

    def restart() -> float:
        primary.run("pg_ctl", "-D", primary.data, "-w", "-m", "fast", "stop")
        primary.start()
        return time.monotonic()

    return [("kill -9 and restart", kill), ("frozen", freeze), ("wire swallows", cut), ("restart", restart)]


def _failover(primary: Server, standby: Server) -> tuple[str, Callable[[], float]]:
    def fail() -> float:
        primary.kill()
        began = time.monotonic()
        standby.settle_alone()
        standby.promote()
        return began

    return "primary dead, standby promoted", fail


@contextmanager
def _pair() -> Iterator[tuple[Server, Server, Wire]]:
    """A primary behind a wire and its synchronous standby, prepared for Watchroom."""
    folder = Path(tempfile.mkdtemp(prefix="watchroom-r3-"))
    folder.chmod(0o755)
    primary, standby = Server(folder / "a"), Server(folder / "b")
    wire = None
    try:
        primary.create()
        primary.start()
        open_database(primary.dsn(), create=True).engine.dispose()
        standby.follow(primary)
        standby.start()
        primary.settle_alone(SYNCHRONOUS)
        wire = Wire(primary.port)
        yield primary, standby, wire
    finally:
        if wire is not None:
            wire.close()
        primary.stop()
        standby.stop()
        remove(folder)


def _counted(outcomes: tuple[Outcome, ...], window: WindowProcess, server: Server) -> Result:
    engine = create_engine(parsed(server.dsn()).set(drivername="postgresql+psycopg"))
    with engine.connect() as connection:
        lines = Counter(connection.scalars(select(ShiftLogEntry.text)))
    engine.dispose()
    saved = [what["saved"] for what in window.said() if "saved" in what]
    waiting = {what["saved"] for what in window.said() if what.get("kept")}
    lost = sum(text not in lines for text in saved if text not in waiting)
    return Result(outcomes, len(saved), lost, sum(count > 1 for count in lines.values()))


def _url(first: int, second: int) -> str:
    secret = Server.secret()
    hosts = f"127.0.0.1:{first},127.0.0.1:{second}"
    return f"postgresql://postgres:{secret}@{hosts}/postgres?target_session_attrs=read-write"


def _is_saved(what: dict[str, Any]) -> bool:
    return "saved" in what and not what["kept"]
