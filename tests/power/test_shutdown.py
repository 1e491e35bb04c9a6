"""The checklist of a mains failure, over a real database."""

import uuid

import pytest

from app import incidents, mains
from app.cmdb.commands import relate
from app.database import Database
from app.desk import Desk
from app.errors import Refused
from models.enums import RelationKind
from tests.incidents.rooms import alarm, ci


def test_the_checklist_goes_from_consumers_to_what_they_use_and_is_ticked_once(database: Database, desk: Desk) -> None:
    ups, server, vm, other = (ci(desk, name) for name in ("UPS-1", "服务器-1", "应用-1", "别处-1"))
    storage = ci(desk, "存储-1")
    _link(desk, server, RelationKind.POWERED_BY, ups)
    _link(desk, storage, RelationKind.POWERED_BY, ups)
    _link(desk, vm, RelationKind.RUNS_ON, server)
    _link(desk, server, RelationKind.DEPENDS_ON, storage)
    failure = alarm(database, "市电中断", cause=f"ci:{ups}:ups.on_battery_seconds", ci_id=ups)
    found = desk.read(mains.shutdown, failure)
    assert [step.ci_id for step in found.steps] == [vm, server, storage]
    assert other not in {step.ci_id for step in found.steps}
    desk.do(mains.tick, failure, vm)
    desk.do(mains.tick, failure, vm)
    found = desk.read(mains.shutdown, failure)
    assert found.left == 2
    assert found.steps[0].done_by == desk.identity.name
    assert found.steps[0].done_at is not None
    lines = [event.text for event in desk.read(incidents.detail, failure).events if "应用-1" in event.text]
    assert len(lines) == 1


def test_a_ring_is_said_by_name(database: Database, desk: Desk) -> None:
    ups, one, two = (ci(desk, name) for name in ("UPS-1", "甲", "乙"))
    _link(desk, one, RelationKind.POWERED_BY, ups)
    _link(desk, two, RelationKind.POWERED_BY, ups)
    _link(desk, one, RelationKind.DEPENDS_ON, two)
    _link(desk, two, RelationKind.RUNS_ON, one)
    failure = alarm(database, "市电中断", cause=f"ci:{ups}:ups.on_battery_seconds", ci_id=ups)
    found = desk.read(mains.shutdown, failure)
    assert len(found.rings) == 1
    assert "甲" in found.rings[0]
    assert all(step.is_in_ring for step in found.steps)


def test_another_incident_has_no_shutdown_order(database: Database, desk: Desk) -> None:
    with pytest.raises(Refused):
        desk.read(mains.shutdown, alarm(database))


def _link(desk: Desk, source: int, kind: RelationKind, target: int) -> None:
    desk.do(relate, uuid.uuid4(), source, kind, target)
