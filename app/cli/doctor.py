"""`watchroom doctor`: what is missing on this machine, and how to get it."""

import argparse
from collections.abc import Iterator

from app.cli import session
from app.cli.doctor_database import database_findings
from app.cli.doctor_machine import machine_findings
from app.cli.finding import Finding, Mark
from app.errors import WatchroomError
from app.words import tr


def report(options: argparse.Namespace) -> int:
    """Print a line for each thing that the program needs; return 1 when something is missing."""
    found = []
    for finding in _findings(options):
        found.append(finding)
        print(finding.line())
    missing = sum(finding.mark is Mark.MISSING for finding in found)
    print(tr("Nothing is missing.") if not missing else tr("Missing: {n}", n=missing))
    return 1 if missing else 0


def _findings(options: argparse.Namespace) -> Iterator[Finding]:
    yield from machine_findings()
    try:
        with session.database(options) as opened:
            yield from database_findings(opened, session.seat_name(options))
    except WatchroomError as error:
        yield Finding(Mark.MISSING, tr("Database"), error.sentence())
