"""Which database a command line means when it names none: the one of a seat's connection file."""

import argparse
from pathlib import Path

from app.paths import config_dir

OWN = "connection.toml"
TAKE_ONE_UP = frozenset({None, "collect", "verify", "doctor", "import", "export", "stats"})
"""Commands that follow the account's own file without being told: the desktop, and what works on its records."""


def follow(options: argparse.Namespace) -> None:
    """Let a connection file give database and seat where the options don't. Raises BadInput for a bad file."""
    named = options.connection
    own = config_dir() / OWN
    if options.db or not (named or (options.command in TAKE_ONE_UP and own.exists())):
        return
    # Imported here because the window paints before the database layer is loaded.
    from app.shared import connections

    found = connections.read(Path(named) if named else own)
    options.db, options.seat = found.url, options.seat or found.seat
