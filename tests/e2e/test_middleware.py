"""A real Tomcat watched by the collector's own process: a pool set up against the rule is an incident that says why."""

import uuid
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import devices
from app.desk import Desk
from app.devices.checks import SHORTEST_S
from models.enums import CheckKind
from tests.e2e.room import CollectorRun, alarms
from tests.engines.tomcat_server import MOST_THREADS, PASSWORD, USER, TomcatServer

pytestmark = pytest.mark.slow
PATIENCE_MS = 120_000
POOL = (
    '<Resource name="jdbc/orders" type="javax.sql.DataSource" factory="org.apache.tomcat.jdbc.pool.DataSourceFactory" '
    'driverClassName="none" url="jdbc:none" initialSize="0" maxActive="4"/>'
)


def test_a_broken_rule_opens_an_incident_and_a_stopped_tomcat_another(
    qtbot: QtBot, desk: Desk, collector: CollectorRun, tmp_path: Path
) -> None:
    with TomcatServer(tmp_path / "tomcat", pools=POOL) as server, collector:
        ci_id = desk.do(devices.add_device, uuid.uuid4(), "门户中间件", "middleware", "127.0.0.1", ())
        desk.do(
            devices.add_check, uuid.uuid4(), ci_id, CheckKind.TOMCAT, "127.0.0.1", port=server.port, secret=PASSWORD,
            params={"user": USER}, interval_s=SHORTEST_S, retries=0,
        )  # fmt: skip
        qtbot.waitUntil(lambda: len(titles(desk)) == 2, timeout=PATIENCE_MS)
        assert sum("initial size 0 is not its maximum 4" in title for title in titles(desk)) == 1
        assert sum(f"at most 4 connections for {MOST_THREADS} execute threads" in title for title in titles(desk)) == 1
        server.stop()
        qtbot.waitUntil(lambda: any("nothing listens" in title for title in titles(desk)), timeout=PATIENCE_MS)


def titles(desk: Desk) -> list[str]:
    return [alarm.title for alarm in desk.read(alarms) if not alarm.is_cleared]
