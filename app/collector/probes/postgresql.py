"""A session with PostgreSQL: reads only, waits for no lock, looks up no function but the system's own."""

import re
import socket
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from app.collector.probes.polled import NotServing
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.sql import LOCK_S, MOST_ROWS, STATEMENT_S, QueryFailed, Row
from app.collector.samples import Target
from app.text import clean_line

POSTGRESQL_PORT: Final = 5432
_OPTIONS: Final = " ".join(
    f"-c {name}={value}"
    for name, value in {
        "default_transaction_read_only": "on",
        "statement_timeout": STATEMENT_S * 1000,
        "lock_timeout": LOCK_S * 1000,
        "search_path": "pg_catalog",
        "idle_in_transaction_session_timeout": 60_000,
    }.items()
)
_TLS: Final = {"": "prefer", "require": "require", "verify": "verify-full"}
_NOT_SERVING: Final = re.compile(
    r"too many (clients|connections)|connection slots|starting up|shutting down|in recovery mode|not yet accepting|"
    r"太多|保留|启动|关闭|恢复模式",
    re.IGNORECASE,
)
"""A server speaks its own language before anybody has signed in."""
_ABSENT: Final = (
    psycopg.errors.UndefinedTable,
    psycopg.errors.UndefinedColumn,
    psycopg.errors.UndefinedFunction,
    psycopg.errors.InsufficientPrivilege,
    psycopg.errors.ObjectNotInPrerequisiteState,
)


class PostgresSession:
    engine = "postgresql"
    product = "PostgreSQL"

    def __init__(self, connection: psycopg.Connection[dict[str, Any]]) -> None:
        self._connection = connection
        number = connection.info.server_version
        self.version = number // 10_000 + number % 10_000 / 10_000
        self.release = connection.info.parameter_status("server_version") or ""

    def rows(self, sql: str) -> Sequence[Row]:
        try:
            with self._connection.transaction(), self._connection.cursor() as cursor:
                cursor.execute(sql.encode())
                return cursor.fetchmany(MOST_ROWS)
        except psycopg.Error as error:
            if self._connection.broken or self._connection.closed:
                raise NoAnswer from error
            raise QueryFailed(_first_line(error), isinstance(error, _ABSENT)) from error

    def abort(self) -> None:
        """Shut the line below the driver: what waits there ends, though the server may be stopped."""
        with suppress(OSError, psycopg.Error, ValueError):
            line = socket.socket(fileno=self._connection.fileno())
            try:
                line.shutdown(socket.SHUT_RDWR)
            finally:
                line.detach()

    def close(self) -> None:
        self._connection.close()


def connect(target: Target) -> PostgresSession:
    """Return a session in the database that the target names. Raises NoAnswer, BadAnswer, NotServing, OSError."""
    port, mode = target.port or POSTGRESQL_PORT, _TLS[target.params.get("tls", "")]
    try:
        made = psycopg.connect(
            host=target.address, port=port, user=target.params.get("user") or None, password=target.secret or None,
            dbname=target.params.get("database") or "postgres", connect_timeout=max(2, round(target.timeout_s)),
            sslmode=mode, sslrootcert="system" if mode == "verify-full" else None, application_name="watchroom",
            client_encoding="utf8", options=_OPTIONS, autocommit=True, row_factory=dict_row, prepare_threshold=None,
        )  # fmt: skip
    except psycopg.errors.ConnectionTimeout as error:
        raise NoAnswer from error
    except psycopg.Error as error:
        socket.create_connection((target.address, port), target.timeout_s).close()  # says why, where nobody is there
        text = _first_line(error)
        raise (NotServing if _NOT_SERVING.search(text) else BadAnswer)(text) from error
    return PostgresSession(made)


def _first_line(error: psycopg.Error) -> str:
    told = error.diag.message_primary or str(error)
    return clean_line(re.sub(r'^connection (to server at|failed).*?(failed|"): ', "", told.strip().splitlines()[-1]))
