"""Nothing is cut off: the real window over a small demo site, in both languages, at the least screen it is made for."""

from collections.abc import Iterator
from datetime import timedelta
from importlib import resources as packaged
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QPushButton, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from app import demo
from app.database import cli_identity, open_database
from app.times import today
from app.words import set_language
from ui.head_cells import Cell
from ui.labels import ElidedLabel
from ui.layouts import PERSPECTIVES
from ui.main import FONTS, Desktop, Start
from ui.panel import Bar
from ui.window import Window

SIZE = (1366, 768)
NEEDS_A_RECORD = ("ci", "rack", "incident", "visit", "backup", "inspection-round", "preview")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a small demo site's database, whose home stays in force."""
    home = tmp_path_factory.mktemp("pictures")
    url = f"sqlite:///{home / 'site.db'}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", str(home))
        database = open_database(url, create=True)
        demo.fill(database.desk(cli_identity(), "A1"), seed=7, last_day=today() - timedelta(days=1), scale=0.05)
        database.engine.dispose()
        yield url


@pytest.fixture(params=["en", "zh_CN"])
def desktop(request: pytest.FixtureRequest, qtbot: QtBot, site: str, home: Path) -> Iterator[Desktop]:
    """The program's own window on the site, in a language, 1366x768."""
    set_language(request.param)
    for name in FONTS:
        QFontDatabase.addApplicationFont(str(packaged.files("resources") / "fonts" / name))
    opened = Desktop(Start(site, "A1", theme="dark", collects=False, is_display=True, remembers=False))
    opened.open()
    opened.window.showNormal()
    opened.window.resize(*SIZE)
    qtbot.waitUntil(lambda: bool(opened.window.samples().get("incident")), timeout=20_000)
    yield opened
    opened.sounds.stop()
    opened.collector.stop()
    opened.tray.hide()
    opened.window.let_close()
    opened.context.work.close()
    opened.tidy.stop()
    opened.window.deleteLater()  # a window left behind would be styled again with the next one
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def settle(qtbot: QtBot, desktop: Desktop) -> None:
    """Wait until the window has shown what it asked for."""
    qtbot.waitUntil(lambda: not desktop.context.work.is_busy, timeout=20_000)
    QApplication.processEvents()


def expect_nothing_cut(qtbot: QtBot, desktop: Desktop, where: str) -> None:
    """Wait until the window has come to rest with every text whole; fails with those that stay cut."""
    settle(qtbot, desktop)

    def nothing_is_cut() -> None:
        assert cut_texts(desktop.window) == [], where

    qtbot.waitUntil(nothing_is_cut)


def cut_texts(window: Window) -> list[str]:
    """Return the texts of bars and head strip that have less room than they need."""
    found = []
    for bar in (bar for bar in window.findChildren(Bar) if bar.isVisible() and not bar.visibleRegion().isEmpty()):
        for part in bar.findChildren(QWidget):
            if part.isVisible() and _has_whole_text(part) and (_is_narrow(part) or not _is_inside(part, bar)):
                found.append(f"{bar.title.text()}: {part.property('text')} {part.width()} of {part.sizeHint().width()}")
    strip = window.findChildren(Cell)
    found += [cell.content.text for cell in strip if cell.isVisible() and _is_narrow(cell)]
    return found


def _has_whole_text(part: QWidget) -> bool:
    """Return whether a widget must show all of its text: elided ones have it in their tooltip."""
    is_label = isinstance(part, QLabel) and not isinstance(part, ElidedLabel)
    is_button = isinstance(part, QAbstractButton) and isinstance(part, QPushButton | QToolButton)
    return (is_label or is_button) and bool(part.property("text"))


def _is_narrow(part: QWidget) -> bool:
    return part.width() < part.sizeHint().width()


def _is_inside(part: QWidget, bar: Bar) -> bool:
    left = part.mapTo(bar, part.rect().topLeft()).x()
    return left >= 0 and left + part.width() <= bar.width()


def test_no_button_or_name_is_cut_in_any_perspective(qtbot: QtBot, desktop: Desktop) -> None:
    for perspective in PERSPECTIVES:
        desktop.window.set_perspective(perspective.name)
        expect_nothing_cut(qtbot, desktop, perspective.name)


def test_no_button_or_name_is_cut_on_any_page(qtbot: QtBot, desktop: Desktop) -> None:
    for page in desktop.window.page_names:
        key = desktop.window.samples().get(page)
        if key is not None or page not in NEEDS_A_RECORD:
            desktop.context.nav.open(page, key)
            expect_nothing_cut(qtbot, desktop, page)


def test_the_panels_keep_their_sizes_through_wall_and_page(qtbot: QtBot, desktop: Desktop) -> None:
    window = desktop.window
    settle(qtbot, desktop)
    before = window.layouts.sizes()
    window.set_perspective("wall")
    settle(qtbot, desktop)
    window.set_perspective("duty")
    qtbot.waitUntil(lambda: window.layouts.sizes() == before)
    desktop.context.nav.open("settings")
    settle(qtbot, desktop)
    desktop.context.nav.open("")
    qtbot.waitUntil(lambda: window.layouts.sizes() == before)
