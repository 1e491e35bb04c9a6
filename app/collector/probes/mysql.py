"""A session with MySQL or MariaDB: reads only, waits for no lock, ended by the engine after a few seconds."""

import re
import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from app.collector.probes.polled import NotServing
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.sql import LOCK_S, MOST_ROWS, STATEMENT_S, QueryFailed, Row
from app.collector.samples import Target
from app.text import clean_line

MYSQL_PORT: Final = 3306
_NO_CONNECTION: Final = {2002, 2003, 2006, 2013}
_NOT_SERVING: Final = {1040, 1053, 1203, 1226, 4031}
"""Too many connections, shutting down, the user's own limits."""
_ABSENT: Final = {1044, 1045, 1054, 1109, 1142, 1143, 1146, 1193, 1227, 1235, 1286, 1370, 1064, 1305}
"""Unknown table, column, function or syntax of another release, and every missing right."""


class MySqlSession:
    def __init__(self, connection: Any) -> None:
        self._connection = connection
        told = str(connection.get_server_info())
        is_maria = "mariadb" in told.lower()
        self.engine, self.product = ("mariadb", "MariaDB") if is_maria else ("mysql", "MySQL")
        numbers = re.findall(r"\d+", told.removeprefix("5.5.5-"))  # MariaDB's mask for old clients
        self.version = int(numbers[0]) + int(numbers[1]) / 100
        self.release = ".".join(numbers[:3])
        self._limit()

    def rows(self, sql: str) -> Sequence[Row]:
        import pymysql

        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                found = cursor.fetchmany(MOST_ROWS)
        except (pymysql.Error, OSError) as error:
            code, text = _told(error)
            if code in _NO_CONNECTION or not self._connection.open:
                raise NoAnswer from error
            raise QueryFailed(text, code in _ABSENT) from error
        return [{name.lower(): _plain(value) for name, value in row.items()} for row in found]

    def abort(self) -> None:
        """Have nothing to do: the driver itself ends every wait."""

    def close(self) -> None:
        with suppress(Exception):  # a line that is gone already
            self._connection.close()

    def _limit(self) -> None:
        seconds = f"max_statement_time={STATEMENT_S}"
        if self.engine == "mysql":
            seconds = f"max_execution_time={STATEMENT_S * 1000}"
        with self._connection.cursor() as cursor:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
            cursor.execute(f"SET SESSION lock_wait_timeout={LOCK_S}, {seconds}")


def connect(target: Target) -> MySqlSession:
    """Return a session. Raises NoAnswer, BadAnswer, NotServing, OSError."""
    import pymysql
    from pymysql.cursors import DictCursor

    try:
        made = pymysql.connect(
            host=target.address, port=target.port or MYSQL_PORT, user=target.params.get("user", ""),
            password=target.secret or "", database=target.params.get("database") or None, charset="utf8mb4",
            connect_timeout=target.timeout_s, read_timeout=STATEMENT_S + 2, write_timeout=STATEMENT_S,
            autocommit=True, cursorclass=DictCursor, program_name="watchroom", local_infile=False,
            ssl=_tls(target.params.get("tls", "")),
        )  # fmt: skip
        return MySqlSession(made)
    except (pymysql.Error, OSError) as error:
        code, text = _told(error)
        if code in _NO_CONNECTION:
            cause = getattr(error, "original_exception", None)
            raise (cause if isinstance(cause, OSError) else NoAnswer()) from error
        raise (NotServing if code in _NOT_SERVING else BadAnswer)(text) from error


def _tls(way: str) -> ssl.SSLContext | None:
    if not way:
        return None  # encrypted where the server can
    context = ssl.create_default_context()
    if way != "verify":
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _told(error: Exception) -> tuple[int, str]:
    if len(error.args) > 1 and isinstance(error.args[0], int):
        return error.args[0], clean_line(str(error.args[1]))
    return 0, clean_line(str(error))


def _plain(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value
