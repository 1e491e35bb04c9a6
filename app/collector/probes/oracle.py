"""A session with Oracle by its thin driver: reads only, ended after a few seconds."""

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

from app.collector.probes.polled import NotServing
from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.sql import MOST_ROWS, STATEMENT_S, QueryFailed, Row
from app.collector.samples import Target
from app.text import clean_line

ORACLE_PORT: Final = 1521
_NOT_SERVING: Final = re.compile(
    r"DPY-600[13]|ORA-(00018|00020|00257|01033|01034|01089|01090|12514|12505|12516|12519|12528)"
)
"""The listener answers, the instance does not: unknown to it, starting, stopping, archiver stuck, too many sessions."""
_NO_CONNECTION: Final = re.compile(r"DPY-(1001|4011|4024|6000|6005)|ORA-(00028|01012|03113|03114|12170|12537)")
_ABSENT: Final = re.compile(r"ORA-(00904|00942|01031|00990|02030|01219)")
_TOO_LONG: Final = re.compile(r"DPY-4024|ORA-03156|ORA-01013")


class OracleSession:
    engine = "oracle"
    product = "Oracle"

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.release = str(connection.version)
        self.version = float(self.release.split(".")[0])
        connection.call_timeout = STATEMENT_S * 1000

    def rows(self, sql: str) -> Sequence[Row]:
        import oracledb

        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql)
                names = [column[0].lower() for column in cursor.description]
                return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(MOST_ROWS)]
        except (oracledb.Error, OSError) as error:
            text = clean_line(str(error))
            if _NO_CONNECTION.search(text) and not _TOO_LONG.search(text):
                raise NoAnswer from error
            raise QueryFailed(text, bool(_ABSENT.search(text))) from error

    def abort(self) -> None:
        """Have nothing to do: the driver itself ends every wait."""

    def close(self) -> None:
        with suppress(Exception):  # a line that is gone already
            self._connection.close()


def connect(target: Target) -> OracleSession:
    """Return a session with the service that the target names. Raises NoAnswer, BadAnswer, NotServing, OSError."""
    import oracledb

    tls = target.params.get("tls", "")
    try:
        made = oracledb.connect(
            user=target.params.get("user", ""), password=target.secret or "", host=target.address,
            port=target.port or ORACLE_PORT, service_name=target.params.get("database", ""),
            protocol="tcps" if tls else "tcp", ssl_server_dn_match=tls == "verify",
            tcp_connect_timeout=target.timeout_s, retry_count=0,
        )  # fmt: skip
        made.call_timeout = STATEMENT_S * 1000
        with made.cursor() as cursor:
            cursor.execute("SET TRANSACTION READ ONLY")
        return OracleSession(made)
    except (oracledb.Error, OSError) as error:
        raise why(clean_line(str(error))) from error


def why(text: str) -> Exception:
    """Return the trouble that a refused connection is."""
    if re.search(r"Errno 111|refused|10061", text):
        return ConnectionRefusedError(text)
    if _NOT_SERVING.search(text):
        return NotServing(text)
    return NoAnswer() if _NO_CONNECTION.search(text) else BadAnswer(text)
