"""Rounds that plans make due appear by themselves; one that nobody did turns overdue by its date alone."""

import uuid
from datetime import UTC, date, datetime, time, timedelta

from dateutil.rrule import rruleset, rrulestr
from sqlalchemy import select

from app.desk import Tx, command
from app.numbers import next_number
from app.permissions import Permission
from app.templates import template
from app.times import to_local
from models.enums import InspectionState
from models.inspections import Inspection, InspectionPlan

AHEAD = timedelta(days=7)
BEHIND = timedelta(days=31)
MOST_A_PLAN = 400
SERIES = "XJ"


def days_due(rule: str, starts_on: date, first: date, last: date) -> list[date]:
    """Return the days within first..last on which a rule falls due."""
    found = rrulestr(rule, dtstart=datetime.combine(starts_on, time()))
    assert not isinstance(found, rruleset)
    days = []
    for fall in found.xafter(datetime.combine(first, time()), count=MOST_A_PLAN, inc=True):
        if fall.date() > last:
            break
        days.append(fall.date())
    return days


def next_day(rule: str, starts_on: date, today: date) -> date | None:
    """Return the first day from today on which a rule falls due, None when it has run out."""
    found = rrulestr(rule, dtstart=datetime.combine(starts_on, time()))
    fall = found.after(datetime.combine(today, time()), inc=True)
    return fall.date() if fall else None


@command(Permission.DUTY_LOG)
def expect_rounds(tx: Tx) -> int:
    """Write the rounds that the plans make due from BEHIND to AHEAD of today and return how many are new.

    The collector and everybody on duty may run it (that is who holds the shift log); a repetition writes nothing, and
    a round that was voided does not come back.
    """
    today = to_local(tx.now).date()
    plans = tx.session.scalars(
        select(InspectionPlan).where(InspectionPlan.is_enabled, InspectionPlan.voided_at.is_(None))
    ).all()
    return sum(_expect(tx, plan, today) for plan in plans)


def round_number(tx: Tx, day: date) -> str:
    """Return the next number of the rounds of a local day: XJ-20261123-01."""
    noon = datetime.combine(day, time(12)).astimezone()
    return next_number(tx, SERIES, noon.astimezone(UTC), 2)


def _expect(tx: Tx, plan: InspectionPlan, today: date) -> int:
    first = max(plan.starts_on, today - BEHIND)
    known = set(
        tx.session.scalars(select(Inspection.due_on).where(Inspection.plan_id == plan.id, Inspection.due_on >= first))
    )
    new = [day for day in days_due(plan.rule, plan.starts_on, first, today + AHEAD) if day not in known]
    edition = template(plan.template).version
    for day in new:
        tx.add(
            Inspection(
                key=uuid.uuid5(plan.key, day.isoformat()), number=round_number(tx, day), template=plan.template,
                template_version=edition, plan_id=plan.id, room_id=plan.room_id, due_on=day,
                late_on=day + timedelta(days=plan.grace_days), state=InspectionState.DUE, happened_at=tx.now,
            )
        )  # fmt: skip
    return len(new)
