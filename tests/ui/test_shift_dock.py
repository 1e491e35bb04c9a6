"""The shift by keyboard, over a real database: log, roster, directory, hand-over (REQUIREMENTS B12)."""

import uuid
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import contacts, duty, people
from app.contacts import ContactDraft
from app.database import Database
from app.desk import Desk
from models.enums import HandoverState, Post
from tests.seats.forms import asked
from tests.ui.desks import opened_form, owner, tell, when
from ui.context import Context
from ui.docks.shift import ShiftDock
from ui.menus import standard_commands
from ui.pages.contacts import ContactsPage
from ui.pages.handover import HandoverPage
from ui.pages.roster import RosterPage

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def desk(database: Database) -> Desk:
    return owner(database)


@pytest.fixture
def colleague(desk: Desk) -> int:
    person_id = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR], mobile="13100000000")
    desk.do(people.give_password, person_id, "night-shift-77")
    return person_id


@pytest.fixture
def dock(qtbot: QtBot, context: Context, desk: Desk) -> ShiftDock:
    for command in standard_commands():
        context.commands.declare(command)
    made = ShiftDock(context)
    qtbot.addWidget(made)
    made.resize(1300, 400)
    made.show()
    return made


@pytest.fixture
def page(qtbot: QtBot, context: Context, desk: Desk) -> HandoverPage:
    made = HandoverPage(context)
    qtbot.addWidget(made)
    made.resize(1000, 500)
    made.show()
    return made


def texts(dock: ShiftDock) -> list[str]:
    return [row.text for row in dock.log.rows.rows]


def test_enter_writes_a_line_and_the_next_one_can_be_typed(qtbot: QtBot, desk: Desk, dock: ShiftDock) -> None:
    dock.load()
    for text in ("接班，设备运行正常", "巡视机房"):
        dock.line.setText(text)
        QTest.keyClick(dock.line, Qt.Key.Key_Return)
        qtbot.waitUntil(lambda: dock.line.text() == "" and dock.line.isEnabled())
    qtbot.waitUntil(lambda: texts(dock) == ["巡视机房", "接班，设备运行正常"])


def test_a_colleagues_line_appears_while_ones_own_is_half_typed(
    qtbot: QtBot, desk: Desk, context: Context, dock: ShiftDock
) -> None:
    dock.load()
    dock.line.setText("写到一半")
    tell(context, "shift_log_entry", desk.do(duty.write, uuid.uuid4(), "同事的一行"))
    qtbot.waitUntil(lambda: texts(dock) == ["同事的一行"])
    assert dock.line.text() == "写到一半"


def test_a_wrong_line_is_struck_through_with_its_reason(qtbot: QtBot, desk: Desk, dock: ShiftDock) -> None:
    desk.do(duty.write, uuid.uuid4(), "写错的一行")
    dock.void(desk.read(duty.log_page)[0])
    form = opened_form(qtbot, dock)
    form.set_values({"reason": "写错"})
    form.submit()
    qtbot.waitUntil(lambda: desk.read(duty.log_page)[0].void_reason == "写错")


def test_the_title_says_who_is_on_duty(qtbot: QtBot, desk: Desk, dock: ShiftDock, colleague: int) -> None:
    now = desk.read(lambda tx: tx.now)
    desk.do(duty.add_turn, uuid.uuid4(), "早班", colleague, now - timedelta(hours=1), now + timedelta(hours=11))
    dock.load()
    qtbot.waitUntil(lambda: "早班 演示员乙" in dock.windowTitle())


def test_ctrl_shift_h_opens_the_hand_over(qtbot: QtBot, context: Context, dock: ShiftDock) -> None:
    with qtbot.waitSignal(context.nav.opened) as opened:
        context.commands.call("hand-over")
    assert opened.args == ["handover", None]


def test_the_next_shift_signs_in_place_and_a_wrong_password_keeps_everything(
    qtbot: QtBot, desk: Desk, page: HandoverPage, colleague: int
) -> None:
    desk.do(duty.write, uuid.uuid4(), "UPS-1 负载偏高")
    page.show_row(None)
    qtbot.waitUntil(lambda: len(page.items.rows.rows) == 1)
    page.remarks.setPlainText("备件明日到")
    page.offer()
    (offered,) = when(qtbot, desk, duty.handovers)
    qtbot.waitUntil(page.sign_button.isVisible)
    page.person.setCurrentIndex(page.person.findData(colleague))
    page.password.setText("wrong-password-1")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "wrong" in page._error.text())
    assert page.remarks.toPlainText() == "备件明日到"
    page.password.setText("night-shift-77")
    QTest.keyClick(page.password, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: desk.read(duty.handover, offered.id).state is HandoverState.SIGNED)  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: page.password.text() == "" and not page.sign_button.isVisible())


def test_typed_remarks_survive_what_others_change(
    qtbot: QtBot, desk: Desk, context: Context, page: HandoverPage
) -> None:
    page.show_row(None)
    qtbot.waitUntil(lambda: page.offer_button.isVisible() and page._draft is not None)
    page.remarks.setPlainText("写到一半")
    tell(context, "shift_log_entry", desk.do(duty.write, uuid.uuid4(), "新的一行"))
    qtbot.waitUntil(lambda: [item.text for item in page.items.rows.rows] == ["新的一行"])
    assert page.remarks.toPlainText() == "写到一半"


def test_a_turn_is_added_with_the_times_of_its_shift(
    qtbot: QtBot, desk: Desk, context: Context, colleague: int
) -> None:
    roster = RosterPage(context)
    qtbot.addWidget(roster)
    roster.show()
    roster.show_row(None)
    roster.add_turn()
    form = opened_form(qtbot, roster)
    form.set_values({"person_id": colleague, "shift": "晚班"})
    form.submit()
    now = desk.read(lambda tx: tx.now)
    (turn,) = when(qtbot, desk, duty.roster, now - timedelta(days=1), now + timedelta(days=2))
    assert (turn.starts_at.astimezone().hour, turn.ends_at - turn.starts_at) == (20, timedelta(hours=12))
    assert turn.telephone == "13100000000"
    tell(context, "roster_entry", turn.id)
    roster.turns.select_key(turn.id)


def test_the_directory_is_searched_by_pinyin_and_the_chain_stands_first(
    qtbot: QtBot, desk: Desk, context: Context
) -> None:
    desk.do(contacts.add, uuid.uuid4(), ContactDraft("示例网络公司", telephone="400-000-0000"))
    desk.do(contacts.add, uuid.uuid4(), ContactDraft("项目经理丁", mobile="13100000009", escalation_level=1))
    directory = ContactsPage(context)
    qtbot.addWidget(directory)
    directory.show()
    directory.show_row(None)
    qtbot.waitUntil(lambda: [row.name for row in directory.table.rows.rows] == ["项目经理丁", "示例网络公司"])
    directory.filter_box.typed.emit("slwl")
    qtbot.waitUntil(lambda: [row.name for row in directory.table.rows.rows] == ["示例网络公司"])


def test_a_colleagues_change_of_a_contact_is_said_and_nothing_is_overwritten(
    qtbot: QtBot, desk: Desk, context: Context
) -> None:
    contact_id = desk.do(contacts.add, uuid.uuid4(), ContactDraft("项目经理丁", mobile="13100000009"))
    directory = ContactsPage(context)
    qtbot.addWidget(directory)
    directory.show()
    directory.show_row(None)
    qtbot.waitUntil(lambda: directory.table.select_key(contact_id))
    directory.change()
    form = opened_form(qtbot, directory)
    desk.do(contacts.edit, contact_id, 1, ContactDraft("项目经理丁", mobile="13100000010"))
    form.set_values({"note": "新合同"})
    form.submit()
    assert [field.key for field in asked(qtbot, form).fields] == ["mobile", "note"]
    assert form.field("note").value() == "新合同"
    assert desk.read(contacts.directory)[0].mobile == "13100000010"


def test_a_contact_is_taken_out_only_after_it_was_asked(qtbot: QtBot, desk: Desk, context: Context) -> None:
    contact_id = desk.do(contacts.add, uuid.uuid4(), ContactDraft("示例网络公司", telephone="400-000-0000"))
    directory = ContactsPage(context)
    qtbot.addWidget(directory)
    directory.show()
    directory.show_row(None)
    qtbot.waitUntil(lambda: directory.table.select_key(contact_id))
    directory.retire()
    form = opened_form(qtbot, directory)
    assert len(desk.read(contacts.directory)) == 1
    form.submit()
    qtbot.waitUntil(lambda: desk.read(contacts.directory) == [])


def test_a_dock_that_waits_has_its_commands_at_once_and_its_content_when_asked(
    qtbot: QtBot, desk: Desk, context: Context
) -> None:
    for command in standard_commands():
        context.commands.declare(command)
    waiting = ShiftDock(context, waits=True)
    qtbot.addWidget(waiting)
    waiting.resize(1200, 300)
    waiting.show()
    assert context.commands.is_registered("write-log")
    assert not waiting.is_built
    waiting.load()
    waiting.build()
    assert waiting.is_built
    waiting.line.setText("空调已恢复")
    waiting.write()
    qtbot.waitUntil(lambda: texts(waiting) == ["空调已恢复"])
