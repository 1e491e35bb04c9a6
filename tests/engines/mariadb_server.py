"""A MariaDB of Debian's package in a folder of its own, on a free port; the system's service stays alone."""

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.power.ports import free_port

WATCH, PASSWORD = "watch", "watch-word-9"
_STARTS_WITHIN_S = 60.0
_GRANTS = (
    f"CREATE USER '{WATCH}'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
    f"GRANT PROCESS, SLAVE MONITOR, BINLOG MONITOR, SELECT ON *.* TO '{WATCH}'@'127.0.0.1'",
    "CREATE USER 'copy'@'127.0.0.1' IDENTIFIED BY 'copy-word-9'",
    "GRANT REPLICATION SLAVE ON *.* TO 'copy'@'127.0.0.1'",
    "CREATE DATABASE shop",
)


class MariaServer:
    """Runs as long as the `with` lasts; `settings` are options of the server."""

    def __init__(self, number: int = 1, *settings: str) -> None:
        if shutil.which("mariadbd") is None or shutil.which("mariadb-install-db") is None:
            pytest.skip("NOT TESTED against MariaDB: install Debian's mariadb-server")
            self.folder = Path(tempfile.mkdtemp(prefix="watchroom-maria-"))
        self.port = free_port()
        self._account = _account()
        self._options = [
            *("--no-defaults", f"--datadir={self.folder}/data", f"--server-id={number}", "--log-bin=log"),
            *("--innodb-buffer-pool-size=16M", "--innodb-log-file-size=8M", "--innodb-flush-log-at-trx-commit=0"),
            *("--skip-name-resolve", *settings),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "MariaServer":
        if self._account is not None:
            os.chown(self.folder, self._account.pw_uid, self._account.pw_gid)
        made = ["mariadb-install-db", *self._options, "--auth-root-authentication-method=socket", "--skip-test-db"]
        subprocess.run([*made, f"--user={self._user}"], check=True, capture_output=True)
        self.start()
        for statement in _GRANTS:
            self.sql(statement)
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self) -> None:
        command = ["mariadbd", *self._options, f"--port={self.port}", "--bind-address=127.0.0.1"]
        command += [f"--socket={self.folder}/sock", f"--user={self._user}", f"--pid-file={self.folder}/pid"]
        with (self.folder / "out.txt").open("ab") as out:
            self._process = subprocess.Popen(command, stdout=out, stderr=out, cwd=self.folder)
        end = time.monotonic() + _STARTS_WITHIN_S
        while time.monotonic() < end and self._process.poll() is None:
            if (self.folder / "sock").exists():
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "out.txt").read_text()[-2000:])

    def stop(self) -> None:
        """End the server; once more changes nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def connect(self) -> Any:
        """Return a connection of the server's own administrator, each statement committed by itself."""
        import pymysql

        user = self._user if os.geteuid() else "root"
        return pymysql.connect(unix_socket=f"{self.folder}/sock", user=user, autocommit=True)

    def sql(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement as the administrator and return its rows."""
        with self.connect() as connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall())

    @property
    def _user(self) -> str:
        return self._account.pw_name if self._account is not None else pwd.getpwuid(os.geteuid()).pw_name


def _account() -> pwd.struct_passwd | None:
    """Return whom the server runs as when the tests run as root."""
    if os.geteuid():
        return None
    for name in ("mysql", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    return None
