"""One round of Patroni with etcd on loopback: write through the URL of several hosts, kill the leader, count.

    python tests/failover/patroni_round.py [node|postgres] [ROUNDS]

`node` kills Patroni and PostgreSQL of the leader, `postgres` PostgreSQL alone. It needs Debian's packages patroni,
etcd-server and postgresql, and is no part of the usual test run. Prints the seconds to the next acknowledged write and
how many acknowledged lines are lost; exits 1 when any is.
"""

import json
import os
import pwd
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app import duty
from app.database import cli_identity, open_database
from app.desk import Desk
from app.errors import DatabaseAway
from app.trials.server import binaries, children, free_port, remove
from models.duty import ShiftLogEntry

PASSWORD = "round-trip-9"
LEADS_WITHIN_S, WRITES_WITHIN_S = 90.0, 90.0
PAUSE_S = 0.05
SETTINGS = """
scope: watchroom
name: {name}
restapi: {{listen: "127.0.0.1:{rest}", connect_address: "127.0.0.1:{rest}"}}
etcd3: {{host: "127.0.0.1:{etcd}"}}
bootstrap:
  dcs: {{ttl: 20, loop_wait: 5, retry_timeout: 5, maximum_lag_on_failover: 0, synchronous_mode: true,
        primary_start_timeout: 0, postgresql: {{use_pg_rewind: false, parameters: {{wal_log_hints: "on"}}}}}}
  initdb: [{{encoding: UTF8}}, {{locale: C.UTF-8}}, {{auth-host: scram-sha-256}}, {{auth-local: scram-sha-256}}]
  pg_hba: ["host replication replicator 127.0.0.1/32 scram-sha-256", "host all all 127.0.0.1/32 scram-sha-256"]
postgresql:
  listen: "127.0.0.1:{port}"
  connect_address: "127.0.0.1:{port}"
  data_dir: {folder}/data
  bin_dir: {binaries}
  pgpass: {folder}/pgpass
  remove_data_directory_on_rewind_failure: true
  remove_data_directory_on_diverged_timelines: true
  authentication:
    superuser: {{username: postgres, password: {password}}}
    replication: {{username: replicator, password: {password}}}
    rewind: {{username: rewinder, password: {password}}}
  parameters: {{unix_socket_directories: "{folder}", shared_buffers: 32MB}}
watchdog: {{mode: "off"}}
"""


@dataclass(slots=True)
class Node:
    """One Patroni with its PostgreSQL."""

    name: str
    folder: Path
    etcd: int
    port: int = field(default_factory=free_port)
    rest: int = field(default_factory=free_port)
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.folder.mkdir(exist_ok=True)
        settings = self.folder / "patroni.yml"
        settings.write_text(
            SETTINGS.format(
                name=self.name, folder=self.folder, rest=self.rest, etcd=self.etcd, port=self.port,
                binaries=binaries(), password=PASSWORD,
            )
        )  # fmt: skip
        own(self.folder, settings)
        self.running = spawn(self.folder, "/usr/bin/patroni", str(settings))

    def is_in(self, state: str) -> bool:
        """Ask Patroni itself whether it is `leader`, or `sync` (the standby that acknowledges)."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.rest}/{state}", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def kill(self, *, with_patroni: bool) -> None:
        """Kill -9 PostgreSQL and its children, and Patroni before it where the whole node is to die."""
        if with_patroni and self.running is not None:
            self.running.kill()
            self.running.wait()
            self.running = None
        pid = self.folder / "data" / "postmaster.pid"
        if pid.exists():
            postmaster = int(pid.read_text().split()[0])
            for process in (postmaster, *children(postmaster)):
                try:
                    os.kill(process, signal.SIGKILL)
                except ProcessLookupError:
                    continue


@dataclass(frozen=True, slots=True)
class Round:
    """What one failover took."""

    seconds: float
    acknowledged: int
    lost: int


def main(kind: str, rounds: int) -> int:
    folder = Path(tempfile.mkdtemp(prefix="watchroom-patroni-"))
    folder.chmod(0o755)
    os.environ["WATCHROOM_HOME"] = str(folder)
    client, peer = free_port(), free_port()
    nodes = [Node(name, folder / name, client) for name in ("a", "b")]
    etcd = start_etcd(folder, client, peer)
    found: list[Round] = []
    try:
        for node in nodes:
            node.start()
        leader = wait_for_leader(nodes)
        direct = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{leader.port}/postgres"
        open_database(direct, create=True).engine.dispose()
        hosts = ",".join(f"127.0.0.1:{node.port}" for node in nodes)
        url = f"postgresql://postgres:{PASSWORD}@{hosts}/postgres?target_session_attrs=read-write"
        for _ in range(rounds):
            found.append(one_round(nodes, url, with_patroni=kind == "node"))
            sys.stdout.write(json.dumps({"kind": kind, **{n: getattr(found[-1], n) for n in Round.__slots__}}) + "\n")
            sys.stdout.flush()
    finally:
        for node in nodes:
            if node.running is not None:
                node.running.kill()
                node.running.wait()
            node.kill(with_patroni=False)
        etcd.kill()
        etcd.wait()
        remove(folder)
    return 1 if any(each.lost for each in found) else 0


def one_round(nodes: list[Node], url: str, *, with_patroni: bool) -> Round:
    """Write, kill the leader, and write again until it is acknowledged; then let the dead one come back."""
    leader = wait_for_leader(nodes)
    wait_until(lambda: any(node.is_in("sync") for node in nodes), LEADS_WITHIN_S, "no synchronous standby")
    database = open_database(url)
    desk = database.desk(cli_identity(), "R3").within(3.0)
    acknowledged = [write(desk) for _ in range(20)]
    leader.kill(with_patroni=with_patroni)
    began = time.monotonic()
    while True:
        try:
            acknowledged.append(write(desk))
            break
        except DatabaseAway:
            if time.monotonic() - began > WRITES_WITHIN_S:
                raise
            time.sleep(PAUSE_S)
    seconds = round(time.monotonic() - began, 1)
    acknowledged += [write(desk) for _ in range(5)]
    present = desk.read(lambda tx: set(tx.session.scalars(select(ShiftLogEntry.text))))
    database.engine.dispose()
    if with_patroni:
        leader.start()
    return Round(seconds, len(acknowledged), sum(text not in present for text in acknowledged))


def write(desk: Desk) -> str:
    text = f"round {uuid.uuid4()}"
    desk.do(duty.write, uuid.uuid4(), text)
    return text


def wait_for_leader(nodes: list[Node]) -> Node:
    wait_until(lambda: any(node.is_in("leader") for node in nodes), LEADS_WITHIN_S, "no leader")
    return next(node for node in nodes if node.is_in("leader"))


def wait_until(holds: Callable[[], bool], within_s: float, trouble: str) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(trouble)
        time.sleep(PAUSE_S)


def start_etcd(folder: Path, client: int, peer: int) -> subprocess.Popen[bytes]:
    home = folder / "etcd"
    home.mkdir()
    own(home)
    mine, others = f"http://127.0.0.1:{client}", f"http://127.0.0.1:{peer}"
    return spawn(
        home, "/usr/bin/etcd", "--data-dir", str(home / "data"), "--listen-client-urls", mine,
        "--advertise-client-urls", mine, "--listen-peer-urls", others, "--initial-advertise-peer-urls", others,
        "--initial-cluster", f"default={others}",
    )  # fmt: skip


def spawn(folder: Path, *command: str) -> subprocess.Popen[bytes]:
    """Start a program as PostgreSQL's account, which refuses root."""
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        who = {"user": account.pw_uid, "group": account.pw_gid}
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command, stdout=log, stderr=log, cwd=folder, start_new_session=True,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(folder)}, **who,
        )  # fmt: skip


def own(*paths: Path) -> None:
    if os.geteuid() == 0:
        account = pwd.getpwnam("postgres")
        for path in paths:
            os.chown(path, account.pw_uid, account.pw_gid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "node", int(sys.argv[2]) if len(sys.argv) > 2 else 1))
