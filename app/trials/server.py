"""A PostgreSQL server of the trials' own: killed, frozen, brought back; and a wire that swallows everything."""

import contextlib
import os
import pwd
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from app.errors import Refused
from app.words import tr

PASSWORD = "trials-of-1-host"
STARTS_WITHIN_S = 60.0
SETTINGS = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = '{folder}'
shared_buffers = '32MB'
autovacuum = off
wal_level = replica
max_wal_senders = 4
hot_standby = on
wal_retrieve_retry_interval = 200ms
"""


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL that Debian installs. Raises Refused where there is none."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if not found:
        raise Refused(tr("This trial needs Debian's PostgreSQL: apt-get install postgresql-15"))
    return max(found, key=lambda path: int(path.parent.name))


class Server:
    """One server in `folder`, whose parents its account must be able to enter."""

    def __init__(self, folder: Path, settings: str = "") -> None:
        self.folder, self.data = folder, folder / "data"
        self.port = free_port()
        self._settings = settings
        self._running: subprocess.Popen[bytes] | None = None

    def create(self) -> None:
        """Make an empty cluster; its superuser is `postgres`."""
        self._own()
        secret = self.folder / "password"
        secret.write_text(PASSWORD)
        self.run("initdb", "-D", self.data, "-U", "postgres", "-A", "scram-sha-256", "--pwfile", secret, "--no-sync")
        with (self.data / "pg_hba.conf").open("a") as rules:
            rules.write("host replication all 127.0.0.1/32 scram-sha-256\n")
        self.configure()

    def follow(self, primary: "Server") -> None:
        """Copy `primary` and stream from it from then on."""
        self._own()
        self.run("pg_basebackup", "-D", self.data, "-d", primary.dsn(), "-R", "--checkpoint=fast", "--no-sync")
        self.configure()

    def configure(self) -> None:
        text = SETTINGS.format(port=self.port, folder=self.folder) + self._settings
        path = self.data / "watchroom.conf"
        path.write_text(text)
        main = self.data / "postgresql.conf"
        if "watchroom.conf" not in main.read_text():
            with main.open("a") as lines:
                lines.write("include 'watchroom.conf'\n")

    def start(self) -> None:
        """Start and wait until it answers; one that was killed leaves memory behind for a moment."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            if self._running is None or self._running.poll() is not None:
                self._running = self._spawn()
            ready = self._spawned("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).wait()
            if ready == 0:
                return
            time.sleep(0.05)
        raise TimeoutError(f"PostgreSQL did not start: {(self.folder / 'log').read_text(errors='replace')[-2000:]}")

    def kill(self) -> None:
        """Kill -9 the server and all its processes, as a power cut of the machine's memory would."""
        assert self._running is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        for process in children(self._running.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self._running.wait()

    def freeze(self) -> None:
        """Stop every process of the server; the machine goes on acknowledging what is sent to it."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """End the server however it is."""
        if self._running is not None and self._running.poll() is None:
            self.kill()
        self._running = None

    def settle_alone(self, settings: str = "") -> None:
        """Hold these settings from now on, or wait for no standby any more."""
        self._settings = settings
        self.configure()
        self.run("pg_ctl", "-D", self.data, "reload")

    @staticmethod
    def secret() -> str:
        return PASSWORD

    def promote(self) -> None:
        self.run("pg_ctl", "-D", self.data, "-w", "promote")

    def dsn(self, database: str = "postgres") -> str:
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def run(self, program: str, *arguments: object) -> None:
        """Run one of PostgreSQL's programs as the server's account. Raises CalledProcessError."""
        process = self._spawned(program, *map(str, arguments))
        if process.wait():
            raise subprocess.CalledProcessError(process.returncode, program)

    def _spawn(self) -> subprocess.Popen[bytes]:
        return self._spawned("postgres", "-D", str(self.data))

    def _spawned(self, program: str, *arguments: str) -> subprocess.Popen[bytes]:
        account = _account()
        who: dict[str, Any] = {} if account is None else {"user": account.pw_uid, "group": account.pw_gid}
        with (self.folder / "log").open("ab") as log:
            return subprocess.Popen(
                [str(binaries() / program), *arguments], stdout=log, stderr=log, cwd=self.folder,
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, start_new_session=True, **who,
            )  # fmt: skip

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._running is not None
        for process in (self._running.pid, *children(self._running.pid)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, number)

    def _own(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        account = _account()
        if account is not None:
            os.chown(self.folder, account.pw_uid, account.pw_gid)


class Wire:
    """A TCP relay before a server that can swallow everything: nothing passes, nothing is refused."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._is_cut = threading.Event()
        self._ending = threading.Event()
        self._peers: dict[socket.socket, socket.socket] = {}
        self._thread = threading.Thread(target=self._relay, name="wire", daemon=True)
        self._thread.start()

    def cut(self) -> None:
        self._is_cut.set()

    def mend(self) -> None:
        self._is_cut.clear()

    def close(self) -> None:
        self._ending.set()
        self._thread.join()
        for line in (self._listening, *self._peers):
            line.close()

    def _relay(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ)
            while not self._ending.wait(0.02 if self._is_cut.is_set() else 0):
                if self._is_cut.is_set():
                    continue
                for key, _events in selector.select(0.05):
                    line = key.fileobj
                    assert isinstance(line, socket.socket)
                    if line is self._listening:
                        self._accept(selector)
                    else:
                        self._pass_on(selector, line)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        near, _address = self._listening.accept()
        try:
            far = socket.create_connection(("127.0.0.1", self._target), timeout=5)
        except OSError:
            near.close()
            return
        for line, other in ((near, far), (far, near)):
            self._peers[line] = other
            selector.register(line, selectors.EVENT_READ)

    def _pass_on(self, selector: selectors.BaseSelector, line: socket.socket) -> None:
        other = self._peers.get(line)
        if other is None:
            return
        with contextlib.suppress(OSError):
            data = line.recv(65_536)
            if data:
                other.sendall(data)
                return
        for end in (line, other):
            selector.unregister(end)
            del self._peers[end]
            end.close()


@contextmanager
def running(prefix: str) -> Iterator[tuple[Server, Path]]:
    """Yield a server that runs, and the folder it lies in; both are gone afterwards.

    Raises Refused without Debian's PostgreSQL.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    folder.chmod(0o755)
    server = Server(folder / "server")
    try:
        server.create()
        server.start()
        yield server, folder
    finally:
        server.stop()
        remove(folder)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def children(parent: int) -> list[int]:
    """Return the processes that `parent` started."""
    found = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        return [int(number) for number in found.read_text().split()]
    except OSError:
        return []


def _account() -> pwd.struct_passwd | None:
    """Return whom the server runs as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
