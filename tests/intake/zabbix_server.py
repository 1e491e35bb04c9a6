"""A Zabbix server of Debian's package with its own database and web interface, set up as docs/senders.md says."""

import gzip
import itertools
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from tests.intake.test_real_senders import free_port, program
from tests.shared.debian_server import SUPERUSER, SUPERUSER_PASSWORD, DebianServer, debian_server

SENDERS = Path(__file__).resolve().parents[2] / "docs" / "senders.md"
FRONTEND = Path("/usr/share/zabbix")
SCHEMA = Path("/usr/share/zabbix-server-pgsql")
_SERVER = """
LogType=console
ListenIP=127.0.0.1
ListenPort={port}
DBHost=127.0.0.1
DBPort={db_port}
DBName=zabbix
DBUser={user}
DBPassword={password}
SocketDir={folder}
PidFile={folder}/zabbix.pid
AllowRoot=1
CacheUpdateFrequency=1
StartPollers=1
StartDiscoverers=0
StartHTTPPollers=0
"""
_FRONTEND = """<?php
$DB['TYPE'] = 'POSTGRESQL'; $DB['SERVER'] = '127.0.0.1'; $DB['PORT'] = '{db_port}'; $DB['DATABASE'] = 'zabbix';
$DB['USER'] = '{user}'; $DB['PASSWORD'] = '{password}'; $DB['SCHEMA'] = ''; $DB['ENCRYPTION'] = false;
$DB['DOUBLE_IEEE754'] = true; $ZBX_SERVER = '127.0.0.1'; $ZBX_SERVER_PORT = '{port}';
"""


@contextmanager
def running(*command: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program and what it starts as long as the `with` lasts; its output is in the folder's out.txt."""
    with (folder / "out.txt").open("ab") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd=folder, start_new_session=True)
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def low_port() -> int:
    """Return a free port that Zabbix takes: it listens on none above 32767."""
    for port in range(20_000 + os.getpid() % 5_000, 32_000):
        with socket.socket() as one, suppress(OSError):
            one.bind(("127.0.0.1", port))
            return port
    raise AssertionError("no port is free")


class Zabbix:
    """One host with one item and its trigger, whose problems go to the collector by the page's media type."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self._web_port = low_port(), free_port()
        self._sender = program("zabbix_sender", "zabbix-agent")
        self._numbers = itertools.count(1)
        self._auth: str | None = None

    @contextmanager
    def served(self) -> Iterator["Zabbix"]:
        """Have database, server and web interface run."""
        server = program("zabbix_server", "zabbix-server-pgsql")
        php = program("php", "php-cli and zabbix-frontend-php")
        if not (FRONTEND / "api_jsonrpc.php").exists() or not SCHEMA.is_dir():
            pytest.skip(
                "NOT TESTED against Zabbix: Debian's zabbix-server-pgsql or zabbix-frontend-php is not installed"
            )
        with ExitStack() as held:
            database = held.enter_context(debian_server())
            self._fill(database)
            told = {"port": self.port, "db_port": database.port, "user": SUPERUSER, "password": SUPERUSER_PASSWORD}
            (self.folder / "server.conf").write_text(_SERVER.format(folder=self.folder, **told))
            pages = self.folder / "pages"
            shutil.copytree(FRONTEND, pages, symlinks=True, ignore=shutil.ignore_patterns("locale", "COPYING"))
            (self.folder / "zabbix.conf.php").write_text(_FRONTEND.format(**told))
            finder = pages / "include" / "classes" / "core" / "CConfigFile.php"  # Debian's looks in /etc only
            finder.write_text(finder.read_text().replace("/etc/zabbix/", f"{self.folder}/"))
            held.enter_context(running(server, "-f", "-c", str(self.folder / "server.conf"), folder=self.folder))
            held.enter_context(running(php, "-S", f"127.0.0.1:{self._web_port}", "-t", str(pages), folder=self.folder))
            self._auth = self._signed_in()
            yield self

    def ask(self, method: str, **params: Any) -> Any:
        """Return the API's result."""
        said = {"jsonrpc": "2.0", "method": method, "params": params, "id": next(self._numbers), "auth": self._auth}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self._web_port}/api_jsonrpc.php",
            json.dumps(said).encode(),
            {"Content-Type": "application/json-rpc"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            told = json.loads(answer.read())
        assert "result" in told, told
        return told["result"]

    def watch(self, collector: str, token: str) -> None:
        """Make the media type of the page, the user that has it, and a trigger on an item that anybody may send."""
        page = SENDERS.read_text(encoding="utf-8")
        rows = dict(re.findall(r"^\| `(\w+)` \| `(\{[A-Z.]+\})` \|$", page, re.MULTILINE))
        script = re.search(r"```javascript zabbix\n(.*?)```", page, re.DOTALL)
        assert script is not None and "event_id" in rows
        rows |= {"url": f"http://{collector}/hooks/zabbix", "token": token}
        message = {"eventsource": 0, "subject": "{EVENT.NAME}", "message": "{EVENT.NAME} {ITEM.VALUE}"}
        media = self.ask(
            "mediatype.create", name="watchroom", type=4, script=script[1],
            parameters=[{"name": name, "value": value} for name, value in rows.items()],
            message_templates=[{**message, "recovery": kind} for kind in (0, 1, 2)],
        )["mediatypeids"][0]  # fmt: skip
        medium = {"mediatypeid": media, "sendto": "x", "active": 0, "severity": 63, "period": "1-7,00:00-24:00"}
        account = {"username": "watchroom", "passwd": "Room-of-17-words", "roleid": "3", "usrgrps": [{"usrgrpid": "7"}]}
        user = self.ask("user.create", **account, medias=[medium])["userids"][0]
        group = self.ask("hostgroup.create", name="room")["groupids"][0]
        host = self.ask("host.create", host="ups-01", groups=[{"groupid": group}])["hostids"][0]
        self.ask("item.create", hostid=host, name="battery", key_="battery", type=2, value_type=3)
        self.ask("trigger.create", description="UPS 电池电量低", expression="last(/ups-01/battery)<30", priority=2)
        told = {"default_msg": 1, "mediatypeid": media}
        again = [{"operationtype": kind, "opmessage": {"default_msg": 1}} for kind in (11, 12)]
        self.ask(
            "action.create", name="watchroom", eventsource=0, esc_period="1m", filter={"evaltype": 0, "conditions": []},
            operations=[{"operationtype": 0, "opmessage_usr": [{"userid": user}], "opmessage": told}],
            recovery_operations=again[:1], update_operations=again[1:],
        )  # fmt: skip

    def send(self, value: int) -> None:
        """Send a value of the item; the server takes it as soon as it knows the item."""
        command = [
            self._sender,
            "-z",
            "127.0.0.1",
            "-p",
            str(self.port),
            "-s",
            "ups-01",
            "-k",
            "battery",
            "-o",
            str(value),
        ]
        end = time.monotonic() + 60
        while (
            "processed: 1" not in (done := subprocess.run(command, capture_output=True, text=True, check=False)).stdout
        ):
            assert time.monotonic() < end, done.stdout + done.stderr
            time.sleep(0.2)

    def worsen(self) -> None:
        """Raise the problem's severity to the highest, as an operator does."""
        (problem,) = self.ask("problem.get", output="extend")
        self.ask("event.acknowledge", eventids=[problem["eventid"]], action=8, severity=5)

    def _fill(self, database: DebianServer) -> None:
        database.sql("CREATE DATABASE zabbix")
        text = b"".join(
            gzip.decompress((SCHEMA / f"{name}.sql.gz").read_bytes()) for name in ("schema", "images", "data")
        )
        login = {"PGPASSWORD": SUPERUSER_PASSWORD, "PGHOST": "127.0.0.1", "PGPORT": str(database.port)}
        command = [program("psql", "postgresql-client"), "-q", "-U", SUPERUSER, "-v", "ON_ERROR_STOP=1", "zabbix"]
        subprocess.run(command, input=text, env=os.environ | login, stdout=subprocess.DEVNULL, check=True)

    def _signed_in(self) -> str:
        end = time.monotonic() + 60
        while True:
            try:
                return str(self.ask("user.login", username="Admin", password="zabbix"))
            except OSError:
                assert time.monotonic() < end, (self.folder / "out.txt").read_text()[-2000:]
                time.sleep(0.2)
