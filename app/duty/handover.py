"""The hand-over of a shift: drafted from the record, offered, signed by the next shift with its own password."""

import uuid
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from app import people, signatures
from app.desk import ReadTx, Tx, command
from app.errors import Refused
from app.numbers import next_number
from app.permissions import Permission
from app.templates import load_templates
from app.text import clean
from app.times import to_local
from app.words import label, tr
from models.access import Visit
from models.backups import BackupPlan, BackupRun
from models.cmdb import Ci, Place
from models.duty import Handover, ShiftLogEntry
from models.enums import BackupResult, HandoverState, IncidentState, InspectionState, VisitState
from models.incidents import Incident
from models.inspections import Inspection
from models.people import Person

LOOK_BACK = timedelta(hours=24)
MOST_ITEMS = 200


@dataclass(frozen=True, slots=True)
class HandoverItem:
    """One open thing: `section` is incidents, visitors, backups, inspections, maintenance or log."""

    section: str
    text: str
    id: int


@dataclass(frozen=True, slots=True)
class HandoverRow:
    """A hand-over with what it hands over."""

    id: int
    version: int
    number: str
    shift: str
    state: HandoverState
    from_person: str
    from_person_id: int
    to_person: str
    to_person_id: int | None
    items: tuple[HandoverItem, ...]
    remarks: str
    offered_at: datetime | None
    signed_at: datetime | None


def draft(tx: ReadTx) -> list[HandoverItem]:
    """Return what is open now: incidents, visitors inside, red backups, due rounds, what the shift wrote."""
    return [*_incidents(tx), *_visitors(tx), *_backups(tx), *_rounds(tx), *_log(tx)]


@command(Permission.DUTY_LOG)
def offer(
    tx: Tx, key: uuid.UUID, shift: str, items: Sequence[HandoverItem], remarks: str, to_person_id: int | None = None
) -> int:
    """Hand the shift over with its items as they are read now; return the hand-over's id."""
    made = tx.already(Handover, key)
    if made:
        return made.id
    if tx.person.id is None:
        raise Refused(tr("Sign in to hand the shift over."))
    row = Handover(
        key=key, number=next_number(tx, "H", tx.now, 2), shift=shift[:40], state=HandoverState.OFFERED,
        from_person_id=tx.person.id, to_person_id=to_person_id, remarks=clean(remarks),
        items=[asdict(item) for item in items[:MOST_ITEMS]], offered_at=tx.now,
    )  # fmt: skip
    tx.add(row)
    signatures.sign(tx, "handover", row.id, "from", tx.person.id, _content(row))
    return row.id


@command(Permission.DUTY_LOG)
def sign_for(tx: Tx, handover_id: int, version: int, person_id: int, password: str) -> None:
    """Take the shift over: the next shift's person signs with the own password.

    Raises BadInput for a wrong password, Refused when the same person would hand over to himself.
    """
    row = tx.get(Handover, handover_id, version)
    if row.state is not HandoverState.OFFERED:
        raise Refused(tr("This hand-over is not waiting for a signature."))
    if person_id == row.from_person_id:
        raise Refused(tr("Nobody takes over from himself: the next shift signs."))
    people.confirm(tx, person_id, password, f"handover:{row.id}")
    row.state, row.to_person_id, row.signed_at = HandoverState.SIGNED, person_id, tx.now
    signatures.sign(tx, "handover", row.id, "to", person_id, _content(row))


def handover(tx: ReadTx, handover_id: int) -> HandoverRow | None:
    """Return one hand-over, None when there is none."""
    row = tx.session.get(Handover, handover_id)
    return _row(tx, row) if row else None


def by_number(tx: ReadTx, number: str = "") -> int | None:
    """Return the id of the hand-over `number`, of the latest one when no number is given; None for none."""
    query = select(Handover.id)
    if number:
        query = query.where(Handover.number == number)
    return tx.session.scalar(query.order_by(Handover.id.desc()).limit(1))


def handovers(tx: ReadTx, limit: int = 60) -> list[HandoverRow]:
    """Return the hand-overs, newest first."""
    found = tx.session.scalars(select(Handover).order_by(Handover.id.desc()).limit(limit))
    return [_row(tx, row) for row in found]


def _content(row: Handover) -> dict[str, object]:
    return {"number": row.number, "items": row.items, "remarks": row.remarks}


def _row(tx: ReadTx, row: Handover) -> HandoverRow:
    people = select(Person.id, Person.name).where(Person.id.in_((row.from_person_id, row.to_person_id or 0)))
    names: dict[int, str] = {row.id: row.name for row in tx.session.execute(people)}
    return HandoverRow(
        row.id, row.version, row.number, row.shift, row.state, names[row.from_person_id], row.from_person_id,
        names.get(row.to_person_id or 0, ""), row.to_person_id, tuple(HandoverItem(**i) for i in row.items),
        row.remarks, row.offered_at, row.signed_at,
    )  # fmt: skip


def _incidents(tx: ReadTx) -> list[HandoverItem]:
    query = (
        select(Incident.id, Incident.number, Incident.grade, Incident.state, Ci.name, Incident.title)
        .join(Ci, Ci.id == Incident.ci_id, isouter=True)
        .where(Incident.state.not_in((IncidentState.CLOSED, IncidentState.NOISE, IncidentState.RESOLVED)))
        .order_by(Incident.grade, Incident.id)
        .limit(MOST_ITEMS)
    )
    return [
        HandoverItem("incidents", " ".join(filter(None, (number, grade, label(state), name, title))), row_id)
        for row_id, number, grade, state, name, title in tx.session.execute(query)
    ]


def _visitors(tx: ReadTx) -> list[HandoverItem]:
    query = (
        select(Visit.id, Visit.number, Place.name, Visit.unit, Visit.headcount, Visit.purpose)
        .join(Place, Place.id == Visit.room_id)
        .where(Visit.state == VisitState.INSIDE)
        .order_by(Visit.id)
    )
    return [
        HandoverItem("visitors", tr("{number} {room}: {unit}, {n} people, {purpose}", number=number, room=room,
                                    unit=unit or tr("own staff"), n=n, purpose=purpose), row_id)
        for row_id, number, room, unit, n, purpose in tx.session.execute(query)
    ]  # fmt: skip


def _backups(tx: ReadTx) -> list[HandoverItem]:
    red = (BackupResult.FAILED, BackupResult.MISSING, BackupResult.LATE)
    when = or_(BackupRun.expected_at >= tx.now - LOOK_BACK, BackupRun.started_at >= tx.now - LOOK_BACK)
    query = (
        select(BackupRun.id, BackupPlan.name, BackupRun.job, BackupRun.result)
        .join(BackupPlan, BackupPlan.id == BackupRun.plan_id, isouter=True)
        .where(BackupRun.result.in_(red), when)
        .order_by(BackupRun.id)
    )
    return [
        HandoverItem("backups", f"{name or job} {label(result)}", row_id)
        for row_id, name, job, result in tx.session.execute(query)
    ]


def _rounds(tx: ReadTx) -> list[HandoverItem]:
    titles = {one.code: str(one.title) for one in load_templates()}
    today = to_local(tx.now).date()
    waiting = (InspectionState.DUE, InspectionState.DRAFT, InspectionState.SIGNED_ONCE)
    query = (
        select(Inspection.id, Inspection.number, Inspection.template, Inspection.state, Inspection.due_on)
        .where(Inspection.state.in_(waiting), or_(Inspection.due_on.is_(None), Inspection.due_on <= today))
        .order_by(Inspection.due_on, Inspection.id)
    )
    return [
        HandoverItem(
            "inspections", f"{number} {titles.get(template, template)} {label(state)} {due or ''}".strip(), row_id
        )
        for row_id, number, template, state, due in tx.session.execute(query)
    ]


def _log(tx: ReadTx) -> list[HandoverItem]:
    query = (
        select(ShiftLogEntry.id, ShiftLogEntry.text)
        .where(ShiftLogEntry.happened_at >= tx.now - LOOK_BACK / 2, ShiftLogEntry.voided_at.is_(None))
        .order_by(ShiftLogEntry.happened_at, ShiftLogEntry.id)
        .limit(MOST_ITEMS)
    )
    return [HandoverItem("log", text, row_id) for row_id, text in tx.session.execute(query)]
