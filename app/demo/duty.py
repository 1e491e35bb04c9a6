"""The roster to and beyond the demo's moment, signed hand-overs, and what the shifts wrote down."""

import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from app.demo.people import People
from app.demo.scene import Row, Scene, at, words
from app.settings import DEFAULTS
from app.signatures import digest
from models.duty import Handover, RosterEntry, ShiftLogEntry
from models.enums import HandoverState, ShiftLogKind
from models.people import Signature

PLANNED_AHEAD = 14
TURNS_OF_WEEK = 7


def write(scene: Scene, people: People) -> None:
    """Write turns, hand-overs with both signatures, and the shift log."""
    draw = scene.draw("duty")
    shifts = [shift for day in _days(scene) for shift in _shifts(day)]
    scene.add(RosterEntry, [row for name, start, end in shifts for row in _turns(scene, people, name, start, end)])
    past = [(name, start) for name, start, _ in shifts if start <= scene.moment]
    rows = [_handover(scene, draw, people, name, start) for name, start in past[1:]]
    ids = scene.add_keyed(Handover, rows)
    signed = [line for one, row in zip(ids, rows, strict=True) for line in _signatures(one, row)]
    scene.add(Signature, signed)
    log = [_note(scene, draw, people, start, n) for _, start in past for n in range(draw.choice((1, 1, 2)))]
    written = [line for line in log if line["happened_at"] < scene.moment]
    scene.add(ShiftLogEntry, sorted(written, key=lambda line: line["happened_at"]))


def _days(scene: Scene) -> list[date]:
    ahead = [scene.last_day + timedelta(days=n + 1) for n in range(PLANNED_AHEAD)]
    return [scene.days[0] - timedelta(days=1), *scene.days, *ahead]


def _shifts(day: date) -> Iterator[tuple[str, datetime, datetime]]:
    """Yield the day's shifts: name, start, end."""
    for shift in DEFAULTS["duty.shifts"]:
        start = at(day, *map(int, shift["starts"].split(":")))
        yield shift["name"], start, start + timedelta(hours=shift["hours"])


def on_duty(people: People, last_day: date, start: datetime) -> tuple[int, ...]:
    """Return who is on the shift that starts then: two pairs that change places every week."""
    local = start.astimezone()
    weeks = (last_day - local.date()).days // TURNS_OF_WEEK
    is_early = local.hour < 12
    pair = people.operators[:2], people.operators[2:]
    return pair[(0 if is_early else 1) ^ (weeks % 2)]


def _turns(scene: Scene, people: People, name: str, start: datetime, end: datetime) -> Iterator[Row]:
    for person in on_duty(people, scene.last_day, start):
        yield {
            "key": scene.key("turn", start.isoformat(), person),
            "shift": name,
            "person_id": person,
            "starts_at": start,
            "ends_at": end,
            "telephone": "6020",
        }


def _handover(scene: Scene, draw: random.Random, people: People, name: str, start: datetime) -> Row:
    """Return the hand-over at the beginning of a shift, from the one before."""
    number = scene.number("H", start.astimezone().date(), 2)
    before = on_duty(people, scene.last_day, start - timedelta(hours=12))
    giver, taker = before[0], on_duty(people, scene.last_day, start)[0]
    if giver == taker:
        giver = before[1]
    note = draw.choice(words("words")["notes"])
    return {
        "key": scene.key("handover", number),
        "number": number,
        "shift": name,
        "state": HandoverState.SIGNED,
        "from_person_id": giver,
        "to_person_id": taker,
        "items": [{"section": "log", "text": note, "id": 0}],
        "remarks": draw.choice(("", "", "请继续观察互联网出口流量。", "备件到货后通知系统组。")),
        "offered_at": start - timedelta(minutes=draw.randint(4, 15)),
        "signed_at": start + timedelta(minutes=draw.randint(0, 6)) if start < scene.moment else start,
        "happened_at": start,
    }


def _signatures(handover_id: int, row: Row) -> Iterator[Row]:
    content = {name: row[name] for name in ("number", "items", "remarks")}
    signers = (("from", row["from_person_id"], row["offered_at"]), ("to", row["to_person_id"], row["signed_at"]))
    for role, person, when in signers:
        yield {
            "subject": "handover",
            "subject_id": handover_id,
            "role": role,
            "person_id": person,
            "signed_at": when,
            "digest": digest(content),
        }


def _note(scene: Scene, draw: random.Random, people: People, start: datetime, place: int) -> Row:
    return {
        "key": scene.key("log", start.isoformat(), place),
        "kind": ShiftLogKind.NOTE,
        "person_id": on_duty(people, scene.last_day, start)[place % 2],
        "incident_id": None,
        "text": draw.choice(words("words")["notes"]),
        "happened_at": start + timedelta(minutes=draw.randint(5, 600)),
    }
