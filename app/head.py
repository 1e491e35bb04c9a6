"""What the head strip says: figures of the whole desk in one look, and the pulse that shows both ends alive."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import func, select

from app import access, copies, devices, drills, duty, incidents, settings
from app.access.visit_rows import Summary as Inside
from app.desk import ReadTx
from models.audit import AuditEntry
from models.backups import DatabaseCopy
from models.cmdb import Place
from models.enums import PlaceKind, State
from models.monitoring import CollectorBeat

ROOMS_NAMED = 3


@dataclass(frozen=True, slots=True)
class Pulse:
    """That the database answers, how fast, and when a collector last wrote; None before the first one ever ran."""

    now: datetime
    round_trip_ms: float
    beat_at: datetime | None
    trouble: str


@dataclass(frozen=True, slots=True)
class CopyFigures:
    """How the nightly copy stands; `is_stale` asks for the red banner. A shared database's server makes its own
    unless a folder is chosen here. `drill` is how restoring them stands.
    """

    is_ours: bool
    newest_good_at: datetime | None
    last_failed: bool
    is_stale: bool
    drill: drills.DrillStanding | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the head strip but the pulse, as of one moment."""

    now: datetime
    unit: str
    rooms: tuple[str, ...]
    counts: dict[State, int]
    unacknowledged: int
    oldest_due_at: datetime | None
    within: timedelta
    duty: duty.Duty
    inside: Inside
    copies: CopyFigures


def pulse(tx: ReadTx) -> Pulse:
    """Return the newest beat of any collector and how long one question to the database takes."""
    began = perf_counter()
    newest = tx.session.execute(
        select(CollectorBeat.beat_at, CollectorBeat.trouble).order_by(CollectorBeat.beat_at.desc()).limit(1)
    ).first()
    took_ms = (perf_counter() - began) * 1000
    return Pulse(tx.now, took_ms, newest.beat_at if newest else None, newest.trouble if newest else "")


def figures(tx: ReadTx) -> Figures:
    """Return the head strip's figures."""
    waiting = incidents.summary(tx)
    return Figures(
        now=tx.now,
        unit=settings.get(tx, "unit.name"),
        rooms=_rooms(tx),
        counts=devices.counts(tx).by_state,
        unacknowledged=waiting.unacknowledged,
        oldest_due_at=waiting.oldest_due_at,
        within=waiting.within,
        duty=duty.now_on_duty(tx),
        inside=access.summary(tx),
        copies=_copies(tx),
    )


def _rooms(tx: ReadTx) -> tuple[str, ...]:
    query = select(Place.name).where(Place.kind == PlaceKind.ROOM, Place.voided_at.is_(None)).order_by(Place.name)
    return tuple(tx.session.scalars(query.limit(ROOMS_NAMED)))


def _copies(tx: ReadTx) -> CopyFigures:
    """Return the copies' standing; a database younger than a copy's term is not yet without one."""
    if not tx.is_sqlite and not settings.get(tx, "copies.folder"):
        return CopyFigures(False, None, False, False)
    good_at = tx.session.scalar(select(func.max(DatabaseCopy.made_at)).where(DatabaseCopy.is_good))
    last = tx.session.scalar(select(DatabaseCopy.is_good).order_by(DatabaseCopy.id.desc()).limit(1))
    since = good_at or tx.session.scalar(select(AuditEntry.at).order_by(AuditEntry.id).limit(1)) or tx.now
    return CopyFigures(True, good_at, last is False, tx.now - since > copies.STALE_AFTER, drills.standing(tx))
