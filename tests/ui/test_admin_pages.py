"""People, settings and copies: what is typed is saved together, checked, and survives what others do."""

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import copies, people, settings
from app.desk import Desk
from models.enums import Post
from tests.seats.forms import asked
from tests.ui.real import PASSWORD, real_desk
from ui.context import Context
from ui.forms import Form
from ui.live import Changed
from ui.pages.copies import CopiesPage
from ui.pages.people import PeoplePage
from ui.pages.settings import SHIFTS, SettingsPage

WAIT_MS = 20_000


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def settings_page(qtbot: QtBot, context: Context) -> SettingsPage:
    page = SettingsPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(None)
    qtbot.waitUntil(lambda: bool(page._rows), timeout=WAIT_MS)
    return page


def test_what_was_changed_is_saved_together(qtbot: QtBot, settings_page: SettingsPage, desk: Desk) -> None:
    assert not settings_page.save_button.isEnabled()
    settings_page._editors["unit.name"].set_value("示例信息中心")
    settings_page._editors["escalation.minutes"].set_value(15)
    settings_page._editors[SHIFTS].set_value("白班 09:00 8\n夜班 17：00 16")
    settings_page.save()
    qtbot.waitUntil(lambda: settings_page.banners.text("saved") != "", timeout=WAIT_MS)
    assert desk.read(settings.get, "unit.name") == "示例信息中心"
    assert desk.read(settings.get, "escalation.minutes") == 15
    assert desk.read(settings.get, SHIFTS)[1] == {"name": "夜班", "starts": "17:00", "hours": 16}
    assert desk.read(settings.row, "copies.at").version == 0


@pytest.mark.parametrize("line", ["早班", "早班 25:00 8", "早班 08:00 viel", "早班 08:00 30"])
def test_a_shift_that_can_not_be_read_is_told_and_nothing_is_saved(
    qtbot: QtBot, settings_page: SettingsPage, desk: Desk, line: str
) -> None:
    settings_page._editors[SHIFTS].set_value(line)
    settings_page._editors["unit.name"].set_value("示例")
    settings_page.save()
    assert not settings_page._errors[SHIFTS].isHidden()
    assert desk.read(settings.get, "unit.name") == ""


def test_half_typed_settings_survive_what_others_save(
    qtbot: QtBot, settings_page: SettingsPage, context: Context, desk: Desk
) -> None:
    settings_page._editors["unit.name"].set_value("half")
    desk.do(settings.put, "unit.department", "运维部", 0)
    context.live.changed.emit(Changed({"setting": frozenset({1})}))
    department = settings_page._editors["unit.department"]
    qtbot.waitUntil(lambda: department.value() == "运维部", timeout=WAIT_MS)
    assert settings_page._editors["unit.name"].value() == "half"


def test_two_people_who_change_one_setting_do_not_overwrite_each_other(
    qtbot: QtBot, settings_page: SettingsPage, desk: Desk
) -> None:
    desk.do(settings.put, "unit.name", "theirs", 0)
    settings_page._editors["unit.name"].set_value("mine")
    settings_page.save()
    assert [field.key for field in asked(qtbot, settings_page).fields] == ["unit.name"]
    assert desk.read(settings.get, "unit.name") == "theirs"


def test_a_person_is_added_with_posts_and_a_temporary_password(qtbot: QtBot, context: Context, desk: Desk) -> None:
    page = PeoplePage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: page.banners.text("open") != "", timeout=WAIT_MS)
    page.add()
    form = page.findChild(Form)
    assert isinstance(form, Form)
    form.set_values({"name": "演示员乙", "login": "Yi", "password": PASSWORD, "post-operator": True})
    with qtbot.waitSignal(form.saved, timeout=WAIT_MS):
        form.submit()
    signed = people.sign_in(desk, "yi", PASSWORD)
    assert signed.identity.posts == {Post.OPERATOR}
    assert signed.standing is not None
    assert signed.standing.must_change


def test_a_weak_temporary_password_enters_nobody(qtbot: QtBot, context: Context, desk: Desk) -> None:
    page = PeoplePage(context)
    qtbot.addWidget(page)
    page.add()
    form = page.findChild(Form)
    assert isinstance(form, Form)
    form.set_values({"name": "演示员乙", "login": "yi", "password": "short"})
    form.submit()
    qtbot.waitUntil(lambda: form._errors["password"].text() != "", timeout=WAIT_MS)
    assert desk.read(people.by_login, "yi") is None


@pytest.fixture
def copies_page(qtbot: QtBot, context: Context, desk: Desk, tmp_path: Path) -> CopiesPage:
    desk.do(settings.put, "copies.folder", str(tmp_path / "second"), 0)
    page = CopiesPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: bool(page._value("copies.folder")), timeout=WAIT_MS)
    return page


def test_a_copy_is_made_now_and_listed(qtbot: QtBot, copies_page: CopiesPage, desk: Desk) -> None:
    copies_page.make_now()
    qtbot.waitUntil(lambda: len(copies_page.table.rows.rows) == 1, timeout=WAIT_MS)
    row = copies_page.table.rows.rows[0]
    assert row.is_good
    assert Path(row.path).is_file()
    assert desk.read(copies.health).newest_good is not None


def test_a_restore_is_asked_for_in_words_checked_and_then_announced(
    qtbot: QtBot, copies_page: CopiesPage, tmp_path: Path
) -> None:
    copies_page.make_now()
    qtbot.waitUntil(lambda: len(copies_page.table.rows.rows) == 1, timeout=WAIT_MS)
    path = copies_page.table.rows.rows[0].path
    copies_page.table.select_key(copies_page.table.rows.rows[0].id)
    copies_page.restore()
    assert "disappears" in copies_page.banners.text("restore")
    with qtbot.waitSignal(copies_page.restore_asked, timeout=WAIT_MS) as asked:
        copies_page._restore(path)
    assert asked.args == [path]


def test_a_copy_that_is_not_whole_is_refused(qtbot: QtBot, copies_page: CopiesPage, tmp_path: Path) -> None:
    broken = tmp_path / "watchroom-broken.db"
    broken.write_bytes(b"not a database at all" * 200)
    copies_page._restore(str(broken))
    qtbot.waitUntil(lambda: "not whole" in copies_page.banners.text("error"), timeout=WAIT_MS)
