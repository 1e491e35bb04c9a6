"""Work off the GUI thread, and answers on it."""

import threading
from typing import Any

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from app.errors import Refused, WatchroomError
from ui.context import Context
from ui.live import Changed, Live
from ui.subjects import Later
from ui.work import Job, Work


def doubled(_tx: Any, number: int) -> tuple[int, str]:
    return number * 2, threading.current_thread().name


def refused(_tx: Any) -> None:
    raise Refused("No.")


def broken(_tx: Any) -> None:
    raise KeyError("a bug")


def test_a_query_runs_on_a_worker_and_answers_on_the_gui_thread(qtbot: QtBot, context: Context) -> None:
    answers: list[Any] = []
    context.work.read(doubled, 21, done=lambda found: answers.append((found, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(answers))
    (number, worker), answered_on = answers[0]
    assert number == 42
    assert worker == "watchroom-work"
    assert answered_on is threading.main_thread()


def test_a_refusal_reaches_the_caller(qtbot: QtBot, context: Context) -> None:
    failures: list[WatchroomError] = []
    context.work.do(refused, failed=failures.append)
    qtbot.waitUntil(lambda: bool(failures))
    assert str(failures[0]) == "No."


def test_a_refusal_that_nobody_takes_reaches_the_window(qtbot: QtBot, context: Context) -> None:
    with qtbot.waitSignal(context.work.failed) as told:
        context.work.do(refused)
    assert str(told.args[0]) == "No."


def test_a_bug_reaches_the_crash_dialog_with_its_traceback(qtbot: QtBot, desk: Any) -> None:
    work = Work(lambda: desk)
    with qtbot.waitSignal(work.crashed) as told:
        work.do(broken)
    assert "in broken" in told.args[0]
    work.close()


class Place:
    """Where the answers of one question are shown."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show(self, answer: str) -> None:
        self.shown.append(answer)


def test_an_older_answer_does_not_undo_a_newer_one(qtbot: QtBot, context: Context) -> None:
    newer_is_there, place = threading.Event(), Place()
    with qtbot.waitSignal(context.work.busy, check_params_cb=lambda is_busy: not is_busy):
        context.work.read(doubled, 1)  # one worker begins, and gets company once it has rested

    def older(_tx: Any) -> str:
        newer_is_there.wait(20)
        return "older"

    slow = context.work.read(older, done=place.show)
    context.work.read(lambda _tx: "newer", done=place.show)
    qtbot.waitUntil(lambda: place.shown == ["newer"])
    newer_is_there.set()
    qtbot.waitUntil(lambda: slow.is_answered and not context.work.is_busy)
    assert place.shown == ["newer"]


def test_an_answer_for_a_widget_that_is_gone_is_dropped(qtbot: QtBot, context: Context) -> None:
    owner = QObject()
    answers: list[Any] = []
    gate = threading.Event()
    context.work.read(lambda _tx: gate.wait(5), done=answers.append, owner=owner)
    import shiboken6

    shiboken6.delete(owner)
    with qtbot.waitSignal(context.work.busy, check_params_cb=lambda is_busy: not is_busy):
        gate.set()
    assert answers == []


def test_long_work_reports_and_stops_when_cancelled(qtbot: QtBot, context: Context) -> None:
    seen: list[float] = []
    started = threading.Event()

    def sweep(_desk: Any, job: Job) -> None:
        while True:
            started.set()
            job.progress(0.5, "half")
            threading.Event().wait(0.001)

    job = context.work.run(sweep, progress=lambda part, _text: seen.append(part))
    qtbot.waitUntil(lambda: bool(seen))
    with qtbot.waitSignal(context.work.busy, check_params_cb=lambda is_busy: not is_busy):
        job.cancel()
    assert seen[0] == 0.5


def test_a_later_name_is_loaded_by_the_worker(qtbot: QtBot, context: Context) -> None:
    answers: list[Any] = []
    context.work.run(Later("tests.ui.lately", "loaded_on"), done=answers.append)
    qtbot.waitUntil(lambda: bool(answers))
    assert answers == ["watchroom-work"]


def test_the_desk_is_closed_with_the_work(qtbot: QtBot, desk: Any) -> None:
    work = Work(lambda: desk)
    with qtbot.waitSignal(work.busy, check_params_cb=lambda is_busy: not is_busy):
        work.read(doubled, 1)
    work.close()
    assert desk.is_closed


def test_changes_of_one_moment_are_told_together(qtbot: QtBot) -> None:
    live = Live()
    told: list[Any] = []
    live.changed.connect(told.append)
    live.tell(Changed({"incident": frozenset({1})}))
    live.tell(Changed({"incident": frozenset({2}), "visit": frozenset({7})}, frozenset({5})))
    with qtbot.waitSignal(live.states_changed) as states:
        pass
    assert [dict(each.tables) for each in told] == [{"incident": {1, 2}, "visit": {7}}]
    assert states.args == [frozenset({5})]


def test_a_lost_feed_is_told_once_and_so_is_its_return(qtbot: QtBot) -> None:
    live = Live()
    told: list[Any] = []
    live.away.connect(lambda _error: told.append("away"))
    live.back.connect(lambda: told.append("back"))
    for answer in (Refused("x"), Refused("x"), Changed()):
        live.tell(answer)
    qtbot.waitUntil(lambda: told[-1:] == ["back"])
    assert told == ["away", "back"]


@pytest.mark.parametrize("answers", [3])
def test_a_follower_is_made_and_asked_on_one_thread(qtbot: QtBot, desk: Any, answers: int) -> None:
    work = Work(lambda: desk)
    threads: list[str] = []

    class Counting:
        def __init__(self, _desk: Any) -> None:
            threads.append(threading.current_thread().name)

        def poll(self) -> Changed:
            threads.append(threading.current_thread().name)
            return Changed()

        def wait(self, ending: threading.Event) -> None:
            ending.wait(0.001)

        def close(self) -> None:
            threads.append(threading.current_thread().name)

    work.follow(Counting, lambda _answer: None)
    qtbot.waitUntil(lambda: len(threads) > answers)
    work.close()
    assert set(threads) == {"watchroom-follow"}
