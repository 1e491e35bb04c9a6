"""The head strip: what it says at each width, what a click asks for, and the alarms of dead ends."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from pytestqt.qtbot import QtBot

from app.access.visit_rows import Summary
from app.duty import Duty
from app.duty.roster import RosterRow
from app.errors import DatabaseAway
from app.head import CopyFigures, Figures, Pulse
from app.words import set_language
from models.enums import State
from ui import head_words as words
from ui.context import Context
from ui.head import HeadStrip
from ui.head_cells import Countdown, Type
from ui.head_words import Fit

NOW = datetime(2026, 11, 23, 1, 41, 7, tzinfo=UTC)
GOOD_COPY = CopyFigures(True, NOW - timedelta(hours=7), False, False)
COUNTS = {
    State.CRITICAL: 3,
    State.WARNING: 7,
    State.UNREACHABLE: 1,
    State.UNKNOWN: 0,
    State.MAINTENANCE: 4,
    State.NORMAL: 285,
}


def figures(*, left: timedelta | None = timedelta(minutes=6, seconds=12), copy: CopyFigures = GOOD_COPY) -> Figures:
    turns = tuple(
        RosterRow(n, 1, "早班", n, name, NOW - timedelta(hours=1), NOW + timedelta(hours=11), "6021")
        for n, name in enumerate(("演示员甲", "演示员乙"))
    )
    return Figures(
        now=NOW,
        unit="示例信息中心",
        rooms=("一号机房", "二号机房"),
        counts=COUNTS,
        unacknowledged=2 if left else 0,
        oldest_due_at=NOW + left if left else None,
        within=timedelta(minutes=10),
        duty=Duty("早班", turns[0].starts_at, turns[0].ends_at, turns),
        inside=Summary(3, 1, 0),
        copies=copy,
    )


def pulse(beat_age: timedelta = timedelta(seconds=1)) -> Pulse:
    return Pulse(NOW, 4.2, NOW - beat_age, "")


@pytest.fixture
def strip(qtbot: QtBot, context: Context) -> HeadStrip:
    made = HeadStrip(context)
    qtbot.addWidget(made)
    made._ahead = NOW - datetime.now(UTC)
    made._take(figures())
    made._beat(pulse())
    made.resize(1600, 64)
    made.show()
    return made


@pytest.mark.parametrize("language", ["en", "zh_CN"])
@pytest.mark.parametrize("width", [1600, 1250, 1020, 930, 870])
def test_nothing_is_wider_than_its_room(qtbot: QtBot, strip: HeadStrip, language: str, width: int) -> None:
    set_language(language)
    strip.resize(width, 64)
    strip._show()
    cells = [cell for cell in strip._cells if not cell.isHidden()]
    assert sum(cell.sizeHint().width() for cell in cells) <= width
    strip.layout().activate()  # type: ignore[union-attr]
    assert all(left.geometry().right() < right.geometry().left() for left, right in pairwise(cells))


def test_a_narrow_strip_still_says_states_incidents_collector_and_time(qtbot: QtBot, strip: HeadStrip) -> None:
    strip.resize(870, 64)
    assert strip.states[State.CRITICAL].content.text == "3\nCritical"
    assert strip.waiting.content.text.startswith("2 unacknowledged")
    assert not strip.health.isHidden()
    assert not strip.clock.isHidden()


def test_a_state_that_nothing_is_in_stays_but_unknown_hides(qtbot: QtBot, strip: HeadStrip) -> None:
    assert strip.states[State.UNKNOWN].isHidden()
    assert not strip.states[State.UNREACHABLE].isHidden()


def test_a_click_on_a_count_asks_the_board_for_that_state(qtbot: QtBot, strip: HeadStrip) -> None:
    with qtbot.waitSignal(strip.states_asked) as asked:
        strip.states[State.WARNING].click()
    assert asked.args == [frozenset({State.WARNING})]


def test_the_ring_runs_out_and_then_counts_the_overrun(qtbot: QtBot) -> None:
    waiting = words.waiting(figures(), NOW)
    assert isinstance(waiting.lead, Countdown)
    assert waiting.lead.part == pytest.approx(0.62)
    late = words.waiting(figures(left=timedelta(seconds=-30)), NOW)
    assert "00:30 over time" in late.text
    assert words.waiting(figures(left=None), NOW).lead is None


def test_a_silent_collector_is_an_alarm_and_its_return_ends_it(qtbot: QtBot, strip: HeadStrip) -> None:
    strip._begun_at -= timedelta(minutes=1)
    with qtbot.waitSignal(strip.alarm, check_params_cb=lambda key, text: key == "collector" and "NOTHING" in text):
        strip._beat(pulse(timedelta(seconds=6)))
    assert strip.health.content.lead is State.CRITICAL
    with qtbot.waitSignal(strip.alarm, check_params_cb=lambda key, text: (key, text) == ("collector", "")):
        strip._beat(pulse())


def test_a_collector_that_is_just_starting_is_no_alarm(qtbot: QtBot, strip: HeadStrip) -> None:
    told: list[str] = []
    strip.alarm.connect(lambda key, text: told.append(key))
    strip._beat(Pulse(NOW, 1.0, None, ""))
    assert told == []
    assert strip.health.content.lead is State.CRITICAL


def test_a_database_that_refuses_and_one_that_hangs_are_alarms(qtbot: QtBot, strip: HeadStrip) -> None:
    with qtbot.waitSignal(strip.alarm, check_params_cb=lambda key, text: key == "away" and "gone" in text):
        strip._miss(DatabaseAway("gone."))
    strip._beat(pulse())
    strip._answered_at -= timedelta(seconds=5)
    with qtbot.waitSignal(strip.alarm, check_params_cb=lambda key, text: key == "away" and "not answered" in text):
        strip._watch_for_silence()
    assert "Database away" in strip.health.content.text


def test_an_old_copy_is_an_alarm_and_none_yet_is_not(qtbot: QtBot) -> None:
    old = CopyFigures(True, NOW - timedelta(hours=30), False, True)
    assert "1 d 6 h" in words.copies_alarm(figures(copy=old))
    young = CopyFigures(True, None, False, False)
    assert words.copies_alarm(figures(copy=young)) == ""
    assert "no copy yet" in words.health(pulse(), figures(copy=young), NOW, None, Fit.NO_INSIDE).text


def test_wall_mode_is_large_and_says_no_brand(qtbot: QtBot, strip: HeadStrip) -> None:
    strip.resize(1900, 96)
    strip.set_large(True)
    assert strip.brand.isHidden()
    assert strip.states[State.CRITICAL].type is Type.WALL


def test_nobody_on_the_roster_is_said(qtbot: QtBot) -> None:
    empty = Duty("", None, None, ())
    found = figures()
    nobody = Figures(**{name: getattr(found, name) for name in Figures.__slots__} | {"duty": empty})
    assert words.on_duty(nobody, Fit.ALL).text == "Nobody on the roster"
