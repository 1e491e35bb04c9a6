"""From nothing to real data on the board: this machine, its gateway and name servers, a first device."""

import platform
import socket
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from sqlalchemy import select

from app.desk import Tx, command
from app.devices.secrets import sealed
from app.errors import BadInput
from app.permissions import Permission
from app.pinyin import search_text
from app.text import clean_line
from app.words import tr
from models.cmdb import Ci
from models.enums import CheckKind
from models.monitoring import Check

LOCAL_EVERY_S = 10
PING_EVERY_S = 30


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What this machine can see of its own network: its name, its gateway and its name servers."""

    host: str
    gateway: str
    name_servers: tuple[str, ...]


def look_around() -> Neighbourhood:
    """Return this machine's neighbourhood; what can't be found out is left empty. Reads files, never the network."""
    return Neighbourhood(socket.gethostname() or platform.node() or "localhost", _gateway(), _name_servers())


@command(Permission.DEVICE_CONFIGURE)
def watch_this_machine(tx: Tx, around: Neighbourhood) -> list[int]:
    """Put this machine, its gateway and its name servers on the board; return their ids. A repetition adds nothing."""
    ids = [_watched(tx, around.host, "server", "", CheckKind.LOCAL, LOCAL_EVERY_S)]
    if around.gateway:
        name = tr("Gateway {address}", address=around.gateway)
        ids.append(_watched(tx, name, "router", around.gateway, CheckKind.ICMP, PING_EVERY_S))
    for address in around.name_servers:
        name = tr("Name server {address}", address=address)
        ids.append(_watched(tx, name, "server", address, CheckKind.ICMP, PING_EVERY_S))
    return ids


@command(Permission.DEVICE_CONFIGURE)
def add_device(
    tx: Tx, key: uuid.UUID, name: str, class_name: str, address: str, kinds: Iterable[CheckKind], *,
    secret: str = "", port: int | None = None, params: dict[str, str] | None = None,
) -> int:  # fmt: skip
    """Enter a device with its checks in one step and return the CI's id. Raises BadInput."""
    made = tx.already(Ci, key)
    if made:
        return made.id
    cleaned, where = clean_line(name)[:120], clean_line(address)
    if not where:
        raise BadInput(tr("An address is needed."), "address")
    ci = tx.add(_ci(key, cleaned or where, class_name, where))
    for kind in kinds:
        check = Check(ci_id=ci.id, kind=kind, address=where, port=port, params=params or {}, interval_s=60)
        if kind is CheckKind.SNMP:
            check.secret = sealed(tx, secret)
        tx.add(check)
    return ci.id


def _watched(tx: Tx, name: str, class_name: str, address: str, kind: CheckKind, every_s: int) -> int:
    present = tx.session.scalars(
        select(Ci.id)
        .join(Check, Check.ci_id == Ci.id)
        .where(Ci.voided_at.is_(None), Check.kind == kind, Check.address == address)
    ).first()
    if present is not None:
        return present
    ci = tx.add(_ci(uuid.uuid4(), name, class_name, address))
    tx.add(Check(ci_id=ci.id, kind=kind, address=address, interval_s=every_s))
    return ci.id


def _ci(key: uuid.UUID, name: str, class_name: str, address: str) -> Ci:
    return Ci(key=key, name=name, class_name=class_name, address=address, search=search_text(name)[:400])


def _gateway() -> str:
    """Return the default gateway that the kernel names, "" where it can't be read."""
    try:
        lines = Path("/proc/net/route").read_text(encoding="ascii").splitlines()[1:]
    except OSError:
        return ""
    for line in lines:
        fields = line.split()
        if len(fields) > 2 and fields[1] == "00000000" and fields[2] != "00000000":
            return str(ip_address(bytes.fromhex(fields[2])[::-1]))
    return ""


def _name_servers() -> tuple[str, ...]:
    try:
        lines = Path("/etc/resolv.conf").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ()
    words = (line.split() for line in lines)
    found = [w[1] for w in words if len(w) > 1 and w[0] == "nameserver"]
    return tuple(dict.fromkeys(address for address in found if _is_address(address)))[:3]


def _is_address(text: str) -> bool:
    try:
        return not ip_address(text.split("%")[0]).is_loopback
    except ValueError:
        return False
