"""RabbitMQ of Debian's package: nodes of its own on loopback, each in a folder of its own, and a client that holds."""

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import time
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import pytest

from tests.power.ports import free_port

PROGRAMS = Path("/usr/lib/rabbitmq/bin")
USER = PASSWORD = "guest"
STARTS_WITHIN_S = 120.0
_CONFIGURATION = """
management.tcp.port = {port}
management.tcp.ip = 127.0.0.1
collect_statistics_interval = 1000
vm_memory_high_watermark.absolute = 1GB
"""


class RabbitNode:
    """One node. Nodes of the same `folder`'s parent share a name server and a cookie, so that they can join."""

    def __init__(self, folder: Path, name: str, names_port: int, more: str = "") -> None:
        if not (PROGRAMS / "rabbitmq-server").exists() or shutil.which("erl") is None:
            pytest.skip("NOT TESTED against RabbitMQ: install Debian's rabbitmq-server")
        self.name, self.port, self.amqp_port = f"{name}@localhost", free_port(), free_port()
        self._folder, self._names_port, self._peer_port = folder, names_port, free_port()
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        told = _CONFIGURATION.format(port=self.port) + (more or f"listeners.tcp.default = 127.0.0.1:{self.amqp_port}\n")
        (folder / "rabbitmq.conf").write_text(told + "disk_free_limit.absolute = 1MB\n" * ("disk_free" not in more))
        (folder / "advanced.config").write_text("[{kernel, [{net_ticktime, 4}]}].\n")
        (folder / "enabled_plugins").write_text("[rabbitmq_management].\n")
        cookie = folder.parent / ".erlang.cookie"
        if not cookie.exists():
            cookie.write_text("A-COOKIE-OF-THE-TESTS")
            cookie.chmod(0o400)

    def start(self) -> None:
        with (self._folder / "out.txt").open("ab") as out:
            self._process = subprocess.Popen(
                [str(PROGRAMS / "rabbitmq-server")], env=self._environment(), stdout=out, stderr=out, cwd=self._folder,
                start_new_session=True,
            )  # fmt: skip
        until(self._answers, STARTS_WITHIN_S)

    def stop(self) -> None:
        """End the node and what it started; once more changes nothing."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()

    def hold(self) -> None:
        """Stop the node's processes where they are, as a machine that hangs."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGCONT)

    def control(self, *arguments: str) -> str:
        """Run `rabbitmqctl` and return what it says."""
        command = [str(PROGRAMS / "rabbitmqctl"), "-q", *arguments]
        done = subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def ask(self, path: str, body: Any = None, method: str = "") -> Any:
        """Return what the management interface answers. Raises OSError."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/api/{path}", data, method=method or None)
        request.add_header("Authorization", "Basic Z3Vlc3Q6Z3Vlc3Q=")
        request.add_header("Content-Type", "application/json")
        with urllib.request.urlopen(request, timeout=30) as answer:
            told = answer.read()
        return json.loads(told) if told else None

    def fill(self, queue: str, messages: int) -> None:
        """Make a queue and put messages into it."""
        self.ask(f"queues/%2F/{queue}", {"durable": True}, "PUT")
        for _ in range(messages):
            message = {"properties": {}, "routing_key": queue, "payload": "x", "payload_encoding": "string"}
            assert self.ask("exchanges/%2F/amq.default/publish", message)["routed"]

    def _answers(self) -> bool:
        assert self._process is not None
        assert self._process.poll() is None, (self._folder / "out.txt").read_text()[-2000:]
        with suppress(OSError):
            return all("mem_used" in node for node in self.ask("nodes"))
        return False

    def _environment(self) -> dict[str, str]:
        return os.environ | {
            "HOME": str(self._folder.parent),
            "RABBITMQ_NODENAME": self.name,
            "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self._folder / "log"),
            "RABBITMQ_CONFIG_FILE": str(self._folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "enabled_plugins"),
            "RABBITMQ_CONF_ENV_FILE": "/dev/null",
            "RABBITMQ_DIST_PORT": str(self._peer_port),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            "RABBITMQ_CTL_ERL_ARGS": "+S 1:1",
            "ERL_EPMD_PORT": str(self._names_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "LANG": "C.UTF-8",
        }


class Names:
    """Erlang's name server on a port of its own, as long as the `with` lasts: nodes else leave one behind."""

    def __enter__(self) -> int:
        program = shutil.which("epmd")
        if program is None:
            pytest.skip("NOT TESTED against RabbitMQ: install Debian's rabbitmq-server")
        port = free_port()
        self._process = subprocess.Popen([program, "-address", "127.0.0.1", "-port", str(port)])
        return port

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.wait()


class Holder:
    """A client of AMQP 0-9-1 that takes one message of a queue and acknowledges it only by going away."""

    def __init__(self, port: int, queue: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.sendall(b"AMQP\x00\x00\x09\x01")
        self._await(10, 10)
        self._send(0, 10, 11, _long("") + _short("PLAIN") + _long("\0guest\0guest") + _short("en_US"))
        self._await(10, 30)
        self._send(0, 10, 31, struct.pack(">HIH", 10, 131_072, 0))
        self._send(0, 10, 40, _short("/") + _short("") + b"\0")
        self._await(10, 41)
        self._send(1, 20, 10, _short(""))
        self._await(20, 11)
        self._send(1, 60, 70, struct.pack(">H", 0) + _short(queue) + b"\0")
        self._await(60, 71)

    def close(self) -> None:
        self._socket.close()

    def _send(self, channel: int, kind: int, method: int, rest: bytes) -> None:
        payload = struct.pack(">HH", kind, method) + rest
        self._socket.sendall(struct.pack(">BHI", 1, channel, len(payload)) + payload + b"\xce")

    def _await(self, kind: int, method: int) -> None:
        while True:
            _type, _channel, size = struct.unpack(">BHI", self._exactly(7))
            payload = self._exactly(size + 1)
            if payload[:4] == struct.pack(">HH", kind, method):
                return

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            part = self._socket.recv(size - len(found))
            assert part, "the broker hung up"
            found += part
        return found


def until(holds: Callable[[], bool], within_s: float = 60.0) -> None:
    end = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < end, "it did not come to pass in time"
        time.sleep(0.1)


def _short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def _long(text: str) -> bytes:
    return struct.pack(">I", len(text)) + text.encode()
