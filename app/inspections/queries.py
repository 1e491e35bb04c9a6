"""Lists of rounds: due and overdue ones, those being filled in, the signed ones; paged by key."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from app.desk import ReadTx
from app.inspections.rows import WAITING, InspectionRow
from app.paging import PAGE, beyond, capped_count
from app.templates import load_templates
from app.times import to_local
from models.cmdb import Place
from models.enums import InspectionState, ItemResult
from models.inspections import Inspection, InspectionPlan, InspectionValue
from models.people import Person

TABS = ("open", "overdue", "due", "draft", "awaiting", "signed", "all")
_NO_DAY = date(2000, 1, 1)


def page(
    tx: ReadTx,
    tab: str = "open",
    text: str = "",
    *,
    after: InspectionRow | None = None,
    backwards: bool = False,
    limit: int = PAGE,
) -> list[InspectionRow]:
    """Return the `limit` rounds after (before) `after` of a tab.

    Rounds that wait stand in the order in which they fall due, those without a day first; signed and all, newest first.
    """
    day = func.coalesce(Inspection.due_on, _NO_DAY)
    is_newest_first = tab in ("signed", "all")
    columns: tuple[Any, ...] = (Inspection.happened_at, Inspection.id) if is_newest_first else (day, Inspection.id)
    query = _narrow(tx, _columns(), tab, text)
    if after is not None:
        first = after.happened_at if is_newest_first else after.due_on or _NO_DAY
        query = query.where(beyond(columns, (first, after.id), descending=is_newest_first != backwards))
    turned = is_newest_first != backwards
    query = query.order_by(*(column.desc() if turned else column.asc() for column in columns)).limit(limit)
    found = _made(tx, query)
    return found[::-1] if backwards else found


def count(tx: ReadTx, tab: str = "open", text: str = "") -> int:
    """Return how many rounds a tab has, counted up to COUNT_LIMIT."""
    return capped_count(tx, _narrow(tx, select(Inspection.id), tab, text))


def counts(tx: ReadTx) -> dict[str, int]:
    """Return how many rounds each tab has."""
    return {tab: count(tx, tab) for tab in TABS}


def rows(tx: ReadTx, ids: Iterable[int]) -> list[InspectionRow]:
    """Return these rounds, in no order."""
    return _made(tx, _columns().where(Inspection.id.in_(list(ids))))


def by_number(tx: ReadTx, number: str = "") -> int | None:
    """Return the id of the round `number`, of the last signed one when no number is given; None for none."""
    query = select(Inspection.id)
    if number:
        return tx.session.scalar(query.where(Inspection.number == number.strip()))
    signed = query.where(Inspection.state == InspectionState.SIGNED)
    return tx.session.scalar(signed.order_by(Inspection.happened_at.desc(), Inspection.id.desc()).limit(1))


def _narrow(tx: ReadTx, query: Any, tab: str, text: str) -> Any:
    condition = _tab(tx, tab)
    if condition is not None:
        query = query.where(condition)
    for word in text.split()[:6]:
        codes = [one.code for one in load_templates() if word.casefold() in str(one.title).casefold()]
        room = select(Place.id).where(Place.name.icontains(word, autoescape=True))
        people = select(Person.id).where(Person.name.icontains(word, autoescape=True))
        query = query.where(
            or_(
                Inspection.number.icontains(word, autoescape=True),
                Inspection.template.in_(codes),
                Inspection.room_id.in_(room),
                Inspection.inspector_id.in_(people),
            )
        )
    return query


def _tab(tx: ReadTx, tab: str) -> ColumnElement[bool] | None:
    today = to_local(tx.now).date()
    state = Inspection.state
    conditions: dict[str, ColumnElement[bool]] = {
        "open": state.in_(WAITING),
        "overdue": state.in_(WAITING) & (Inspection.late_on <= today),
        "due": (state == InspectionState.DUE) & (Inspection.due_on <= today),
        "draft": state == InspectionState.DRAFT,
        "awaiting": state == InspectionState.SIGNED_ONCE,
        "signed": state == InspectionState.SIGNED,
    }
    return conditions.get(tab)


def _columns() -> Select[*tuple[Any, ...]]:
    inspector, witness, assignee, corrected = aliased(Person), aliased(Person), aliased(Person), aliased(Inspection)

    def values(*conditions: ColumnElement[bool]) -> Any:
        query = select(func.count()).where(InspectionValue.inspection_id == Inspection.id, *conditions)
        return query.correlate(Inspection).scalar_subquery()

    return (
        select(
            Inspection.id, Inspection.version, Inspection.number, Inspection.template, Inspection.room_id,
            func.coalesce(Place.name, "").label("room"), Inspection.state, Inspection.due_on, Inspection.late_on,
            Inspection.happened_at, Inspection.started_at, Inspection.ended_at,
            func.coalesce(inspector.name, "").label("inspector"), func.coalesce(witness.name, "").label("witness"),
            func.coalesce(assignee.name, "").label("assignee"), values().label("items"),
            values(InspectionValue.result.is_not(None)).label("filled"),
            values(InspectionValue.result == ItemResult.ABNORMAL).label("abnormal"),
            func.coalesce(corrected.number, "").label("corrects"), Inspection.correction_reason,
            Inspection.void_reason, Inspection.plan_id, Inspection.recorded_at,
        )
        .join(Place, Place.id == Inspection.room_id, isouter=True)
        .join(inspector, inspector.id == Inspection.inspector_id, isouter=True)
        .join(witness, witness.id == Inspection.witness_id, isouter=True)
        .join(corrected, corrected.id == Inspection.corrects_id, isouter=True)
        .join(InspectionPlan, InspectionPlan.id == Inspection.plan_id, isouter=True)
        .join(assignee, assignee.id == InspectionPlan.assignee_id, isouter=True)
    )  # fmt: skip


def _made(tx: ReadTx, query: Any) -> list[InspectionRow]:
    titles = {one.code: str(one.title) for one in load_templates()}
    return [
        InspectionRow(
            id=row.id, version=row.version, number=row.number, template=row.template,
            title=titles.get(row.template, row.template), room_id=row.room_id, room=row.room, state=row.state,
            due_on=row.due_on, late_on=row.late_on, happened_at=row.happened_at, started_at=row.started_at,
            ended_at=row.ended_at, inspector=row.inspector, witness=row.witness, assignee=row.assignee,
            items=row.items, filled=row.filled, abnormal=row.abnormal, corrects=row.corrects,
            reason=row.void_reason or row.correction_reason, plan_id=row.plan_id, recorded_at=row.recorded_at,
        )
        for row in tx.session.execute(query)
    ]  # fmt: skip
