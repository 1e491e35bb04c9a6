"""What every kept command is given comes back from the outbox's file as it was."""

import json
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import access, duty, incidents, inspections
from app.access import ItemEntry, MemberEntry, VisitEntry
from app.desk import Command
from app.outbox.codec import Unreadable, bound, decode, encode, parameters, restored
from app.outbox.sending import kept_command
from models.enums import Direction

KEPT: tuple[Command[..., Any], ...] = (
    access.enter,
    access.let_in,
    access.leave,
    incidents.acknowledge,
    incidents.acknowledge_many,
    incidents.add_note,
    duty.write,
    inspections.set_value,
)
st.register_type_strategy(datetime, st.datetimes(timezones=st.just(UTC)))


@pytest.mark.parametrize("command", KEPT, ids=lambda command: str(command.name))
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_the_arguments_of_a_kept_command_come_back_equal(command: Command[..., Any], data: st.DataObject) -> None:
    kinds = {name: tuple[int, ...] if kind == Sequence[int] else kind for name, kind in parameters(command).items()}
    values = {name: data.draw(st.from_type(kind), label=name) for name, kind in kinds.items()}
    written = json.loads(json.dumps(bound(command, (), values)))
    assert restored(command, written) == values


@pytest.mark.parametrize("command", KEPT, ids=lambda command: str(command.name))
def test_a_kept_command_is_found_by_its_name(command: Command[..., Any]) -> None:
    assert kept_command(command.name) is command


@pytest.mark.parametrize(
    "name", ["incidents.ending.close", "people.add_person", "paths.data_dir", "os.system", "", "no.such.thing"]
)
def test_no_other_function_is_called_by_a_name_in_the_file(name: str) -> None:
    with pytest.raises(Unreadable):
        kept_command(name)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (True, int),
        ("1", int),
        (1, str),
        ("2026-11-23T10:00:00", datetime),
        ("yesterday", datetime),
        ("no key", uuid.UUID),
        ("up", Direction),
        ("abc", tuple[int, ...]),
        ({"direction": "in", "name": "n", "colour": "red"}, ItemEntry),
        ({"direction": "in"}, ItemEntry),
        ([], ItemEntry),
    ],
)
def test_what_does_not_fit_the_type_is_unreadable(data: Any, kind: Any) -> None:
    with pytest.raises(Unreadable):
        decode(data, kind)


def test_an_argument_that_the_command_does_not_have_is_unreadable() -> None:
    with pytest.raises(Unreadable):
        restored(duty.write, {"text": "x", "shell": "rm"})


def test_a_type_that_no_command_has_is_a_bug() -> None:
    with pytest.raises(TypeError):
        encode(1.5)


def test_a_visit_keeps_its_people_and_things() -> None:
    entry = VisitEntry(
        uuid.uuid4(),
        3,
        "巡检",
        (MemberEntry("张三", certificate_number="1101"),),
        items=(ItemEntry(Direction.IN, "电池"),),
    )
    assert restored(access.enter, bound(access.enter, (entry,), {})) == {"entry": entry}
