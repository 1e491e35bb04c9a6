"""Two people save one record: both see both, what does not overlap is kept with one key, nothing is lost."""

import uuid
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from app import contacts, people, seats
from app.desk import Desk
from app.listening import listen
from app.presence import Shown
from models.enums import Post
from tests.seats.forms import asked
from tests.ui.desks import opened_form
from tests.ui.real import real_desk
from ui.conflict import THEIRS, YOURS, differences
from ui.context import Context
from ui.forms import Form
from ui.pages.contacts import ContactsPage
from ui.pages.people import PeoplePage
from ui.presence import PresenceLine

WAIT_MS = 30_000


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def contact(desk: Desk) -> int:
    """A contact that two people are about to edit."""
    draft = contacts.ContactDraft("供应商甲", unit="示例公司", telephone="6001")
    made: int = desk.do(contacts.add, uuid.uuid4(), draft)
    return made


@pytest.fixture
def form(qtbot: QtBot, context: Context, contact: int) -> Form:
    """The form of the contact, opened before the colleague saves."""
    page = ContactsPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(None)
    qtbot.waitUntil(lambda: page.table.rows.row(contact) is not None, timeout=WAIT_MS)
    page.table.select_key(contact)
    page.change()
    return opened_form(qtbot, page)


def colleague_saves(desk: Desk, contact: int, **values: str) -> None:
    """Let somebody else save these values first."""
    kept = {"name": "供应商甲", "unit": "示例公司", "telephone": "6001"} | values
    desk.do(contacts.edit, contact, 1, contacts.ContactDraft(**kept))


def kept(desk: Desk) -> tuple[str, str]:
    """Return telephone and unit of the one contact that is there."""
    (row,) = desk.read(contacts.directory, "")
    return row.telephone, row.unit


def test_different_fields_are_both_kept_with_one_key(qtbot: QtBot, desk: Desk, contact: int, form: Form) -> None:
    form.field("telephone").set_value("6002")
    colleague_saves(desk, contact, unit="别的公司")
    form.submit()
    dialog = asked(qtbot, form)
    assert {field.key: field.likely for field in dialog.fields} == {"telephone": YOURS, "unit": THEIRS}
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: kept(desk) == ("6002", "别的公司"), timeout=WAIT_MS)


def test_one_field_of_both_must_be_chosen(qtbot: QtBot, desk: Desk, contact: int, form: Form) -> None:
    form.field("telephone").set_value("6002")
    colleague_saves(desk, contact, telephone="6003")
    form.submit()
    dialog = asked(qtbot, form)
    assert not dialog.button.isEnabled()
    dialog.choose("telephone", YOURS)
    dialog.decide()
    qtbot.waitUntil(lambda: kept(desk)[0] == "6002", timeout=WAIT_MS)


def test_theirs_alone_is_not_saved_again(qtbot: QtBot, desk: Desk, contact: int, form: Form) -> None:
    form.field("telephone").set_value("6002")
    colleague_saves(desk, contact, telephone="6003")
    form.submit()
    dialog = asked(qtbot, form)
    dialog.choose_all(THEIRS)
    with qtbot.waitSignal(form.rejected, timeout=WAIT_MS):
        dialog.decide()
    (row,) = desk.read(contacts.directory, "")
    assert (row.telephone, row.version) == ("6003", 2)


def test_a_colleague_who_saves_again_meanwhile_is_asked_about_again(
    qtbot: QtBot, desk: Desk, contact: int, form: Form
) -> None:
    form.field("telephone").set_value("6002")
    colleague_saves(desk, contact, unit="别的公司")
    form.submit()
    first = asked(qtbot, form)
    desk.do(contacts.edit, contact, 2, contacts.ContactDraft("供应商甲", unit="第三家", telephone="6001"))
    with qtbot.waitSignal(first.destroyed, timeout=WAIT_MS):
        first.decide()
    asked(qtbot, form).decide()
    qtbot.waitUntil(lambda: kept(desk) == ("6002", "第三家"), timeout=WAIT_MS)


def test_posts_that_a_colleague_gave_are_not_taken_back(qtbot: QtBot, desk: Desk, context: Context) -> None:
    other = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR])
    page = PeoplePage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(other)
    qtbot.waitUntil(lambda: getattr(page.table.current_row, "id", None) == other, timeout=WAIT_MS)
    page.edit()
    form = opened_form(qtbot, page)
    form.field("telephone").set_value("6009")
    posts = {Post.OPERATOR, Post.ENGINEER}
    desk.do(people.edit_person, other, 1, "演示员乙", posts, department="", telephone="", mobile="", is_active=True)
    form.submit()
    asked(qtbot, form).decide()

    def is_merged() -> bool:
        (row,) = [each for each in desk.read(people.everyone) if each.id == other]
        return row.telephone == "6009" and row.posts == posts

    qtbot.waitUntil(is_merged, timeout=WAIT_MS)


def test_a_form_says_who_else_edits_its_record_until_that_seat_leaves(
    qtbot: QtBot, desk: Desk, context: Context, contact: int, form: Form
) -> None:
    context.live.follow(context.work, listen)
    context.live.presence.begin(context.work, "A1")
    other = uuid.uuid4()
    desk.do(seats.beat, other, "ws-04", [Shown("contact", contact, True)])
    line = form.findChild(PresenceLine)
    assert line is not None
    qtbot.waitUntil(lambda: not line.isHidden(), timeout=WAIT_MS)
    assert "演示员甲" in line.text() and "editing" in line.text()
    desk.do(seats.leave, other)
    qtbot.waitUntil(line.isHidden, timeout=WAIT_MS)
    context.live.presence.end()


def test_a_field_that_only_one_changed_is_chosen_already() -> None:
    was = {"a": 1, "b": 1, "c": 1, "d": ""}
    found = differences(was, {"a": 2, "b": 1, "c": 2, "d": None}, {"a": 1, "b": 2, "c": 3, "d": ""}, str)
    assert {each.key: each.likely for each in found} == {"a": THEIRS, "b": YOURS, "c": None}
