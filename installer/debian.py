"""The Debian packages that Qt and the virtual environment need, and how they get onto this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

BASE = (
    "libegl1",
    "libgl1",
    "libxkbcommon0",
    "libdbus-1-3",
    "libfontconfig1",
    "libglib2.0-0",
)
"""What every start of Qt loads, with or without a screen."""

WINDOW = (
    "libxcb-cursor0",
    "libxcb-icccm4",
    "libxcb-image0",
    "libxcb-keysyms1",
    "libxcb-randr0",
    "libxcb-render-util0",
    "libxcb-render0",
    "libxcb-shape0",
    "libxcb-shm0",
    "libxcb-sync1",
    "libxcb-xfixes0",
    "libxcb-xinerama0",
    "libxcb-xkb1",
    "libx11-xcb1",
    "libxkbcommon-x11-0",
    "libwayland-cursor0",
    "libwayland-egl1",
    "libcups2",
    "alsa-utils",
)
"""What a window on a real screen, the printer dialog and the alarm sounds need besides."""

VENV = "python3-venv"

SERVER = "postgresql-15"
"""The tests of passwords, TLS, certificates and failover start servers of their own from it; no other part needs it."""

OTHERS = {
    "snmp": "traps, informs",
    "nut-server": "UPS by NUT",
    "openipmi": "IPMI",
    "mbpoll": "Modbus TCP",
    "prometheus": "rules of Prometheus",
    "prometheus-alertmanager": "Alertmanager",
    "icinga2-bin": "Icinga 2",
    "zabbix-server-pgsql": "Zabbix",
    "zabbix-agent": "Zabbix",
    "zabbix-frontend-php": "Zabbix",
    "php-cli": "Zabbix",
    "tomcat10": "Tomcat",
    "tomcat10-admin": "Tomcat",
    "openjdk-17-jre-headless": "Tomcat",
    "libpostgresql-jdbc-java": "Tomcat's pools",
    "rabbitmq-server": "RabbitMQ",
    "mariadb-server": "MariaDB",
}
"""Programs of others that tests start as instances of their own, and what for; without them these tests are skipped.

Together they take 600 MB, and Debian starts some of them as services: whoever owns the machine decides.
"""

OLDEST_SERVER = 15

NO_CLUSTER = Path("/etc/postgresql-common/createcluster.d/no-main-cluster.conf")
"""Where Debian is told that installing the server shall neither make nor start one."""


class Missing(Exception):
    """Packages are missing that only an administrator can install; `line` is the command for that."""

    def __init__(self, line: str, why: str) -> None:
        super().__init__(line)
        self.line = line
        self.why = why


def is_debian() -> bool:
    """True where dpkg keeps the list of packages: Debian and its descendants."""
    return sys.platform == "linux" and shutil.which("dpkg-query") is not None


def missing(wanted: tuple[str, ...]) -> list[str]:
    """Return those of `wanted` that are not installed, in the order given."""
    names = [name for package in wanted for name in (package, package + "t64")]
    query = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *names]
    answer = subprocess.run(query, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return absent(wanted, answer.stdout)


def absent(wanted: tuple[str, ...], listing: str) -> list[str]:
    """Return those of `wanted` that `listing` (lines of "name status") does not call installed.

    A package renamed for 64-bit time (libglib2.0-0t64) stands for its old name.
    """
    installed = set()
    for line in listing.splitlines():
        name, _, status = line.partition(" ")
        if status == "installed":
            installed.add(name)
    return [package for package in wanted if not {package, package + "t64"} & installed]


def install(packages: list[str], may_ask: bool) -> None:
    """Install `packages` as root or through sudo; a password is asked for only when `may_ask`.

    Raises Missing where neither is to be had, or where apt-get fails.
    """
    line = f"apt-get update && apt-get install -y --no-install-recommends {' '.join(packages)}"
    prefix = _rights(may_ask)
    if prefix is None:
        raise Missing(_by_hand(line), "Only an administrator can install them. Run this line, then start again:")
    print(f"Installing Debian packages: {' '.join(packages)}", flush=True)
    shell = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "sh",
        "-c",
        line.replace("apt-get", "apt-get -qq"),
    ]
    if subprocess.run(shell, stdin=None if may_ask else subprocess.DEVNULL, check=False).returncode:
        raise Missing(_by_hand(line), "apt-get could not install them. Run this line and see what it says:")


def install_server(may_ask: bool) -> None:
    """Install PostgreSQL's programs without starting a server; where that can't be done, say what is skipped for it."""
    if shutil.which("apt-cache") is None or not missing((SERVER,)) or _has_server():
        return
    known = subprocess.run(["apt-cache", "show", SERVER], capture_output=True, check=False).returncode == 0
    prefix = _rights(may_ask) if known else None
    if prefix is None:
        print(f"{SERVER} is not to be had here: the tests of passwords, TLS and failover are skipped.", flush=True)
        return
    line = f"mkdir -p {NO_CLUSTER.parent} && echo 'create_main_cluster = false' > {NO_CLUSTER}"
    subprocess.run([*prefix, "sh", "-c", line], check=False)
    try:
        install([SERVER], may_ask)
    except Missing as absence:
        print(f"{SERVER} could not be installed, the tests that need it are skipped: {absence.line}", flush=True)


def _has_server() -> bool:
    """True when Debian's PostgreSQL 15 or later is installed, whichever package brought it."""
    made = [path.parts[-3] for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    return any(version.isdigit() and int(version) >= OLDEST_SERVER for version in made)


def _rights(may_ask: bool) -> list[str] | None:
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        return None
    if may_ask:
        return [sudo]
    quiet = subprocess.run([sudo, "-n", "true"], stderr=subprocess.DEVNULL, check=False)
    return [sudo, "-n"] if quiet.returncode == 0 else None


def _by_hand(line: str) -> str:
    return line if os.geteuid() == 0 else f"sudo sh -c '{line}'"
