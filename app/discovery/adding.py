"""What a person chose of what was found, entered in one step each."""

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select

from app import devices
from app.desk import ReadTx, Tx, command
from app.permissions import Permission
from app.text import clean_line
from models.cmdb import Ci
from models.enums import CheckKind
from models.monitoring import Check

ASKED_AT_ONCE = 5_000
READY = (CheckKind.NUT,)
"""Kinds that need nothing but the address."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A device that a person said yes to; `key` makes a repetition harmless."""

    key: uuid.UUID
    address: str
    name: str
    class_name: str
    maker: str = ""
    model: str = ""
    firmware: str = ""
    community: str = field(default="", repr=False)
    port: int | None = None
    others: tuple[CheckKind, ...] = ()
    ports: Mapping[CheckKind, int] = field(default_factory=dict)
    params: Mapping[CheckKind, Mapping[str, str]] = field(default_factory=dict)


def known_at(tx: ReadTx, addresses: Collection[str]) -> dict[str, str]:
    """Return, of these addresses, those that a configuration item or a check has already, with the item's name."""
    found: dict[str, str] = {}
    wanted = list(addresses)
    for start in range(0, len(wanted), ASKED_AT_ONCE):
        part = wanted[start : start + ASKED_AT_ONCE]
        by_check = (
            select(Check.address, Ci.name)
            .join(Ci, Ci.id == Check.ci_id)
            .where(Ci.voided_at.is_(None), Check.is_enabled, Check.address.in_(part))
        )
        by_item = select(Ci.address, Ci.name).where(Ci.voided_at.is_(None), Ci.address.in_(part))
        for query in (by_check, by_item):
            found.update((address, name) for address, name in tx.session.execute(query))
    return found


@command(Permission.DEVICE_CONFIGURE)
def add(tx: Tx, choices: Collection[Choice]) -> int:
    """Enter the chosen devices with their checks and return how many are new; known addresses stay as they are.

    A check that still needs a password or a register map is entered, but switched off until somebody gives it that.
    """
    there = known_at(tx, [choice.address for choice in choices])
    fresh = [choice for choice in choices if choice.address not in there]
    for choice in fresh:
        kinds = (CheckKind.ICMP, CheckKind.SNMP) if choice.community else (CheckKind.ICMP,)
        ci_id = devices.add_device(
            tx,
            choice.key,
            choice.name,
            choice.class_name,
            choice.address,
            kinds,
            secret=choice.community,
            port=choice.port,
        )
        for kind in choice.others:
            _add_other(tx, choice, ci_id, kind)
        item = tx.find(Ci, ci_id)
        item.maker, item.model = clean_line(choice.maker), clean_line(choice.model)
        item.firmware = clean_line(choice.firmware)
    return len(fresh)


def _add_other(tx: Tx, choice: Choice, ci_id: int, kind: CheckKind) -> None:
    check_id = devices.add_check(
        tx,
        uuid.uuid5(choice.key, kind.value),
        ci_id,
        kind,
        choice.address,
        port=choice.ports.get(kind),
        params=choice.params.get(kind, {}),
    )
    tx.find(Check, check_id).is_enabled = kind in READY
