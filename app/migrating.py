"""Upgrading the tables by Alembic; loaded only when a database is not at this program's revision."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from app.errors import Refused
from app.words import tr
from models.triggers import create_triggers

MIGRATIONS = Path(__file__).resolve().parent.parent / "models" / "migrations"


def refuse_newer(revision: str | None) -> None:
    """Raise Refused for a revision that this program does not know."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision is not None and revision not in known:
        raise Refused(
            tr(
                "This database belongs to a newer Watchroom (revision {revision}). Nothing was changed: start the newer"
                " program, or restore a copy from before the upgrade.",
                revision=revision,
            )
        )


def migrate(connection: Connection, revision: str = "head") -> None:
    """Bring the tables to `revision` and make the audit trail's triggers anew."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    create_triggers(connection)
