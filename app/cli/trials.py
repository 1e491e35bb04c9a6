"""`watchroom trials [NAME]`: the long reliability trials, each with its control."""

import argparse
import sys

from app.errors import BadInput
from app.trials import r1
from app.words import tr


def run(options: argparse.Namespace) -> int:
    """Run R1 and print a line an outcome; return 1 when one was not as it should be. Raises BadInput."""
    name = options.name or "R1"
    if name.upper() != "R1":
        raise BadInput(tr("There is no trial called {name}. There is: R1", name=name))
    rounds = options.rounds
    outcomes = r1.run(rounds or r1.KILLS, rounds or r1.CUTS, progress=_say)
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _say(outcome: r1.Outcome) -> None:
    line = tr(
        "{name}: {rounds} rounds, {damaged} damaged, {lost} acknowledged rows lost, {torn} torn: {verdict}",
        name=outcome.name,
        rounds=outcome.rounds,
        damaged=outcome.damaged,
        lost=outcome.lost,
        torn=outcome.torn,
        verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
    )
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
