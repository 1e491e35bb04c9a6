"""The queue: saved filters with their counts, pages by key in either direction, and what the head strip says."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from app.contacts import ChainStep, chain
from app.desk import ReadTx
from app.incident_row import IncidentRow
from app.incidents.changing import acknowledge_within
from app.incidents.rows import incident_rows
from app.paging import PAGE, beyond, capped_count
from app.text import LIKE_ESCAPE, like_pattern
from app.times import day_range, to_local
from models.enums import IncidentState, Severity
from models.incidents import Incident

RINGING = 50
BY_IDS = 500


class Tab(StrEnum):
    """The saved filters."""

    OPEN = "open"
    UNACKNOWLEDGED = "unacknowledged"
    MINE = "mine"
    TODAY = "today"
    RESOLVED = "resolved"
    ALL = "all"
    NOISE = "noise"


class Sort(StrEnum):
    """The orders of the queue; each ends in time and id, so that a key names one place."""

    HAPPENED = "happened"
    NUMBER = "number"
    GRADE = "grade"
    STATE = "state"


_KEYS: dict[Sort, tuple[InstrumentedAttribute[Any], ...]] = {
    Sort.HAPPENED: (Incident.happened_at, Incident.id),
    Sort.NUMBER: (Incident.id,),
    Sort.GRADE: (Incident.grade, Incident.happened_at, Incident.id),
    Sort.STATE: (Incident.state, Incident.happened_at, Incident.id),
}


@dataclass(frozen=True, slots=True)
class Ringing:
    """An unacknowledged incident: what sounds, and what the banner names once it has escalated."""

    id: int
    number: str
    title: str
    severity: Severity | None
    recorded_at: datetime
    acknowledge_due_at: datetime
    escalation_level: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What waits for an acknowledgement, the oldest clock first; `chain` is whom to call when one has run out.

    `within` is how long an incident may wait: the whole of a clock.
    """

    now: datetime
    within: timedelta
    unacknowledged: int
    oldest_due_at: datetime | None
    ringing: tuple[Ringing, ...]
    chain: tuple[ChainStep, ...]


def page(
    tx: ReadTx,
    tab: str = Tab.OPEN,
    text: str = "",
    *,
    sort: str = Sort.HAPPENED,
    descending: bool = True,
    after: IncidentRow | None = None,
    backwards: bool = False,
    limit: int = PAGE,
) -> list[IncidentRow]:
    """Return the `limit` rows after (with `backwards`: before) the row `after`, in the asked order.

    Without `after` the first ones, or the last. `text` is looked for in number, title, device and caller, also as
    pinyin and initials.
    """
    order = Sort(sort)
    is_down = descending is not backwards
    query = incident_rows().where(*_conditions(tx, Tab(tab), text))
    if after is not None:
        query = query.where(beyond(_KEYS[order], _key(after, order), descending=is_down))
    columns = [column.desc() if is_down else column.asc() for column in _KEYS[order]]
    rows = [IncidentRow(*row) for row in tx.connection.execute(query.order_by(*columns).limit(limit)).all()]
    return rows[::-1] if backwards else rows


def count(tx: ReadTx, tab: str = Tab.OPEN, text: str = "") -> int:
    """Return how many incidents a tab has, counted up to COUNT_LIMIT."""
    return capped_count(tx, _ids(tx, Tab(tab), text))


def counts(tx: ReadTx) -> dict[str, int]:
    """Return the count of every tab, each up to COUNT_LIMIT."""
    return {tab.value: capped_count(tx, _ids(tx, tab)) for tab in Tab}


def rows(tx: ReadTx, ids: Iterable[int]) -> list[IncidentRow]:
    """Return these incidents, newest first; ids that are none are passed over, at most BY_IDS are answered."""
    wanted = sorted(ids, reverse=True)[:BY_IDS]
    query = incident_rows().where(Incident.id.in_(wanted)).order_by(Incident.id.desc())
    return [IncidentRow(*row) for row in tx.session.execute(query)]


def next_unacknowledged(tx: ReadTx, after_id: int | None = None) -> IncidentRow | None:
    """Return the unacknowledged incident whose clock runs out next; after `after_id`'s, around the end to the first."""
    waiting = tx.session.execute(
        select(Incident.id)
        .where(Incident.state == IncidentState.NEW)
        .order_by(Incident.acknowledge_due_at, Incident.id)
        .limit(BY_IDS)
    ).scalars()
    ids: Sequence[int] = list(waiting)
    if not ids:
        return None
    place = ids.index(after_id) + 1 if after_id in ids else 0
    return rows(tx, [ids[place % len(ids)]])[0]


def summary(tx: ReadTx) -> Summary:
    """Return what waits for an acknowledgement now; `ringing` names the RINGING oldest."""
    waiting = Incident.state == IncidentState.NEW
    found = tx.session.execute(
        select(
            Incident.id,
            Incident.number,
            Incident.title,
            Incident.severity,
            Incident.recorded_at,
            Incident.acknowledge_due_at,
            Incident.escalation_level,
        )
        .where(waiting)
        .order_by(Incident.acknowledge_due_at, Incident.id)
        .limit(RINGING)
    )
    ringing = tuple(Ringing(*row) for row in found)
    total = len(ringing) if len(ringing) < RINGING else capped_count(tx, select(Incident.id).where(waiting))
    has_escalated = any(each.escalation_level for each in ringing)
    return Summary(
        now=tx.now,
        within=acknowledge_within(tx),
        unacknowledged=total,
        oldest_due_at=ringing[0].acknowledge_due_at if ringing else None,
        ringing=ringing,
        chain=tuple(chain(tx)) if has_escalated else (),
    )


def is_open() -> ColumnElement[bool]:
    """Return the condition of the open index; the states are literals, so that the planner knows it again."""
    return Incident.state.not_in([literal_column("'closed'"), literal_column("'noise'")])


def containing(text: str) -> list[ColumnElement[bool]]:
    """Return a condition for each word of `text`."""
    words = text.casefold().split()[:6]
    return [Incident.search.like(like_pattern(word), escape=LIKE_ESCAPE) for word in words]


def _ids(tx: ReadTx, tab: Tab, text: str = "") -> Select[int]:
    return select(Incident.id).where(*_conditions(tx, tab, text))


def _conditions(tx: ReadTx, tab: Tab, text: str) -> list[ColumnElement[bool]]:
    return [*_of_tab(tx, tab), *containing(text)]


def _of_tab(tx: ReadTx, tab: Tab) -> list[ColumnElement[bool]]:
    me = tx.person.id
    mine = and_(is_open(), or_(Incident.assignee_id == me, _answered_by(me))) if me is not None else false()
    midnight, _ = day_range(to_local(tx.now).date())
    return {
        Tab.OPEN: [is_open()],
        Tab.UNACKNOWLEDGED: [Incident.state == IncidentState.NEW],
        Tab.MINE: [mine],
        Tab.TODAY: [Incident.happened_at >= midnight],
        Tab.RESOLVED: [Incident.state == IncidentState.RESOLVED],
        Tab.ALL: [],
        Tab.NOISE: [Incident.state == IncidentState.NOISE],
    }[tab]


def _answered_by(me: int | None) -> ColumnElement[bool]:
    return and_(Incident.acknowledged_by == me, Incident.assignee_id.is_(None))


def _key(row: IncidentRow, sort: Sort) -> tuple[object, ...]:
    return {
        Sort.HAPPENED: (row.happened_at, row.id),
        Sort.NUMBER: (row.id,),
        Sort.GRADE: (row.grade.value, row.happened_at, row.id),
        Sort.STATE: (row.state.value, row.happened_at, row.id),
    }[sort]
