"""How long the window's event loop stands still at most, for each thing that a person does in it.

On the demo site and on 10,000 devices with 1,000,000 incidents; each action once, as the first time in a session.
Own time: what the machine gave to other programs meanwhile does not count. `--stacks` says where the time went.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def demo_database() -> Path:
    """Return a fresh copy of a demo site, which is made once."""
    from _big_database import PLACE

    place = PLACE.with_name(f"{PLACE.name}-demo")
    made, copy = place / "made.db", place / "walked.db"
    place.mkdir(exist_ok=True)
    os.environ["WATCHROOM_HOME"] = str(place / "home")
    if not made.exists():
        line = [sys.executable, "-m", "app", "init", "--demo", "--db", f"sqlite:///{made}"]
        subprocess.run(line, check=True, stdout=subprocess.DEVNULL)
    for old in place.glob(f"{copy.name}*"):
        old.unlink()
    shutil.copy(made, copy)
    return copy


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stacks", action="store_true")
    parser.add_argument("--only", default="", help="actions whose name has this in it")
    parser.add_argument("--site", choices=("demo", "big"), default="")
    parser.add_argument("--db", default="", help="a database of one's own (it is written to)")
    asked = parser.parse_args()
    if asked.site:
        return measure(asked)
    line = [sys.executable, *sys.argv]
    return max(subprocess.run([*line, "--site", site], check=False).returncode for site in ("demo", "big"))


def measure(asked: argparse.Namespace) -> int:
    """Print a line for each action on one site; 1 when one of them was over the goal."""
    from _big_database import big_database
    from _walk import Walk

    place = Path(asked.db) if asked.db else demo_database() if asked.site == "demo" else big_database()
    return 0 if Walk(place, asked).go() else 1


if __name__ == "__main__":
    sys.exit(main())
