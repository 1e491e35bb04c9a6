"""The list of the busiest interfaces, from what the collector stored."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from app import devices
from app.collector.batch import Batch, Beat
from app.collector.samples import Metric, Outcome, Sample
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk
from app.talkers import By, talkers
from models.enums import CheckKind


def add(desk: Desk, name: str) -> int:
    return desk.do(devices.add_device, uuid.uuid4(), name, "switch", "127.0.0.1", [CheckKind.SNMP])


def measured(database: Database, ci_id: int, *samples: Sample, ago: timedelta = timedelta()) -> None:
    now = datetime.now(UTC)
    outcome = Outcome(1, ci_id, now - ago, True, samples=samples)
    DeskStore(database).write(Batch(outcomes=[outcome]), Beat(now, now, 1, 1))


def traffic(name: str, in_bps: float, out_bps: float) -> tuple[Sample, ...]:
    return (
        Sample(Metric.IF_UP, 1.0, "", name, f"{name} uplink"),
        Sample(Metric.IF_IN, in_bps, "bit/s", name, f"{name} uplink"),
        Sample(Metric.IF_OUT, out_bps, "bit/s", name, f"{name} uplink"),
        Sample(Metric.IF_IN_UTILISATION, in_bps / 1e7, "%", name),
        Sample(Metric.IF_IN_PACKETS, in_bps / 8000, "/s", name),
    )


def test_the_busiest_interfaces_of_all_devices_come_first_with_their_course(database: Database, desk: Desk) -> None:
    core, access = add(desk, "core"), add(desk, "access")
    measured(database, core, *traffic("Gi1", 8e6, 1e6), ago=timedelta(minutes=20))
    measured(database, core, *traffic("Gi1", 4e6, 6e6), *traffic("Gi2", 0, 0))
    measured(database, access, *traffic("Gi1", 9e6, 0))
    rows = desk.read(talkers)
    assert [(row.device, row.instance, row.in_bps, row.out_bps) for row in rows] == [
        ("access", "Gi1", 9e6, 0),
        ("core", "Gi1", 4e6, 6e6),
    ]
    assert rows[1].label == "Gi1 uplink" and rows[1].load == pytest.approx(0.4)
    assert [value for value in rows[1].trend if value == value] == [1e6, 6e6]
    assert [row.device for row in desk.read(talkers, By.TRAFFIC, core)] == ["core"]
    assert [row.in_packets for row in desk.read(talkers, By.PACKETS, None, 1)] == [1125.0]


def test_by_errors_only_those_that_have_some_are_listed(database: Database, desk: Desk) -> None:
    core = add(desk, "core")
    bad = (Sample(Metric.IF_IN_ERRORS, 3.0, "/s", "Gi2"), Sample(Metric.IF_OUT_DISCARDS, 2.0, "/s", "Gi2"))
    measured(database, core, *traffic("Gi1", 8e6, 1e6), *traffic("Gi2", 1e3, 0), *bad)
    assert [(row.instance, row.errors) for row in desk.read(talkers, By.ERRORS)] == [("Gi2", 5.0)]


def test_what_was_not_measured_lately_is_no_talker(database: Database, desk: Desk) -> None:
    measured(database, add(desk, "core"), *traffic("Gi1", 8e6, 1e6), ago=timedelta(minutes=20))
    assert desk.read(talkers) == []
