"""The access log by mouse and keyboard, over a real database (REQUIREMENTS E1-E3, UX "Measures")."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app import access
from app.access import MemberEntry, VisitEntry, VisitFilter
from app.database import Database
from app.desk import Desk
from app.errors import DatabaseAway
from models.enums import Approval, VisitState
from tests.ui.desks import make_room, opened_form, owner, tell, when
from ui.context import Context
from ui.docks.access import AccessDock
from ui.docks.access_lists import ItemEntry, ItemsEditor, PeopleEditor, PersonEntry
from ui.forms import Form
from ui.labels import PlainLabel
from ui.pages.visit import VisitPage

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def desk(database: Database) -> Desk:
    return owner(database)


@pytest.fixture
def room(desk: Desk) -> int:
    return desk.do(make_room, "一号机房")


@pytest.fixture
def dock(qtbot: QtBot, context: Context, room: int) -> AccessDock:
    made = AccessDock(context)
    qtbot.addWidget(made)
    made.resize(1300, 400)
    made.show()
    return made


def enter(desk: Desk, room: int, *names: str, **changed: object) -> int:
    fields: dict[str, object] = {
        "key": uuid.uuid4(),
        "room_id": room,
        "purpose": "更换电池",
        "members": tuple(MemberEntry(name, "示例维保公司", "13000000000") for name in names),
        "approver": "机房主管丙",
        "approval": Approval.WRITTEN,
        "escort": "演示员乙",
    }
    return desk.do(access.enter, VisitEntry(**{**fields, **changed}))  # type: ignore[arg-type]


def loaded(qtbot: QtBot, dock: AccessDock, rows: int) -> None:
    dock.load()
    qtbot.waitUntil(lambda: len(dock.table.rows.rows) == rows)


def first_person(form: Form) -> PersonEntry:
    people = form.field("name")
    assert isinstance(people, PeopleEditor)
    entry = people.entries[0]
    assert isinstance(entry, PersonEntry)
    return entry


def click_cell(dock: AccessDock, row: int, key: str) -> None:
    column = [each.key for each in dock.table.rows.columns].index(key)
    place = dock.table.visualRect(dock.table.rows.index(row, column)).center()
    QTest.mouseClick(dock.table.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_a_repeat_visitor_is_registered_by_a_few_keys(qtbot: QtBot, desk: Desk, dock: AccessDock, room: int) -> None:
    earlier = enter(desk, room, "来访甲")
    desk.do(access.leave, earlier, 1)
    dock.register_entry()
    form = opened_form(qtbot, dock)
    line = first_person(form).name
    QTest.keyClicks(line, "lfj")
    qtbot.waitUntil(lambda: line.completer().popup().isVisible())
    QTest.keyClick(line.completer().popup(), Qt.Key.Key_Down)
    QTest.keyClick(line.completer().popup(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.field("purpose").value() == "更换电池")
    QTest.keyClick(form.field("purpose").widget, Qt.Key.Key_Return)
    inside = when(qtbot, desk, access.inside)
    assert (inside[0].name, inside[0].unit, inside[0].telephone) == ("来访甲", "示例维保公司", "13000000000")


def test_the_form_opens_while_the_database_is_away_with_what_was_read_last(
    qtbot: QtBot, dock: AccessDock, room: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    dock.load()
    qtbot.waitUntil(lambda: dock._choices is not None)

    def away(_query: object, *_args: object, **more: Any) -> None:
        if "failed" in more:
            more["failed"](DatabaseAway("no answer"))

    monkeypatch.setattr(dock.context.work, "read", away)
    dock.register_entry()
    assert opened_form(qtbot, dock).field("room_id").value() == room


def test_what_could_not_be_read_while_the_database_was_away_is_read_when_it_is_back(dock: AccessDock) -> None:
    read: list[bool] = []
    dock.say_unread(DatabaseAway("no answer"), lambda: read.append(True))
    assert dock.banners.text("unread")
    dock.context.live.back.emit()
    dock.context.live.back.emit()
    assert read == [True]
    assert not dock.banners.text("unread")


def test_tab_at_the_end_of_a_person_adds_one_and_tab_in_an_empty_name_goes_on(qtbot: QtBot, dock: AccessDock) -> None:
    dock.register_entry()
    form = opened_form(qtbot, dock)
    people = form.field("name")
    assert isinstance(people, PeopleEditor)
    first_person(form).name.setText("来访甲")
    first_person(form).number.setFocus()
    QTest.keyClick(first_person(form).number, Qt.Key.Key_Tab)
    assert len(people.entries) == 2
    qtbot.waitUntil(people.entries[1].name.hasFocus)
    QTest.keyClick(people.entries[1].name, Qt.Key.Key_Tab)
    assert len(people.entries) == 1
    qtbot.waitUntil(form.field("purpose").widget.hasFocus)


def test_what_was_typed_stays_when_the_approver_is_missing(qtbot: QtBot, dock: AccessDock) -> None:
    dock.register_entry()
    form = opened_form(qtbot, dock)
    first_person(form).name.setText("来访甲")
    form.set_values({"purpose": "巡检"})
    form.submit()
    error = form.findChild(PlainLabel, "error-approver")
    assert isinstance(error, PlainLabel)
    qtbot.waitUntil(lambda: bool(error.text()))
    assert first_person(form).name.text() == "来访甲" and form.isVisible()


def test_a_device_that_is_not_in_the_list_is_marked_under_the_items(qtbot: QtBot, dock: AccessDock) -> None:
    dock.register_entry()
    form = opened_form(qtbot, dock)
    items = form.field("items")
    assert isinstance(items, ItemsEditor)
    entry = items.entries[0]
    assert isinstance(entry, ItemEntry)
    first_person(form).name.setText("来访甲")
    form.set_values({"purpose": "巡检"})
    entry.name.setText("服务器")
    entry.ci.setText("没有的设备")
    form.submit()
    error = form.findChild(PlainLabel, "error-items")
    assert isinstance(error, PlainLabel) and error.text()


def test_one_click_lets_a_visitor_leave(qtbot: QtBot, desk: Desk, dock: AccessDock, room: int) -> None:
    visit_id = enter(desk, room, "来访甲")
    loaded(qtbot, dock, 1)
    click_cell(dock, 0, "left")
    qtbot.waitUntil(lambda: desk.read(access.rows, [visit_id])[0].state is VisitState.LEFT)


def test_of_a_group_one_member_leaves_and_the_visit_goes_on(
    qtbot: QtBot, desk: Desk, dock: AccessDock, room: int
) -> None:
    visit_id = enter(desk, room, "来访甲", "来访丁")
    loaded(qtbot, dock, 1)
    dock.let_out()
    menu = when_menu(qtbot, dock)
    assert [action.text() for action in menu.actions()][2:] == ["来访甲 leaves", "来访丁 leaves"]
    menu.actions()[2].trigger()
    menu.close()
    qtbot.waitUntil(lambda: desk.read(access.rows, [visit_id])[0].still_inside == 1)


def when_menu(qtbot: QtBot, dock: AccessDock) -> QMenu:
    found: list[QMenu] = []

    def is_open() -> bool:
        found[:] = [menu for menu in dock.findChildren(QMenu, "who-leaves") if menu.isVisible()]
        return bool(found)

    qtbot.waitUntil(is_open)
    return found[0]


def test_a_colleagues_visitor_appears_without_moving_the_selection(
    qtbot: QtBot, desk: Desk, context: Context, dock: AccessDock, room: int
) -> None:
    first = enter(desk, room, "来访甲")
    loaded(qtbot, dock, 1)
    dock.table.select_key(first)
    second = enter(desk, room, "来访丁")
    tell(context, "visit", second)
    qtbot.waitUntil(lambda: len(dock.table.rows.rows) == 2)
    assert dock.current is not None and dock.current.id == first
    qtbot.waitUntil(lambda: "2 inside" in dock.windowTitle())


def test_an_overdue_visit_says_so_in_words_and_by_its_shape(
    qtbot: QtBot, desk: Desk, dock: AccessDock, room: int
) -> None:
    now = desk.read(lambda tx: tx.now)
    enter(desk, room, "来访甲", happened_at=now - timedelta(hours=2), planned_until=now - timedelta(minutes=12))
    loaded(qtbot, dock, 1)
    column = next(each for each in dock.table.rows.columns if each.key == "state")
    row = dock.table.rows.rows[0]
    assert column.text(row) == "overdue 12 min"
    assert column.look is not None and "warning" in repr(column.look(row))


def test_a_voided_row_needs_its_reason(qtbot: QtBot, desk: Desk, dock: AccessDock, room: int) -> None:
    visit_id = enter(desk, room, "来访甲")
    loaded(qtbot, dock, 1)
    dock.table.select_key(visit_id)
    dock.void()
    form = opened_form(qtbot, dock)
    form.submit()
    assert form.isVisible()
    form.set_values({"reason": "登记错误"})
    form.submit()
    qtbot.waitUntil(lambda: desk.read(access.rows, [visit_id])[0].void_reason == "登记错误")


def test_the_chips_count_and_choose(qtbot: QtBot, desk: Desk, dock: AccessDock, room: int) -> None:
    gone = enter(desk, room, "来访甲")
    desk.do(access.leave, gone, 1)
    enter(desk, room, "来访丁")
    loaded(qtbot, dock, 2)
    qtbot.waitUntil(lambda: dock.chips.button("inside").text() == "Inside 1")
    dock.chips.choose("inside")
    qtbot.waitUntil(lambda: [row.people for row in dock.table.rows.rows] == ["来访丁"])


def test_members_leave_one_by_one_on_the_visits_page(qtbot: QtBot, desk: Desk, context: Context, room: int) -> None:
    visit_id = enter(desk, room, "来访甲", "来访丁")
    page = VisitPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(visit_id)
    qtbot.waitUntil(lambda: len(page.people.rows.rows) == 2)
    page.people.activated_row.emit(page.people.rows.rows[0])
    qtbot.waitUntil(lambda: desk.read(access.rows, [visit_id])[0].still_inside == 1)


def test_the_page_of_an_announced_visit_lets_it_in(qtbot: QtBot, desk: Desk, dock: AccessDock, room: int) -> None:
    tomorrow = desk.read(lambda tx: tx.now) + timedelta(days=1)
    entry = VisitEntry(
        uuid.uuid4(), room, "称重", (MemberEntry("来访庚"),), approver="丙", approval=Approval.ORAL, escort="乙"
    )
    visit_id = desk.do(access.announce, entry, tomorrow)
    loaded(qtbot, dock, 1)
    click_cell(dock, 0, "entered")
    qtbot.waitUntil(lambda: desk.read(access.rows, [visit_id])[0].state is VisitState.INSIDE)
    assert desk.read(access.page, VisitFilter("announced")) == []


def test_the_number_of_a_certificate_is_never_shown_again(qtbot: QtBot, desk: Desk, dock: AccessDock) -> None:
    dock.register_entry()
    form = opened_form(qtbot, dock)
    person = first_person(form)
    person.name.setText("来访甲")
    person.number.setText("11010119900101123X")
    form.set_values({"purpose": "巡检", "approver": "丙", "approval": Approval.ORAL, "escort": "乙"})
    form.submit()
    visitor = when(qtbot, desk, access.returning, "来访甲")[0]
    assert visitor.certificate_mask == "1101**********123X"
    assert "19900101" not in visitor.sealed_certificate
