"""The queue at a seat: one key acknowledges, sounds follow the database, and no update moves what is selected."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

import pytest
from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QComboBox, QLineEdit
from pytestqt.qtbot import QtBot

from app import contacts, incidents
from app.contacts import ContactDraft
from app.database import Database
from app.desk import Desk
from app.listening import listen
from models.enums import IncidentState, Severity, Source
from tests.incidents.rooms import alarm, call, chain_of_two, ci, collector, row
from ui.context import Context
from ui.docks.incident_call import CallForm
from ui.docks.incident_columns import DatabaseClock, clock_look
from ui.docks.incidents import IncidentDock
from ui.forms import Form
from ui.rows import Ring
from ui.sounds import Sounds
from ui.window import Window

SECOND_MS = 1_000
PATIENCE_MS = 8_000


class PaintWatch(QObject):
    """Writes down which part of a widget is painted."""

    def __init__(self, painted: list[QRect]) -> None:
        super().__init__()
        self._painted = painted

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QPaintEvent):
            self._painted.append(event.rect())
        return False


@dataclass(frozen=True, slots=True)
class Seat:
    window: Window
    dock: IncidentDock
    sounds: Sounds
    context: Context

    def press(self, qtbot: QtBot, key: Qt.Key, modifier: Qt.KeyboardModifier | None = None) -> None:
        qtbot.keyClick(self.dock.table, key, modifier or Qt.KeyboardModifier.NoModifier)

    @property
    def shown(self) -> list[int]:
        return [each.id for each in self.dock.table.rows.rows]


@pytest.fixture
def open_seat(qtbot: QtBot, context: Context) -> Iterator[Callable[[], Seat]]:
    """Opens the window with the queue, loaded and following the database."""
    opened: list[Seat] = []

    def open_it() -> Seat:
        window = Window(context, "Watchroom")
        sounds = Sounds(window, command=("true",))
        dock = IncidentDock(context, sounds, window)
        window.add_dock(dock)
        window.let_close()
        qtbot.addWidget(window)
        window.resize(1200, 600)
        window.show()
        dock.show()
        window.activateWindow()
        seat = Seat(window, dock, sounds, context)
        opened.append(seat)
        loaded = [dock.table.rows.modelReset, dock.table.counted, dock.alarm.told]
        with qtbot.waitSignals(loaded, timeout=PATIENCE_MS):
            dock.load()
        context.live.follow(context.work, listen)
        qtbot.waitUntil(lambda: context.live.is_following)
        return seat

    yield open_it
    for seat in opened:
        seat.sounds.stop()
        seat.window.close()


pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_sound_starts_within_a_second_of_the_alarm_and_ends_with_the_acknowledgement(
    qtbot: QtBot, database: Database, open_seat: Callable[[], Seat]
) -> None:
    seat = open_seat()
    assert seat.sounds.playing == ""
    qtbot.wait(200)
    first = alarm(database)
    qtbot.waitUntil(lambda: seat.sounds.playing == Severity.CRITICAL, timeout=SECOND_MS)
    qtbot.waitUntil(lambda: seat.shown == [first])
    collector(database)
    seat.dock.table.select_key(first)
    seat.press(qtbot, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: seat.sounds.playing == "", timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: not seat.dock.table.rows.rows[0].is_unacknowledged)


def test_esc_silences_this_sound_and_the_next_alarm_sounds_again(
    qtbot: QtBot, database: Database, desk: Desk, open_seat: Callable[[], Seat]
) -> None:
    first = alarm(database)
    seat = open_seat()
    qtbot.waitUntil(lambda: seat.sounds.playing == Severity.CRITICAL)
    seat.press(qtbot, Qt.Key.Key_Escape)
    assert seat.sounds.playing == ""
    assert row(desk, first).is_unacknowledged
    alarm(database, severity=Severity.WARNING, cause="ci:2:cpu.percent")
    qtbot.waitUntil(lambda: seat.sounds.playing == Severity.WARNING, timeout=PATIENCE_MS)


def test_a_new_incident_moves_neither_selection_nor_focus(
    qtbot: QtBot, database: Database, open_seat: Callable[[], Seat]
) -> None:
    ids = [alarm(database, cause=f"ci:{n}:cpu.percent") for n in range(3)]
    seat = open_seat()
    seat.dock.table.select_key(ids[1])
    seat.dock.filter_box.setFocus()
    newest = alarm(database, cause="ci:99:cpu.percent")
    qtbot.waitUntil(lambda: newest in seat.shown, timeout=PATIENCE_MS)
    assert [each.id for each in seat.dock.table.selected_rows] == [ids[1]]
    assert seat.dock.table.current_row.id == ids[1]
    assert seat.dock.filter_box.hasFocus() or not seat.window.isActiveWindow()


def test_many_are_acknowledged_with_one_note_by_four_keys(
    qtbot: QtBot, database: Database, desk: Desk, open_seat: Callable[[], Seat]
) -> None:
    ids = [alarm(database, cause=f"ci:{n}:cpu.percent") for n in range(50)]
    seat = open_seat()
    seat.press(qtbot, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    seat.press(qtbot, Qt.Key.Key_F4, Qt.KeyboardModifier.ShiftModifier)
    form = seat.dock.findChild(Form)
    assert form is not None
    note = form.field("reason").widget
    assert isinstance(note, QComboBox) and note.lineEdit() is not None
    qtbot.keyClicks(note.lineEdit(), "power drill")
    qtbot.keyClick(note.lineEdit(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: seat.sounds.playing == "", timeout=PATIENCE_MS)
    assert {row(desk, each).acknowledge_reason for each in ids} == {"power drill"}


def test_f3_goes_to_what_waits_longest(
    qtbot: QtBot, database: Database, desk: Desk, open_seat: Callable[[], Seat]
) -> None:
    ids = [alarm(database, cause=f"ci:{n}:cpu.percent") for n in range(3)]
    desk.do(incidents.acknowledge, ids[0])
    seat = open_seat()
    for expected in (ids[1], ids[2], ids[1]):
        seat.press(qtbot, Qt.Key.Key_F3)
        qtbot.waitUntil(
            lambda expected=expected: (
                seat.dock.current is not None and seat.dock.current.id == expected  # type: ignore[misc]
            ),
            timeout=PATIENCE_MS,
        )


def test_a_call_is_registered_by_keyboard_alone(qtbot: QtBot, desk: Desk, open_seat: Callable[[], Seat]) -> None:
    ci(desk)
    desk.do(contacts.add, uuid.uuid4(), ContactDraft("王五", unit="人事部", telephone="8012"))
    seat = open_seat()
    seat.press(qtbot, Qt.Key.Key_F9)
    form = seat.dock.findChild(CallForm)
    assert form is not None
    caller, device, title = (form.field(key).widget for key in ("caller", "ci", "title"))
    assert isinstance(caller, QLineEdit) and isinstance(device, QLineEdit)
    for line, typed in ((caller, "ww"), (device, "hxjhj")):
        line.setFocus()
        qtbot.keyClicks(line, typed)
        popup = line.completer().popup()
        qtbot.waitUntil(popup.isVisible, timeout=PATIENCE_MS)
        qtbot.keyClick(popup, Qt.Key.Key_Down)
        qtbot.keyClick(popup, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: form.values()["caller_telephone"] == "8012")
    qtbot.keyClicks(title, "page is slow")
    qtbot.keyClick(title, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: len(seat.shown) == 1, timeout=PATIENCE_MS)
    found = row(desk, seat.shown[0])
    assert (found.caller, found.ci_name, found.title) == ("王五", "核心交换机-1", "page is slow")
    assert (found.state, found.source) == (IncidentState.ACKNOWLEDGED, Source.TELEPHONE)


def test_a_device_that_is_none_is_refused_under_its_field(
    qtbot: QtBot, desk: Desk, open_seat: Callable[[], Seat]
) -> None:
    seat = open_seat()
    seat.dock.register_call()
    form = seat.dock.findChild(CallForm)
    assert form is not None
    form.set_values({"caller": "王五", "ci": "没有的设备", "title": "慢"})
    form.submit()
    assert form.isVisible()
    assert form.values()["title"] == "慢"
    assert desk.read(incidents.count, "all") == 0
    form.reject()


def test_what_reads_alike_appears_while_typing(qtbot: QtBot, desk: Desk, open_seat: Callable[[], Seat]) -> None:
    past = call(desk, "审批页面打开缓慢")
    desk.do(incidents.resolve, past, row(desk, past).version, "会话数满", "扩大连接池")
    seat = open_seat()
    seat.dock.register_call()
    form = seat.dock.findChild(CallForm)
    assert form is not None
    form.set_values({"title": "审批页面打不开"})
    qtbot.waitUntil(lambda: len(form.similar.rows.rows) == 1, timeout=PATIENCE_MS)
    form.reject()


def test_an_escalation_shows_whom_to_call(
    qtbot: QtBot, database: Database, desk: Desk, open_seat: Callable[[], Seat]
) -> None:
    chain_of_two(desk)
    first = alarm(database)
    seat = open_seat()
    assert seat.dock.banners.text("escalation") == ""
    collector(database, timedelta(minutes=10.1)).do(incidents.escalate_due)
    qtbot.waitUntil(lambda: "机房主管丙 6001" in seat.dock.banners.text("escalation"), timeout=PATIENCE_MS)
    desk.do(incidents.acknowledge, first)
    qtbot.waitUntil(lambda: seat.dock.banners.text("escalation") == "", timeout=PATIENCE_MS)


def test_the_tones_change_at_five_and_at_eight_minutes(
    qtbot: QtBot, database: Database, open_seat: Callable[[], Seat], monkeypatch: pytest.MonkeyPatch
) -> None:
    alarm(database)
    seat = open_seat()
    now = seat.dock.time.now()
    for minutes, tone in ((4.9, "critical"), (5.1, "pressing"), (8.1, "urgent"), (30, "urgent")):
        monkeypatch.setattr(DatabaseClock, "now", lambda _self, minutes=minutes: now + timedelta(minutes=minutes))
        seat.dock.alarm.refresh()
        qtbot.waitUntil(lambda tone=tone: seat.sounds.playing == tone, timeout=PATIENCE_MS)  # type: ignore[misc]


def test_the_ring_runs_out_and_turns_red_after_five_minutes(database: Database, desk: Desk) -> None:
    found = row(desk, alarm(database))
    time = DatabaseClock()

    def at(minutes: float) -> Ring:
        shift = found.recorded_at + timedelta(minutes=minutes) - time.now()
        time.set(time.now() + shift, time.within)
        look = clock_look(found, time)
        assert isinstance(look, Ring)
        return look

    assert (at(3.8).text, at(3.8).token) == ("06:12", "warning")
    assert at(3.8).part == pytest.approx(0.62, abs=0.01)
    assert (at(7.08).text, at(7.08).token) == ("02:55", "critical")
    assert (at(10.5).text, at(10.5).part) == ("-00:30", 1.0)


def test_a_tab_counts_and_lists_its_own(
    qtbot: QtBot, database: Database, desk: Desk, open_seat: Callable[[], Seat]
) -> None:
    waiting, mine = alarm(database), call(desk)
    seat = open_seat()
    assert set(seat.shown) == {waiting, mine}
    seat.dock.chips.choose("unacknowledged")
    qtbot.waitUntil(lambda: seat.shown == [waiting], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: seat.dock.chips.button("unacknowledged").text() == "Unacknowledged 1")
    desk.do(incidents.acknowledge, waiting)
    qtbot.waitUntil(lambda: seat.shown == [], timeout=PATIENCE_MS)
    qtbot.waitUntil(lambda: seat.dock.chips.button("unacknowledged").text() == "Unacknowledged 0")


def test_a_second_repaints_the_clocks_on_the_screen_and_nothing_else(
    qtbot: QtBot, database: Database, open_seat: Callable[[], Seat]
) -> None:
    for n in range(40):
        alarm(database, cause=f"ci:{n}:cpu.percent")
    seat = open_seat()
    table = seat.dock.table
    seat.dock.alarm.ticked.disconnect(table.repaint_clocks)
    qtbot.waitUntil(lambda: len(table.rows.rows) == 40)
    qtbot.wait(300)
    painted: list[QRect] = []
    watch = PaintWatch(painted)
    table.viewport().installEventFilter(watch)
    table.repaint_clocks()
    qtbot.waitUntil(lambda: bool(painted))
    at = next(place for place, column in enumerate(table.rows.columns) if column.key == "clock")
    clocks = QRect(table.columnViewportPosition(at), 0, table.columnWidth(at), table.viewport().height())
    assert all(clocks.contains(box) for box in painted)
