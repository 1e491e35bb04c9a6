"""Plans: which round is due where and when, and who does it (REQUIREMENTS G1, G2)."""

import uuid
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from app import plans as plans_of
from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.inspections.expected import next_day
from app.permissions import Permission
from app.templates import load_templates, template
from app.times import to_local
from app.words import tr
from models.cmdb import Place
from models.enums import Area, Frequency, PlaceKind
from models.inspections import InspectionPlan
from models.people import Person

_KEYS = uuid.UUID("0d0e9f3e-4a58-4f67-9d5a-7a3b5e6c2b18")
RULES = {
    Frequency.DAILY: "FREQ=DAILY",
    Frequency.WEEKLY: "FREQ=WEEKLY;BYDAY=MO",
    Frequency.MONTHLY: "FREQ=MONTHLY;BYMONTHDAY=1",
    Frequency.QUARTERLY: "FREQ=YEARLY;BYMONTH=1,4,7,10;BYMONTHDAY=5",
    Frequency.HALF_YEARLY: "FREQ=YEARLY;BYMONTH=4,10;BYMONTHDAY=10",
    Frequency.YEARLY: "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=10",
}
GRACE_DAYS = {
    Frequency.DAILY: 1,
    Frequency.WEEKLY: 2,
    Frequency.MONTHLY: 5,
    Frequency.QUARTERLY: 10,
    Frequency.HALF_YEARLY: 15,
    Frequency.YEARLY: 20,
}


@dataclass(frozen=True, slots=True)
class PlanEntry:
    """A plan as the form gives it. `rule` is an RRULE in local days counted from `starts_on`."""

    template: str
    rule: str
    starts_on: date
    room_id: int | None = None
    grace_days: int = 1
    assignee_id: int | None = None
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with its template's title, and the next day from today on which a round falls due."""

    id: int
    version: int
    entry: PlanEntry
    title: str
    frequency: Frequency
    room: str
    assignee: str
    next_on: date | None


@dataclass(frozen=True, slots=True)
class RoomChoice:
    """A machine room as forms offer it."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class FormChoices:
    """What the forms of this subject offer: rooms and people, both by name."""

    rooms: tuple[RoomChoice, ...]
    people: tuple[RoomChoice, ...]


def plans(tx: ReadTx) -> list[PlanRow]:
    """Return the plans that are not voided, the most frequent first."""
    query = (
        select(InspectionPlan, func.coalesce(Place.name, ""), func.coalesce(Person.name, ""))
        .join(Place, Place.id == InspectionPlan.room_id, isouter=True)
        .join(Person, Person.id == InspectionPlan.assignee_id, isouter=True)
        .where(InspectionPlan.voided_at.is_(None))
    )
    today = to_local(tx.now).date()
    rows = [_row(plan, room, assignee, today) for plan, room, assignee in tx.session.execute(query)]
    order = list(Frequency)
    return sorted(rows, key=lambda row: (order.index(row.frequency), row.title, row.room, row.id))


def choices(tx: ReadTx) -> FormChoices:
    """Return the machine rooms and the active people."""
    rooms = tx.session.execute(
        select(Place.id, Place.name)
        .where(Place.kind == PlaceKind.ROOM, Place.voided_at.is_(None))
        .order_by(Place.name, Place.id)
    )
    people = tx.session.execute(select(Person.id, Person.name).where(Person.is_active).order_by(Person.name, Person.id))
    return FormChoices(tuple(RoomChoice(*row) for row in rooms), tuple(RoomChoice(*row) for row in people))


@command(Permission.INSPECTION_PLAN)
def add_plan(tx: Tx, key: uuid.UUID, entry: PlanEntry) -> int:
    """Enter a plan and return its id. Raises BadInput for a template, rule or figure that can't be."""
    return plans_of.add(tx, InspectionPlan, key, entry, _fill)


@command(Permission.INSPECTION_PLAN)
def edit_plan(tx: Tx, plan_id: int, version: int, entry: PlanEntry) -> None:
    """Change a plan; rounds that it wrote already stay. Raises BadInput or Conflict."""
    plans_of.edit(tx, InspectionPlan, plan_id, version, entry, _fill)


@command(Permission.INSPECTION_PLAN)
def void_plan(tx: Tx, plan_id: int, version: int, reason: str) -> None:
    """End a plan, with the reason; its rounds stay. Raises BadInput or Conflict."""
    plans_of.end(tx, InspectionPlan, plan_id, version, reason)


@command(Permission.INSPECTION_PLAN)
def add_default_plans(tx: Tx) -> int:
    """Plan every shipped template at its usual time and return how many plans are new; a repetition adds none.

    The daily round of the machine room is planned for each room, the others once for the whole site.
    """
    rooms: list[int | None] = [room.id for room in choices(tx).rooms]
    today = to_local(tx.now).date()
    added = 0
    for each in load_templates():
        is_by_room = each.frequency is Frequency.DAILY and any(item.area is Area.ROOM for item in each.items)
        for room_id in (rooms or [None]) if is_by_room else [None]:
            key = uuid.uuid5(_KEYS, f"{each.code} {room_id}")
            if tx.already(InspectionPlan, key):
                continue
            rule, grace = RULES[each.frequency], GRACE_DAYS[each.frequency]
            add_plan(tx, key, PlanEntry(each.code, rule, today, room_id, grace))
            added += 1
    return added


def _fill(plan: InspectionPlan, entry: PlanEntry) -> None:
    template(entry.template)
    rule = plans_of.checked_rule(entry.rule, tr("The rule for when it is due can't be read."))
    if not 0 <= entry.grace_days <= 366:
        raise BadInput(tr("The days of grace are from 0 to 366."), "grace_days")
    if not 2000 <= entry.starts_on.year < 2100:
        raise BadInput(tr("This day is out of range."), "starts_on")
    plan.template, plan.rule, plan.starts_on = entry.template, rule, entry.starts_on
    plan.room_id, plan.assignee_id = entry.room_id, entry.assignee_id
    plan.grace_days, plan.is_enabled = entry.grace_days, entry.is_enabled


def _row(plan: InspectionPlan, room: str, assignee: str, today: date) -> PlanRow:
    entry = PlanEntry(
        plan.template, plan.rule, plan.starts_on, plan.room_id, plan.grace_days, plan.assignee_id, plan.is_enabled
    )
    shipped = template(plan.template)
    next_on = next_day(plan.rule, plan.starts_on, today) if plan.is_enabled else None
    return PlanRow(plan.id, plan.version, entry, str(shipped.title), shipped.frequency, room, assignee, next_on)
