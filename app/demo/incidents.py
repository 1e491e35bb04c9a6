"""Two years of incidents that have ended: working days and hours, storms, causes and solutions, who was told."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Any

from app.demo.people import People
from app.demo.scene import Row, Scene, at, weighted, words
from app.demo.site import Device, Site
from app.pinyin import search_text
from models.enums import (
    EventKind,
    Grade,
    IncidentState,
    Medium,
    Priority,
    Severity,
    Source,
    WorkOrderState,
)
from models.incidents import Incident, IncidentEvent, Notification, WorkOrder

A_DAY = (11.4, 9.8, 9.6, 9.4, 9.2, 4.2, 3.4)
"""Incidents a day, Monday first: Mondays are the worst, weekends quiet."""
STORM = 0.015
"""How often a day brings three times as many."""
WITHIN = timedelta(minutes=10)
OFFICE_HOURS = (0, 0, 0, 0, 0, 0, 0, 1, 8, 14, 12, 8, 3, 5, 10, 11, 9, 5, 1, 0, 0, 0, 0, 0)
ALL_HOURS = (3, 4, 5, 3, 2, 2, 2, 3, 6, 9, 8, 6, 4, 4, 7, 7, 6, 5, 4, 4, 4, 4, 5, 4)
CALLS = (Source.TELEPHONE, Source.HOTLINE, Source.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class Ended:
    """A past incident as other subjects refer to it."""

    id: int
    number: str
    ci_id: int
    happened_at: datetime
    title: str


@dataclass(slots=True)
class Story:
    """One incident with everything that belongs to it; ids come when it is written."""

    row: Row
    device: Device
    events: list[Row] = field(default_factory=list)
    told: list[Row] = field(default_factory=list)
    order: Row | None = None

    def log(self, kind: EventKind, when: datetime, person: int | None, text: str = "") -> None:
        self.events.append({"kind": kind, "person_id": person, "text": text, "happened_at": when})


def write(scene: Scene, site: Site, people: People) -> list[Ended]:
    """Write the incidents of all days and return them, the oldest first."""
    draw = scene.draw("incidents")
    stories = [story for day in scene.days for story in _day(scene, draw, site, people, day)]
    ids = keep(scene, stories)
    return [
        Ended(one, story.row["number"], story.row["ci_id"], story.row["happened_at"], story.row["title"])
        for one, story in zip(ids, stories, strict=True)
    ]


def keep(scene: Scene, stories: list[Story]) -> list[int]:
    """Write incidents with their time lines, calls and work orders; return their ids."""
    ids = scene.add_keyed(Incident, [story.row for story in stories])
    numbered = list(zip(ids, stories, strict=True))
    scene.add(IncidentEvent, [{"incident_id": one, **line} for one, story in numbered for line in story.events])
    scene.add(Notification, [{"incident_id": one, **line} for one, story in numbered for line in story.told])
    scene.add(WorkOrder, [{"incident_id": one, **story.order} for one, story in numbered if story.order])
    return ids


def blank(scene: Scene, device: Device, number: str, title: str, happened: datetime) -> Row:
    """Return an incident's row with all its columns, just opened."""
    nothing: dict[str, Any] = dict.fromkeys(
        (
            *("severity", "cause_key", "answered_at", "acknowledged_at", "acknowledged_by", "assignee_id"),
            *("escalates_at", "cleared_at", "resolved_at", "resolved_by", "satisfaction", "closed_at"),
        )
    )
    empty = dict.fromkeys(
        (
            *("description", "caller", "caller_department", "caller_telephone", "acknowledge_reason"),
            *("cause", "solution", "review"),
        ),
        "",
    )
    return {
        "key": scene.key("incident", number),
        "number": number,
        "happened_at": happened,
        "state": IncidentState.NEW,
        "grade": Grade.IV,
        "priority": Priority.NORMAL,
        "source": Source.MONITORING,
        "ci_id": device.ci_id,
        "title": title,
        "acknowledge_due_at": happened + WITHIN,
        "escalation_level": 0,
        "is_first_line": False,
        "search": search_text(number, title, device.name, limit=500),
        **nothing,
        **empty,
    }


def _day(scene: Scene, draw: random.Random, site: Site, people: People, day: date) -> Iterator[Story]:
    mean = A_DAY[day.weekday()] * (3 if draw.random() < STORM else 1)
    count = max(0, round(draw.gauss(mean, sqrt(mean) / 2)))
    begun = sorted((_begin(draw, day) for _ in range(count)), key=lambda one: one[0])
    for happened, trouble in begun:
        device = draw.choice(site.of_class(trouble["class"]))
        minutes = trouble["minutes"] * draw.lognormvariate(0, 0.5)
        resolved = happened + timedelta(minutes=max(6.0, minutes))
        if resolved < scene.moment - timedelta(minutes=5):
            yield _story(scene, draw, people, device, trouble, happened, resolved)


def _begin(draw: random.Random, day: date) -> tuple[datetime, Row]:
    trouble = weighted(draw, ((one, one["weight"]) for one in words("troubles")))
    hours = ALL_HOURS if "severity" in trouble else OFFICE_HOURS
    hour = draw.choices(range(24), hours)[0]
    return at(day, hour, draw.randrange(60), draw.randrange(60)), trouble


def _story(
    scene: Scene,
    draw: random.Random,
    people: People,
    device: Device,
    trouble: Row,
    happened: datetime,
    resolved: datetime,
) -> Story:
    number = scene.number("E", happened.astimezone().date())
    title = trouble["title"].format(n=draw.randint(trouble["low"], trouble["high"]))
    story = Story(blank(scene, device, number, title, happened), device)
    operator = draw.choice(people.operators)
    row = story.row
    row["source"] = Source(trouble.get("source", Source.MONITORING))
    row["severity"] = Severity(trouble["severity"]) if "severity" in trouble else None
    row["grade"] = _grade(draw, row["severity"])
    row["priority"] = Priority.HIGH if row["grade"] is not Grade.IV else draw.choice((Priority.NORMAL, Priority.LOW))
    story.log(EventKind.OPENED, happened, None if row["severity"] else operator, title)
    if row["source"] in CALLS:
        _caller(draw, row)
    _answer(draw, people, story, operator)
    if draw.random() < 0.03 and row["severity"] is Severity.WARNING:
        _noise(story, operator)
    else:
        _end(scene, draw, people, story, trouble, operator, resolved)
    return story


def _grade(draw: random.Random, severity: Severity | None) -> Grade:
    if severity is Severity.CRITICAL:
        return Grade(weighted(draw, (("I", 0.3), ("II", 4), ("III", 60), ("IV", 35))))
    return Grade(weighted(draw, (("III", 3), ("IV", 97))))


def _caller(draw: random.Random, row: Row) -> None:
    told = words("words")
    who = draw.randrange(len(told["callers"]))
    row["caller"], row["caller_department"] = told["callers"][who], told["departments"][who]
    row["caller_telephone"] = f"7{who + 1}{draw.randrange(100):02}"


def _answer(draw: random.Random, people: People, story: Story, operator: int) -> None:
    """Acknowledge: at once for a call, else mostly within the ten minutes; who is late is escalated."""
    row = story.row
    waited = timedelta(0) if row["source"] is not Source.MONITORING else _waited(draw)
    if waited > WITHIN:
        story.log(EventKind.ESCALATED, row["happened_at"] + WITHIN, None, "演示值班长")
        row["escalation_level"] = 1
    answered = row["happened_at"] + waited
    row["answered_at"] = row["acknowledged_at"] = answered
    row["acknowledged_by"] = operator
    row["acknowledge_reason"] = "受理即确认" if not waited else draw.choice(("正在处理", "已通知负责人", "正在核实"))
    story.log(EventKind.ACKNOWLEDGED, answered, operator, row["acknowledge_reason"])


def _waited(draw: random.Random) -> timedelta:
    late = draw.random() < 0.035
    return timedelta(seconds=round(draw.uniform(620, 1800) if late else min(590.0, draw.lognormvariate(4.9, 0.6))))


def _noise(story: Story, operator: int) -> None:
    row = story.row
    row["state"], row["cleared_at"] = IncidentState.NOISE, row["answered_at"] + timedelta(minutes=3)
    story.log(EventKind.NOISE, row["answered_at"] + timedelta(minutes=2), operator, "瞬时抖动，已自行恢复")


def _end(
    scene: Scene,
    draw: random.Random,
    people: People,
    story: Story,
    trouble: Row,
    operator: int,
    resolved: datetime,
) -> None:
    row = story.row
    resolved = max(resolved, row["answered_at"] + timedelta(minutes=2))
    assigned = row["answered_at"] + (resolved - row["answered_at"]) * 0.1
    solver = operator
    if draw.random() < 0.62:
        solver = people.ids.get(story.device.spec["owner"], operator)
        row["assignee_id"] = solver
        story.log(EventKind.ASSIGNED, assigned, operator, f"→ {people.names[solver]}")
    if row["grade"] is not Grade.IV:
        _tell(scene, story, people, operator, assigned)
    if row["severity"] is not None:
        row["cause_key"], row["cleared_at"] = f"ci:{row['ci_id']}:{trouble['metric']}", resolved
        story.log(EventKind.CLEARED, resolved, None)
    closed = min(resolved + timedelta(minutes=draw.uniform(5, 900)), scene.moment - timedelta(minutes=1))
    closed = max(closed, resolved)
    row |= {
        "state": IncidentState.CLOSED,
        "resolved_at": resolved,
        "resolved_by": solver,
        "is_first_line": solver == operator,
        "cause": trouble["cause"],
        "solution": trouble["solution"],
        "review": "已复盘，列入月度整改清单。" if row["grade"] is not Grade.IV else "",
        "satisfaction": draw.choice((4, 5, 5, 5)) if row["caller"] else None,
        "closed_at": closed,
    }
    story.log(EventKind.RESOLVED, resolved, solver, trouble["solution"])
    story.log(EventKind.CLOSED, closed, operator)
    if row["assignee_id"] and draw.random() < 0.12:
        story.order = work_order(scene, story, solver, assigned, WorkOrderState.DONE, trouble["solution"])


def _tell(scene: Scene, story: Story, people: People, operator: int, when: datetime) -> None:
    text = "机房主管丙 6041"
    story.log(EventKind.NOTIFIED, when, operator, text)
    story.told.append(
        {
            "key": scene.key("told", story.row["number"]),
            "contact_id": people.contacts["机房主管丙"],
            "name": "机房主管丙",
            "number": "6041",
            "medium": Medium.TELEPHONE,
            "person_id": operator,
            "result": "已知悉，要求尽快处理",
            "happened_at": when,
        }
    )


def work_order(
    scene: Scene, story: Story, assignee: int, when: datetime, state: WorkOrderState, result: str, title: str = ""
) -> Row:
    """Return the work order that came out of an incident."""
    number = scene.number("W", when.astimezone().date(), 2)
    return {
        "key": scene.key("order", number),
        "number": number,
        "title": title or f"{story.device.name}：{story.row['title']}",
        "ci_id": story.device.ci_id,
        "assignee_id": assignee,
        "due_at": when + timedelta(days=2),
        "state": state,
        "result": result,
        "happened_at": when,
    }
