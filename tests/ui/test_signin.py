"""Signing in, the lock over a window, change of person, and one's own password."""

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLineEdit, QMainWindow, QPushButton
from pytestqt.qtbot import QtBot

from app import people
from app.desk import Desk
from app.passwords import LIFE, standing
from models.enums import Post
from tests.ui.real import PASSWORD, real_desk
from ui.banner import Banner
from ui.commands import Command
from ui.context import Context
from ui.lock import Lock
from ui.lock_card import Cover
from ui.signin import SignInDialog, change_own_password, standing_words

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    made = real_desk(home, sqlite_template)
    assert made.identity.id is not None
    made.do(people.give_password, made.identity.id, PASSWORD, is_temporary=False)
    return made


@pytest.fixture
def seated(context: Context, desk: Desk) -> Context:
    for name, keys in (("lock", "Ctrl+L"), ("acknowledge", "F4"), ("silence", "Esc")):
        context.commands.declare(Command(name, name, "duty", keys))
    return context._replace(identity=desk.identity)


@pytest.fixture
def window(qtbot: QtBot) -> QMainWindow:
    made = QMainWindow()
    qtbot.addWidget(made)
    made.resize(1000, 700)
    made.setCentralWidget(QLineEdit())
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture
def lock(qtbot: QtBot, seated: Context, window: QMainWindow) -> Lock:
    made = Lock(seated, window, lambda: [window.centralWidget()])
    made.seat_person(seated.identity)
    qtbot.waitUntil(lambda: made._has_password, timeout=20_000)
    return made


def type_password(qtbot: QtBot, lock: Lock, password: str = PASSWORD) -> None:
    qtbot.keyClicks(lock.card.box.password, password)
    qtbot.keyClick(lock.card.box.password, Qt.Key.Key_Return)


def test_the_right_password_signs_in(qtbot: QtBot, context: Context, desk: Desk) -> None:
    dialog = SignInDialog(context, "示例信息中心")
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(dialog.box.login, "jia")
    qtbot.keyClicks(dialog.box.password, PASSWORD)
    with qtbot.waitSignal(dialog.signed_in, timeout=20_000) as signed:
        qtbot.keyClick(dialog.box.password, Qt.Key.Key_Return)
    assert signed.args is not None
    assert signed.args[0].identity == desk.identity


def test_a_wrong_password_is_said_in_place_and_the_name_stays(qtbot: QtBot, context: Context, desk: Desk) -> None:
    dialog = SignInDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(dialog.box.login, "jia")
    qtbot.keyClicks(dialog.box.password, "wrong")
    dialog.box.submit()
    qtbot.waitUntil(lambda: "wrong" in dialog.box.banners.text("error"), timeout=20_000)
    assert dialog.box.login.text() == "jia"
    assert dialog.box.password.text() == ""


def test_the_lock_covers_what_names_people_and_takes_keys_from_the_rest(
    qtbot: QtBot, lock: Lock, window: QMainWindow
) -> None:
    field = window.centralWidget()
    assert isinstance(field, QLineEdit)
    field.setText("half-typed")
    lock.lock()
    assert [cover.parent() for cover in lock._covers] == [field]
    qtbot.keyClicks(field, "more")
    assert field.text() == "half-typed"
    type_password(qtbot, lock)
    qtbot.waitUntil(lambda: not lock.is_locked, timeout=20_000)
    field.end(False)
    qtbot.keyClicks(field, "!")
    assert field.text() == "half-typed!"


def test_a_key_in_the_window_puts_the_lock_off_and_events_of_its_widgets_cost_nothing(
    qtbot: QtBot, lock: Lock, window: QMainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    signs: list[str] = []
    monkeypatch.setattr(lock._idle, "start", lambda: signs.append("sign"))
    qtbot.keyClick(window.windowHandle(), Qt.Key.Key_A)
    assert signs == ["sign"]
    qtbot.keyClick(window.centralWidget(), Qt.Key.Key_A)
    assert signs == ["sign"]


def test_a_dialog_that_opens_while_locked_is_covered_too(qtbot: QtBot, lock: Lock, window: QMainWindow) -> None:
    lock.lock()
    dialog = QDialog(window)
    qtbot.addWidget(dialog)
    dialog.show()
    covers = dialog.findChildren(Cover)
    assert len(covers) == 1
    assert covers[0].isVisible()
    type_password(qtbot, lock)
    qtbot.waitUntil(lambda: not dialog.findChildren(Cover), timeout=20_000)


def test_a_wrong_password_leaves_it_locked(qtbot: QtBot, lock: Lock) -> None:
    lock.lock()
    type_password(qtbot, lock, "wrong")
    qtbot.waitUntil(lambda: lock.card.box.banners.text("error") != "", timeout=20_000)
    assert lock.is_locked


def test_f4_acknowledges_once_the_password_was_given(
    qtbot: QtBot, lock: Lock, seated: Context, window: QMainWindow
) -> None:
    called: list[str] = []
    seated.commands.register("acknowledge", lambda: called.append("acknowledge"))
    lock.lock()
    qtbot.keyClick(window.centralWidget(), Qt.Key.Key_F4)
    assert called == []
    type_password(qtbot, lock)
    qtbot.waitUntil(lambda: called == ["acknowledge"], timeout=20_000)


def test_f4_in_the_password_is_not_lost_as_the_windows_shortcut(
    qtbot: QtBot, lock: Lock, seated: Context, window: QMainWindow
) -> None:
    called: list[str] = []
    seated.commands.register("acknowledge", lambda: called.append("acknowledge"))
    window.addAction(seated.commands.action("acknowledge"))
    window.activateWindow()
    lock.lock()
    lock.card.box.password.setFocus()
    qtbot.keyClick(lock.card.box.password, Qt.Key.Key_F4)
    assert "acknowledged" in lock.card.note.text()
    type_password(qtbot, lock)
    qtbot.waitUntil(lambda: called == ["acknowledge"], timeout=20_000)


def test_esc_still_silences_this_seat(qtbot: QtBot, lock: Lock, seated: Context, window: QMainWindow) -> None:
    called: list[str] = []
    seated.commands.register("silence", lambda: called.append("silence"))
    lock.lock()
    qtbot.keyClick(window.centralWidget(), Qt.Key.Key_Escape)
    assert called == ["silence"]
    assert lock.is_locked


def test_idle_time_locks_and_says_so(qtbot: QtBot, seated: Context, window: QMainWindow) -> None:
    made = Lock(seated, window, list, idle_ms=30)
    with qtbot.waitSignal(made.locked) as told:
        made.seat_person(seated.identity)
    assert told.args == [True]


def test_another_person_takes_the_seat(qtbot: QtBot, lock: Lock, desk: Desk) -> None:
    other = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR])
    desk.do(people.give_password, other, PASSWORD, is_temporary=False)
    lock.lock()
    lock.card.ask_another()
    qtbot.keyClicks(lock.card.box.login, "yi")
    with qtbot.waitSignal(lock.person_changed, timeout=20_000) as changed:
        type_password(qtbot, lock)
    assert changed.args is not None
    assert changed.args[0].identity.id == other


def test_ones_own_password_is_changed_and_mistypes_are_told_under_the_field(
    qtbot: QtBot, context: Context, desk: Desk, window: QMainWindow
) -> None:
    done: list[bool] = []
    form = change_own_password(context, window, lambda: done.append(True))
    form.set_values({"old": PASSWORD, "password": "Winter-2027", "again": "Winter-2028"})
    form.submit()
    assert "differ" in error_of(form, "again")()
    form.set_values({"again": "Winter-2027"})
    form.submit()
    qtbot.waitUntil(lambda: done == [True], timeout=20_000)
    assert people.sign_in(desk, "jia", "Winter-2027").identity == desk.identity


def error_of(form: object, key: str) -> Callable[[], str]:
    label = form._errors[key]  # type: ignore[attr-defined]
    return lambda: str(label.text())


def test_a_password_that_ends_soon_is_said_before() -> None:
    fresh = standing(NOW, is_temporary=False, now=NOW)
    soon = standing(NOW - LIFE + timedelta(days=3), is_temporary=False, now=NOW)
    today = standing(NOW - LIFE + timedelta(hours=3), is_temporary=False, now=NOW)
    temporary = standing(NOW, is_temporary=True, now=NOW)
    assert standing_words(fresh) == ""
    assert "3 days" in standing_words(soon)
    assert "within a day" in standing_words(today)
    assert "must be changed" in standing_words(temporary)


def test_the_sign_in_brings_the_warning_when_the_password_is_76_days_old(
    qtbot: QtBot, context: Context, desk: Desk
) -> None:
    desk.clock_ahead = LIFE - timedelta(days=13, minutes=30)
    dialog = SignInDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    qtbot.keyClicks(dialog.box.login, "jia")
    qtbot.keyClicks(dialog.box.password, PASSWORD)
    with qtbot.waitSignal(dialog.signed_in) as signed:
        qtbot.keyClick(dialog.box.password, Qt.Key.Key_Return)
    assert signed.args is not None
    assert "13 days" in standing_words(signed.args[0].standing)


def test_a_person_without_a_password_goes_on_with_a_click(
    qtbot: QtBot, home: Path, seated: Context, window: QMainWindow
) -> None:
    made = Lock(seated, window, list)
    made._identity = seated.identity
    made.card.ask("演示员甲", "jia", has_password=False)
    made.is_locked = True
    made.card.show()
    button = made.card.findChild(QPushButton)
    assert button is not None
    made.card.resume.click()
    assert not made.is_locked
    made.lock()
    qtbot.keyClick(window.centralWidget(), Qt.Key.Key_Return)
    assert not made.is_locked


def test_what_f4_asked_for_is_done_by_the_person_who_takes_the_seat(
    qtbot: QtBot, lock: Lock, seated: Context, window: QMainWindow, desk: Desk
) -> None:
    other = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR])
    desk.do(people.give_password, other, "other-2026", is_temporary=False)
    told: list[str] = []
    seated.commands.register("acknowledge", lambda: told.append("acknowledge"))
    lock.person_changed.connect(lambda signed: told.append(signed.identity.login))
    lock.lock()
    qtbot.keyClick(window.centralWidget(), Qt.Key.Key_F4)
    lock.card.change.click()
    qtbot.keyClicks(lock.card.box.login, "yi")
    type_password(qtbot, lock, "other-2026")
    qtbot.waitUntil(lambda: told == ["yi", "acknowledge"], timeout=20_000)


def test_people_are_covered_until_somebody_sits_here(
    qtbot: QtBot, seated: Context, window: QMainWindow, desk: Desk
) -> None:
    made = Lock(seated._replace(identity=None), window, lambda: [window.centralWidget()])
    made.cover()
    assert len(window.findChildren(Cover)) == 1
    made.seat_person(desk.identity)
    qtbot.waitUntil(lambda: not window.findChildren(Cover))
    assert not made.is_locked


def test_a_long_trouble_at_the_sign_in_is_shown_whole(qtbot: QtBot, context: Context) -> None:
    dialog = SignInDialog(context)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.box.banners.error("the certificate of the authority can't be read: " + "/a/long/folder " * 12)
    label = dialog.box.banners.findChildren(Banner)[0].label
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()) > 40)
