"""The command line as people run it: a process of its own with its own folders, or the same without the start."""

import contextlib
import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.cli import main

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 240


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one command line."""

    code: int
    out: str
    err: str

    @property
    def last(self) -> str:
        """The last line of the output."""
        return self.out.strip().splitlines()[-1] if self.out.strip() else ""


def watchroom(home: Path, *arguments: str | Path, language: str = "en") -> Ran:
    """Run `python -m app ARGUMENTS` with `home` as WATCHROOM_HOME."""
    environment = os.environ | {"WATCHROOM_HOME": str(home), "WATCHROOM_LANG": language, "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "app", *map(str, arguments)],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return Ran(done.returncode, done.stdout, done.stderr)


def run_here(home: Path, *arguments: str | Path, language: str = "en") -> Ran:
    """Run one command line within this process: to load the program anew takes longer than most commands."""
    told, complained = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    with (
        pytest.MonkeyPatch.context() as patch,
        Path(os.devnull).open(encoding="utf-8") as nothing,
        contextlib.redirect_stdout(told),
        contextlib.redirect_stderr(complained),
    ):
        patch.setenv("WATCHROOM_HOME", str(home))
        patch.setenv("WATCHROOM_LANG", language)
        patch.chdir(ROOT)
        patch.setattr(sys, "stdin", nothing)
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # wrong usage
            code = int(end.code or 0)
    return Ran(code, _text(told), _text(complained))


def _text(stream: io.TextIOWrapper) -> str:
    assert isinstance(stream.buffer, io.BytesIO)
    return stream.buffer.getvalue().decode()
