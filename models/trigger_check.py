"""Whether the database's triggers are those that this program makes: there, switched on, and with the same words."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from models.triggers import expected_triggers, statements, trigger_names

_CREATED = re.compile(r"^\s*CREATE TRIGGER \"?(\w+)", re.IGNORECASE)
_FUNCTION = re.compile(r"^\s*CREATE OR REPLACE FUNCTION (\w+)", re.IGNORECASE)
_POSTGRESQL_TRIGGERS = """
SELECT tgname, tgenabled IN ('O', 'A'), pg_get_triggerdef(oid, true) FROM pg_trigger
WHERE NOT tgisinternal AND starts_with(tgname, 'watch_')
"""
_POSTGRESQL_FUNCTIONS = """
SELECT proname, prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND starts_with(proname, 'watchroom_')
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Names of the trail's triggers that are missing, switched off or altered, and of its functions that are."""

    missing: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    altered: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def standing(connection: Connection) -> Standing:
    """Return how the triggers and functions of the trail stand against what `create_triggers` makes."""
    made = list(statements(connection))
    missing = tuple(sorted(expected_triggers() - trigger_names(connection)))
    wanted = {found[1]: _plain(sql) for sql in made if (found := _CREATED.match(sql))}
    if connection.dialect.name == "sqlite":
        present = dict(_sqlite_triggers(connection))
        return Standing(missing, altered=_altered(wanted, present))
    rows = connection.exec_driver_sql(_POSTGRESQL_TRIGGERS).all()
    off = tuple(sorted(name for name, is_on, _ in rows if not is_on and name in wanted))
    present = {name: _plain(sql) for name, _, sql in rows}
    bodies = {found[1]: _body(sql) for sql in made if (found := _FUNCTION.match(sql))}
    held = {row[0]: row[1] for row in connection.exec_driver_sql(_POSTGRESQL_FUNCTIONS)}
    functions = tuple(sorted(name for name, body in bodies.items() if held.get(name) != body))
    return Standing(missing, off, _altered(wanted, present), functions)


def _sqlite_triggers(connection: Connection) -> Iterator[tuple[str, str]]:
    for name, sql in connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")):
        yield name, _plain(sql)


def _altered(wanted: dict[str, str], present: dict[str, str]) -> tuple[str, ...]:
    return tuple(sorted(name for name, sql in wanted.items() if name in present and present[name] != sql))


def _plain(sql: str) -> str:
    """Return a definition without quotes, schema and line breaks, which the databases write in their own way."""
    return " ".join(sql.replace('"', "").replace("public.", "").split()).rstrip(";")


def _body(sql: str) -> str:
    return sql.split("$$")[1].replace("%%", "%")
