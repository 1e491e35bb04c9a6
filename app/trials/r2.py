"""R2: four seats save while database and seats are killed; each saved entry is there exactly once, also after a replay.

The control replays without receipts, which must save everything that was kept once more.
"""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app.database import open_database
from app.desk import ReadTx
from app.outbox import EntryState, send
from app.paths import HOME_VARIABLE
from app.trials import seat_writer
from app.trials.server import Server, running
from models.duty import ShiftLogEntry

SEATS, CRASHES, SEAT_KILLS = 4, 50, 100
MOVES_WITHIN_S = 60.0
LOOK_S = 0.02
LONGEST_OUTAGE_S = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was saved, how much of it was kept first, is lost or doubled, and what two replays changed."""

    crashes: int
    seat_kills: int
    saved: int
    kept: int
    lost: int
    doubled: int
    changed_by_replay: int
    changed_without_receipts: int
    """By the control, which must change something."""

    @property
    def passed(self) -> bool:
        is_whole = not (self.lost or self.doubled or self.changed_by_replay)
        return self.saved > 0 and is_whole and self.changed_without_receipts > 0


@dataclass(slots=True)
class SeatProcess:
    """One seat: its folder, what it said it saved, and the process that is killed."""

    folder: Path
    name: str
    url: str
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        program = "from app.trials.seat_writer import main; main()"
        with (self.folder / "saved").open("ab") as saved, (self.folder / "log").open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-c", program, self.url, str(self.folder), self.name], stdout=saved, stderr=log,
                env={**os.environ, HOME_VARIABLE: str(self.folder)},
            )  # fmt: skip

    def kill(self) -> None:
        assert self.running is not None
        self.running.send_signal(signal.SIGKILL)
        self.running.wait()

    def saved(self) -> list[str]:
        """Return what the seat told to be saved; a line that the kill cut off told nobody anything."""
        path = self.folder / "saved"
        lines = path.read_text().splitlines(keepends=True) if path.exists() else []
        return [line.strip() for line in lines if line.endswith("\n")]


def trial(crashes: int = CRASHES, seat_kills: int = SEAT_KILLS, seed: int = 1, seats: int = SEATS) -> Outcome:
    """Kill the database and the seats so often, in random order, then send everything and count."""
    with running("watchroom-r2-") as (server, folder):
        open_database(server.dsn(), create=True).engine.dispose()
        made = [SeatProcess(folder / f"seat{n}", f"S{n}", server.dsn()) for n in range(seats)]
        _kill_again_and_again(server, made, crashes, seat_kills, random.Random(seed))
        return _counted(made, crashes, seat_kills)


def _kill_again_and_again(
    server: Server, seats: list[SeatProcess], crashes: int, seat_kills: int, chance: random.Random
) -> None:
    """Kill one or the other each time that the seats have saved something since."""
    for seat in seats:
        seat.start()
    victims = [True] * crashes + [False] * seat_kills
    chance.shuffle(victims)
    try:
        for is_crash in victims:
            _wait_for_more(seats, MOVES_WITHIN_S)
            if is_crash:
                server.kill()
                _wait_for_more(seats, chance.random() * LONGEST_OUTAGE_S, is_sure=False)
                server.start()
            else:
                seat = chance.choice(seats)
                seat.kill()
                seat.start()
        _wait_for_more(seats, MOVES_WITHIN_S)
    finally:
        for seat in seats:
            seat.kill()


def _wait_for_more(seats: list[SeatProcess], within_s: float, *, is_sure: bool = True) -> None:
    """Return once the seats have saved more. Raises TimeoutError with their words when they `is_sure` must have."""
    before = _count_saved(seats)
    deadline = time.monotonic() + within_s
    while _count_saved(seats) <= before:
        if time.monotonic() > deadline and not is_sure:
            return
        if time.monotonic() > deadline:
            raise TimeoutError("\n".join((seat.folder / "log").read_text()[-2000:] for seat in seats))
        time.sleep(LOOK_S)


def _count_saved(seats: list[SeatProcess]) -> int:
    return sum(len(seat.saved()) for seat in seats)


def _counted(seats: list[SeatProcess], crashes: int, seat_kills: int) -> Outcome:
    """Send what waits and count; send everything once more, with receipts and without, and count what that changed."""
    kept = _send_all(seats)
    first = _lines(seats[0])
    saved = [text for seat in seats for text in seat.saved()]
    totals = [first.total()]
    for is_careless in (False, True):
        for seat in seats:
            outbox = seat_writer.outbox_in(seat.folder)
            for entry in outbox.entries():
                outbox.wait_again(entry.key, entry.arguments)
        _send_all(seats, is_careless=is_careless)
        totals.append(_lines(seats[0]).total())
    lost = sum(text not in first for text in saved)
    doubled = sum(count > 1 for count in first.values())
    return Outcome(crashes, seat_kills, len(saved), kept, lost, doubled, totals[1] - totals[0], totals[2] - totals[1])


def _send_all(seats: list[SeatProcess], *, is_careless: bool = False) -> int:
    """Send everything that waits and return how many entries were ever kept."""
    kept = 0
    for seat in seats:
        desk = seat_writer.seat_desk(seat.url, seat.name, is_careless=is_careless)
        outbox = seat_writer.outbox_in(seat.folder)
        while outbox.has_waiting(desk.identity.login):
            send(desk, outbox)
        desk.close()
        entries = outbox.entries()
        assert all(entry.state is EntryState.SENT for entry in entries), [e.told for e in entries if e.told]
        kept += len(entries)
    return kept


def _lines(seat: SeatProcess) -> Counter[str]:
    def query(tx: ReadTx) -> Counter[str]:
        return Counter(tx.session.scalars(select(ShiftLogEntry.text)))

    desk = seat_writer.seat_desk(seat.url, seat.name)
    found = desk.read(query)
    desk.close()
    return found
