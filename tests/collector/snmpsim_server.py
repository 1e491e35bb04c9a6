"""A real SNMP agent for tests: snmpsim on loopback, serving recordings; the file's name is the community."""

import bz2
import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

OWN = Path(__file__).parents[1] / "data" / "snmp"
_REPOSITORY = Path(__file__).parents[2]
_SYSTEM_GET = bytes.fromhex("a019020101020100020100300e300c06082b060102010101000500")


def test_data() -> Path | None:
    """Return the folder of shared test data, None where it is absent."""
    folder = Path(os.environ.get("WATCHROOM_TEST_DATA", _REPOSITORY.parent / "shared" / "data"))
    return folder if folder.is_dir() else None


def packaged_recordings() -> dict[str, Path]:
    """Return the recordings of the package snmpsim-data by name; empty when it is not installed."""
    try:
        import snmpsim_data
    except ImportError:
        return {}
    folder = Path(snmpsim_data.__file__).parent / "data"
    return {path.name.split(".snmprec")[0]: path for path in sorted(folder.rglob("*.snmprec*"))}


class SnmpSim:
    """Serves copies of `recordings` (plain or .bz2, at most 30) as long as the `with` lasts.

    With `for_v3` the first one is also what version 3 gets, which names no recording. Large recordings are indexed
    first, for which there is `patience_s`.
    """

    def __init__(
        self, folder: Path, recordings: Iterable[Path], for_v3: bool = False, patience_s: float = 60.0
    ) -> None:
        self.data = folder / "data"
        self.data.mkdir(parents=True)
        self.names = [self._copy(path) for path in recordings]
        if for_v3:
            shutil.copyfile(self.data / f"{self.names[0]}.snmprec", self.data / ".snmprec")
        self._folder = folder
        self._patience_s = patience_s
        self._process: subprocess.Popen[bytes] | None = None
        self.port = _free_port()

    def _copy(self, path: Path) -> str:
        name = path.name.split(".snmprec")[0]
        target = self.data / f"{name}.snmprec"
        if path.suffix == ".bz2":
            target.write_bytes(bz2.decompress(path.read_bytes()))
        else:
            shutil.copyfile(path, target)
        return name

    def __enter__(self) -> "SnmpSim":
        self._process = subprocess.Popen(
            [
                str(Path(sys.executable).parent / "snmpsim-command-responder"),
                f"--data-dir={self.data}",
                f"--cache-dir={self._folder / 'cache'}",
                f"--process-user={pwd.getpwuid(os.geteuid()).pw_name}",
                f"--process-group={grp.getgrgid(os.getegid()).gr_name}",
                f"--agent-udpv4-endpoint=127.0.0.1:{self.port}",
                "--v3-user=watcher",
                "--v3-auth-key=authentic8",
                "--v3-auth-proto=SHA",
                "--v3-priv-key=confidential8",
                "--v3-priv-proto=AES",
                "--log-level=error",
                f"--logging-method=file:{self._folder / 'log'}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait_until_it_answers()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        self._process.terminate()
        self.thaw()
        self._process.wait()

    def edit(self, name: str, oid: str, value: str) -> None:
        """Make the agent answer `value` ("type|value" of the recording's format) for `oid` from now on."""
        path = self.data / f"{name}.snmprec"
        lines = [
            f"{oid}|{value}" if line.split("|", 1)[0] == oid else line
            for line in path.read_text(encoding="utf-8").splitlines()
        ]
        newer = max(path.stat().st_mtime, time.time()) + 2  # the agent looks at whole seconds, and at its index's
        fresh = path.with_suffix(".new")
        fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
        os.utime(fresh, (newer, newer))
        fresh.replace(path)

    def below(self, name: str, prefix: str) -> list[str]:
        """Return the object ids of a recording below `prefix`."""
        text = (self.data / f"{name}.snmprec").read_text(encoding="utf-8", errors="replace")
        return [line.split("|", 1)[0] for line in text.splitlines() if line.startswith(prefix + ".")]

    def freeze(self) -> None:
        """Fall silent, as a device that lost its power: the port stays, nothing answers."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Answer again."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def _wait_until_it_answers(self) -> None:
        """Ask sysDescr of the first recording until something comes back."""
        assert self._process is not None
        community = self.names[0].encode()
        body = b"\x02\x01\x01\x04" + bytes([len(community)]) + community + _SYSTEM_GET
        packet = b"\x30" + bytes([len(body)]) + body
        deadline = time.monotonic() + self._patience_s
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
            asker.settimeout(0.3)
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    asker.sendto(packet, ("127.0.0.1", self.port))
                    asker.recv(2000)
                    return
                except OSError:
                    continue
        raise RuntimeError(f"snmpsim does not answer: {(self._folder / 'log').read_text()[-500:]}")


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
