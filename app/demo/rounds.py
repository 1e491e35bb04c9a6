"""Two years of inspections: plans, rounds with their values, findings and both signatures."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from app.demo.people import People
from app.demo.scene import Row, Scene, at, words
from app.inspections.expected import SERIES, days_due
from app.inspections.plans import GRACE_DAYS, RULES, add_default_plans
from app.inspections.rounds import INSPECTOR, SUBJECT, WITNESS
from app.signatures import digest
from app.template_items import Item, Kind, Range
from app.templates import judge_value, limits_data, template
from models.enums import Frequency, InspectionState, ItemResult
from models.inspections import Inspection, InspectionPlan, InspectionValue
from models.people import Signature

ABNORMAL = 0.006
MISSED = 0.004
CHUNK = timedelta(days=180)
_TAKES = {Frequency.DAILY: 25, Frequency.WEEKLY: 40}


@dataclass(frozen=True, slots=True)
class _Plan:
    id: int
    key: uuid.UUID
    template: str
    room_id: int | None
    frequency: Frequency


@dataclass(frozen=True, slots=True)
class _Round:
    """A round with its values; both signed it unless its state says otherwise."""

    row: Row
    values: tuple[Row, ...]


def write(scene: Scene, people: People) -> None:
    """Write plans and every round that was due until the moment."""
    draw = scene.draw("rounds")
    plans = _plans(scene)
    due = sorted(((day, place) for place, plan in enumerate(plans) for day in _days(scene, plan)))
    rounds = [_round(scene, draw, people, plans[place], day) for day, place in due]
    ids = scene.add_keyed(Inspection, [one.row for one in rounds])
    numbered = list(zip(ids, rounds, strict=True))
    scene.add(InspectionValue, [{"inspection_id": one, **v} for one, made in numbered for v in made.values])
    scene.add(Signature, [signed for one, made in numbered for signed in _signatures(one, made)])


def _plans(scene: Scene) -> list[_Plan]:
    """Plan every form at its usual time, from the demo's first day on."""
    add_default_plans(scene.tx)
    table = InspectionPlan
    scene.tx.connection.execute(update(table).values(starts_on=scene.days[0]))
    columns = (table.id, table.key, table.template, table.room_id)
    found = scene.tx.connection.execute(select(*columns).order_by(table.id)).all()
    return [_Plan(*row, template(row.template).frequency) for row in found]


def _days(scene: Scene, plan: _Plan) -> Iterator[date]:
    """Yield the days on which the plan falls due, in pieces that its reading allows."""
    first = scene.days[0]
    while first <= scene.last_day:
        last = min(first + CHUNK, scene.last_day)
        yield from days_due(RULES[plan.frequency], scene.days[0], first, last)
        first = last + timedelta(days=1)


def _round(scene: Scene, draw: random.Random, people: People, plan: _Plan, day: date) -> _Round:
    form = template(plan.template)
    began = at(day, 8, 30 if plan.frequency is Frequency.DAILY else 50, draw.randrange(60)) + timedelta(
        minutes=draw.randrange(25)
    )
    ended = began + timedelta(minutes=_TAKES.get(plan.frequency, 90) * draw.uniform(0.7, 1.3))
    state = _state(scene, draw, day, ended)
    values = () if state is InspectionState.DUE else tuple(_values(draw, form.items, day))
    inspector, witness = draw.sample(people.operators, 2)
    is_found = any(value["result"] is ItemResult.ABNORMAL for value in values)
    opinions = words("words")["opinions"]
    row = {
        "key": uuid.uuid5(plan.key, day.isoformat()),
        "number": scene.number(SERIES, day, 2),
        "template": plan.template,
        "template_version": form.version,
        "plan_id": plan.id,
        "room_id": plan.room_id,
        "due_on": day,
        "late_on": day + timedelta(days=GRACE_DAYS[plan.frequency]),
        "state": state,
        "happened_at": min(began, scene.moment),
        "started_at": None if state is InspectionState.DUE else began.replace(microsecond=0),
        "ended_at": None if state is InspectionState.DUE else ended,
        "inspector_id": None if state is InspectionState.DUE else inspector,
        "witness_id": witness if state is InspectionState.SIGNED else None,
        "opinion": "" if state is InspectionState.DUE else opinions[-1] if is_found else draw.choice(opinions[:-1]),
    }
    return _Round(row, values)


def _state(scene: Scene, draw: random.Random, day: date, ended: datetime) -> InspectionState:
    """Past rounds are signed, but for the few that were missed lately; today's wait for their second signature."""
    if ended > scene.moment - timedelta(minutes=5):
        return InspectionState.DUE
    if day == scene.last_day:
        return InspectionState.SIGNED_ONCE
    is_recent = scene.last_day - day < timedelta(days=20)
    return InspectionState.DUE if is_recent and draw.random() < MISSED * 5 else InspectionState.SIGNED


def _values(draw: random.Random, items: tuple[Item, ...], day: date) -> Iterator[Row]:
    for item in items:
        if not item.is_in_season(day.month):
            continue
        text = _entered(draw, item, is_good=draw.random() > ABNORMAL)
        result = judge_value(item, text)
        note = draw.choice(words("words")["findings"]) if result is ItemResult.ABNORMAL else ""
        limits = limits_data(item.limits)
        yield {"item": item.code, "value": text, "result": result, "note": note, "limits": limits}


def _entered(draw: random.Random, item: Item, is_good: bool) -> str:
    match item.kind:
        case Kind.CHOICE:
            bad = [choice.code for choice in item.choices if choice.code not in item.limits.allowed]
            return item.limits.allowed[0] if is_good or not bad else bad[0]
        case Kind.COUNT if item.limits.all_of_total:
            return "18 / 18" if is_good else "17 / 18"
        case Kind.COUNT:
            return str(draw.randint(0, 6)) if not item.limits.ranges else "0" if is_good else "1"
        case Kind.TEXT:
            return str(draw.choice(words("words")["opinions"]))
        case _:
            ranges = item.limits.ranges or (Range(0, 100),) * max(1, len(item.units))
            return " / ".join(_figure(draw, one, is_good) for one in ranges)


def _figure(draw: random.Random, limits: Range, is_good: bool) -> str:
    """Return a number inside the range, near its middle, or just outside."""
    low, high = limits.low, limits.high
    if low is not None and high is not None:
        value = draw.gauss((low + high) / 2, (high - low) * 0.09) if is_good else high + (high - low) * 0.12
        value = max(low, min(high, value)) if is_good else value
    elif high is not None:
        value = high * draw.uniform(0.35, 0.85) if is_good else high * 1.1
    else:
        assert low is not None, "a figure has a limit"
        value = low * draw.uniform(1.01, 1.04) if is_good else low * 0.9
    return f"{value:.4g}"


def _signatures(inspection_id: int, made: _Round) -> Iterator[dict[str, Any]]:
    signers = {INSPECTOR: made.row["inspector_id"], WITNESS: made.row["witness_id"]}
    content = {
        "number": made.row["number"],
        "template": f"{made.row['template']} {made.row['template_version']}",
        "started_at": made.row["started_at"],
        "opinion": made.row["opinion"],
        "values": [[v["item"], v["value"], v["result"], v["note"], v["limits"]] for v in made.values],
    }
    for role, person in signers.items():
        if person is not None:
            yield {
                "subject": SUBJECT,
                "subject_id": inspection_id,
                "role": role,
                "person_id": person,
                "signed_at": made.row["ended_at"] + timedelta(minutes=3 if role == WITNESS else 0),
                "digest": digest(content),
            }
