"""Running the generated SQL: statements without parameters, quoted names, what each of our functions begins with."""

from collections.abc import Iterable

from sqlalchemy import Connection

SAFE_PATH = "SET search_path = pg_catalog, public, pg_temp"
"""Temporary tables and functions come last, so that nobody can put one before ours."""


def run(connection: Connection, statements: Iterable[str]) -> None:
    """Run each statement as it stands; the driver takes `%` for a parameter, so it is doubled here."""
    for statement in statements:
        connection.exec_driver_sql(statement.replace("%", "%%"))


def quoted(name: str) -> str:
    """Return an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return an SQL string."""
    return "'" + text.replace("'", "''") + "'"


def function(head: str, body: str, *, language: str = "plpgsql", kind: str = "") -> str:
    """Return the statement of a SECURITY DEFINER function; `kind` is STABLE and the like."""
    return (
        f"CREATE OR REPLACE FUNCTION public.{head} LANGUAGE {language} {kind} SECURITY DEFINER {SAFE_PATH}"
        f" AS $body${body}$body$"
    )
