"""Differences, policies and the topology on the screen, over a real database."""

import math
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from app import charts, cmdb, facts, policies
from app.collector.history import History
from app.collector.samples import Metric, Outcome, Sample
from app.desk import Desk, Tx, command
from app.permissions import Permission
from models.enums import CheckKind, Fact, RelationKind
from models.monitoring import DeviceState
from tests.ui.real import add_switch, real_desk
from ui.context import Context
from ui.docks.inspector_interfaces import Interfaces
from ui.pages.differences import DifferencesPage
from ui.pages.policies import PoliciesPage
from ui.pages.talkers import TalkersPage, bars, shortened
from ui.pages.topology import TopologyPage


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@command(Permission.CMDB_EDIT)
def tell_and_compare(tx: Tx, ci_id: int, told: dict[str, str]) -> None:
    """Do what the collector does with what a device says of itself."""
    if tx.session.get(DeviceState, ci_id) is None:
        tx.add(DeviceState(ci_id=ci_id))
    tx.session.execute(update(DeviceState).where(DeviceState.ci_id == ci_id).values(facts=told))
    facts.compare(tx)


def test_the_selected_differences_are_taken_into_the_record(qtbot: QtBot, context: Context, desk: Desk) -> None:
    ci_id = add_switch(desk)
    desk.do(tell_and_compare, ci_id, {"serial": "SN-2", "model": "S6730"})
    page = DifferencesPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: len(page.table.rows.rows) == 2)
    assert not page.accept_button.isEnabled()
    page.table.selectAll()
    assert page.accept_button.isEnabled() and not page.keep_button.isEnabled()
    page.accept()
    qtbot.waitUntil(lambda: page.table.rows.rows == [])
    draft = desk.read(cmdb.detail, ci_id).draft
    assert (draft.serial, draft.model) == ("SN-2", "S6730")


def test_a_record_that_stands_needs_a_reason(qtbot: QtBot, context: Context, desk: Desk) -> None:
    ci_id = add_switch(desk)
    desk.do(tell_and_compare, ci_id, {"serial": "SN-2"})
    page = DifferencesPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: len(page.table.rows.rows) == 1)
    page.table.selectAll()
    form = page.keep()
    assert form is not None
    form.set_values({"reason": "以标签为准"})
    with qtbot.waitSignal(form.saved):
        form.submit()
    (row,) = desk.read(facts.differences, "standing")
    assert (row.fact, row.reason) == (Fact.SERIAL, "以标签为准")


def test_a_policy_is_set_up_and_switched_off(qtbot: QtBot, context: Context, desk: Desk) -> None:
    add_switch(desk)
    page = PoliciesPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    offered: list[str] = []
    page._suggest("核心", offered.extend)
    qtbot.waitUntil(lambda: bool(offered))
    form = page.add()
    typed = {"ci": offered[0], "kind": CheckKind.MUST_NOT_REACH, "name": "禁止 Telnet", "address": "127.0.0.1"}
    form.set_values({**typed, "port": "23"})
    with qtbot.waitSignal(form.saved):
        form.submit()
    page.refresh()
    qtbot.waitUntil(lambda: len(page.table.rows.rows) == 1)
    (row,) = desk.read(policies.policies)
    assert (row.name, row.kind, row.target) == ("禁止 Telnet", CheckKind.MUST_NOT_REACH, "127.0.0.1:23")
    page.table.select_key(row.id)
    edited = page.edit()
    assert edited is not None
    edited.set_values({"is_enabled": False})
    with qtbot.waitSignal(edited.saved):
        edited.submit()
    assert not desk.read(policies.policies)[0].is_enabled


def test_the_topology_is_walked_with_keys_and_shows_the_device_in_the_inspector(
    qtbot: QtBot, context: Context, desk: Desk
) -> None:
    first, second = add_switch(desk, "甲"), add_switch(desk, "乙")
    desk.do(cmdb.relate, uuid.uuid4(), first, RelationKind.CONNECTS_TO, second)
    page = TopologyPage(context)
    qtbot.addWidget(page)
    page.resize(900, 600)
    page.show()
    page.show_row(None)
    qtbot.waitUntil(lambda: len(page.view.nodes) == 2)
    chosen: list[object] = []
    context.nav.selected.connect(lambda _kind, key: chosen.append(key))
    QTest.keyClick(page.view, Qt.Key.Key_Right)
    a, b = (page.view.spot(node) for node in page.view.nodes)
    way = b - a
    key = Qt.Key.Key_Right if way.x() > 1 else Qt.Key.Key_Left
    QTest.keyClick(page.view, key)
    assert chosen == [first, second]
    QTest.mouseClick(
        page.view,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        page.view.spot(page.view.nodes[0]).toPoint(),
    )
    assert chosen[-1] == first
    assert "乙" in page.view.told(page.view.nodes[0])
    before = page.view.spot(page.view.nodes[0])
    QTest.keyClick(page.view, Qt.Key.Key_Plus)
    assert page.view.zoom > 1
    QTest.keyClick(page.view, Qt.Key.Key_0)
    assert page.view.spot(page.view.nodes[0]) == before
    assert not page.grab().isNull()


@command(Permission.CMDB_EDIT)
def _measure(tx: Tx, history: History, ci_id: int, in_bps: float) -> None:
    at = tx.now - timedelta(seconds=60 - min(59, int(in_bps / 1e6)))
    samples = (Sample(Metric.IF_UP, 1.0, "", "Gi1", "Gi1"), Sample(Metric.IF_IN, in_bps, "bit/s", "Gi1", "Gi1"))
    history.append(tx.connection, [Outcome(1, ci_id, at, True, samples=samples)])


def test_an_interfaces_figures_move_in_the_inspector_though_no_state_changes(
    qtbot: QtBot, context: Context, desk: Desk
) -> None:
    ci_id, history = add_switch(desk), History(desk.engine)
    desk.do(_measure, history, ci_id, 1e6)
    table = Interfaces(context)
    qtbot.addWidget(table)
    table.show_interfaces(ci_id, desk.read(charts.interfaces, ci_id))
    table.show()
    assert [row.in_bps for row in table.rows.rows] == [1e6]
    desk.do(_measure, history, ci_id, 9e6)
    qtbot.waitUntil(lambda: [row.in_bps for row in table.rows.rows] == [9e6])


def test_a_click_on_a_busy_interface_shows_its_device(qtbot: QtBot, context: Context, desk: Desk) -> None:
    ci_id, other = add_switch(desk, "甲"), add_switch(desk, "乙")
    history = History(desk.engine)
    for each, bps in ((ci_id, 5e6), (other, 1e6)):
        desk.do(_measure, history, each, bps)
    page = TalkersPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: [row.device for row in page.table.rows.rows] == ["甲", "乙"])
    chosen: list[object] = []
    context.nav.selected.connect(lambda _kind, key: chosen.append(key))
    page.table.select_key((other, "Gi1"))
    assert chosen == [other]
    page.show_row(ci_id)
    qtbot.waitUntil(lambda: [row.device for row in page.table.rows.rows] == ["甲"])
    page.all_button.click()
    qtbot.waitUntil(lambda: len(page.table.rows.rows) == 2)


def test_a_course_is_a_line_of_bars_with_holes_and_names_are_short() -> None:
    assert bars((0.0, 5.0, math.nan, 10.0)) == "▁▅ █" and bars(()) == ""
    assert shortened("GigabitEthernet1/0/48 to core") == "GE1/0/48 to core"
    assert shortened("XGigabitEthernet0/0/1") == "XGE0/0/1" and shortened("Ethernet bridge") == "Ethernet bridge"
