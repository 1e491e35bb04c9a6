"""What PostgreSQL and the way to it say when they refuse, in a sentence for people; by code where there is one.

A connection that fails brings no code, only the server's words, which may be Chinese; both are looked for.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from app.errors import BadInput, DatabaseAway, NotAllowed, NotSaved, Refused, WatchroomError
from app.words import tr

OLDEST = 15


@dataclass(frozen=True, slots=True)
class _Case:
    """An error that is known by one of its SQLSTATEs or by one of the signs in its text (lower case)."""

    states: tuple[str, ...]
    signs: tuple[str, ...]
    told: Callable[[str], WatchroomError]


def told(orig: BaseException | None) -> WatchroomError | None:
    """Return the desk's error for an error of PostgreSQL's driver, or None for one that is not known here."""
    message = str(orig)
    lowered = message.lower()
    state = getattr(orig, "sqlstate", None) or ""
    for case in (*_passwords(), *_certificates(), *_server(), *_rights()):
        if state in case.states or (not state and any(sign in lowered for sign in case.signs)):
            return case.told(message.split("\n")[0])
    return None


def refuse_old_server(connection: Connection) -> None:
    """Raise Refused for a PostgreSQL older than OLDEST."""
    if connection.dialect.name != "postgresql":
        return
    raw: Any = connection.connection.driver_connection
    version: int = raw.info.server_version
    if version < OLDEST * 10_000:
        raise Refused(
            tr(
                "This server is PostgreSQL {version}; Watchroom needs {oldest} or later. Nothing was changed.",
                version=version // 10_000,
                oldest=OLDEST,
            )
        )


def not_set_up(revision: str | None, head: str) -> Refused:
    """Return why a shared database can't be used yet: it is empty, or its tables are an older program's."""
    if revision is None:
        return Refused(tr("This database holds no Watchroom yet: run 'watchroom init' on it once as a superuser."))
    return Refused(
        tr(
            "This database belongs to an older Watchroom (revision {revision}, this program {head}). Nothing was"
            " changed: run 'watchroom init' on it once as a superuser, or start the program it belongs to.",
            revision=revision,
            head=head,
        )
    )


def _passwords() -> tuple[_Case, ...]:
    return (
        _Case(
            ("28P01",),
            ("password authentication failed", "密码认证失败", 'fatal:  role "', "进行登录", "no password"),
            lambda _: BadInput(tr("The name or the password is wrong."), "password"),
        ),
        _Case(
            (),
            ("no pg_hba.conf entry", "pg_hba.conf rejects", "pg_hba.conf 条目", "pg_hba.conf 拒绝"),
            lambda _: DatabaseAway(
                tr("the server lets nobody in from this machine; its administrator must add a line to pg_hba.conf.")
            ),
        ),
    )


def _certificates() -> tuple[_Case, ...]:
    return (
        _Case(
            (),
            ("alert certificate expired",),
            lambda _: DatabaseAway(
                tr("this seat's certificate has expired; have a new one made (manual, chapter TLS).")
            ),
        ),
        _Case((), ("certificate has expired",), lambda _: DatabaseAway(tr("the server's certificate has expired."))),
        _Case(
            (),
            ("does not match host name", "ip address mismatch", "hostname mismatch"),
            lambda _: DatabaseAway(
                tr("the server's certificate is for another name: check the address, somebody may stand in between.")
            ),
        ),
        _Case(
            (),
            ("requires a valid client certificate", "有效的客户端证书", "alert certificate required"),
            lambda _: DatabaseAway(tr("the server asks for this seat's certificate: name it with sslcert and sslkey.")),
        ),
        _Case(
            (),
            ("alert unknown ca",),
            lambda _: DatabaseAway(tr("the server does not know who signed this seat's certificate.")),
        ),
        _Case(
            (),
            ("certificate verify failed", "self-signed certificate", "unable to get local issuer"),
            lambda _: DatabaseAway(
                tr(
                    "the server's certificate is not signed by the authority named in sslrootcert, or it has expired:"
                    " do not go on before that is clear."
                )
            ),
        ),
        _Case(
            (),
            ("root certificate file", "could not read root certificate", "certificate file", "private key file"),
            lambda words: BadInput(
                tr("A file of the certificates can't be used: {words}", words=_after(words, "failed:"))
            ),
        ),
        _Case(
            (),
            ("does not support ssl",),
            lambda _: DatabaseAway(tr("the server does not speak TLS, which this address demands.")),
        ),
    )


def _server() -> tuple[_Case, ...]:
    return (
        _Case(
            ("53300",),
            ("too many clients", "connection slots are reserved", "too many connections", "连接过多", "剩余连接槽位"),
            lambda _: DatabaseAway(
                tr("all its connections are taken; close a seat, or raise max_connections on the server.")
            ),
        ),
        _Case(
            (),
            ("starting up", "recovery mode", "not yet accepting", "正在启动", "恢复模式", "不接受连接"),
            lambda _: DatabaseAway(tr("the server is just starting; try again in a moment.")),
        ),
        _Case(
            (),
            ("session is read-only", "hot standby mode"),
            lambda _: DatabaseAway(tr("only a standby answers, which takes no entries.")),
        ),
        _Case(
            ("57P01", "57P02", "57P03"),
            ("shutting down", "terminating connection", "正在关闭"),
            lambda _: DatabaseAway(tr("the server is shutting down.")),
        ),
        _Case(
            ("3D000",),
            ('fatal:  database "', "不存在"),
            lambda words: BadInput(tr("There is no such database there: {words}", words=_after(words, "FATAL:"))),
        ),
        _Case(("53100",), (), lambda _: NotSaved(tr("the server's disk is full."))),
        _Case(
            ("25006",),
            (),
            lambda _: NotSaved(tr("the database can only be read: this server is a standby of another one.")),
        ),
        _Case(
            (),
            ("connection refused", "no route to host", "network is unreachable"),
            lambda words: DatabaseAway(tr("no server answers there ({words}).", words=_after(words, "failed:"))),
        ),
        _Case(
            (),
            ("timeout expired", "does not answer", "timed out"),
            lambda _: DatabaseAway(tr("the server does not answer.")),
        ),
        _Case(
            (),
            ("could not translate host name", "failed to resolve host", "name or service not known"),
            lambda _: DatabaseAway(tr("the name of the server is not known on this machine's network.")),
        ),
    )


def _rights() -> tuple[_Case, ...]:
    signs = ("permission denied for database", "的权限不足")
    return (_Case(("42501",), signs, lambda words: NotAllowed(_after(words, "FATAL:"))),)


def _after(words: str, mark: str) -> str:
    return words.rsplit(mark, 1)[-1].strip()
