"""Differences, policies and the topology on the screen, over a real database."""

import uuid
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from sqlalchemy import update

from app import cmdb, facts, policies
from app.desk import Desk, Tx, command
from app.permissions import Permission
from models.enums import CheckKind, Fact, RelationKind
from models.monitoring import DeviceState
from tests.ui.real import add_switch, real_desk
from ui.context import Context
from ui.pages.differences import DifferencesPage
from ui.pages.policies import PoliciesPage
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
