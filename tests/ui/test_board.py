"""The status board: order, places, and paintings that change only where something changed."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.board_row import BoardRow
from models.enums import State
from ui.board_model import NO_CHECK, Board, Filter, Grouping, compressed
from ui.board_surface import BoardSurface
from ui.context import Context

CLASSES = ("switch", "server", "storage", "firewall", "ups", "terminal", "printer", "router", "line")
NOW = datetime(2026, 11, 23, 1, 41, tzinfo=UTC)


def device(number: int, state: State = State.NORMAL, class_name: str = "server") -> BoardRow:
    return BoardRow(number, f"device-{number:05}", class_name, "Room 1", (), state, NOW, "", "CPU 5%", NOW, 10)


@pytest.fixture
def surface(qtbot: QtBot, context: Context) -> BoardSurface:
    made = BoardSurface(context.theme)
    qtbot.addWidget(made)
    made.setGeometry(200, 200, 600, 300)
    QCursor.setPos(0, 0)
    made.set_rows(device(number) for number in range(1, 201))
    made.show()
    qtbot.waitExposed(made)
    return made


def picture(surface: BoardSurface) -> QImage:
    return surface.viewport().grab().toImage()


def test_the_worst_device_stands_first_and_so_does_its_group() -> None:
    board = Board()
    board.set_rows([device(1), device(2, State.WARNING, "switch"), device(3, State.CRITICAL, "switch")])
    assert board.cells == [3, 2, 1]
    assert [group.title for group in board.groups] == ["Network devices", "Servers"]


def test_a_device_of_two_services_stands_in_both() -> None:
    board = Board()
    board.set_rows([device(1)._replace(services=("Mail", "Portal")), device(2)])
    board.set_grouping(Grouping.SERVICE)
    assert len(board.cells_of(1)) == 2
    assert len(board.groups) == 3


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Filter(states=frozenset((State.CRITICAL,))), [3]),
        (Filter(group="Network devices"), [3, 2]),
        (Filter(words=("hx",)), [2]),
        (Filter(words=("device-00001",)), [1]),
    ],
)
def test_filters_take_state_class_text_and_pinyin(wanted: Filter, found: list[int]) -> None:
    board = Board()
    board.set_rows(
        [device(1), device(2, State.WARNING, "switch")._replace(search="hxjhj"), device(3, State.CRITICAL, "switch")]
    )
    board.set_filter(wanted)
    assert board.cells == found


@given(st.integers(1, 300), st.integers(100, 2000), st.integers(1, 9))
def test_every_cell_is_found_where_it_is_painted(devices: int, width: int, classes: int) -> None:
    board = Board()
    board.set_rows(device(number, class_name=CLASSES[number % classes]) for number in range(devices))
    board.lay_out(width, 117, 46)
    for cell in range(devices):
        box = board.cell_box(cell)
        assert board.cell_at(box.x, box.y) == cell
        assert board.cell_at(box.x + box.width - 1, box.y + box.height - 1) == cell
        assert cell in board.cells_between(box.y, box.y + box.height)
    assert board.height >= board.cell_box(devices - 1).y + 46


def test_a_new_state_is_shown_in_place_until_the_board_settles() -> None:
    board = Board()
    board.set_rows([device(1), device(2)])
    changes = board.patch([device(2, State.CRITICAL)])
    assert (board.cells, changes.turned, changes.is_unsettled) == ([1, 2], [2], True)
    board.settle()
    assert board.cells == [2, 1]


def test_a_heartbeat_shows_the_worst_of_each_stretch() -> None:
    assert compressed(bytes([5] * 59 + [0]), 12) == bytes([5] * 11 + [0])
    assert compressed(bytes([NO_CHECK] * 60), 12) == bytes([NO_CHECK] * 12)
    assert compressed(b"", 12) == b""


def test_data_older_than_twice_its_interval_is_stale() -> None:
    row = device(1)
    assert not row.is_stale(NOW + timedelta(seconds=20))
    assert row.is_stale(NOW + timedelta(seconds=21))


def test_a_change_repaints_its_tile_only(qtbot: QtBot, surface: BoardSurface) -> None:
    surface.check_stale(NOW)
    before = picture(surface)
    surface.setFocus()
    surface.patch([device(2, State.CRITICAL)])
    after = picture(surface)
    box = surface.board.cell_box(1)
    changed = [
        (x, y)
        for x in range(0, after.width(), 2)
        for y in range(0, after.height(), 2)
        if before.pixel(x, y) != after.pixel(x, y)
    ]
    assert changed
    assert all(box.x <= x < box.x + box.width and box.y <= y < box.y + box.height for x, y in changed)


def test_scrolling_paints_the_same_as_painting_anew(qtbot: QtBot, surface: BoardSurface) -> None:
    picture(surface)
    for step in (37, 211, -90, 5000, -333):
        bar = surface.verticalScrollBar()
        bar.setValue(bar.value() + step)
        scrolled = picture(surface)
        surface._paint_all_later()
        assert scrolled == picture(surface)


def test_stale_devices_are_hatched(qtbot: QtBot, surface: BoardSurface) -> None:
    surface.check_stale(NOW)
    fresh = picture(surface)
    surface.check_stale(NOW + timedelta(minutes=1))
    assert picture(surface) != fresh


def test_arrows_walk_and_enter_opens(qtbot: QtBot, surface: BoardSurface) -> None:
    surface.select(1)
    QTest.keyClick(surface, Qt.Key.Key_Right)
    QTest.keyClick(surface, Qt.Key.Key_Down)
    assert surface.current == 2 + surface.board.columns
    with qtbot.waitSignal(surface.activated) as opened:
        QTest.keyClick(surface, Qt.Key.Key_Return)
    assert opened.args == [surface.current]


def test_the_selection_outlives_new_rows(qtbot: QtBot, surface: BoardSurface) -> None:
    surface.select(150)
    surface.set_rows(device(number, State.WARNING) for number in range(100, 400))
    assert surface.current == 150


def test_a_tooltip_says_the_state_in_a_word_and_no_markup(qtbot: QtBot, surface: BoardSurface) -> None:
    surface.set_rows([device(1, State.CRITICAL)._replace(name="<b>x</b>")])
    surface._hover(0)
    assert "Critical" in surface.viewport().toolTip()
    assert "<b>" not in surface.viewport().toolTip()
