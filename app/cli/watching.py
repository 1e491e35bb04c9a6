"""`watchroom collect` and `watchroom probe`."""

import argparse
import logging
import sys

from app import chores, words
from app.cli import session
from app.collector.process import collect as run_collector


def collect(options: argparse.Namespace) -> int:
    """Run the collector until it is stopped, for some seconds, or once."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    with session.database(options, create=options.child) as opened:
        words.set_language(options.lang or words.language())
        run_collector(
            opened,
            seconds=options.seconds,
            once=options.once,
            chores=chores.of(opened),
            parent=sys.stdin.buffer if options.child else None,
        )
    return 0
