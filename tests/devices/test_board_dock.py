"""The board's dock over a real database: rows, patches, filters, the device's menu."""

import uuid

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from app import devices
from app.database import collector_identity
from app.desk import Desk, Tx, command
from app.listening import listen
from app.permissions import Permission
from models.enums import CheckKind, State
from models.monitoring import DeviceBeat, DeviceState, StateChange
from ui.context import Context
from ui.docks.board import ABNORMAL, BoardDock


@command(Permission.WATCH)
def see(tx: Tx, ci_id: int, state: State) -> None:
    """Write what a collector would have seen."""
    row = tx.session.get(DeviceState, ci_id) or DeviceState(ci_id=ci_id)
    row.state = state
    tx.session.add(row)
    tx.session.merge(DeviceBeat(ci_id=ci_id, checked_at=tx.now, value_text="CPU 97%"))
    tx.connection.execute(insert(StateChange).values(ci_id=ci_id, at=tx.now, new=state))


@command(Permission.WATCH)
def beat(tx: Tx, ci_id: int) -> None:
    """Write a check that changes no state."""
    tx.session.merge(DeviceBeat(ci_id=ci_id, checked_at=tx.now, value_text="3 ms"))


pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_a_state_that_turns_is_on_the_board_and_in_the_count(qtbot: QtBot, desk: Desk, context: Context) -> None:
    ci_id = desk.do(devices.add_device, uuid.uuid4(), "核心交换机-1", "switch", "127.0.1.10", [CheckKind.ICMP])
    dock = BoardDock(context)
    qtbot.addWidget(dock)
    dock.load()
    qtbot.waitUntil(lambda: dock.surface.board.rows.keys() == {ci_id})
    context.live.follow(context.work, listen)
    qtbot.waitUntil(lambda: context.live.is_following)
    desk.as_identity(collector_identity()).do(see, ci_id, State.CRITICAL)
    qtbot.waitUntil(lambda: dock.surface.board.rows[ci_id].state is State.CRITICAL)
    assert dock.chips._buttons[ABNORMAL].text().endswith(" 1")


def test_a_check_that_turns_no_state_keeps_its_device_fresh_on_the_board(
    qtbot: QtBot, desk: Desk, context: Context
) -> None:
    first, second = (
        desk.do(devices.add_device, uuid.uuid4(), name, "switch", "127.0.1.10", [CheckKind.ICMP]) for name in "AB"
    )
    dock = BoardDock(context)
    qtbot.addWidget(dock)
    dock.show()
    dock.load()
    qtbot.waitUntil(lambda: dock.surface.board.rows.keys() == {first, second})
    desk.as_identity(collector_identity()).do(beat, first)
    dock.ask_beats()
    qtbot.waitUntil(lambda: dock.surface.board.rows[first].value == "3 ms")
    assert dock.surface.board.rows[first].checked_at is not None
    assert dock.surface.board.rows[second].checked_at is None


def test_pinyin_initials_find_a_device(qtbot: QtBot, desk: Desk, context: Context) -> None:
    for name in ("核心交换机-1", "财务数据库-1"):
        desk.do(devices.add_device, uuid.uuid4(), name, "switch", "127.0.1.10", [CheckKind.ICMP])
    dock = BoardDock(context)
    qtbot.addWidget(dock)
    dock.load()
    qtbot.waitUntil(lambda: len(dock.surface.board.cells) == 2)
    dock.box.setText("hxjhj")
    qtbot.waitUntil(lambda: len(dock.surface.board.cells) == 1)


def test_a_devices_menu_offers_what_can_be_done(qtbot: QtBot, desk: Desk, context: Context) -> None:
    ci_id = desk.do(devices.add_device, uuid.uuid4(), "核心交换机-1", "switch", "127.0.1.10", [CheckKind.ICMP])
    dock = BoardDock(context)
    qtbot.addWidget(dock)
    (row,) = desk.read(devices.board_rows, [ci_id])
    menu = dock.menu.build(row)
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles[:4] == ["Check now", "Ping", "Trace the route", "Test a port…"]
    dock.menu.check_now(row)
    qtbot.waitUntil(lambda: not context.work.is_busy)
