"""Maintenance windows: who muted what, why and until when (UX rule 4)."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput, Refused
from app.permissions import Permission
from app.text import clean_line
from app.times import checked
from app.words import tr
from models.cmdb import Ci
from models.monitoring import Maintenance
from models.people import Person


@dataclass(frozen=True, slots=True)
class MaintenanceRow:
    """A window, with its owner and reason."""

    id: int
    version: int
    ci_id: int
    ci_name: str
    starts_at: datetime
    ends_at: datetime
    reason: str
    owner: str
    ended_at: datetime | None


def maintenances(tx: ReadTx, ci_id: int | None = None, *, only_present: bool = True) -> list[MaintenanceRow]:
    """Return the windows that run or are to come (or all), by end."""
    query = (
        select(
            Maintenance.id, Maintenance.version, Maintenance.ci_id, Ci.name, Maintenance.starts_at, Maintenance.ends_at,
            Maintenance.reason, Person.name, Maintenance.ended_at,
        )
        .join(Ci, Ci.id == Maintenance.ci_id)
        .join(Person, Person.id == Maintenance.person_id)
        .order_by(Maintenance.ends_at, Maintenance.id)
    )  # fmt: skip
    if ci_id is not None:
        query = query.where(Maintenance.ci_id == ci_id)
    if only_present:
        query = query.where(Maintenance.ended_at.is_(None), Maintenance.ends_at > tx.now)
    return [MaintenanceRow(*row) for row in tx.session.execute(query)]


@command(Permission.DEVICE_OPERATE)
def begin_maintenance(
    tx: Tx, key: uuid.UUID, ci_id: int, reason: str, ends_at: datetime, starts_at: datetime | None = None
) -> int:
    """Mute a device's alarms until `ends_at`, for a reason, and return the window's id. Raises BadInput."""
    made = tx.already(Maintenance, key)
    if made:
        return made.id
    if tx.person.id is None:
        raise Refused(tr("Sign in to put a device into maintenance: the window names its owner."))
    tx.find(Ci, ci_id)
    cleaned = clean_line(reason)
    if not cleaned:
        raise BadInput(tr("Say why: the reason stands beside the muted device."), "reason")
    start, end = starts_at or tx.now, checked(ends_at, "ends_at")
    if end <= max(start, tx.now):
        raise BadInput(tr("The end must lie after the beginning and after now."), "ends_at")
    window = Maintenance(key=key, ci_id=ci_id, starts_at=start, ends_at=end, reason=cleaned, person_id=tx.person.id)
    return tx.add(window).id


@command(Permission.DEVICE_OPERATE)
def end_maintenance(tx: Tx, maintenance_id: int, version: int) -> None:
    """End a window early. Raises Conflict, or Refused when it was ended already."""
    window = tx.get(Maintenance, maintenance_id, version)
    if window.ended_at is not None:
        raise Refused(tr("This maintenance has been ended already."))
    window.ended_at = tx.now
