"""Two people, or two collectors, at the same moment."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from app import incidents
from app.database import Database
from app.desk import Desk
from app.errors import Refused
from models.enums import EventKind, Severity
from tests.incidents.rooms import TEMPERATURE, alarm, collector, one, row

AT_ONCE = 4


def all_at_once(work: Callable[[int], Any]) -> list[Any]:
    """Run `work` on several threads that start together and return what each gave or raised."""
    ready = threading.Barrier(AT_ONCE)

    def run(number: int) -> Any:
        ready.wait()
        try:
            return work(number)
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def desks(database: Database, desk: Desk) -> list[Desk]:
    return [database.desk(desk.identity, f"A{number}") for number in range(AT_ONCE)]


def test_of_several_who_acknowledge_at_once_one_does(database: Database, desk: Desk) -> None:
    first = alarm(database)
    seats = desks(database, desk)
    answers = all_at_once(lambda n: seats[n].do(incidents.acknowledge, first, f"seat {n}"))
    assert sum(isinstance(answer, Refused) for answer in answers) == AT_ONCE - 1
    kinds = [event.kind for event in one(desk, first).events]
    assert kinds.count(EventKind.ACKNOWLEDGED) == 1
    assert row(desk, first).version == 2


def test_several_collectors_open_one_incident_of_a_cause(database: Database, desk: Desk) -> None:
    answers = all_at_once(
        lambda n: collector(database).do(
            incidents.open_alarm, TEMPERATURE, None, Severity.CRITICAL, f"温度 {28 + n} °C"
        )
    )
    assert len(set(answers)) == 1
    assert desk.read(incidents.count, "all") == 1


def test_several_who_note_at_once_all_do(database: Database, desk: Desk) -> None:
    first = alarm(database)
    seats = desks(database, desk)
    all_at_once(lambda n: seats[n].do(incidents.add_note, first, uuid.uuid4(), f"{n}"))
    assert sum(event.kind is EventKind.NOTE for event in one(desk, first).events) == AT_ONCE


def test_numbers_are_never_given_twice(database: Database, desk: Desk) -> None:
    ids = all_at_once(lambda n: alarm(database, cause=f"ci:{n}:cpu.percent"))
    assert len({row(desk, each).number for each in ids}) == AT_ONCE
