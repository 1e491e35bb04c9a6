"""Sets up, runs, tests and checks Watchroom from a checkout: `python3 installer/dev.py run`.

Only the standard library, so that it works on a machine with nothing but python3.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import debian
from environment import PYTHONS, ROOT, Environment, Failed

USAGE = """usage: python3 installer/dev.py VERB [ARGUMENT ...]

  run     open the desktop; without a display, draw a tour of it into ./out
  test    run the tests; the arguments are pytest's
  check   format, lint, types, import rules, translations, then the tests
  bench   run the benchmarks of tests/bench, or the one named
  setup   make the environment alone, leaving .venv/bin/watchroom
  others  name the programs that some tests want to try against and that are missing here

Each verb makes .venv and installs what is missing first."""


def main(arguments: list[str]) -> int:
    """Do one verb and return the exit code; every refusal is a few lines on stderr."""
    if sys.version_info[:2] not in PYTHONS:
        return _refuse(_other_python())
    verbs = {"run": run, "test": test, "check": check, "bench": bench, "setup": setup, "others": others}
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    if verb in ("-h", "--help"):
        print(USAGE)
        return 0
    if verb not in verbs:
        return _refuse(USAGE, 2)
    try:
        return verbs[verb](Environment(ROOT), rest)
    except debian.Missing as absence:
        return _refuse(f"Debian packages are missing. {absence.why}\n{absence.line}")
    except Failed as failure:
        return _refuse(str(failure))
    except KeyboardInterrupt:
        return _refuse("Stopped.", 130)


def run(environment: Environment, arguments: list[str]) -> int:
    """Open the desktop; with no screen draw a tour of it into ./out and ask nobody anything."""
    has_screen = has_display(os.environ)
    prepare(environment, debian.BASE + debian.WINDOW if has_screen else debian.BASE)
    watchroom = environment.program("watchroom")
    if has_screen or _is_command(arguments):
        return _become([watchroom, *arguments])
    print(f"No display: drawing the window and every panel into {Path('out').resolve()} instead", flush=True)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    return _become([watchroom, "--offscreen-tour", "./out", *arguments])


def test(environment: Environment, arguments: list[str]) -> int:
    """Run the tests on two processes, each a half and then what the other has left, so that a file's own site is made
    once; `arguments` are pytest's and win over that.
    """
    prepare(environment, debian.BASE)
    if debian.is_debian():
        debian.install_server(may_ask=has_display(os.environ) and sys.stdin.isatty())
    return _call([environment.program("python"), "-m", "pytest", "-n", "2", "--dist", "worksteal", *arguments])


def others(_environment: Environment, arguments: list[str]) -> int:
    """Name the missing programs of others, what is not tested without them, and the line that installs them."""
    if arguments:
        return _refuse("others takes no arguments.", 2)
    absent = debian.missing(tuple(debian.OTHERS)) if debian.is_debian() else list(debian.OTHERS)
    for package in absent:
        print(f"{package}: without it not tested: {debian.OTHERS[package]}")
    if absent:
        print(f"As root: apt-get install --no-install-recommends {' '.join(absent)}")
        print("Debian starts some of them as services, which the tests leave alone and do not need.")
    print("Most of these tests run only when asked: python3 installer/dev.py test -m slow")
    return 0


def check(environment: Environment, arguments: list[str]) -> int:
    """Run every check, the quick ones first and the tests last; stop at the first that fails."""
    if arguments:
        return _refuse("check takes no arguments.", 2)
    prepare(environment, debian.BASE)
    python = environment.program("python")
    steps = {
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "lint": [python, "-m", "ruff", "check", "."],
        "types": [python, "-m", "mypy"],
        "import rules": [environment.program("lint-imports")],
        "translations": [python, "installer/translations.py"],
        "tests": [sys.executable, "installer/dev.py", "test"],
    }
    return first_failure(steps)


def first_failure(steps: dict[str, list[str]]) -> int:
    """Run the commands in order, each under its name; return 0, or the exit code of the first that fails."""
    for name, command in steps.items():
        print(f"== {name}", flush=True)
        code = _call(command)
        if code:
            return _refuse(f"check failed at: {name}", code)
    return 0


def bench(environment: Environment, arguments: list[str]) -> int:
    """Run the scripts of tests/bench one after the other, or only the one named."""
    prepare(environment, debian.BASE)
    scripts = sorted((ROOT / "tests" / "bench").glob("[!_]*.py"))
    wanted = [script for script in scripts if not arguments or script.stem == arguments[0]]
    if not wanted:
        names = ", ".join(script.stem for script in scripts) or "none yet"
        return _refuse(f"There is no such benchmark. There are: {names}.", 2)
    codes = [_call([environment.program("python"), str(script), *arguments[1:]]) for script in wanted]
    return 1 if any(codes) else 0


def setup(environment: Environment, arguments: list[str]) -> int:
    """Make the environment alone."""
    if arguments:
        return _refuse("setup takes no arguments.", 2)
    prepare(environment, debian.BASE)
    print(f"Ready: {environment.program('watchroom')}")
    return 0


def prepare(environment: Environment, packages: tuple[str, ...]) -> None:
    """Bring the machine to where the program can run: Debian's packages first, then .venv.

    Raises debian.Missing or Failed.
    """
    if debian.is_debian():
        absent = debian.missing(packages)
        if environment.needs_venv_package():
            absent.insert(0, debian.VENV)
        if absent:
            debian.install(absent, may_ask=has_display(os.environ) and sys.stdin.isatty())
    elif environment.needs_venv_package():
        raise Failed("This Python has no ensurepip: install its venv module, then start again.")
    environment.prepare()


def has_display(variables: Mapping[str, str]) -> bool:
    """True when a window can be shown: always but on a Linux without X11 and Wayland."""
    return sys.platform != "linux" or any(variables.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


def _is_command(arguments: list[str]) -> bool:
    return bool(arguments) and not arguments[0].startswith("-")


def _other_python() -> str:
    here = ".".join(map(str, sys.version_info[:2]))
    return f"Watchroom needs Python 3.11, 3.12 or 3.13; this is {here}. Start it with one of those."


def _become(command: list[str]) -> int:
    """Hand this process over to `command`, so that signals and the exit code are the program's own."""
    if os.name != "nt":
        os.execv(command[0], command)
    return subprocess.run(command, check=False).returncode


def _call(command: list[str]) -> int:
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def _refuse(message: str, code: int = 1) -> int:
    print(message, file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
