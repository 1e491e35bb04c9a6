"""Work orders: number, device, assignee, due time and result (REQUIREMENTS B9; the whole life cycle comes later)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput, Refused
from app.numbers import next_number
from app.paging import PAGE, beyond, capped_count
from app.permissions import Permission
from app.text import clean, clean_line
from app.words import label, tr
from models.cmdb import Ci
from models.enums import WorkOrderState
from models.incidents import Incident, WorkOrder
from models.people import Person


@dataclass(frozen=True, slots=True)
class WorkOrderRow:
    """A work order as lists show it."""

    id: int
    version: int
    number: str
    state: WorkOrderState
    title: str
    ci_id: int | None
    ci_name: str | None
    incident_id: int | None
    incident_number: str | None
    inspection_id: int | None
    assignee_id: int | None
    assignee: str | None
    happened_at: datetime
    due_at: datetime | None
    result: str

    def is_overdue(self, now: datetime) -> bool:
        return self.state is WorkOrderState.OPEN and self.due_at is not None and self.due_at < now


@dataclass(frozen=True, slots=True)
class WorkOrderDraft:
    """What is asked of whom, until when, and what it came out of."""

    title: str
    assignee_id: int | None = None
    due_at: datetime | None = None
    ci_id: int | None = None
    incident_id: int | None = None
    inspection_id: int | None = None


def page(
    tx: ReadTx,
    tab: str = "open",
    text: str = "",
    *,
    after: WorkOrderRow | None = None,
    backwards: bool = False,
    limit: int = PAGE,
) -> list[WorkOrderRow]:
    """Return work orders newest first: the `limit` ones after (before) `after`; tabs: open, mine, all."""
    query = _rows(tx, tab, text)
    if after is not None:
        query = query.where(beyond((WorkOrder.id,), (after.id,), descending=not backwards))
    order = WorkOrder.id.asc() if backwards else WorkOrder.id.desc()
    found = [WorkOrderRow(*row) for row in tx.session.execute(query.order_by(order).limit(limit))]
    return found[::-1] if backwards else found


def count(tx: ReadTx, tab: str = "open", text: str = "") -> int:
    """Return how many work orders a tab has, counted up to COUNT_LIMIT."""
    return capped_count(tx, _rows(tx, tab, text))


def rows(tx: ReadTx, ids: Iterable[int]) -> list[WorkOrderRow]:
    """Return these work orders, newest first."""
    query = _rows(tx, "all").where(WorkOrder.id.in_(list(ids))).order_by(WorkOrder.id.desc())
    return [WorkOrderRow(*row) for row in tx.session.execute(query)]


def of_incident(tx: ReadTx, incident_id: int) -> list[WorkOrderRow]:
    """Return the work orders that came out of an incident, newest first."""
    query = _rows(tx, "all").where(WorkOrder.incident_id == incident_id).order_by(WorkOrder.id.desc())
    return [WorkOrderRow(*row) for row in tx.session.execute(query)]


@command(Permission.INCIDENT_HANDLE)
def add(tx: Tx, key: uuid.UUID, draft: WorkOrderDraft) -> int:
    """Hand out a work order and return its id; the same key again returns the one that is there. Raises BadInput."""
    made = tx.already(WorkOrder, key)
    return made.id if made is not None else create(tx, draft, key).id


def create(tx: Tx, draft: WorkOrderDraft, key: uuid.UUID | None = None) -> WorkOrder:
    """Add a work order, for commands of this and of other subjects. Raises BadInput."""
    title = clean_line(draft.title, 250)
    if not title:
        raise BadInput(tr("Say in a line what is to be done."), "title")
    return tx.add(
        WorkOrder(
            key=key or uuid.uuid4(),
            number=next_number(tx, "W", tx.now, digits=2),
            title=title,
            ci_id=draft.ci_id,
            incident_id=draft.incident_id,
            inspection_id=draft.inspection_id,
            assignee_id=draft.assignee_id,
            due_at=draft.due_at,
            happened_at=tx.now,
        )
    )


@command(Permission.INCIDENT_HANDLE)
def finish(tx: Tx, order_id: int, version: int, result: str) -> None:
    """End a work order with its result. Raises BadInput, Refused or Conflict."""
    words = clean(result)
    if not words:
        raise BadInput(tr("What came of it?"), "result")
    order = _open_order(tx, order_id, version)
    order.state, order.result = WorkOrderState.DONE, words


@command(Permission.INCIDENT_HANDLE)
def hand_over(tx: Tx, order_id: int, version: int, assignee_id: int, due_at: datetime | None) -> None:
    """Give a work order to another person or another due time. Raises Refused or Conflict."""
    order = _open_order(tx, order_id, version)
    order.assignee_id, order.due_at = assignee_id, due_at


@command(Permission.INCIDENT_HANDLE)
def void(tx: Tx, order_id: int, version: int, reason: str) -> None:
    """Strike a work order through; says why (UX rule 9). Raises BadInput, Refused or Conflict."""
    words = clean(reason)
    if not words:
        raise BadInput(tr("Say why it is struck through."), "reason")
    order = _open_order(tx, order_id, version)
    order.state, order.result = WorkOrderState.VOID, words


def _open_order(tx: Tx, order_id: int, version: int) -> WorkOrder:
    tx.session.get(WorkOrder, order_id, with_for_update=True)
    order = tx.get(WorkOrder, order_id, version)
    if order.state is not WorkOrderState.OPEN:
        raise Refused(tr("{number} is {state}. Nothing was changed.", number=order.number, state=label(order.state)))
    return order


def _rows(tx: ReadTx, tab: str, text: str = "") -> Select[*tuple[Any, ...]]:
    query: Select[*tuple[Any, ...]] = (
        select(
            WorkOrder.id,
            WorkOrder.version,
            WorkOrder.number,
            WorkOrder.state,
            WorkOrder.title,
            WorkOrder.ci_id,
            Ci.name,
            WorkOrder.incident_id,
            Incident.number,
            WorkOrder.inspection_id,
            WorkOrder.assignee_id,
            Person.name,
            WorkOrder.happened_at,
            WorkOrder.due_at,
            WorkOrder.result,
        )
        .outerjoin(Ci, Ci.id == WorkOrder.ci_id)
        .outerjoin(Incident, Incident.id == WorkOrder.incident_id)
        .outerjoin(Person, Person.id == WorkOrder.assignee_id)
    )
    if tab in ("open", "mine"):
        query = query.where(WorkOrder.state == WorkOrderState.OPEN)
    if tab == "mine":
        query = query.where(WorkOrder.assignee_id == tx.person.id)
    for word in text.split()[:6]:
        found = (column.icontains(word, autoescape=True) for column in (WorkOrder.number, WorkOrder.title, Ci.name))
        first, *others = found
        for other in others:
            first = first | other
        query = query.where(first)
    return query
