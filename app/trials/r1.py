"""R1: no acknowledged row lost, none torn, by kill -9 and by power cuts; without syncs the control must lose."""

import random
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from app.errors import Refused
from app.trials import desk_kills, kills
from app.trials.ledger import Damage
from app.words import tr

KILLS, CUTS, DESK_KILLS = 500, 1_000, 100
TRANSACTIONS = 200
KILLS_A_LEDGER = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many of `rounds` were damaged; a control passes when some were, everything else when none was."""

    name: str
    rounds: int
    damaged: int
    lost: int
    torn: int
    is_control: bool = False

    @property
    def passed(self) -> bool:
        return bool(self.damaged) == self.is_control


def run(
    kill_rounds: int = KILLS, cut_rounds: int = CUTS, seed: int = 1, progress: Callable[[Outcome], None] | None = None
) -> list[Outcome]:
    """Return the outcomes of killing ledger and desk, of cutting, and of the controls."""
    outcomes = []
    trials: tuple[Callable[[], Outcome], ...] = (
        lambda: killed(kill_rounds, seed),
        lambda: desk_killed(min(kill_rounds, DESK_KILLS), seed),
        lambda: desk_killed(min(kill_rounds, DESK_KILLS), seed, is_control=True),
        lambda: cut("power cuts", "FULL", cut_rounds, seed),
        lambda: cut("control: synchronous=NORMAL", "NORMAL", cut_rounds, seed, is_control=True),
        lambda: cut("control: synchronous=OFF", "OFF", cut_rounds, seed, is_control=True),
    )
    for trial in trials:
        outcomes.append(trial())
        if progress:
            progress(outcomes[-1])
    return outcomes


def killed(rounds: int, seed: int) -> Outcome:
    """Kill a writer `rounds` times, KILLS_A_LEDGER times in one database before it grows too big to check."""
    chance = random.Random(seed)
    found: list[Damage] = []
    while len(found) < rounds:
        acknowledged: set[int] = set()
        with tempfile.TemporaryDirectory() as folder:
            for _ in range(min(KILLS_A_LEDGER, rounds - len(found))):
                found.append(kills.kill_once(Path(folder) / "ledger.db", acknowledged, chance))
    return _outcome("kill -9", found)


def desk_killed(rounds: int, seed: int, is_control: bool = False) -> Outcome:
    """Kill the desk's own commands `rounds` times, KILLS_A_LEDGER times in one database whose trail must then be whole.

    The control acknowledges before the commit; what it loses is looked at after each kill, in a database of its own.
    """
    chance = random.Random(seed)
    found: list[Damage] = []
    while len(found) < rounds:
        acknowledged: set[int] = set()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            for _ in range(1 if is_control else min(KILLS_A_LEDGER, rounds - len(found))):
                found.append(desk_kills.kill_once(folder, acknowledged, chance, is_early=is_control))
            if not desk_kills.is_trail_whole(folder):
                found[-1] = replace(found[-1], is_whole=False)
    return _outcome(
        "control: acknowledged before the commit" if is_control else "kill -9 of the desk", found, is_control
    )


def cut(name: str, synchronous: str, rounds: int, seed: int, is_control: bool = False) -> Outcome:
    """Record one run and cut it at `rounds` random places. Raises Refused without apsw."""
    try:
        # Imported here because apsw comes with the development set-up only.
        from app.trials import power
    except ModuleNotFoundError as error:
        raise Refused(tr("The power-cut trial needs apsw: pip install apsw")) from error
    events = power.record(TRANSACTIONS, synchronous, seed)
    first = next(place for place, event in enumerate(events) if isinstance(event, power.Acknowledged))
    chance = random.Random(seed)
    found = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            found.append(power.cut(events, chance.randint(first, len(events)), Path(folder), chance.random()))
    return _outcome(name, found, is_control)


def _outcome(name: str, found: Iterable[Damage], is_control: bool = False) -> Outcome:
    damages = list(found)
    return Outcome(
        name,
        rounds=len(damages),
        damaged=sum(not damage.is_none for damage in damages),
        lost=sum(damage.lost for damage in damages),
        torn=sum(damage.torn for damage in damages),
        is_control=is_control,
    )
