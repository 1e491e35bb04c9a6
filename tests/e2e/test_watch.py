"""From the device to the operator's ear: the collector's process, a real agent, the program's own window."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import audit, devices
from app.cli import main
from app.database import Database
from app.desk import Desk
from models.enums import CheckKind, IncidentState, State
from tests.collector.snmpsim_server import OWN, SnmpSim, packaged_recordings
from tests.e2e.room import (
    PATIENCE_MS,
    CollectorRun,
    Seat,
    alarms,
    reach_through,
    watch_snmp,
)

CPU = "1.3.6.1.2.1.25.3.3.1.2.1"
PACKAGED, PACKAGED_CPU = "slackware", "1.3.6.1.2.1.25.3.3.1.2"


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpSim]:
    recordings = [OWN / "watched.snmprec"]
    packaged = packaged_recordings().get(PACKAGED)
    if packaged is not None:
        recordings.append(packaged)
    with SnmpSim(tmp_path_factory.mktemp("agent"), recordings) as running:
        yield running


def test_a_figure_out_of_its_limits_is_seen_heard_acknowledged_and_cleared(
    qtbot: QtBot,
    room: Database,
    desk: Desk,
    url: str,
    agent: SnmpSim,
    collector: CollectorRun,
    sit_down: Callable[[], Seat],
    capsys: pytest.CaptureFixture[str],
) -> None:
    ci_id = watch_snmp(desk, "app server", agent.port, "watched")
    seat = sit_down()
    with collector:
        qtbot.waitUntil(lambda: seat.shows(ci_id, State.NORMAL), timeout=PATIENCE_MS)
        assert desk.read(alarms) == []
        assert seat.played() == []

        agent.edit("watched", CPU, "2|90")
        qtbot.waitUntil(lambda: seat.shows(ci_id, State.WARNING), timeout=PATIENCE_MS)
        assert seat.shown(ci_id).value == "CPU 90%"
        qtbot.waitUntil(lambda: any("warning" in tone for tone in seat.played()), timeout=PATIENCE_MS)

        agent.edit("watched", CPU, "2|97")
        qtbot.waitUntil(lambda: seat.shows(ci_id, State.CRITICAL), timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: "critical" in seat.played()[-1], timeout=PATIENCE_MS)
        (alarm,) = desk.read(alarms)
        assert (alarm.state, alarm.is_cleared) == (IncidentState.NEW, False)
        assert "97" in alarm.title

        seat.queue.table.select_key(alarm.id)
        seat.press(qtbot, Qt.Key.Key_F4)
        qtbot.waitUntil(lambda: seat.desktop.sounds.playing == "", timeout=PATIENCE_MS)
        qtbot.waitUntil(lambda: not seat.shown(ci_id).is_new, timeout=PATIENCE_MS)

        agent.edit("watched", CPU, "2|20")
        qtbot.waitUntil(lambda: seat.shows(ci_id, State.NORMAL), timeout=PATIENCE_MS)
        (alarm,) = desk.read(alarms)
        assert (alarm.state, alarm.is_cleared) == (IncidentState.ACKNOWLEDGED, True)
    assert collector.said == ""
    assert desk.read(audit.verify).is_whole
    assert main(["verify", "--db", url]) == 0
    assert "whole" in capsys.readouterr().out


def test_a_recorded_device_turns_the_board_when_its_recording_is_edited(
    qtbot: QtBot, desk: Desk, agent: SnmpSim, collector: CollectorRun, sit_down: Callable[[], Seat]
) -> None:
    if PACKAGED not in agent.names:
        pytest.skip("the package snmpsim-data is not installed")
    ci_id = watch_snmp(desk, "recorded", agent.port, PACKAGED)
    seat = sit_down()
    with collector:
        qtbot.waitUntil(lambda: seat.shown(ci_id).checked_at is not None, timeout=PATIENCE_MS)
        before = seat.shown(ci_id).state
        for processor in agent.below(PACKAGED, PACKAGED_CPU):
            agent.edit(PACKAGED, processor, "2|99")
        qtbot.waitUntil(lambda: seat.shows(ci_id, State.CRITICAL), timeout=PATIENCE_MS)
        assert before is not State.CRITICAL
        qtbot.waitUntil(lambda: any("99" in alarm.title for alarm in desk.read(alarms)), timeout=PATIENCE_MS)


def test_a_wrong_community_is_said_and_costs_only_its_own_device(
    qtbot: QtBot, desk: Desk, agent: SnmpSim, collector: CollectorRun, sit_down: Callable[[], Seat]
) -> None:
    wrong = watch_snmp(desk, "wrong community", agent.port, "nobody", {"timeout_s": "0.5"})
    nowhere = desk.do(devices.add_device, uuid.uuid4(), "nowhere", "server", "no-such-host.invalid", [CheckKind.ICMP])
    good = watch_snmp(desk, "good", agent.port, "watched")
    seat = sit_down()
    with collector:
        qtbot.waitUntil(lambda: seat.shows(good, State.NORMAL), timeout=PATIENCE_MS)
        for ci_id in (wrong, nowhere):
            qtbot.waitUntil(lambda ci_id=ci_id: not _is_fine(seat, ci_id), timeout=PATIENCE_MS)
    assert "community" in seat.shown(wrong).summary
    assert "no-such-host.invalid" in seat.shown(nowhere).summary


def _is_fine(seat: Seat, ci_id: int) -> bool:
    row = seat.shown(ci_id)
    return row.checked_at is None or row.state is State.NORMAL or not row.summary


@pytest.mark.slow
def test_a_parent_that_is_down_keeps_its_children_silent(
    qtbot: QtBot, desk: Desk, agent: SnmpSim, collector: CollectorRun, sit_down: Callable[[], Seat]
) -> None:
    with SnmpSim(agent.data.parent / "behind", [OWN / "watched.snmprec"]) as behind:
        switch = watch_snmp(desk, "core switch", behind.port, "watched")
        server = watch_snmp(desk, "server behind it", behind.port, "watched")
        desk.do(reach_through, server, switch)
        seat = sit_down()
        with collector:
            for ci_id in (switch, server):
                qtbot.waitUntil(lambda ci_id=ci_id: seat.shows(ci_id, State.NORMAL), timeout=PATIENCE_MS)
            behind.freeze()
            qtbot.waitUntil(lambda: seat.shows(switch, State.UNREACHABLE), timeout=PATIENCE_MS)
            qtbot.waitUntil(lambda: seat.shown(server).affected_by == "core switch", timeout=PATIENCE_MS)
            assert seat.shows(server, State.UNREACHABLE)
            assert [alarm.ci_id for alarm in desk.read(alarms)] == [switch]
            behind.thaw()
            for ci_id in (switch, server):
                qtbot.waitUntil(lambda ci_id=ci_id: seat.shows(ci_id, State.NORMAL), timeout=PATIENCE_MS)
            assert [alarm.is_cleared for alarm in desk.read(alarms)] == [True]
