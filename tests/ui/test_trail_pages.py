"""Rights by system from both sides, and the audit trail with its review, in their pages."""

import uuid
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import cmdb, people, system_rights, trail
from app.desk import Desk
from models.enums import Post
from tests.ui.real import real_desk
from ui.context import Context
from ui.forms import Form
from ui.pages.system_rights import PERSON, SYSTEM, SystemRightsPage
from ui.pages.trail import TrailPage


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


def texts(page: SystemRightsPage | TrailPage, key: str) -> list[str]:
    """Return what a column of the page's table shows."""
    column = next(each for each in page.table.shown_columns() if each.key == key)
    return [column.text(row) for row in page.table.rows.rows]


def open_form(qtbot: QtBot, page: SystemRightsPage | TrailPage) -> Form:
    form = page.findChild(Form)
    assert isinstance(form, Form)
    return form


def test_a_system_is_given_and_withdrawn_and_seen_from_both_sides(qtbot: QtBot, context: Context, desk: Desk) -> None:
    pay = desk.do(cmdb.create, uuid.uuid4(), cmdb.CiDraft("service", "缴费系统"))
    yi = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", (Post.OPERATOR,))
    page = SystemRightsPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row((PERSON, yi))
    qtbot.waitUntil(lambda: texts(page, "system") == ["every system"])
    qtbot.waitUntil(page.grant_button.isEnabled)
    page.grant()
    form = open_form(qtbot, page)
    assert form.values()["person_id"] == yi
    form.set_values({"system_id": pay, "reason": "值守缴费"})
    with qtbot.waitSignal(form.saved):
        form.submit()
    page.refresh()
    qtbot.waitUntil(lambda: texts(page, "system") == ["缴费系统"])
    page.show_row((SYSTEM, pay))
    qtbot.waitUntil(lambda: texts(page, "person") == ["演示员乙", "演示员甲"])
    (right, _) = desk.read(system_rights.of_system, pay)
    page.table.select_key(right.id)
    qtbot.waitUntil(page.withdraw_button.isEnabled)
    page.withdraw()
    form = open_form(qtbot, page)
    form.set_values({"reason": "调岗", "opens_all": True})
    with qtbot.waitSignal(form.saved):
        form.submit()
    assert [row.right_id for row in desk.read(system_rights.of_person, yi)] == [None]


def test_the_trail_is_searched_checked_and_reviewed(qtbot: QtBot, context: Context, desk: Desk) -> None:
    desk.do(cmdb.create, uuid.uuid4(), cmdb.CiDraft("service", "缴费系统"))
    page = TrailPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(None)
    qtbot.waitUntil(lambda: "Configuration item" in texts(page, "table"))
    page.kinds.chosen.emit("accounts")
    qtbot.waitUntil(lambda: set(texts(page, "table")) == {"Person", "Post of a person"})
    page.table.select_key(page.table.rows.rows[0].id)
    qtbot.waitUntil(lambda: "→" in page.whole.text())
    page.check()
    qtbot.waitUntil(lambda: "whole" in page.banners.text("check"))
    page.write_note()
    form = open_form(qtbot, page)
    form.set_values({"opinion": "一切正常"})
    with qtbot.waitSignal(form.saved):
        form.submit()
    (note,) = desk.read(trail.notes)
    assert note.opinion == "一切正常"
    assert note.verdict.startswith("whole: ")
