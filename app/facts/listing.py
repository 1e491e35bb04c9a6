"""The list of differences as people see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select

from app.desk import ReadTx
from app.facts.comparing import STANDING
from models.cmdb import Ci
from models.enums import DifferenceState, Fact
from models.facts import Difference
from models.incidents import WorkOrder
from models.people import Person

LISTED = 2_000


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """A difference with the names behind its keys; `decided_by` empty while nobody decided."""

    id: int
    version: int
    ci_id: int
    ci_name: str
    fact: Fact
    recorded: str
    polled: str
    state: DifferenceState
    found_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str
    work_order: str


def differences(tx: ReadTx, tab: str = "open") -> list[DifferenceRow]:
    """Return differences by device, at most LISTED; tabs: open (undecided), standing, all (newest first)."""
    query: Select[*tuple[Any, ...]] = (
        select(
            Difference.id,
            Difference.version,
            Difference.ci_id,
            Ci.name,
            Difference.fact,
            Difference.recorded,
            Difference.polled,
            Difference.state,
            Difference.found_at,
            Difference.decided_at,
            func.coalesce(Person.name, ""),
            Difference.reason,
            func.coalesce(WorkOrder.number, ""),
        )
        .join(Ci, Ci.id == Difference.ci_id)
        .outerjoin(Person, Person.id == Difference.decided_by)
        .outerjoin(WorkOrder, WorkOrder.id == Difference.work_order_id)
        .limit(LISTED)
    )
    if tab == "all":
        query = query.order_by(Difference.id.desc())
    else:
        states = STANDING if tab == "standing" else (DifferenceState.OPEN,)
        query = query.where(Difference.state.in_(states)).order_by(Ci.name, Difference.id)
    return [DifferenceRow(*row) for row in tx.session.execute(query)]


def count(tx: ReadTx) -> int:
    """Return how many differences wait for somebody to decide."""
    query = select(func.count(Difference.id)).where(Difference.state == DifferenceState.OPEN)
    return tx.session.scalar(query) or 0
