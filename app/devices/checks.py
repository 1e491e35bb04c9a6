"""Checks: what the collector asks a device, set up by people; 'check now'."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.devices.secrets import sealed
from app.errors import BadInput
from app.permissions import Permission
from app.text import clean_line
from app.words import tr
from models.cmdb import Ci
from models.enums import CheckKind
from models.monitoring import Check, CheckRequest

SHORTEST_S, LONGEST_S = 5, 86_400


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check; `has_secret` is all that people see of its secret."""

    id: int
    version: int
    ci_id: int
    kind: CheckKind
    address: str
    port: int | None
    params: Mapping[str, str]
    has_secret: bool
    interval_s: int
    retries: int
    is_enabled: bool


def checks_of(tx: ReadTx, ci_id: int) -> list[CheckRow]:
    """Return a device's checks, oldest first."""
    found = tx.session.scalars(select(Check).where(Check.ci_id == ci_id).order_by(Check.id))
    return [
        CheckRow(
            c.id, c.version, c.ci_id, c.kind, c.address, c.port, c.params, c.secret is not None, c.interval_s,
            c.retries, c.is_enabled,
        )
        for c in found
    ]  # fmt: skip


@command(Permission.DEVICE_CONFIGURE)
def add_check(
    tx: Tx, key: uuid.UUID, ci_id: int, kind: CheckKind, address: str, *, port: int | None = None,
    params: Mapping[str, str] | None = None, secret: str = "", interval_s: int = 60, retries: int = 2,
) -> int:  # fmt: skip
    """Watch a device by one more check and return its id; its secret is stored sealed. Raises BadInput."""
    made = tx.already(Check, key)
    if made:
        return made.id
    tx.find(Ci, ci_id)
    check = Check(key=key, ci_id=ci_id, kind=kind)
    _fill(check, address, port, params or {}, interval_s, retries)
    check.secret = sealed(tx, secret)
    return tx.add(check).id


@command(Permission.DEVICE_CONFIGURE)
def edit_check(
    tx: Tx, check_id: int, version: int, address: str, *, port: int | None, params: Mapping[str, str],
    secret: str | None, interval_s: int, retries: int, is_enabled: bool,
) -> None:  # fmt: skip
    """Change a check; `secret` None keeps the present one. Raises BadInput or Conflict."""
    check = tx.get(Check, check_id, version)
    _fill(check, address, port, params, interval_s, retries)
    check.is_enabled = is_enabled
    if secret is not None:
        check.secret = sealed(tx, secret)


@command(Permission.DEVICE_OPERATE)
def request_check(tx: Tx, ci_id: int) -> None:
    """Ask the collector to check a device at once."""
    tx.find(Ci, ci_id)
    tx.add(CheckRequest(ci_id=ci_id, asked_at=tx.now))


def _fill(
    check: Check, address: str, port: int | None, params: Mapping[str, str], interval_s: int, retries: int
) -> None:
    cleaned = clean_line(address)
    if not cleaned and check.kind is not CheckKind.LOCAL:
        raise BadInput(tr("An address is needed."), "address")
    if port is not None and not 0 < port < 65_536:
        raise BadInput(tr("A port lies between 1 and 65535."), "port")
    if not SHORTEST_S <= interval_s <= LONGEST_S:
        raise BadInput(tr("Check every {least} to {most} seconds.", least=SHORTEST_S, most=LONGEST_S), "interval_s")
    check.address, check.port, check.params = cleaned, port, dict(params)
    check.interval_s, check.retries = interval_s, max(0, min(retries, 10))
