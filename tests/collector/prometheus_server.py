"""Debian's Prometheus on loopback, with its remote-write receiver, in a folder of its own."""

import shutil
import subprocess
import time
from pathlib import Path
from types import TracebackType
from urllib.request import urlopen

import pytest

from tests.power.ports import free_port

_PATIENCE_S = 60.0


class PrometheusServer:
    """Runs as long as the `with` lasts; `kill` and `start` in between, as often as a test wants.

    Skips the test loudly where the program is not installed.
    """

    def __init__(self, folder: Path, accepts_late: str = "30d") -> None:
        found = shutil.which("prometheus")
        if found is None:
            pytest.skip("NOT TESTED against prometheus: Debian's package prometheus is not installed")
        self._program, self._folder = found, folder
        self._port = free_port()
        self._process: subprocess.Popen[bytes] | None = None
        window = f"storage:\n  tsdb:\n    out_of_order_time_window: {accepts_late}\n" if accepts_late else ""
        (folder / "prometheus.yml").write_text(window)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def __enter__(self) -> "PrometheusServer":
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, bug: BaseException | None, at: TracebackType | None) -> None:
        self.kill()

    def start(self) -> None:
        line = [
            self._program, "--web.enable-remote-write-receiver", f"--web.listen-address=127.0.0.1:{self._port}",
            f"--config.file={self._folder / 'prometheus.yml'}", f"--storage.tsdb.path={self._folder / 'data'}",
            "--log.level=error",
        ]  # fmt: skip
        quiet = subprocess.DEVNULL
        self._process = subprocess.Popen(line, cwd=self._folder, stdin=quiet, stdout=quiet, stderr=quiet)
        end = time.monotonic() + _PATIENCE_S
        while not self._is_ready():
            assert self._process.poll() is None and time.monotonic() < end, "prometheus did not start"
            time.sleep(0.05)

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_PATIENCE_S)

    def _is_ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/-/ready", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False
