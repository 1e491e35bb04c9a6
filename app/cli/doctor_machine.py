"""What the doctor looks at on the machine: Python, Qt, ping, sound, fonts, folders, disk, clock."""

import asyncio
import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources as packaged
from pathlib import Path

from app.cli.finding import Finding, Mark
from app.collector.intake.service import ALLOWED_TO_ALL
from app.collector.probes.snmp.families import known, own_folder
from app.collector.probes.wire import Wire
from app.errors import Refused, WatchroomError
from app.paths import data_dir, network_kind
from app.words import tr

OLDEST_PYTHON = (3, 11)
FEWEST_BYTES = 2_000_000_000
PLAYERS = ("pw-play", "paplay", "aplay")
QT_TIMEOUT_S = 60
FIRST_SANE_YEAR, LAST_SANE_YEAR = 2024, 2099


def machine_findings() -> Iterator[Finding]:
    """Yield what this machine has and lacks."""
    yield _python()
    yield _qt()
    yield _display()
    yield _ping()
    yield _sound()
    yield _fonts()
    yield from _folder()
    yield from _families()
    yield _ports()
    yield _clock()


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    is_good = sys.version_info >= OLDEST_PYTHON
    advice = tr("install Python {version} or newer", version=".".join(map(str, OLDEST_PYTHON)))
    return Finding(Mark.OK if is_good else Mark.MISSING, "Python", version, advice)


def _qt() -> Finding:
    """Load Qt in a process of its own: a library that is missing there ends only that one."""
    if importlib.util.find_spec("PySide6") is None:
        return Finding(Mark.MISSING, "Qt", tr("PySide6 is not installed"), "pip install watchroom")
    code = "import PySide6.QtWidgets as w; a = w.QApplication([]); print(w.__name__)"
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    try:
        tried = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=QT_TIMEOUT_S,
            check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding(Mark.MISSING, "Qt", str(error))
    if tried.returncode == 0:
        return Finding(Mark.OK, "Qt")
    last = (tried.stderr.strip().splitlines() or ["?"])[-1]
    return Finding(Mark.MISSING, "Qt", last, "apt install libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1")


def _display() -> Finding:
    what = tr("Screen")
    if sys.platform in ("win32", "darwin"):
        return Finding(Mark.OK, what)
    shown = os.environ.get("WAYLAND_DISPLAY") or os.environ.get("DISPLAY")
    if shown:
        return Finding(Mark.OK, what, shown)
    return Finding(Mark.NOTE, what, tr("none here: the collector and the command line work, the window does not"))


def _ping() -> Finding:
    """Open what the collector would: a raw or a datagram socket, else fping."""
    what = tr("Ping")
    try:
        is_raw = asyncio.run(_open_wire())
    except (Refused, OSError):
        if shutil.which("fping"):
            return Finding(Mark.OK, what, "fping")
        advice = "apt install fping, " + tr("or") + ' sysctl net.ipv4.ping_group_range="0 2147483647"'
        return Finding(Mark.MISSING, what, tr("the system allows no ICMP socket"), advice)
    return Finding(Mark.OK, what, tr("raw socket") if is_raw else tr("datagram socket"))


async def _open_wire() -> bool:
    wire = Wire(socket.AF_INET)
    try:
        return wire.is_raw
    finally:
        wire.close()


def _sound() -> Finding:
    what = tr("Sound player")
    if sys.platform == "win32":
        return Finding(Mark.OK, what)
    player = next((name for name in PLAYERS if shutil.which(name)), "")
    return Finding(
        Mark.OK if player else Mark.MISSING, what, player or tr("none: alarms make no sound here"),
        "apt install pipewire-bin, " + tr("or") + " pulseaudio-utils, alsa-utils",
    )  # fmt: skip


def _fonts() -> Finding:
    fonts = packaged.files("resources") / "fonts"
    files = [file.name for file in fonts.iterdir() if file.name.endswith((".ttf", ".otf", ".ttc"))]
    what = tr("Fonts for paper")
    if files:
        return Finding(Mark.OK, what, tr("{n} files", n=len(files)))
    return Finding(
        Mark.MISSING, what, tr("the program's own fonts are not there"), "pip install --force-reinstall watchroom"
    )


def _folder() -> Iterator[Finding]:
    what = tr("Data folder")
    try:
        folder = data_dir()
        _try_writing(folder)
    except (OSError, WatchroomError) as error:
        yield Finding(Mark.MISSING, what, str(error), tr("choose another one with {name}", name="WATCHROOM_HOME"))
        return
    kind = network_kind(folder)
    if kind:
        detail = tr("{folder} lies on a network share ({kind})", folder=folder, kind=kind)
        yield Finding(Mark.MISSING, what, detail, tr("choose a folder of this machine, or use PostgreSQL (--db)"))
    else:
        yield Finding(Mark.OK, what, str(folder))
    free = shutil.disk_usage(folder).free
    yield Finding(
        Mark.OK if free >= FEWEST_BYTES else Mark.MISSING, tr("Free disk"), f"{free / 1e9:.1f} GB",
        tr("make room: {n} GB at least", n=f"{FEWEST_BYTES / 1e9:.0f}"),
    )  # fmt: skip


def _try_writing(folder: Path) -> None:
    trial = folder / f".doctor-{os.getpid()}"
    trial.write_bytes(b"1")
    trial.unlink()


def _families() -> Iterator[Finding]:
    """Say where a site's own knowledge of devices belongs, and which of its files can't be used."""
    what = tr("Device families")
    knowledge = known()
    for trouble in knowledge.troubles:
        yield Finding(Mark.MISSING, what, trouble, tr("mend the file or take it away"))
    detail = tr("{n} known; your own belong into {folder}", n=len(knowledge.families), folder=own_folder())
    yield Finding(Mark.OK, what, detail)


def _ports() -> Finding:
    """Say where traps and syslog are received: below 1024 only with rights of the machine."""
    name, advice = tr("Ports for traps and syslog"), tr("setcap cap_net_bind_service on Python, or use these ports")
    try:
        for port in ALLOWED_TO_ALL:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
                tried.bind(("127.0.0.1", port))
    except PermissionError:
        others = ", ".join(map(str, ALLOWED_TO_ALL.values()))
        return Finding(Mark.NOTE, name, tr("no rights for 162 and 514, so {ports} are used", ports=others), advice)
    except OSError as error:
        return Finding(Mark.NOTE, name, error.strerror or str(error), advice)
    return Finding(Mark.OK, name, ", ".join(map(str, ALLOWED_TO_ALL)), advice)


def _clock() -> Finding:
    now = datetime.now(UTC).astimezone()
    zone = f"{now.tzname()} {now:%z}"
    is_sane = FIRST_SANE_YEAR <= now.year <= LAST_SANE_YEAR and time.timezone % 900 == 0
    detail = f"{now:%Y-%m-%d %H:%M:%S} {zone}"
    return Finding(
        Mark.OK if is_sane else Mark.MISSING, tr("Clock and time zone"), detail,
        tr("set the clock (NTP) and the time zone"),
    )  # fmt: skip
