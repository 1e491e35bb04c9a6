"""What the access log shows: the list, who is inside, returning visitors, a month's ledger."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from app.access.visit_rows import (
    Inside,
    ItemRow,
    MemberRow,
    OperationRow,
    ReturningVisitor,
    Summary,
    VisitDetail,
    VisitFilter,
    VisitRow,
)
from app.desk import ReadTx
from app.paging import PAGE, beyond, capped_count
from app.text import like_pattern
from app.times import day_range, month_range, to_local
from models.access import Operation, Visit, VisitItem, VisitMember
from models.cmdb import Ci, Place
from models.enums import VisitState
from models.incidents import Incident, WorkOrder

VIEWS = ("all", "inside", "announced", "overdue", "today")


def page(
    tx: ReadTx,
    wanted: VisitFilter,
    after: VisitRow | None = None,
    limit: int = PAGE,
    *,
    backwards: bool = False,
    descending: bool = True,
) -> list[VisitRow]:
    """Return the `limit` visits after (with `backwards`: before) the row `after`, by time, newest first."""
    is_down = descending is not backwards
    columns = (Visit.happened_at, Visit.id)
    query = _filtered(tx, select(Visit.id), wanted)
    query = query.order_by(*(column.desc() if is_down else column.asc() for column in columns))
    if after is not None:
        query = query.where(beyond(columns, (after.happened_at, after.id), descending=is_down))
    ids = list(tx.session.scalars(query.limit(limit)))
    return rows(tx, ids[::-1] if backwards else ids)


def listed(
    tx: ReadTx, view: str, text: str, after: VisitRow | None, limit: int, *, backwards: bool, descending: bool
) -> list[VisitRow]:
    """Return a page of one of VIEWS as `page` does: what a table asks before this module is loaded."""
    return page(tx, VisitFilter(view, text), after, limit, backwards=backwards, descending=descending)


def counted(tx: ReadTx, view: str, text: str) -> int:
    """Return how many rows `listed` has, capped."""
    return count(tx, VisitFilter(view, text))


def count(tx: ReadTx, wanted: VisitFilter) -> int:
    """Return how many rows the filter has, capped."""
    return capped_count(tx, _filtered(tx, select(Visit.id), wanted))


def counts(tx: ReadTx) -> dict[str, int]:
    """Return how many rows each of VIEWS has, capped."""
    return {view: count(tx, VisitFilter(view)) for view in VIEWS}


def rows(tx: ReadTx, visit_ids: Iterable[int]) -> list[VisitRow]:
    """Return rows in the order of `visit_ids`."""
    ids = list(visit_ids)
    people, items = _people(tx, ids), _items(tx, ids)
    query = (
        select(
            *Visit.__table__.c, Place.name.label("room"), Incident.number.label("incident"),
            WorkOrder.number.label("work_order"),
        )
        .join(Place, Place.id == Visit.room_id)
        .join(Incident, Incident.id == Visit.incident_id, isouter=True)
        .join(WorkOrder, WorkOrder.id == Visit.work_order_id, isouter=True)
        .where(Visit.id.in_(ids))
    )  # fmt: skip
    found = {row.id: _row(tx, row, people.get(row.id, []), items.get(row.id, "")) for row in tx.session.execute(query)}
    return [found[visit_id] for visit_id in ids if visit_id in found]


def detail(tx: ReadTx, visit_id: int) -> VisitDetail | None:
    """Return everything about one visit, None when there is none."""
    found = rows(tx, [visit_id])
    if not found:
        return None
    members = tx.session.scalars(select(VisitMember).where(VisitMember.visit_id == visit_id).order_by(VisitMember.id))
    items = tx.session.execute(
        select(VisitItem.direction, VisitItem.name, VisitItem.quantity, Ci.name)
        .join(Ci, Ci.id == VisitItem.ci_id, isouter=True)
        .where(VisitItem.visit_id == visit_id)
        .order_by(VisitItem.id)
    )
    return VisitDetail(
        found[0],
        tuple(
            MemberRow(m.id, m.name, m.unit, m.telephone, m.certificate, m.certificate_mask, m.entered_at, m.left_at)
            for m in members
        ),
        tuple(ItemRow(direction, name, quantity, ci or "") for direction, name, quantity, ci in items),
        tuple(operations(tx, visit_id=visit_id)),
    )


def operations(
    tx: ReadTx, *, visit_id: int | None = None, ci_id: int | None = None, limit: int = 200
) -> list[OperationRow]:
    """Return the operation register, newest first, of a visit or a CI or all."""
    query = (
        select(
            Operation.id, Operation.operator, Operation.witness, Operation.content,
            func.coalesce(Ci.name, ""), Operation.happened_at, Operation.ended_at,
        )
        .join(Ci, Ci.id == Operation.ci_id, isouter=True)
        .order_by(Operation.happened_at.desc(), Operation.id.desc())
        .limit(limit)
    )  # fmt: skip
    if visit_id is not None:
        query = query.where(Operation.visit_id == visit_id)
    if ci_id is not None:
        query = query.where(Operation.ci_id == ci_id)
    return [OperationRow(*row) for row in tx.session.execute(query)]


def inside(tx: ReadTx) -> list[Inside]:
    """Return who is inside now, by room and entry: the evacuation list."""
    return _inside(tx, None, None)


def inside_at(tx: ReadTx, room_id: int, when: datetime) -> list[Inside]:
    """Return who was in a room at a moment (the inspector's 'who was there then')."""
    return _inside(tx, room_id, when)


def summary(tx: ReadTx) -> Summary:
    """Return the head strip's figures."""
    people = _inside(tx, None, None)
    first, last = _today(tx)
    announced = tx.session.scalar(
        select(func.count(Visit.id)).where(
            Visit.state == VisitState.ANNOUNCED, Visit.announced_for >= first, Visit.announced_for < last
        )
    )
    overdue = sum(1 + p.unnamed for p in people if p.is_overdue)
    return Summary(sum(1 + p.unnamed for p in people), overdue, announced or 0)


def returning(tx: ReadTx, text: str, limit: int = 8) -> list[ReturningVisitor]:
    """Return people who were here before and match by name, pinyin or initials, the latest visit of each."""
    if not text.strip():
        return []
    newest = (
        select(func.max(VisitMember.id).label("id"))
        .where(VisitMember.search.like(like_pattern(text.strip().lower()), escape="\\"))
        .group_by(VisitMember.name, VisitMember.unit)
        .order_by(func.max(VisitMember.id).desc())
        .limit(limit)
        .subquery()
    )
    query = (
        select(VisitMember, Visit.purpose, Visit.entered_at)
        .join(newest, newest.c.id == VisitMember.id)
        .join(Visit, Visit.id == VisitMember.visit_id)
        .order_by(VisitMember.id.desc())
    )
    return [
        ReturningVisitor(
            m.name, m.unit, m.telephone, m.certificate, m.certificate_mask, (m.certificate_cipher or b"").decode(),
            purpose, entered_at,
        )
        for m, purpose, entered_at in tx.session.execute(query)
    ]  # fmt: skip


def ledger(tx: ReadTx, month: date) -> list[VisitRow]:
    """Return a month's visits, oldest first, voided ones included (they are printed struck through)."""
    first, last = month_range(month)
    ids = tx.session.scalars(
        select(Visit.id)
        .where(Visit.happened_at >= first, Visit.happened_at < last, Visit.state != VisitState.ANNOUNCED)
        .order_by(Visit.happened_at, Visit.id)
    )
    return rows(tx, ids)


def _filtered(tx: ReadTx, query: Select[int], wanted: VisitFilter) -> Select[int]:
    if wanted.view == "inside":
        query = query.where(Visit.state == VisitState.INSIDE)
    elif wanted.view == "announced":
        query = query.where(Visit.state == VisitState.ANNOUNCED)
    elif wanted.view == "overdue":
        query = query.where(Visit.state == VisitState.INSIDE, Visit.planned_until < tx.now)
    elif wanted.view == "today":
        first, last = _today(tx)
        query = query.where(Visit.happened_at >= first, Visit.happened_at < last)
    if wanted.room_id is not None:
        query = query.where(Visit.room_id == wanted.room_id)
    if wanted.first is not None:
        query = query.where(Visit.happened_at >= wanted.first)
    if wanted.last is not None:
        query = query.where(Visit.happened_at < wanted.last)
    if wanted.text.strip():
        pattern = like_pattern(wanted.text.strip().lower())
        query = query.where(
            or_(
                Visit.search.like(pattern, escape="\\"),
                Visit.purpose.like(pattern, escape="\\"),
                Visit.number.like(like_pattern(wanted.text.strip().upper()), escape="\\"),
            )
        )
    return query


def _today(tx: ReadTx) -> tuple[datetime, datetime]:
    return day_range(to_local(tx.now).date())


def _row(tx: ReadTx, row: Row[*tuple[Any, ...]], people: list[tuple[str, bool]], items: str) -> VisitRow:
    gone = sum(1 for _, has_left in people if has_left)
    is_inside = row.state is VisitState.INSIDE
    return VisitRow(
        id=row.id, version=row.version, number=row.number, state=row.state, room=row.room, unit=row.unit,
        people="、".join(name for name, _ in people), headcount=row.headcount,
        still_inside=row.headcount - gone if is_inside else 0, purpose=row.purpose,
        linked=row.incident or row.work_order or "", items=items, approver=row.approver, approval=row.approval,
        escort=row.escort, announced_for=row.announced_for, planned_until=row.planned_until,
        entered_at=row.entered_at, left_at=row.left_at, is_own_staff=row.is_own_staff,
        is_overdue=bool(is_inside and row.planned_until and row.planned_until < tx.now),
        is_entered_later=(row.recorded_at - row.happened_at).total_seconds() > 300, void_reason=row.void_reason,
        remarks=row.remarks, happened_at=row.happened_at,
    )  # fmt: skip


def _people(tx: ReadTx, ids: list[int]) -> dict[int, list[tuple[str, bool]]]:
    people: dict[int, list[tuple[str, bool]]] = {}
    query = select(VisitMember.visit_id, VisitMember.name, VisitMember.left_at).where(VisitMember.visit_id.in_(ids))
    for visit_id, name, left_at in tx.session.execute(query.order_by(VisitMember.id)):
        people.setdefault(visit_id, []).append((name, left_at is not None))
    return people


def _items(tx: ReadTx, ids: list[int]) -> dict[int, str]:
    """Return, by visit, what was carried: `电池 32、笔记本 1`."""
    texts: dict[int, list[str]] = {}
    query = select(VisitItem.visit_id, VisitItem.name, VisitItem.quantity).where(VisitItem.visit_id.in_(ids))
    for visit_id, name, quantity in tx.session.execute(query.order_by(VisitItem.id)):
        texts.setdefault(visit_id, []).append(f"{name} {quantity}")
    return {visit_id: "、".join(parts) for visit_id, parts in texts.items()}


def _inside(tx: ReadTx, room_id: int | None, when: datetime | None) -> list[Inside]:
    query = (
        select(VisitMember, Visit, Place.name)
        .join(Visit, Visit.id == VisitMember.visit_id)
        .join(Place, Place.id == Visit.room_id)
        .where(Visit.voided_at.is_(None))
        .order_by(Place.name, VisitMember.entered_at, VisitMember.id)
    )
    if when is None:
        query = query.where(Visit.state == VisitState.INSIDE, VisitMember.left_at.is_(None))
    else:
        still = or_(VisitMember.left_at.is_(None), VisitMember.left_at > when)
        query = query.where(VisitMember.entered_at <= when, still)
    if room_id is not None:
        query = query.where(Visit.room_id == room_id)
    found = tx.session.execute(query).all()
    first_of: dict[int, int] = {}
    named: dict[int, int] = {}
    for member, visit, _ in found:
        first_of.setdefault(visit.id, member.id)
    totals = select(VisitMember.visit_id, func.count()).where(VisitMember.visit_id.in_(first_of))
    for visit_id, n in tx.session.execute(totals.group_by(VisitMember.visit_id)):
        named[visit_id] = n
    return [
        Inside(
            visit.id, room, member.name, member.unit, member.telephone, member.entered_at or visit.happened_at,
            visit.escort, bool(visit.planned_until and visit.planned_until < (when or tx.now)),
            visit.headcount - named[visit.id] if first_of[visit.id] == member.id else 0,
        )
        for member, visit, room in found
    ]  # fmt: skip
