"""Compares what devices say of themselves with their records. Nothing but the list of differences is changed."""

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.ci_classes import class_of
from app.desk import ReadTx, Tx, command
from app.interface_facts import lines_in, summed_up
from app.permissions import Permission
from models.cmdb import Ci
from models.enums import DifferenceState, Fact
from models.facts import Difference
from models.monitoring import DeviceState

STANDING = (DifferenceState.OPEN, DifferenceState.ORDERED, DifferenceState.KEPT)
CUT = "…"
"""Ends a list of addresses that was too long to be kept: nothing can be said of what it lacks."""

_TOLD = {Fact.MODEL: "model", Fact.SERIAL: "serial", Fact.FIRMWARE: "version"}


@dataclass(frozen=True, slots=True)
class Seen:
    """One field that differs now."""

    ci_id: int
    fact: Fact
    recorded: str
    polled: str


def has_news(tx: ReadTx) -> bool:
    """Tell whether `compare` would write anything, so that it need not be asked to."""
    return next(_steps(tx), None) is not None


@command(Permission.WATCH)
def compare(tx: Tx) -> int:
    """Enter new differences, and mark those that match again or are others now; return how many rows that touched."""
    steps = list(_steps(tx))
    for row, _seen in steps:
        if row is not None:
            row.state, row.version = DifferenceState.GONE, row.version + 1
    tx.session.flush()
    for _row, seen in steps:
        if seen is not None:
            tx.add(
                Difference(
                    ci_id=seen.ci_id, fact=seen.fact, recorded=seen.recorded, polled=seen.polled, found_at=tx.now
                )
            )
    return len(steps)


def differing(ci: Any, told: Mapping[str, str]) -> Iterator[Seen]:
    """Yield the fields of a configuration item that are not what the device told; what it did not tell is left out."""
    for fact, name in _TOLD.items():
        polled, recorded = told.get(name, ""), getattr(ci, fact.value)
        if polled and _plain(polled) != _plain(recorded):
            yield Seen(ci.id, fact, recorded, polled)
    addresses = told.get("addresses", "").split()
    if addresses and CUT not in addresses and _is_public(ci.address) and ci.address not in addresses:
        yield Seen(ci.id, Fact.ADDRESS, ci.address, " ".join(addresses))
    ports = told.get("ports", "")
    if ports and "ports" in {each.name for each in class_of(ci.class_name).attributes}:
        recorded = _whole(ci.attributes.get("ports"))
        if recorded != ports:
            yield Seen(ci.id, Fact.PORTS, recorded, ports)
    seen = interfaces_seen(ci.id, ci.attributes, told)
    if seen is not None:
        yield seen


def interfaces_seen(ci_id: int, attributes: Mapping[str, Any], told: Mapping[str, str]) -> Seen | None:
    """Return in what the recorded interfaces and the device's own differ; None where they don't or it told none."""
    polled = lines_in(told)
    differs = summed_up(lines_in(attributes), polled) if polled else None
    return Seen(ci_id, Fact.INTERFACES, *differs) if differs else None


def _steps(tx: ReadTx) -> Iterator[tuple[Difference | None, Seen | None]]:
    """Yield what is to be done: a row that ends, a difference that begins, or both where the difference is another."""
    standing = {
        (row.ci_id, row.fact): row
        for row in tx.session.scalars(select(Difference).where(Difference.state.in_(STANDING)))
    }
    query = select(Ci.id, Ci.class_name, Ci.model, Ci.serial, Ci.firmware, Ci.address, Ci.attributes, DeviceState.facts)
    query = query.join(DeviceState, DeviceState.ci_id == Ci.id).where(Ci.voided_at.is_(None)).order_by(Ci.id)
    for ci in tx.session.execute(query):
        for seen in differing(ci, ci.facts):
            row = standing.pop((seen.ci_id, seen.fact), None)
            if row is None:
                yield None, seen
            elif (row.recorded, row.polled) != (seen.recorded, seen.polled):
                yield row, seen
    for row in standing.values():
        yield row, None


def _plain(text: str) -> str:
    return "".join(text.split()).casefold()


def _whole(value: object) -> str:
    return f"{value:.0f}" if isinstance(value, int | float) else ""


def _is_public(address: str) -> bool:
    """Tell whether a recorded address is one that the device itself should know."""
    try:
        return not ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
