"""Connections to PostgreSQL: several hosts in one URL, time-outs of the network, connections that have died noticed."""

import selectors
from typing import Any

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import DisconnectionError

CONNECTIONS = 1
"""How many a seat works over; it listens on one more (`app.listening`), two in all."""
SPARE_CONNECTIONS = 20
"""Room on the server beside the seats: collectors, the backup, whoever administers."""
PORT = "5432"
POOL_WAIT_S = 8.0
CONNECT_S = 2
TIME_OUTS = {
    "connect_timeout": CONNECT_S,
    "tcp_user_timeout": 5_000,
    "keepalives": 1,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 2,
}
"""libpq's: what notices a dead network; a frozen server is noticed by `app.deadlines`."""
NO_LONGER_WRITES = "25006"
"""The state of "read-only transaction": the server has become a standby since we connected."""


def parsed(url: str) -> URL:
    """Return an SQLAlchemy URL, also of libpq's form with several hosts: postgresql://me@a:5432,b:5432/watchroom.

    Raises sqlalchemy.exc.ArgumentError or ValueError for what is no URL.
    """
    scheme, mark, rest = url.partition("://")
    authority, slash, tail = rest.partition("/")
    person, at, hosts = authority.rpartition("@")
    if not mark or "," not in hosts:
        return make_url(url)
    places = [_place(host) for host in hosts.split(",")]
    plain = make_url(f"{scheme}://{person}{at}{slash}{tail}")
    return plain.update_query_dict(
        {"host": ",".join(host for host, _port in places), "port": ",".join(port for _host, port in places)}
    )


def connections_for(seats: int) -> int:
    """Return the least `max_connections` of a server that so many seats share: two each, and the spare ones."""
    return 2 * seats + SPARE_CONNECTIONS


def without_password(url: URL, user: str | None = None) -> URL:
    """Return the URL without its password, and as `user` or as nobody, in libpq's own scheme."""
    return URL.create("postgresql", username=user, host=url.host, port=url.port, database=url.database, query=url.query)


def server_engine(url: URL) -> Engine:
    """Return the engine of a PostgreSQL URL; what the URL itself says of time-outs holds."""
    given = {name: value for name, value in TIME_OUTS.items() if name not in url.query}
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        hide_parameters=True,
        connect_args={"application_name": "watchroom", **given},
    )
    event.listen(engine, "checkout", _refuse_dead)
    event.listen(engine, "handle_error", _leave_standby)
    return engine


def _place(text: str) -> tuple[str, str]:
    """Return host and port of one part of the list; an IPv6 address stands in brackets."""
    bracketed, _bracket, after = text.rpartition("]")
    if bracketed:
        return bracketed.removeprefix("["), after.removeprefix(":") or PORT
    host, _colon, port = text.partition(":")
    return host, port or PORT


def _refuse_dead(raw: Any, _record: object, _proxy: object) -> None:
    """Let the pool replace a connection that its server has ended while nobody used it, without asking the server."""
    # Imported here because the driver is there by now, and an embedded database needs none.
    from psycopg import Error

    try:
        while not raw.closed and _has_news(raw.pgconn.socket):
            raw.pgconn.consume_input()
    except Error as error:
        raise DisconnectionError(str(error)) from error


def _has_news(descriptor: int) -> bool:
    with selectors.DefaultSelector() as selector:
        selector.register(descriptor, selectors.EVENT_READ)
        return bool(selector.select(0))


def _leave_standby(context: ExceptionContext) -> None:
    """Look for the primary anew when a write finds that its server has become a standby."""
    writes = context.connection is not None and context.connection.get_execution_options().get("watchroom_write")
    if writes and getattr(context.original_exception, "sqlstate", "") == NO_LONGER_WRITES:
        context.is_disconnect = True
