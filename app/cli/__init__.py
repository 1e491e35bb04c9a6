"""`watchroom`: one command for the desktop, the collector, scripts and support (DESIGN 6).

Every error is one line on stderr that says what happened and what to do; exit codes: 0 done, 1 a finding,
2 wrong usage or bad input, 3 database or network out of reach.
"""

import importlib
import os
import sys
from collections.abc import Sequence

from app.cli import connection
from app.cli.parser import parse
from app.errors import WatchroomError
from app.words import LANGUAGES, set_language, system_language, tr


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    set_language(os.environ.get("WATCHROOM_LANG", "") if _is_known() else system_language())
    arguments = list(sys.argv[1:] if argv is None else argv)
    _choose_language(arguments)
    options = parse(arguments)
    module, _, name = options.run.partition(":")
    try:
        connection.follow(options)
        return int(getattr(importlib.import_module(module), name)(options) or 0)
    except WatchroomError as error:
        print(error.sentence(), file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(tr("Stopped."), file=sys.stderr)
        return 130


def _choose_language(arguments: Sequence[str]) -> None:
    """Follow --lang before anything is said: help and wrong usage too are in that language."""
    for at, argument in enumerate(arguments):
        wanted = argument.removeprefix("--lang=") if argument.startswith("--lang=") else ""
        if argument == "--lang":
            wanted = arguments[at + 1] if at + 1 < len(arguments) else ""
        if wanted in LANGUAGES:
            set_language(wanted)


def _is_known() -> bool:
    return os.environ.get("WATCHROOM_LANG", "") in LANGUAGES
