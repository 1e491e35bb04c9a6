"""The checklist of an ordered shutdown, kept in the time line of the mains failure's incident."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select

from app.collector.samples import Metric
from app.desk import ReadTx, Tx, command
from app.errors import NotFound, Refused
from app.incidents.changing import is_logged, locked, log
from app.mains.order import fed_by, order
from app.mains.runtime import runtime_left
from app.permissions import Permission
from app.text import clean_line
from app.words import tr
from models.cmdb import Ci, Relation
from models.enums import EventKind, RelationKind
from models.incidents import Incident, IncidentEvent
from models.people import Person

MINUTES_A_STEP: Final = 3
_CARRYING: Final = (RelationKind.POWERED_BY, RelationKind.RUNS_ON)
_ORDERING: Final = (*_CARRYING, RelationKind.DEPENDS_ON)


@dataclass(frozen=True, slots=True)
class Step:
    """One device to shut down; `done_by` and `done_at` once somebody ticked it."""

    ci_id: int
    place: int
    name: str
    class_name: str
    address: str
    is_in_ring: bool
    done_by: str
    done_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shutdown:
    """The ordered shutdown of what a power supply feeds. `rings` name what depends on one another.

    `empty_at`: when the battery will be empty, None while the mains are there or the supply does not tell.
    `begin_by`: when the steps that are left must begin at the latest.
    """

    incident_id: int
    number: str
    supply: str
    steps: tuple[Step, ...]
    rings: tuple[str, ...]
    empty_at: datetime | None
    begin_by: datetime | None
    is_over: bool

    @property
    def left(self) -> int:
        return sum(step.done_at is None for step in self.steps)


def shutdown(tx: ReadTx, incident_id: int) -> Shutdown:
    """Return the checklist of a mains failure. Raises NotFound, or Refused when the incident is of another kind."""
    incident = tx.session.get(Incident, incident_id)
    if incident is None:
        raise NotFound(tr("incident"), incident_id)
    supply = _supply(tx, incident)
    links = _links(tx)
    carried = fed_by(supply.id, [(one, other) for kind, one, other in links if kind in _CARRYING])
    devices = _devices(tx, carried)
    found = order(list(devices), [(one, other) for _, one, other in links])
    ringed = {member for ring in found.rings for member in ring}
    done = _done(tx, incident, found.steps)
    steps = tuple(_step(devices[one], place, one in ringed, done) for place, one in enumerate(found.steps, 1))
    rings = tuple(" → ".join(devices[one].name for one in (*ring, ring[0])) for ring in found.rings)
    is_over = incident.cleared_at is not None
    empty_at = None if is_over else runtime_left(tx, supply.id)
    left = sum(step.done_at is None for step in steps)
    begin_by = None if empty_at is None else empty_at - timedelta(minutes=left * MINUTES_A_STEP)
    return Shutdown(incident.id, incident.number, supply.name, steps, rings, empty_at, begin_by, is_over)


@command(Permission.INCIDENT_HANDLE)
def tick(tx: Tx, incident_id: int, ci_id: int) -> None:
    """Write down that a device was shut down, by whom and when; a repetition adds nothing. Raises Refused, NotFound."""
    incident = locked(tx, incident_id)
    _supply(tx, incident)
    key = _key(incident, ci_id)
    if not is_logged(tx, key):
        name = clean_line(tx.find(Ci, ci_id).name)
        log(tx, incident, EventKind.NOTE, tr("Shut down in order: {name}", name=name), key=key)


def _supply(tx: ReadTx, incident: Incident) -> Ci:
    is_mains = (incident.cause_key or "").endswith(f":{Metric.UPS_ON_BATTERY_S}")
    supply = tx.session.get(Ci, incident.ci_id) if is_mains and incident.ci_id is not None else None
    if supply is None:
        raise Refused(tr("{number} is no mains failure: it has no shutdown order.", number=incident.number))
    return supply


def _links(tx: ReadTx) -> list[tuple[RelationKind, int, int]]:
    query = select(Relation.kind, Relation.source_id, Relation.target_id).where(
        Relation.kind.in_(_ORDERING), Relation.ended_at.is_(None)
    )
    return [(kind, source, target) for kind, source, target in tx.session.execute(query.order_by(Relation.id))]


def _devices(tx: ReadTx, ids: set[int]) -> dict[int, Ci]:
    """Return the devices that are in the record still, by name."""
    found = tx.session.scalars(select(Ci).where(Ci.voided_at.is_(None)).order_by(Ci.name, Ci.id))
    return {one.id: one for one in found if one.id in ids}


def _done(tx: ReadTx, incident: Incident, ids: Sequence[int]) -> dict[int, tuple[str, datetime]]:
    """Return who ticked which device and when."""
    keys = {_key(incident, ci_id): ci_id for ci_id in ids}
    query = (
        select(IncidentEvent.key, Person.name, IncidentEvent.happened_at)
        .outerjoin(Person, Person.id == IncidentEvent.person_id)
        .where(IncidentEvent.incident_id == incident.id, IncidentEvent.key.is_not(None))
    )
    return {keys[key]: (name or "", at) for key, name, at in tx.session.execute(query) if key in keys}


def _step(ci: Ci, place: int, is_in_ring: bool, done: Mapping[int, tuple[str, datetime]]) -> Step:
    who, at = done.get(ci.id, ("", None))
    return Step(ci.id, place, ci.name, ci.class_name, ci.address, is_in_ring, who, at)


def _key(incident: Incident, ci_id: int) -> uuid.UUID:
    return uuid.uuid5(incident.key, f"shutdown {ci_id}")
