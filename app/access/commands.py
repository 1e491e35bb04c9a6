"""What the door does: announce, let in, let out, correct, void."""

import uuid
from dataclasses import replace
from datetime import datetime

from sqlalchemy import select

from app.access.certificates import sealed
from app.access.entry import ItemEntry, MemberEntry, VisitEntry, cleaned, refuse_unaccompanied
from app.desk import Tx, command
from app.errors import BadInput, Refused
from app.numbers import next_number
from app.permissions import Permission
from app.pinyin import search_text
from app.text import clean, clean_line
from app.times import checked
from app.words import tr
from models.access import Operation, Visit, VisitItem, VisitMember
from models.cmdb import Place
from models.enums import PlaceKind, Post, VisitState
from models.incidents import Incident, WorkOrder
from models.people import Person

ROOM_PEOPLE = frozenset({Post.ROOM_MANAGER, Post.OPERATOR, Post.ENGINEER})


@command(Permission.VISIT_REGISTER, keeps=True)
def enter(tx: Tx, entry: VisitEntry) -> int:
    """Register people who enter now and return the visit's id. Raises BadInput for what the regulation asks for."""
    return _register(tx, entry, VisitState.INSIDE, None)


@command(Permission.VISIT_REGISTER)
def announce(tx: Tx, entry: VisitEntry, announced_for: datetime) -> int:
    """Register a visit that is to come and return its id."""
    return _register(tx, entry, VisitState.ANNOUNCED, checked(announced_for, "announced_for"))


@command(Permission.VISIT_REGISTER, keeps=True)
def let_in(tx: Tx, visit_id: int, version: int, happened_at: datetime | None = None) -> None:
    """Let an announced visit enter. Raises Refused when it has entered already or was voided."""
    visit = tx.get(Visit, visit_id, version)
    if visit.state is not VisitState.ANNOUNCED:
        raise Refused(tr("This visit is not waiting to enter."))
    visit.state, visit.entered_at = VisitState.INSIDE, tx.happened(happened_at)
    visit.happened_at = visit.entered_at
    for member in _members(tx, visit_id):
        member.entered_at = visit.entered_at


@command(Permission.VISIT_REGISTER, keeps=True)
def leave(
    tx: Tx, visit_id: int, version: int, member_ids: tuple[int, ...] = (), happened_at: datetime | None = None
) -> None:
    """Let some members leave, or everybody when none is named; the visit ends with its last member.

    Raises Refused for a visit that is not inside, BadInput for a time before the entry.
    """
    visit = tx.get(Visit, visit_id, version)
    if visit.state is not VisitState.INSIDE:
        raise Refused(tr("This visit is not inside."))
    when = tx.happened(happened_at)
    if visit.entered_at is not None and when < visit.entered_at:
        raise BadInput(tr("The exit lies before the entry."), "left_at")
    members = _members(tx, visit_id)
    for member in members:
        if member.left_at is None and (not member_ids or member.id in member_ids):
            member.left_at = when
    if all(member.left_at is not None for member in members):
        visit.state, visit.left_at = VisitState.LEFT, when


@command(Permission.VISIT_REGISTER)
def edit_visit(
    tx: Tx, visit_id: int, version: int, purpose: str, remarks: str, planned_until: datetime | None, approver: str
) -> None:
    """Correct the visit's texts; who entered and when is corrected by voiding and registering anew. Raises BadInput."""
    visit = tx.get(Visit, visit_id, version)
    if visit.voided_at is not None:
        raise Refused(tr("A voided row stays as it is."))
    if not clean_line(purpose):
        raise BadInput(tr("Write down the purpose."), "purpose")
    visit.purpose, visit.remarks = clean_line(purpose)[:250], clean(remarks)
    visit.planned_until = checked(planned_until, "planned_until") if planned_until else None
    visit.approver = clean_line(approver)[:250]


@command(Permission.VISIT_VOID)
def void(tx: Tx, visit_id: int, version: int, reason: str) -> None:
    """Strike a wrong row through, with its reason. Raises BadInput without one."""
    visit = tx.get(Visit, visit_id, version)
    if not clean_line(reason):
        raise BadInput(tr("Say why the row is void."), "reason")
    if visit.voided_at is not None:
        raise Refused(tr("The row is void already."))
    visit.state, visit.voided_at, visit.void_reason = VisitState.VOID, tx.now, clean_line(reason)[:250]


@command(Permission.VISIT_REGISTER)
def carry(tx: Tx, visit_id: int, version: int, item: ItemEntry) -> None:
    """Enter something that is carried in or out after the entry (REQUIREMENTS E3). Raises BadInput for no name."""
    visit = tx.get(Visit, visit_id, version)
    if visit.voided_at is not None:
        raise Refused(tr("A voided row stays as it is."))
    if not clean_line(item.name):
        raise BadInput(tr("What is carried?"), "item")
    tx.add(_item(visit_id, item))


@command(Permission.VISIT_REGISTER)
def add_operation(
    tx: Tx, key: uuid.UUID, operator: str, content: str, *, visit_id: int | None = None, ci_id: int | None = None,
    witness: str = "", happened_at: datetime | None = None, ended_at: datetime | None = None,
) -> int:  # fmt: skip
    """Enter one operation in the register, alone or within a visit (REQUIREMENTS C10, E2); return its id."""
    made = tx.already(Operation, key)
    if made:
        return made.id
    if not clean_line(operator) or not clean(content).strip():
        raise BadInput(tr("An operation names its operator and what was done."), "content")
    if visit_id is not None:
        tx.find(Visit, visit_id)
    row = Operation(
        key=key, visit_id=visit_id, ci_id=ci_id, operator=clean_line(operator)[:80], witness=clean_line(witness)[:250],
        content=clean(content), happened_at=tx.happened(happened_at), ended_at=ended_at,
    )  # fmt: skip
    return tx.add(row).id


def register_past(tx: Tx, entry: VisitEntry, left_at: datetime | None) -> int:
    """Enter a visit of an older register, which has ended, and return its id; what it lacks stays empty."""
    made = tx.already(Visit, entry.key)
    if made:
        return made.id
    _refuse_no_room(tx, entry.room_id)
    when = tx.happened(entry.happened_at)
    visit = _visit(tx, entry, when)
    visit.state, visit.entered_at, visit.left_at = VisitState.LEFT, when, left_at
    tx.add(visit)
    for member in entry.members:
        row = _member(visit, member, when)
        row.left_at = left_at
        tx.add(row)
    for item in entry.items:
        tx.add(_item(visit.id, item))
    return visit.id


def _register(tx: Tx, entry: VisitEntry, state: VisitState, announced_for: datetime | None) -> int:
    made = tx.already(Visit, entry.key)
    if made:
        return made.id
    entry = cleaned(entry)
    _refuse_no_room(tx, entry.room_id)
    refuse_unaccompanied(entry, may_enter_alone=bool(tx.person.posts & ROOM_PEOPLE))
    when = tx.happened(entry.happened_at)
    visit = _visit(tx, _linked(tx, entry), when)
    visit.state, visit.announced_for = state, announced_for
    visit.entered_at = when if state is VisitState.INSIDE else None
    tx.add(visit)
    for member in sealed(tx, entry.members):
        tx.add(_member(visit, member, visit.entered_at))
    for item in entry.items:
        tx.add(_item(visit.id, item))
    return visit.id


def _linked(tx: Tx, entry: VisitEntry) -> VisitEntry:
    """Return the entry with the ids behind its `linked` number. Raises BadInput for a number that is none."""
    if not entry.linked:
        return entry
    incident_id = tx.session.scalar(select(Incident.id).where(Incident.number == entry.linked))
    order_id = tx.session.scalar(select(WorkOrder.id).where(WorkOrder.number == entry.linked))
    if incident_id is None and order_id is None:
        raise BadInput(tr("There is no incident or work order {number}.", number=entry.linked), "linked")
    return replace(entry, incident_id=incident_id, work_order_id=order_id)


def _item(visit_id: int, item: ItemEntry) -> VisitItem:
    return VisitItem(
        visit_id=visit_id,
        direction=item.direction,
        name=clean_line(item.name)[:120],
        quantity=max(1, item.quantity),
        ci_id=item.ci_id,
    )


def _visit(tx: Tx, entry: VisitEntry, when: datetime) -> Visit:
    escort = entry.escort
    if entry.escort_id is not None and not escort:
        escort = tx.find(Person, entry.escort_id).name
    return Visit(
        key=entry.key, number=next_number(tx, "V", when), room_id=entry.room_id, unit=entry.unit,
        purpose=entry.purpose, headcount=entry.headcount, is_own_staff=entry.is_own_staff,
        planned_until=entry.planned_until, approver=entry.approver, approval=entry.approval,
        escort_id=entry.escort_id, escort=escort, incident_id=entry.incident_id, work_order_id=entry.work_order_id,
        registered_by=tx.person.id, remarks=entry.remarks, happened_at=when,
        search=search_text(entry.unit, *(m.name for m in entry.members))[:500],
    )  # fmt: skip


def _member(visit: Visit, member: MemberEntry, entered_at: datetime | None) -> VisitMember:
    return VisitMember(
        visit_id=visit.id, name=member.name, unit=member.unit or visit.unit, telephone=member.telephone,
        certificate=member.certificate, certificate_mask=member.certificate_mask,
        certificate_cipher=member.sealed_certificate.encode() or None, entered_at=entered_at,
        search=search_text(member.name)[:250],
    )  # fmt: skip


def _members(tx: Tx, visit_id: int) -> list[VisitMember]:
    return list(tx.session.scalars(select(VisitMember).where(VisitMember.visit_id == visit_id)))


def _refuse_no_room(tx: Tx, room_id: int) -> None:
    room = tx.session.get(Place, room_id)
    if room is None or room.kind is not PlaceKind.ROOM or room.voided_at is not None:
        raise BadInput(tr("Choose the machine room."), "room_id")
