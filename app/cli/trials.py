"""`watchroom trials [NAME]`: the long reliability trials, each with its control."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from app.database import cli_identity, open_database
from app.errors import BadInput
from app.times import today
from app.trials import r1, r2, r3, r4, r5, r6, r7
from app.trials.server import running
from app.words import tr

DEMO_PART, MOST_TOLD = 0.05, 10


def run(options: argparse.Namespace) -> int:
    """Run a trial and print a line an outcome; return 1 when one was not as it should be. Raises BadInput."""
    runs: dict[str, Callable[[], int]] = {
        "R1": lambda: _run_r1(options.rounds),
        "R2": lambda: _run_r2(options.rounds),
        "R3": lambda: _run_r3(options.rounds),
        "R4": _run_r4,
        "R5": lambda: _run_r5(options.rounds),
        "R6": lambda: _run_r6(options.rounds),
        "R7": lambda: _run_r7(options.rounds),
        "R8": lambda: _run_r8(options.rounds),
    }
    name = (options.name or "R1").upper()
    if name not in runs:
        raise BadInput(tr("There is no trial called {name}. There are: {names}", name=name, names=", ".join(runs)))
    return runs[name]()


def _run_r1(rounds: int | None) -> int:
    """Kill writers and cut the power so often each."""
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


def _run_r2(crashes: int | None) -> int:
    """Kill the database so often, and seats twice as often. Raises Refused without Debian's PostgreSQL."""
    rounds = crashes or r2.CRASHES
    outcome = r2.trial(rounds, rounds * r2.SEAT_KILLS // r2.CRASHES)
    line = tr(
        "R2: {crashes} crashes of the database, {kills} of seats: {saved} saved ({kept} kept first), {lost} lost,"
        " {doubled} doubled, {changed} changed by a replay, {control} by one without receipts: {verdict}",
        crashes=outcome.crashes,
        kills=outcome.seat_kills,
        saved=outcome.saved,
        kept=outcome.kept,
        lost=outcome.lost,
        doubled=outcome.doubled,
        changed=outcome.changed_by_replay,
        control=outcome.changed_without_receipts,
        verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
    )
    sys.stdout.write(f"{line}\n")
    return 0 if outcome.passed else 1


def _run_r3(rounds: int | None) -> int:
    """Torment the server under a window. Raises Refused without Debian's PostgreSQL."""

    def say(outcome: r3.Outcome) -> None:
        line = tr(
            "R3 {name}: next line in the database after {seconds} s, {kept} kept meanwhile, {refused} refused,"
            " longest pause of the window {ms} ms ({own} ms of its own)",
            name=outcome.name,
            seconds=f"{outcome.seconds:.1f}",
            kept=outcome.kept,
            refused=len(outcome.refused),
            ms=outcome.longest_pause_ms,
            own=outcome.longest_own_pause_ms,
        )
        sys.stdout.write("\n".join([line, *outcome.refused]) + "\n")
        sys.stdout.flush()

    result = r3.trial(rounds or 1, progress=say)
    line = tr(
        "R3: {saved} lines saved, {lost} lost, {doubled} doubled: {verdict}",
        saved=result.saved,
        lost=result.lost,
        doubled=result.doubled,
        verdict=tr("as it should be") if result.passed else tr("NOT as it should be"),
    )
    sys.stdout.write(f"{line}\n")
    return 0 if result.passed else 1


def _run_r4() -> int:
    """Attack a server of the trial's own with real logins. Raises Refused without Debian's PostgreSQL."""
    is_right = True
    for outcome in r4.trial():
        is_right &= outcome.passed
        line = tr(
            "R4 {name}: {attacks} attacks, {through} got through: {verdict}",
            name=outcome.name,
            attacks=outcome.attacks,
            through=len(outcome.through),
            verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
        )
        told = () if outcome.is_control else outcome.through
        sys.stdout.write("\n".join([line, *told]) + "\n")
        sys.stdout.flush()
    return 0 if is_right else 1


def _run_r5(rounds: int | None) -> int:
    """Mutate the trail on a server of the trial's own as a superuser could. Raises Refused without Debian's one."""
    with running("watchroom-r5-") as (server, _folder):
        outcomes = r5.run(server.dsn(), rounds or r5.ROUNDS)
    for outcome in outcomes:
        line = tr(
            "R5 {name}: {rounds} rounds, {found} with a finding: {verdict}",
            name=outcome.name,
            rounds=outcome.rounds,
            found=outcome.found,
            verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
        )
        sys.stdout.write("\n".join([line, *outcome.missed]) + "\n")
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _run_r6(actions: int | None) -> int:
    """Do random actions (2,000, or as many as given) in the window over a demo site of its own."""
    from app.demo import making
    from ui import trial_r6

    is_right = True
    with tempfile.TemporaryDirectory(prefix="watchroom-r6-") as folder:
        url = f"sqlite:///{Path(folder) / 'r6.db'}"
        database = open_database(url, create=True)
        desk = database.desk(cli_identity(), "R6")
        making.fill(desk, seed=1, last_day=today(), scale=DEMO_PART)
        wanted = actions or r6.ACTIONS
        for outcome in trial_r6.main(url, desk, wanted, min(wanted, r6.CONTROL_ACTIONS)):
            is_right &= outcome.passed
            line = tr(
                "R6 {name}: {actions} actions, {entries} entries; {sign_ins} sign-ins, {refusals} refusals,"
                " {files} files; {missing} missing, {crashes} crashes: {verdict}",
                name=outcome.name,
                actions=outcome.actions,
                entries=outcome.entries,
                sign_ins=outcome.seen.sign_ins,
                refusals=outcome.seen.refusals,
                files=outcome.seen.files,
                missing=len(outcome.missing),
                crashes=len(outcome.crashes),
                verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
            )
            told = () if outcome.passed else (*outcome.missing[:MOST_TOLD], *outcome.crashes[:MOST_TOLD])
            sys.stdout.write("\n".join([line, *told]) + "\n")
            sys.stdout.flush()
        database.engine.dispose()
    return 0 if is_right else 1


def _run_r7(thousandths: int | None) -> int:
    """Storm the receivers over a database of their own: in full, or with so many thousandths of it."""

    def say(outcome: r7.Outcome) -> None:
        line = tr(
            "R7 {name}: {sent} messages in {seconds} s, {kept} of {good} good ones kept, {mb} MB at most: {verdict}",
            name=outcome.name,
            sent=outcome.sent,
            seconds=f"{outcome.seconds:.1f}",
            kept=outcome.kept,
            good=outcome.good,
            mb=outcome.peak_mb,
            verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
        )
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()

    part = (thousandths or 1_000) / 1_000
    sizes = (r7.SYSLOG, r7.TRAPS, r7.WEBHOOKS, r7.SECONDS)
    storm = r7.Storm(*(max(1, round(size * part)) for size in sizes))
    with tempfile.TemporaryDirectory(prefix="watchroom-r7-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'r7.db'}", create=True)
        outcomes = r7.trial(database, storm, say)
        database.engine.dispose()
    return 0 if all(outcome.passed for outcome in outcomes) else 1


def _run_r8(texts: int | None) -> int:
    """Put hostile texts (5,000, or as many as given) through the window over a database of its own."""
    from ui import trial_r8

    is_right = True
    with tempfile.TemporaryDirectory(prefix="watchroom-r8-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'r8.db'}", create=True)
        for outcome in trial_r8.main(lambda: database.desk(cli_identity(), "R8"), texts or trial_r8.TEXTS):
            is_right &= outcome.passed
            line = tr(
                "R8 {name}: {texts} texts, longest pause {ms} ms ({worst}): {verdict}",
                name=outcome.name,
                texts=outcome.texts,
                ms=round(outcome.longest_ms),
                worst=outcome.worst or "—",
                verdict=tr("as it should be") if outcome.passed else tr("NOT as it should be"),
            )
            sys.stdout.write(f"{line}\n")
            sys.stdout.flush()
        database.engine.dispose()
    return 0 if is_right else 1
