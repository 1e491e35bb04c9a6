"""A UPS, a room sensor and a server's controller, each real, watched by the collector's own process."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import devices
from app.desk import Desk
from app.devices.checks import SHORTEST_S
from models.enums import CheckKind
from tests.e2e.room import ROOT, AlarmRow, CollectorRun, alarms
from tests.power.nut_server import NutServer
from tests.power.ports import free_port
from tests.power.test_ipmi import port as ipmi_port  # noqa: F401 - the simulator of a controller

pytestmark = pytest.mark.slow
PATIENCE_MS = 120_000


@pytest.fixture
def modbus_port() -> Iterator[int]:
    """A transmitter in a room that is too warm: 35.2 °C, 50 %."""
    port = free_port()
    command = [sys.executable, "-m", "tests.power.modbus_server", str(port), json.dumps({0: 352, 1: 500})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"listening\n"
        yield port
        server.terminate()


def watch(desk: Desk, name: str, class_name: str, kind: CheckKind, port: int, secret: str = "", **params: str) -> int:
    ci_id = desk.do(devices.add_device, uuid.uuid4(), name, class_name, "127.0.0.1", ())
    desk.do(
        devices.add_check, uuid.uuid4(), ci_id, kind, "127.0.0.1", port=port, secret=secret,
        params={"timeout_s": "20", **params}, interval_s=SHORTEST_S, retries=0,
    )  # fmt: skip
    return ci_id


def of(desk: Desk, ci_id: int) -> list[AlarmRow]:
    return [alarm for alarm in desk.read(alarms) if alarm.ci_id == ci_id]


def test_a_mains_failure_with_a_low_battery_is_one_incident(
    qtbot: QtBot, desk: Desk, collector: CollectorRun, tmp_path: Path
) -> None:
    with NutServer(tmp_path) as server, collector:
        ups = watch(desk, "UPS-1", "ups", CheckKind.NUT, server.port)
        qtbot.waitUntil(lambda: is_watched(desk, ups), timeout=PATIENCE_MS)
        server.set({"ups.status": "OB DISCHRG"})
        qtbot.waitUntil(lambda: bool(of(desk, ups)), timeout=PATIENCE_MS)
        server.set({"ups.status": "OB DISCHRG LB", "battery.charge": "12", "battery.runtime": "120"})
        qtbot.waitUntil(lambda: "more" in of(desk, ups)[-1].title, timeout=PATIENCE_MS)
        (alarm,) = of(desk, ups)
        assert "On battery" in alarm.title and not alarm.is_cleared
        server.set({"battery.charge": "95", "battery.runtime": "1700"})
        server.set({"ups.status": "OL CHRG"})
        qtbot.waitUntil(lambda: all(one.is_cleared for one in of(desk, ups)), timeout=PATIENCE_MS)
        assert len(of(desk, ups)) == 1


def test_a_warm_room_by_modbus_and_a_warm_inlet_by_ipmi_open_incidents(
    qtbot: QtBot, desk: Desk, collector: CollectorRun, modbus_port: int, ipmi_port: int  # noqa: F811 - the fixture
) -> None:  # fmt: skip
    room = watch(desk, "温湿度-1", "sensor", CheckKind.MODBUS, modbus_port, map="room-sensor")
    server = watch(desk, "服务器-1", "server", CheckKind.IPMI, ipmi_port, "test", user="ipmiusr")
    desk.do(devices.add_threshold, uuid.uuid4(), "temperature.celsius", devices.Limits(warning_high=20.0), ci_id=server)
    with collector:
        qtbot.waitUntil(lambda: bool(of(desk, room)) and bool(of(desk, server)), timeout=PATIENCE_MS)
    assert "35.2" in of(desk, room)[0].title
    assert "26" in of(desk, server)[0].title and "Inlet air" in of(desk, server)[0].title


def is_watched(desk: Desk, ci_id: int) -> bool:
    row = desk.read(devices.state_of, ci_id)
    return row is not None and row.checked_at is not None
