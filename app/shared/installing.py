"""Making a database's rules: roles, owner, functions, guards, policies, grants; again, it brings them up to date."""

from sqlalchemy import Connection, text

from app.shared import (
    account_functions,
    event_triggers,
    fingerprints,
    functions,
    grants,
    guards,
    policies,
    server_log,
)
from app.shared.functions import ASKED_BY_ALL, SIGNED_BY_PEOPLE
from app.shared.functions import INTERNAL as INTERNAL_QUESTIONS
from app.shared.roles import OWNER
from app.shared.statements import run


def install(connection: Connection) -> None:
    """Make or renew all rules inside the caller's transaction, on tables of this program's revision.

    The connection is a superuser's: who runs it owns the functions on accounts, and nothing else.
    """
    database = connection.scalar(text("SELECT current_database()"))
    run(connection, [event_triggers.UPGRADING])
    run(connection, grants.roles())
    run(connection, functions.statements())
    run(connection, guards.statements())
    run(connection, account_functions.statements())
    run(connection, grants.ownership())
    questions = (*ASKED_BY_ALL, *SIGNED_BY_PEOPLE, *INTERNAL_QUESTIONS, *guards.guard_functions())
    run(connection, (f"ALTER FUNCTION public.{name} OWNER TO {OWNER}" for name in questions))
    run(connection, policies.statements())
    run(connection, grants.nothing_for_the_public(str(database)))
    run(connection, grants.tables())
    run(connection, grants.calls())
    run(connection, _settings(str(database)))
    run(connection, fingerprints.statements())
    run(connection, server_log.statements())
    run(connection, event_triggers.statements())
    run(connection, [fingerprints.TAKE])


def _settings(database: str) -> list[str]:
    """Keep parameters, which hold passwords once in 90 days, out of the server's log, and compile no query.

    The policies make short queries look dear, and compiling one takes the server seconds: longer than a seat waits.
    """
    name = '"' + database.replace('"', '""') + '"'
    return [
        f"ALTER DATABASE {name} SET log_parameter_max_length = 0",
        f"ALTER DATABASE {name} SET log_parameter_max_length_on_error = 0",
        f"ALTER DATABASE {name} SET jit = off",
    ]
