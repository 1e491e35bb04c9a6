"""The virtual environment: made when it is missing, brought to `requirements.lock` when that has changed."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHONS = ((3, 11), (3, 12), (3, 13))


class Failed(Exception):
    """The environment could not be made; the message says what happened and what to do."""


class Environment:
    """`root`/.venv with the program in it, editable."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self._programs = self.folder / ("Scripts" if os.name == "nt" else "bin")
        self._stamp = self.folder / "watchroom.stamp"

    def program(self, name: str) -> str:
        """Return the path of a program that the environment brings, such as "python" or "watchroom"."""
        return str(self._programs / (f"{name}.exe" if os.name == "nt" else name))

    def is_ready(self) -> bool:
        """True when what is installed is what the lock, pyproject and this Python ask for."""
        try:
            stamp = self._stamp.read_text(encoding="ascii")
        except OSError:
            return False
        return stamp == self.fingerprint() and Path(self.program("watchroom")).exists()

    def fingerprint(self) -> str:
        """Return a digest that changes whenever the environment has to be installed anew."""
        digest = hashlib.sha256(f"{self.folder} {sys.version_info[:2]}\n".encode())
        for name in ("requirements.lock", "pyproject.toml"):
            digest.update((self.root / name).read_bytes())
        return digest.hexdigest()

    def needs_venv_package(self) -> bool:
        """True when this Python can make no environment, as Debian's without python3-venv."""
        return not self.is_ready() and importlib.util.find_spec("ensurepip") is None

    def prepare(self) -> None:
        """Make the environment and install the locked versions into it, unless it is ready.

        Raises Failed when Python or pip cannot; what was there outside .venv stays as it was.
        """
        if self.is_ready():
            return
        self._stamp.unlink(missing_ok=True)
        if not self._is_usable():
            self._create()
        self._install()
        self._stamp.write_text(self.fingerprint(), encoding="ascii")

    def _is_usable(self) -> bool:
        """False for a folder half made, made by another Python, or moved here from another place."""
        try:
            facts = (self.folder / "pyvenv.cfg").read_text(encoding="utf-8")
        except OSError:
            return False
        version = ".".join(map(str, sys.version_info[:2]))
        return f"version = {version}." in facts and str(self.folder) in facts and self._has_pip()

    def _has_pip(self) -> bool:
        try:
            asked = subprocess.run([self.program("python"), "-c", "import pip"], capture_output=True, check=False)
        except OSError:
            return False
        return asked.returncode == 0

    def _create(self) -> None:
        print(f"Making {self.folder} with Python {sys.version.split()[0]}", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", "--clear", str(self.folder)], check=False)
        if made.returncode:
            raise Failed(f"Python could not make {self.folder}. What it says above is the reason.")

    def _install(self) -> None:
        print("Installing the versions of requirements.lock (the first time takes a few minutes)", flush=True)
        lock = str(self.root / "requirements.lock")
        self._pip("--require-hashes", "--no-deps", "--only-binary", ":all:", "--requirement", lock)
        self._pip("--no-deps", "--no-build-isolation", "--editable", str(self.root))

    def _pip(self, *arguments: str) -> None:
        quiet = () if sys.stdout.isatty() else ("--quiet",)
        pip = [self.program("python"), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        if subprocess.run([*pip, *quiet, *arguments], cwd=self.root, check=False).returncode:
            raise Failed(
                "pip could not install the locked versions: what it says above is the reason. Is a package "
                "index within reach, and enough room on the disk? Start again then; what is there is kept."
            )
