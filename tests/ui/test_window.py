"""The window's shell: keys in menus, perspectives, pages, and places on screens that exist."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QRect, QSize
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from app.errors import DatabaseAway, Refused
from app.outbox import Sent, Waiting
from ui.ahead import Ahead
from ui.away import Away
from ui.commands import Command
from ui.context import Context
from ui.dock import Dock
from ui.layouts import PERSPECTIVES, clamped, fitted, perspective_titles
from ui.menus import standard_commands
from ui.page import Page
from ui.window import UNREACHED, Window

KEYS = (
    "Ctrl+K F9 F4 Shift+F4 F6 Ctrl+F6 Shift+F9 F3 Space Esc F5 F11 Ctrl+P Ctrl+E Ctrl+Shift+H Ctrl+L Ctrl+F "
    "Alt+Left Alt+Right"
)
NAMES = ("tree", "board", "queue", "access", "backups", "inspector")


class Listing(Page):
    shown: object = "nothing"

    def show_row(self, key: object) -> None:
        self.shown = key


@pytest.fixture
def window(qtbot: QtBot, context: Context) -> Iterator[Window]:
    made = Window(context, "Watchroom", "1")
    for name in NAMES:
        dock = Dock(name, name.title(), context)
        dock.body.addWidget(QLineEdit())
        made.add_dock(dock)
    made.resize(1366, 768)
    made.set_perspective("duty")
    made.show()
    qtbot.waitExposed(made)
    yield made
    made.let_close()
    made.deleteLater()  # a window left behind would be styled again with the next one
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def visible(window: Window) -> set[str]:
    return {name for name, dock in window.docks.items() if not dock.isHidden()}


def test_every_key_of_the_design_has_a_menu_entry(qtbot: QtBot) -> None:
    keys = {command.keys for command in standard_commands() if command.menu}
    assert set(KEYS.split()) <= keys


def test_no_two_commands_share_a_key(qtbot: QtBot, window: Window, context: Context) -> None:
    keys = [command.keys for command in context.commands if command.keys]
    assert len(keys) == len(set(keys))


def test_a_menu_shows_what_is_registered_with_its_keys(qtbot: QtBot, window: Window, context: Context) -> None:
    menu = window.findChild(QMenu, "menu-incidents")
    assert isinstance(menu, QMenu)
    assert not menu.menuAction().isVisible()
    context.commands.register("acknowledge", lambda: None)
    menu.aboutToShow.emit()
    assert menu.menuAction().isVisible()
    assert [action.shortcut() for action in menu.actions()] == [QKeySequence("F4")]


def test_each_perspective_shows_its_docks(qtbot: QtBot, window: Window) -> None:
    for name in perspective_titles():
        window.set_perspective(name)
        assert visible(window), name
    window.set_perspective("desk")
    assert visible(window) == {"queue", "access", "backups", "inspector"}


def test_a_perspective_comes_back_as_it_was_left(qtbot: QtBot, window: Window) -> None:
    window.docks["tree"].hide()
    window.set_perspective("desk")
    window.set_perspective("duty")
    assert window.docks["tree"].isHidden()
    window.restore_layout()
    assert not window.docks["tree"].isHidden()


def test_a_page_opens_in_the_centre_and_the_way_leads_back(qtbot: QtBot, window: Window, context: Context) -> None:
    made = Listing("orders", "Orders", context)
    window.add_page("orders", lambda: made)
    context.nav.select("ci", 1)
    context.nav.open("orders", 7)
    assert made.shown == 7
    assert made.isVisible()
    assert visible(window) == {"tree", "inspector"}
    context.nav.open("")
    assert visible(window) == set(NAMES)
    context.nav.back()
    assert made.isVisible()


def test_wall_mode_shows_board_and_queue_only_and_returns(qtbot: QtBot, window: Window) -> None:
    window.set_perspective("room")
    window.turn_wall()
    assert visible(window) == {"board", "queue"}
    assert window.menu_bar.isHidden()
    window.turn_wall()
    assert window.perspective == "room"
    assert not window.menu_bar.isHidden()


def test_keys_reach_the_panel_that_has_the_keyboard(qtbot: QtBot, window: Window, context: Context) -> None:
    window.activateWindow()
    window.docks["access"].findChild(QLineEdit).setFocus()  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: window.panel() is window.docks["access"])


def test_a_perspective_begins_with_the_keyboard_in_a_panel(qtbot: QtBot, window: Window) -> None:
    window.activateWindow()
    for name in ("desk", "room", "manage", "duty"):
        window.set_perspective(name)
        focused = QApplication.focusWidget()
        assert isinstance(focused, QLineEdit), name
        assert any(dock.isAncestorOf(focused) for dock in window.docks.values())


def test_closing_asks_first(qtbot: QtBot, window: Window) -> None:
    with qtbot.waitSignal(window.close_asked):
        window.close()
    assert window.isVisible()


def test_a_lost_database_is_a_banner_until_it_is_back(qtbot: QtBot, window: Window, context: Context) -> None:
    context.live.away.emit(Refused("Gone."))
    assert window.banners.text("away").startswith("Gone.")
    context.live.back.emit()
    assert window.banners.text("away") == ""


def test_a_page_that_opens_leaves_the_keyboard_to_no_panel_by_chance(
    qtbot: QtBot, window: Window, context: Context
) -> None:
    window.add_page("listing", lambda: Listing("listing", "Listing", context))
    window.activateWindow()
    queue = window.docks["queue"].findChild(QLineEdit)
    assert isinstance(queue, QLineEdit)
    queue.setFocus()
    qtbot.waitUntil(queue.hasFocus)
    context.nav.open("listing")
    assert QApplication.focusWidget() is None


def test_a_locked_seat_shows_the_panels_and_then_the_page_as_it_was_left(
    qtbot: QtBot, window: Window, context: Context
) -> None:
    made = Listing("listing", "Listing", context)
    window.add_page("listing", lambda: made)
    context.nav.open("listing", 7)
    made.shown = "half-typed"
    window.set_page_aside(True)
    assert visible(window) == set(NAMES)
    window.set_page_aside(False)
    assert not made.isHidden()
    assert made.shown == "half-typed"
    assert "board" not in visible(window)


def test_a_banner_moves_nothing_in_the_window_and_only_the_lowest_panel_ends_earlier(
    qtbot: QtBot, window: Window
) -> None:
    def places() -> dict[str, QRect]:
        return {name: dock.geometry() for name, dock in window.docks.items() if not dock.visibleRegion().isEmpty()}

    qtbot.waitUntil(lambda: len(places()) == 5)
    before = places()
    window.banners.error("Something went wrong.")
    qtbot.waitUntil(lambda: window.contentsMargins().bottom() > 0)
    height = window.banners.height()

    def shrunk() -> set[str]:
        return {name for name, box in places().items() if box.height() == before[name].height() - height}

    qtbot.waitUntil(lambda: shrunk() == {"tree", "inspector", "access"})
    assert all(box.topLeft() == before[name].topLeft() for name, box in places().items())
    window.banners.clear("error")
    qtbot.waitUntil(lambda: places() == before)


def test_what_a_database_that_is_back_makes_untrue_goes_by_itself(
    qtbot: QtBot, window: Window, context: Context, desk: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = Away(context, window)
    monkeypatch.setattr(away, "_send", lambda _desk, _job: (Sent(), Waiting(0, 0, ())))
    context.work.failed.emit(DatabaseAway("no route"))
    assert "no route" in window.banners.text(UNREACHED)
    qtbot.waitUntil(lambda: window.banners.text(UNREACHED) == "")
    assert window.banners.text("kept") == ""


def test_the_return_is_said_with_what_was_sent_and_the_words_go_by_themselves(
    qtbot: QtBot, window: Window, context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.away.READ_MS", 200)
    away = Away(context, window)
    monkeypatch.setattr(away, "_send", lambda _desk, _job: (Sent(sent=3), Waiting(0, 0, ())))
    said: list[str] = []

    def say(words: str) -> None:
        said.append(words)
        Away._say(away, words)

    monkeypatch.setattr(away, "_say", say)
    context.live.away.emit(DatabaseAway("no route"))
    assert "no route" in window.banners.text("away")
    context.live.back.emit()
    qtbot.waitUntil(lambda: said == ["The database is back.", "The database is back. 3 kept entries were sent."])
    qtbot.waitUntil(window.banners.isHidden)


def test_an_action_without_a_doer_does_nothing(qtbot: QtBot, context: Context) -> None:
    context.commands.declare(Command("x", "X", "view", "F12"))
    context.commands.call("x")
    assert not context.commands.action("x").isVisible()


def test_a_small_screen_has_one_side_and_two_panels_in_the_centre() -> None:
    plan = PERSPECTIVES[0]
    small = fitted(plan, QSize(911, 512))
    assert small.left == (*plan.left, *plan.right)
    assert small.right == ()
    assert [group[0] for group in small.centre] == ["board", "queue"]
    assert len(small.heights) == len(small.centre)
    assert fitted(plan, QSize(1280, 720)) == plan


@pytest.mark.parametrize(
    ("box", "expected"),
    [
        (QRect(100, 100, 800, 600), QRect(100, 100, 800, 600)),
        (QRect(3000, 100, 800, 600), QRect(1120, 100, 800, 600)),
        (QRect(-50, -70, 2500, 2000), QRect(0, 0, 1920, 1080)),
        (QRect(10, 10, 50, 50), QRect(10, 10, 640, 400)),
    ],
)
def test_a_window_is_put_onto_a_screen_that_exists(box: QRect, expected: QRect) -> None:
    assert clamped(box, [QRect(0, 0, 1920, 1080)]) == expected


def test_a_window_paints_before_anything_is_loaded_that_it_does_not_need() -> None:
    paint = (
        "import sys\n"
        "from ui.main import Desktop, Start, make_application\n"
        "app = make_application(['watchroom'])\n"
        "desktop = Desktop(Start('sqlite:///none.db', 'A1', collects=False, is_display=True, remembers=False))\n"
        "desktop.window.open_on('duty')\n"
        "app.processEvents()\n"
        "late = {'sqlalchemy', 'numpy', 'pyqtgraph', 'reportlab', 'uuid', 'ui.forms', 'ui.palette', 'ui.lock_card'}\n"
        "print(sorted(late & set(sys.modules)), flush=True)\n"
        "import os; os._exit(0)\n"
    )
    told = subprocess.run([sys.executable, "-c", paint], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[]"


def test_the_modules_of_pages_are_loaded_before_a_page_is_opened(qtbot: QtBot, qapp: QApplication) -> None:
    ahead = Ahead(("ui.pages.roster:RosterPage", "ui.pages.contacts:ContactsPage"), qapp)
    qtbot.waitUntil(lambda: {"ui.pages.roster", "ui.pages.contacts"} <= set(sys.modules))
    ahead.deleteLater()
