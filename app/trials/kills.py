"""A writer that is killed with -9 again and again; what it had acknowledged must be there."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.trials.ledger import Damage, damage

LONGEST_LIFE_S = 0.25


def kill_once(path: Path, acknowledged: set[int], chance: random.Random) -> Damage:
    """Let a writer go on in `path`, kill it at a random moment, add what it acknowledged, return the damage."""
    command = [sys.executable, "-m", "app.trials.writer", str(path), str(max(acknowledged, default=-1) + 1_000)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=dict(os.environ)) as writer:
        assert writer.stdout is not None
        acknowledged.update(_number(writer.stdout.readline()))
        time.sleep(chance.random() * LONGEST_LIFE_S)
        writer.send_signal(signal.SIGKILL if os.name != "nt" else signal.SIGTERM)
        for line in writer.stdout:
            acknowledged.update(_number(line))
    return damage(path, acknowledged)


def _number(line: bytes) -> set[int]:
    """Return the row that a line acknowledges, nothing for a line that the kill cut off."""
    return {int(line)} if line.endswith(b"\n") else set()
