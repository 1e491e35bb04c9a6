"""Two years of the access log, and who is inside at the demo's moment: one of them longer than planned."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from app.demo.incidents import OFFICE_HOURS, Ended
from app.demo.people import People
from app.demo.scene import Row, Scene, at, local_day, words
from app.demo.site import Site
from app.pinyin import search_text
from app.secrets import mask_number
from models.access import Visit, VisitItem, VisitMember
from models.enums import Approval, CertificateType, Direction, VisitState

A_DAY = (2.6, 2.8, 2.8, 2.7, 2.6, 0.6, 0.4)
APPROVER = "机房主管丙"


@dataclass(frozen=True, slots=True)
class _Draft:
    row: Row
    people: tuple[str, ...]
    items: tuple[str, ...]


def write(scene: Scene, site: Site, people: People, incidents: list[Ended]) -> None:
    """Write the visits with their members and what they carried, the oldest first."""
    draw = scene.draw("visits")
    linked = {local_day(one.happened_at): one for one in incidents}
    drafts = [draft for day in scene.days for draft in _day(scene, draw, site, people, day, linked.get(day))]
    drafts += [_inside(scene, site, people, told) for told in words("words")["inside"]]
    ids = scene.add_keyed(Visit, [draft.row for draft in drafts])
    numbered = list(zip(ids, drafts, strict=True))
    scene.add(VisitMember, [row for one, draft in numbered for row in _members(scene, one, draft)])
    scene.add(VisitItem, [row for one, draft in numbered for row in _items(scene, one, draft)])


def _day(
    scene: Scene, draw: random.Random, site: Site, people: People, day: date, incident: Ended | None
) -> Iterator[_Draft]:
    count = max(0, round(draw.gauss(A_DAY[day.weekday()], 1.0)))
    hours = draw.choices(range(24), OFFICE_HOURS, k=count)
    for entered in sorted(at(day, hour, draw.randrange(60)) for hour in hours):
        told = draw.choice(words("words")["visits"])
        left = entered + timedelta(minutes=told["minutes"] * draw.uniform(0.6, 1.4))
        if left > scene.moment - timedelta(hours=3):
            continue
        names = tuple(draw.sample(words("words")["visitors"], draw.choice((1, 1, 2, 2, 3))))
        row = _row(scene, told["unit"], told["purpose"], names, entered, left)
        row["planned_until"] = entered + timedelta(minutes=told["minutes"] + 30)
        row["room_id"] = draw.choice(list(site.rooms.values()))
        row["approval"] = draw.choice((Approval.WRITTEN, Approval.WRITTEN, Approval.ORAL))
        row["escort_id"] = draw.choice((*people.operators, *people.engineers))
        row["registered_by"] = draw.choice(people.operators)
        row["escort"] = people.names[row["escort_id"]]
        if incident is not None and draw.random() < 0.3:
            row["incident_id"] = incident.id
        yield _Draft(row, names, tuple(told["items"]))


def _inside(scene: Scene, site: Site, people: People, told: dict[str, Any]) -> _Draft:
    """Return a visit of today: `entered`, `left` and `planned` are minutes before the moment."""
    entered = _before(scene, told["entered"])
    left = None if told["left"] is None else _before(scene, told["left"])
    row = _row(scene, told["unit"], told["purpose"], tuple(told["people"]), entered, left)
    row["planned_until"], row["room_id"] = _before(scene, told["planned"]), site.rooms[told["room"]]
    row["approval"], row["escort_id"] = Approval(told["approval"]), people.ids[told["escort"]]
    row["escort"], row["registered_by"] = people.names[row["escort_id"]], people.ids["demo-jia"]
    return _Draft(row, tuple(told["people"]), tuple(told["items"]))


def _before(scene: Scene, minutes: float) -> datetime:
    return scene.moment - timedelta(minutes=minutes)


def _row(
    scene: Scene, unit: str, purpose: str, people: tuple[str, ...], entered: datetime, left: datetime | None
) -> Row:
    number = scene.number("V", local_day(entered))
    return {
        "key": scene.key("visit", number),
        "number": number,
        "state": VisitState.INSIDE if left is None else VisitState.LEFT,
        "unit": unit,
        "purpose": purpose,
        "headcount": len(people),
        "entered_at": entered,
        "left_at": left,
        "happened_at": entered,
        "approver": APPROVER,
        "incident_id": None,
        "search": search_text(unit, *people, limit=500),
    }


def _members(scene: Scene, visit_id: int, draft: _Draft) -> Iterator[Row]:
    for place, name in enumerate(draft.people):
        yield {
            "key": scene.key("member", draft.row["number"], place),
            "visit_id": visit_id,
            "name": name,
            "unit": draft.row["unit"],
            "telephone": "",
            "certificate": CertificateType.WORK_CARD,
            "certificate_mask": mask_number(f"DEMO{len(name):02}{place:04}"),
            "entered_at": draft.row["entered_at"],
            "left_at": draft.row["left_at"],
            "search": search_text(name, limit=250),
        }


def _items(scene: Scene, visit_id: int, draft: _Draft) -> Iterator[Row]:
    for place, name in enumerate(draft.items):
        yield {
            "key": scene.key("item", draft.row["number"], place),
            "visit_id": visit_id,
            "direction": Direction.IN,
            "name": name,
            "quantity": 1,
            "ci_id": None,
        }
