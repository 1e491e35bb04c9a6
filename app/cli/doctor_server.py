"""What the doctor looks at on a shared database's server: the wire, passwords, the log, connections, the archive.

Each line says what holds, what does not, and the command that mends it; docs/manual tells TLS step by step.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import URL, Connection, text

from app.cli.finding import Finding, Mark
from app.connecting import connections_for
from app.database import Database
from app.server_trouble import OLDEST
from app.times import age
from app.words import tr

DAYS_BEFORE_EXPIRY = 30
_WEAK = ("trust", "password", "md5", "ident")
_TLS = "SELECT ssl, coalesce(version, ''), coalesce(client_dn, '') FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
_SUPERUSERS = (
    "SELECT count(*) FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid"
    " WHERE r.rolsuper AND a.pid <> pg_backend_pid() AND a.datname = current_database()"
)
_FAILING = (
    "SELECT last_failed_wal FROM pg_stat_archiver WHERE last_failed_time > coalesce(last_archived_time, '-infinity')"
)
_ARCHIVED = "SELECT last_archived_time FROM pg_stat_archiver"
_SETTINGS = (
    *("server_version_num", "password_encryption", "log_parameter_max_length_on_error", "logging_collector"),
    *("log_destination", "max_connections", "archive_mode", "fsync", "full_page_writes", "is_superuser"),
)


def server_findings(database: Database, seat: str) -> Iterator[Finding]:
    """Yield how a shared database's server stands, as seen from `seat`."""
    url = database.engine.url
    with database.engine.connect() as connection:
        held = {name: str(connection.scalar(text(f"SELECT current_setting('{name}', true)"))) for name in _SETTINGS}
        yield _version(held)
        yield from _wire(connection, url, seat)
        yield from _passwords(connection, held, url)
        yield from _log(held)
        yield _connections(connection, held)
        yield _superuser(connection, held)
        yield from _durability(connection, held)


def _setting(name: str, value: str, *, restart: bool = False) -> str:
    """Return the commands that change a setting of the server."""
    ending = "pg_ctl restart" if restart else "SELECT pg_reload_conf()"
    return f"ALTER SYSTEM SET {name} = '{value}'; {ending}"


def _judged(is_good: bool, what: str, detail: str, advice: str) -> Finding:
    return Finding(Mark.OK if is_good else Mark.MISSING, what, detail, advice)


def _version(held: Mapping[str, str]) -> Finding:
    version = int(held["server_version_num"]) // 10_000
    advice = tr("upgrade the server to PostgreSQL {oldest} or later", oldest=OLDEST)
    return _judged(version >= OLDEST, tr("Server version"), str(version), advice)


def _wire(connection: Connection, url: URL, seat: str) -> Iterator[Finding]:
    is_on, version, subject = connection.exec_driver_sql(_TLS).one()
    advice = tr("{commands} (manual, chapter TLS)", commands=_setting("ssl", "on"))
    yield _judged(is_on, tr("TLS to the server"), version or tr("not in use"), advice)
    mode = str(url.query.get("sslmode", "prefer"))
    yield _judged(
        mode == "verify-full", tr("Server's certificate verified"), f"sslmode={mode}",
        tr("add {option} to the connection", option="sslmode=verify-full&sslrootcert=/etc/watchroom/ca.crt"),
    )  # fmt: skip
    binding = str(url.query.get("channel_binding", "prefer"))
    yield _judged(
        binding == "require", tr("Channel binding"), f"channel_binding={binding}",
        tr("add {option} to the connection", option="channel_binding=require"),
    )  # fmt: skip
    yield from _certificate(url, subject, seat)


def _certificate(url: URL, subject: str, seat: str) -> Iterator[Finding]:
    what = tr("Certificate of this seat")
    name = next((part[3:] for part in subject.replace(",", "/").split("/") if part.startswith("CN=")), "")
    advice = tr("make one whose CN is {seat} (manual, chapter TLS)", seat=seat)
    if not name:
        yield Finding(Mark.MISSING, what, tr("none was shown to the server"), advice)
        return
    if name != seat:
        detail = tr("it says {name}, this seat is {seat}", name=name, seat=seat)
        yield Finding(Mark.MISSING, what, detail, tr("name the seat with --seat, or {advice}", advice=advice))
        return
    days = _days_left(str(url.query.get("sslcert", "")))
    if days is None:
        yield Finding(Mark.NOTE, what, tr("{name}; its file can't be read here", name=name))
        return
    yield _judged(days >= DAYS_BEFORE_EXPIRY, what, tr("{name}, {n} days left", name=name, n=days), advice)


def _days_left(path: str) -> int | None:
    # imported here: only a shared database's doctor reads certificates
    from cryptography import x509

    try:
        certificate = x509.load_pem_x509_certificate(Path(path).read_bytes())
    except (OSError, ValueError):
        return None
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days


def _passwords(connection: Connection, held: Mapping[str, str], url: URL) -> Iterator[Finding]:
    kept = held["password_encryption"]
    yield _judged(
        kept == "scram-sha-256", tr("Passwords kept as"), kept, _setting("password_encryption", "scram-sha-256")
    )
    what = tr("Ways to sign in")
    if held["is_superuser"] != "on":
        asked = str(url.query.get("require_auth", ""))
        detail = asked or tr("only a superuser sees pg_hba.conf: run the doctor as one once")
        yield Finding(Mark.OK if asked == "scram-sha-256" else Mark.NOTE, what, detail, "require_auth=scram-sha-256")
        return
    rules = "SELECT DISTINCT auth_method FROM pg_hba_file_rules WHERE type <> 'local' AND error IS NULL ORDER BY 1"
    methods = list(connection.exec_driver_sql(rules).scalars())
    weak = [method for method in methods if method in _WEAK]
    advice = tr("replace {methods} by scram-sha-256 in pg_hba.conf; SELECT pg_reload_conf()", methods=", ".join(weak))
    yield _judged(not weak, what, ", ".join(methods), advice)


def _log(held: Mapping[str, str]) -> Iterator[Finding]:
    length = held["log_parameter_max_length_on_error"]
    yield _judged(
        length == "0", tr("Parameters kept out of the log"), f"log_parameter_max_length_on_error={length}",
        _setting("log_parameter_max_length_on_error", "0"),
    )  # fmt: skip
    is_json = held["logging_collector"] == "on" and "jsonlog" in held["log_destination"]
    commands = "ALTER SYSTEM SET logging_collector = on; " + _setting("log_destination", "jsonlog", restart=True)
    detail = tr("refusals are read from it") if is_json else tr("refused attempts leave no entry in the trail")
    yield _judged(is_json, tr("JSON log"), detail, commands)


def _connections(connection: Connection, held: Mapping[str, str]) -> Finding:
    seats = connection.scalar(text("SELECT count(*) FROM seat WHERE NOT has_left")) or 1
    wanted = connections_for(seats)
    detail = tr("{n} allowed, {seats} seats need {wanted}", n=held["max_connections"], seats=seats, wanted=wanted)
    advice = _setting("max_connections", str(wanted), restart=True)
    return _judged(int(held["max_connections"]) >= wanted, tr("Connections"), detail, advice)


def _superuser(connection: Connection, held: Mapping[str, str]) -> Finding:
    what = tr("Superuser")
    others = connection.scalar(text(_SUPERUSERS)) or 0
    if others:
        detail = tr("{n} more sessions of superusers are open", n=others)
        return Finding(Mark.MISSING, what, detail, tr("end them; people and services have logins of their own"))
    if held["is_superuser"] == "on":
        return Finding(Mark.NOTE, what, tr("this session is one; use it for init and the doctor only"))
    return Finding(Mark.OK, what, tr("not in use"))


def _durability(connection: Connection, held: Mapping[str, str]) -> Iterator[Finding]:
    is_safe = held["fsync"] == held["full_page_writes"] == "on"
    advice = "ALTER SYSTEM SET full_page_writes = on; " + _setting("fsync", "on")
    detail = f"fsync={held['fsync']} full_page_writes={held['full_page_writes']}"
    yield _judged(is_safe, tr("Survives a power cut"), detail, advice)
    what, mode = tr("WAL archive"), held["archive_mode"]
    failing = connection.scalar(text(_FAILING))
    if mode != "off" and failing:
        yield Finding(
            Mark.MISSING, what, tr("the newest file {name} can't be archived", name=failing), "archive_command"
        )
        return
    newest = connection.scalar(text(_ARCHIVED))
    detail = f"archive_mode={mode}"
    if newest is not None:
        detail += " · " + tr("newest file {age} ago", age=age(newest, datetime.now(UTC)))
    yield _judged(mode != "off", what, detail, _setting("archive_mode", "on", restart=True))
