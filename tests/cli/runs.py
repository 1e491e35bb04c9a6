"""The command line as people run it: a process of its own with its own folders."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

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
