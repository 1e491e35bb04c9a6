"""Alembic's head equals the models, and every revision leaves the audit trail's triggers in place (DESIGN 4)."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from app.database import Database
from app.migrating import MIGRATIONS
from models.schema import HEAD, audited_tables, metadata
from models.triggers import expected_triggers, trigger_names


def test_the_head_that_the_program_knows_is_the_newest_revision() -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == HEAD


def test_the_migrated_tables_are_the_models(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_every_audited_table_has_its_triggers(database: Database) -> None:
    with database.engine.connect() as connection:
        assert expected_triggers() <= trigger_names(connection)
    assert {"incident", "visit", "ci", "person", "inspection"} <= {table.name for table in audited_tables()}
