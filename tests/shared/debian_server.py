"""A throwaway server from Debian's PostgreSQL 15 or later: passwords, TLS, certificates per seat, JSON log.

The wheel's server that most tests use has no TLS and trusts everybody; whatever needs a password, a certificate or the
server's log starts this one. Its system cluster is never touched.
"""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg
import pytest
from sqlalchemy import create_engine

from app.shared.setting_up import prepare
from tests.shared.certificates import Authority

OLDEST = 15
SUPERUSER = "postgres"
SUPERUSER_PASSWORD = "root-of-all-7"
STARTS_WITHIN_S = 30
HBA = """
local   all  all                 scram-sha-256
{kind}  all  all  127.0.0.1/32   scram-sha-256{clientcert}
{kind}  replication all 127.0.0.1/32 scram-sha-256{clientcert}
"""
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
password_encryption = 'scram-sha-256'
logging_collector = on
log_destination = 'jsonlog'
log_directory = 'log'
log_connections = on
log_parameter_max_length_on_error = 0
fsync = off
full_page_writes = off
autovacuum = off
shared_buffers = '16MB'
"""
TLS_SETTINGS = """
ssl = on
ssl_cert_file = '{folder}/server.crt'
ssl_key_file = '{folder}/server.key'
ssl_ca_file = '{folder}/ca.crt'
"""


def binaries() -> Path | None:
    """Return the folder of the newest Debian PostgreSQL that is new enough, or None."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    fit = [path for path in found if int(path.parent.name) >= OLDEST and (path / "initdb").exists()]
    return max(fit, key=lambda path: int(path.parent.name), default=None)


class DebianServer:
    """One running server. `authority` signs its certificate and those of the seats."""

    def __init__(self, folder: Path, *, tls: bool, clientcert: bool, settings: str = "") -> None:
        self.folder = folder
        self.data = folder / "data"
        self.port = free_port()
        self.tls = tls
        self.authority = Authority(folder / "ca")
        self._bin = binaries()
        self._clientcert = clientcert
        self._settings = settings

    def create(self) -> None:
        """Make the cluster; its superuser has a password from the first moment on."""
        password = self.folder / "password"
        password.write_text(SUPERUSER_PASSWORD)
        if self.tls:
            self._certify()
        self._hand_over()
        self._run(
            "initdb", "-D", str(self.data), "-U", SUPERUSER, "--pwfile", str(password), "--auth=scram-sha-256",
            "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--wal-segsize=1",
        )  # fmt: skip
        self.configure(self._settings)
        self.allow(HBA)

    def configure(self, settings: str) -> None:
        """Write the settings anew, `settings` last; `restart` or `reload` makes them hold."""
        text = SETTINGS + (TLS_SETTINGS if self.tls else "") + settings
        (self.data / "postgresql.auto.conf").write_text(text.format(port=self.port, folder=self.folder))
        self._hand_over()

    def allow(self, lines: str) -> None:
        """Write pg_hba.conf; {kind} and {clientcert} stand for what this server asks of everybody."""
        clientcert = " clientcert=verify-ca" if self._clientcert and self.tls else ""
        kind = "hostssl" if self.tls else "host"
        (self.data / "pg_hba.conf").write_text(lines.format(kind=kind, clientcert=clientcert))

    def start(self) -> None:
        options = ["-w", "-t", str(STARTS_WITHIN_S), "-l", str(self.folder / "start.log")]
        self._run("pg_ctl", "-D", str(self.data), *options, "start")

    def stop(self, mode: str = "fast") -> None:
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", str(self.data), "-w", "-m", mode, "stop")

    def restart(self) -> None:
        self.stop()
        self.start()

    def reload(self) -> None:
        self._run("pg_ctl", "-D", str(self.data), "reload")

    def run(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs, or another by its whole path, as the server's account."""
        self._run(program, *arguments)

    def url(
        self, login: str = SUPERUSER, password: str = SUPERUSER_PASSWORD, database: str = "postgres", **options: str
    ) -> str:
        """Return an SQLAlchemy URL; with TLS the server is verified in full unless `options` says otherwise."""
        if self.tls:
            options = {"sslmode": "verify-full", "sslrootcert": str(self.authority.certificate), **options}
        asked = f"?{urlencode(options)}" if options else ""
        return f"postgresql+psycopg://{quote(login)}:{quote(password)}@127.0.0.1:{self.port}/{database}{asked}"

    def connect(
        self, login: str = SUPERUSER, password: str = SUPERUSER_PASSWORD, database: str = "postgres", **options: str
    ) -> psycopg.Connection:
        """Return a raw connection that commits each statement, as psql has it."""
        url = self.url(login, password, database, **options).replace("postgresql+psycopg", "postgresql")
        return psycopg.connect(url, autocommit=True)

    def sql(self, statement: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement as the superuser and return its rows."""
        seat = self.seat_options("superuser") if self._clientcert and self.tls else {}
        with self.connect(database=database, **seat) as connection:
            cursor = connection.execute(statement)  # type: ignore[call-overload]
            return cursor.fetchall() if cursor.description else []

    def new_database(self, name: str) -> None:
        self.sql(f'CREATE DATABASE "{name}"')

    def new_room(self, name: str) -> None:
        """Make a database with the tables and rules of a shared one."""
        self.new_database(name)
        seat = self.seat_options("superuser") if self._clientcert and self.tls else {}
        engine = create_engine(self.url(database=name, **seat))
        prepare(engine)
        engine.dispose()

    def seat_options(self, seat: str, days: int = 30) -> dict[str, str]:
        """Return the connection options of a seat's certificate, made on first use."""
        issued = self.authority.issue(seat, days=days)
        return {"sslcert": str(issued.certificate), "sslkey": str(issued.key)}

    def log_files(self) -> list[Path]:
        return sorted((self.data / "log").glob("*.json"))

    def _certify(self) -> None:
        issued = self.authority.issue("127.0.0.1", server=True)
        shutil.copy(issued.certificate, self.folder / "server.crt")
        shutil.copy(issued.key, self.folder / "server.key")
        shutil.copy(self.authority.certificate, self.folder / "ca.crt")

    def _hand_over(self) -> None:
        """Give the server's account what it must read; the folder of the authority stays the tests' own."""
        account = _account()
        if account is None:
            return
        os.chmod(self.folder, 0o755)  # noqa: PTH101
        for path in (self.folder, *self.folder.iterdir()):
            if path.name != "ca":
                os.chown(path, account.pw_uid, account.pw_gid)
        for path in self.data.glob("*.conf"):
            os.chown(path, account.pw_uid, account.pw_gid)

    def _run(self, program: str, *arguments: str) -> None:
        assert self._bin is not None
        account = _account()
        as_account = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        with tempfile.TemporaryFile() as said:
            done = subprocess.run(
                [str(self._bin / program), *arguments], stdout=said, stderr=said, check=False, cwd=self.folder,
                env={"PATH": str(self._bin), "LC_ALL": "C.UTF-8"}, **as_account,
            )  # type: ignore[call-overload]  # fmt: skip
            if done.returncode:
                said.seek(0)
                raise RuntimeError(f"{program}: {said.read().decode(errors='replace')}")


@contextmanager
def debian_server(*, tls: bool = False, clientcert: bool = False, settings: str = "") -> Iterator[DebianServer]:
    """A server of its own, stopped and removed afterwards. Skips the test aloud where Debian's packages are missing."""
    if binaries() is None:
        pytest.skip(f"NOT TESTED: needs postgresql-{OLDEST} or later from Debian (installer/dev.py test installs it)")
    folder = Path(tempfile.mkdtemp(prefix="watchroom-debian-"))
    server = DebianServer(folder, tls=tls, clientcert=clientcert, settings=settings)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(holds: object, within_s: float = 30.0) -> None:
    """Wait until the call `holds` answers true; fail when it does not."""
    assert callable(holds)
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"did not come true within {within_s:.0f} s")
        time.sleep(0.02)


def _account() -> pwd.struct_passwd | None:
    """Return whom the server runs as: PostgreSQL refuses root; anybody else runs it himself."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
