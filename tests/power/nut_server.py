"""A real NUT server with its own dummy driver on loopback, whose mains fail when told."""

import getpass
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import pytest

from tests.power.ports import free_port

UPS = "room"
_ON_MAINS = {
    "device.mfr": "SANTAK",
    "device.model": "C6K",
    "device.serial": "S2201",
    "battery.charge": "100",
    "battery.runtime": "1800",
    "battery.voltage": "219.8",
    "input.voltage": "231.4",
    "output.voltage": "220.1",
    "ups.load": "42",
    "ups.temperature": "27.5",
    "ups.status": "OL",
}
_PATIENCE_S = 30.0


def program(name: str) -> str:
    """Return where a program of NUT lies; the test is skipped loudly without it."""
    places = ("/lib/nut", "/usr/lib/nut", os.environ["PATH"], "/usr/sbin", "/sbin")
    found = shutil.which(name, path=os.pathsep.join(places))  # Debian's upsd on the PATH only asks whether it may run
    if found is None:
        pytest.skip(f"{name} is not here: install Debian's nut-server and nut-client")
    return found


class NutServer:
    """upsd with one dummy UPS, as long as the `with` lasts."""

    def __init__(self, folder: Path) -> None:
        self._server, self._driver = program("upsd"), program("dummy-ups")
        self._folder = folder
        self.port = free_port()
        self._said: Mapping[str, str] = {}
        self._processes: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "NutServer":
        user = getpass.getuser()
        self._write(
            "ups.conf",
            f'[{UPS}]\n driver = dummy-ups\n port = {UPS}.seq\n mode = dummy-loop\n desc = "room"\n pollinterval = 1\n',
        )
        self._write("upsd.conf", f"LISTEN 127.0.0.1 {self.port}\n")
        self._write("upsd.users", "")
        self._say(_ON_MAINS)
        self._start(self._driver, "-a", UPS, "-u", user, "-D")
        self._start(self._server, "-u", user, "-D")
        try:
            self.wait(lambda: self._is_said(_ON_MAINS))
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()

    def set(self, values: Mapping[str, str]) -> None:
        """Make the UPS say other values, and wait until the server says them."""
        self._say({**self._said, **values})
        self.wait(lambda: self._is_said(values))

    def asked(self) -> str:
        """Return what NUT's own client reads."""
        command = [program("upsc"), self._place()]
        ran = subprocess.run(command, env=self._environment(), capture_output=True, timeout=_PATIENCE_S, check=False)
        return ran.stdout.decode()

    def wait(self, until: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not until():
            assert time.monotonic() < end, "the NUT server does not come to say it"
            time.sleep(0.05)

    def _say(self, values: Mapping[str, str]) -> None:
        """Write the script that the driver runs through again and again."""
        self._said = dict(values)
        lines = [*(f"{name}: {value}" for name, value in values.items()), "TIMER 1", ""]
        self._write(f"{UPS}.new", "\n".join(lines))
        (self._folder / f"{UPS}.new").replace(self._folder / f"{UPS}.seq")

    def _is_said(self, values: Mapping[str, str]) -> bool:
        asked = self.asked().splitlines()
        return all(f"{name}: {value}" in asked for name, value in values.items())

    def _place(self) -> str:
        return f"{UPS}@127.0.0.1:{self.port}"

    def _environment(self) -> dict[str, str]:
        here = str(self._folder)
        return os.environ | {
            "NUT_CONFPATH": here,
            "NUT_STATEPATH": here,
            "NUT_ALTPIDPATH": here,
            "NUT_QUIET_INIT_SSL": "1",
        }

    def _write(self, name: str, text: str) -> None:
        path = self._folder / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)

    def _start(self, *command: str) -> None:
        with (self._folder / "log").open("ab") as log:
            self._processes.append(
                subprocess.Popen(command, env=self._environment(), stdout=log, stderr=log, stdin=subprocess.DEVNULL)
            )

    def _stop(self) -> None:
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
