"""Setting a shared database up, once and again at each upgrade: tables, rules, name, services, first administrator."""

import secrets
import string
import uuid
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select, text

from app.connecting import SPARE_CONNECTIONS, connections_for
from app.errors import Refused
from app.migrating import migrate, refuse_newer
from app.server_trouble import refuse_old_server
from app.shared import event_triggers, fingerprints
from app.shared.account_functions import ROUNDS
from app.shared.installing import install
from app.shared.roles import SERVICES
from app.shared.statements import literal, quoted, run
from app.trouble import worded
from app.words import tr
from models.audit import Meta
from models.enums import Post
from models.people import Person, PersonPost

PASSWORD_LENGTH = 32
TEMPORARY_LENGTH = 12
_LETTERS, _DIGITS = "abcdefghjkmnpqrstuvwxyz", "23456789"
"""No l and 1, no o and 0: a temporary password is read from paper."""
_RULES_LOCK = 7_262_116
SERVICE_ATTRIBUTES = {"backup": "REPLICATION", "collector": "BYPASSRLS", "sealer": "BYPASSRLS"}


@dataclass(frozen=True, slots=True)
class Secret:
    """A login made just now and its password, which is told once."""

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class SetUp:
    """What setting up made: logins of services that are new, and the first administrator when there was none."""

    services: tuple[Secret, ...]
    administrator: Secret | None


def prepare(engine: Engine) -> None:
    """Bring tables and rules of a shared database up to this program's. Raises Refused, nothing is half done.

    The connection must be a superuser's. Two that run it at once come one after the other.
    """
    with worded(), engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
        refuse_old_server(connection)
        _refuse_lesser(connection)
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _RULES_LOCK})
        present = connection.scalar(text("SELECT to_regclass('public.alembic_version')"))
        if present is not None:
            refuse_newer(connection.scalar(text("SELECT version_num FROM public.alembic_version")))
        run(connection, [event_triggers.UPGRADING])
        migrate(connection)
        install(connection)
        _name(connection)


def set_up(engine: Engine, seats: int, administrator: str = "administrator") -> SetUp:
    """Prepare the database for `seats` seats, make the services' logins and the first administrator.

    Raises Refused when the server allows too few connections (it names the setting), or is too old.
    """
    with worded(), engine.connect() as connection:
        _refuse_few_connections(connection, seats)
    prepare(engine)
    with worded(), engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
        services = tuple(_make_service(connection, name) for name in SERVICES if _is_wanting(connection, name))
        made = SetUp(services, _first_administrator(connection, administrator))
        run(connection, [fingerprints.TAKE])
        return made


def _refuse_lesser(connection: Connection) -> None:
    if connection.scalar(text("SELECT current_setting('is_superuser')")) != "on":
        raise Refused(tr("Only a superuser of the server sets a shared database up. Nothing was changed."))


def _refuse_few_connections(connection: Connection, seats: int) -> None:
    allowed = int(connection.scalar(text("SELECT current_setting('max_connections')")) or 0)
    wanted = connections_for(seats)
    if allowed < wanted:
        raise Refused(
            tr(
                "The server's max_connections is {allowed}; {seats} seats need {wanted} (two each and {spare}). Raise"
                " it in postgresql.conf, restart the server and run this again. Nothing was changed.",
                allowed=allowed,
                seats=seats,
                wanted=wanted,
                spare=SPARE_CONNECTIONS,
            )
        )


def _name(connection: Connection) -> None:
    """Give the database its name and its epoch, once."""
    for name in ("uuid", "epoch"):
        if connection.scalar(select(Meta.value).where(Meta.name == name)) is None:
            connection.execute(Meta.__table__.insert().values(name=name, value=uuid.uuid4().hex))  # type: ignore[attr-defined]


def _is_wanting(connection: Connection, login: str) -> bool:
    known = connection.scalar(text("SELECT rolpassword IS NOT NULL FROM pg_authid WHERE rolname = :n"), {"n": login})
    return not known


def _make_service(connection: Connection, login: str) -> Secret:
    password = secrets.token_urlsafe(PASSWORD_LENGTH)
    name = quoted(login)
    if connection.scalar(text("SELECT count(*) FROM pg_roles WHERE rolname = :n"), {"n": login}) == 0:
        run(
            connection,
            [f"CREATE ROLE {name} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE {SERVICE_ATTRIBUTES.get(login, '')}"],
        )
    held = _verifier(connection, password)
    run(connection, [f"GRANT {SERVICES[login]} TO {name}", f"ALTER ROLE {name} PASSWORD {literal(held)}"])
    return Secret(login, password)


def _verifier(connection: Connection, password: str) -> str:
    """Return a password's SCRAM verifier, so that no log can hold the password."""
    question = text("SELECT public.watchroom_verifier(:password, uuid_send(gen_random_uuid()), :rounds)")
    return str(connection.scalar(question, {"password": password, "rounds": ROUNDS}))


def _first_administrator(connection: Connection, login: str) -> Secret | None:
    """Make the first administrator with a temporary password; None when there is one."""
    query = select(PersonPost.id).where(PersonPost.post == Post.ADMINISTRATOR, PersonPost.ended_at.is_(None))
    if connection.scalar(query.limit(1)) is not None:
        return None
    connection.execute(text("SELECT set_config('watchroom.command', 'init', true)"))
    values = {"key": uuid.uuid4(), "name": tr("Administrator"), "login": login, "search": login}
    person_id = connection.scalar(Person.__table__.insert().values(values).returning(Person.id))  # type: ignore[attr-defined]
    password = _temporary()
    connection.execute(
        text("SELECT public.watchroom_hold_posts(:who, ARRAY[:post])"),
        {"who": person_id, "post": Post.ADMINISTRATOR.value},
    )
    connection.execute(
        text("SELECT public.watchroom_give_password(:who, :password)"), {"who": person_id, "password": password}
    )
    return Secret(login, password)


def _temporary() -> str:
    """Return a password that passes the rules and can be read from paper."""
    letters = "".join(secrets.choice(_LETTERS) for _ in range(TEMPORARY_LENGTH // 2))
    return letters + "".join(secrets.choice(_DIGITS + string.ascii_uppercase[:8] + _DIGITS) for _ in range(5)) + "7"
