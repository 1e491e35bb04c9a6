"""What the watch over many devices adds to the judge: parents, windows, what is to be stored."""

from datetime import UTC, datetime, timedelta

import pytest

from app.collector import watch as watch_module
from app.collector.batch import Configuration, Window
from app.collector.judge import Step
from app.collector.limits import DEFAULTS
from app.collector.samples import Outcome, Target
from app.collector.watch import Watch
from models.enums import CheckKind, State

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PARENT, CHILD, GRANDCHILD = 1, 2, 3


class Site:
    """A core switch, a switch behind it and a server behind that; a check each, no retries."""

    def __init__(self, windows: tuple[Window, ...] = ()) -> None:
        self.now = START
        self.watch = Watch({})
        above = {PARENT: None, CHILD: PARENT, GRANDCHILD: CHILD}
        self.targets = {
            ci_id: Target(ci_id, ci_id, CheckKind.ICMP, "x", retries=0, parent_ci_id=parent, name=f"device {ci_id}")
            for ci_id, parent in above.items()
        }
        self.configure(windows)

    def configure(self, windows: tuple[Window, ...] = ()) -> None:
        configuration = Configuration(1, tuple(self.targets.values()), DEFAULTS, windows)
        self.watch.configure(configuration, self.now)

    def tell(self, ci_id: int, *, ok: bool) -> State:
        self.now += timedelta(seconds=1)
        trouble = "" if ok else "No answer"
        outcome = Outcome(ci_id, ci_id, self.now, ok, trouble=trouble, is_reachable=ok)
        return self.watch.take(self.targets[ci_id], outcome).state

    def state(self, ci_id: int) -> State:
        return self.watch.judgements[ci_id].state

    def opened(self) -> list[str]:
        return [alarm.cause for alarm in self.watch.gather().alarms if alarm.step is Step.OPEN]


def test_a_parent_that_goes_down_first_leaves_one_incident() -> None:
    site = Site()
    for ci_id in (PARENT, CHILD, GRANDCHILD):
        site.tell(ci_id, ok=True)
    for ci_id in (PARENT, CHILD, GRANDCHILD):
        site.tell(ci_id, ok=False)
    assert site.opened() == ["ci:1:reachability"]
    assert site.watch.judgements[GRANDCHILD].affected_by == CHILD


def test_a_child_that_goes_silent_first_asks_for_its_parent_and_waits() -> None:
    site = Site()
    for ci_id in (PARENT, CHILD):
        site.tell(ci_id, ok=True)
    site.tell(CHILD, ok=False)
    assert site.watch.wanted_now == {PARENT}
    assert site.opened() == []
    site.tell(PARENT, ok=False)
    assert site.opened() == ["ci:1:reachability"]
    assert site.watch.judgements[CHILD].affected_by == PARENT


def test_a_waiting_child_gets_its_incident_when_the_parent_answers() -> None:
    site = Site()
    for ci_id in (PARENT, CHILD):
        site.tell(ci_id, ok=True)
    site.tell(CHILD, ok=False)
    site.tell(PARENT, ok=True)
    assert site.opened() == ["ci:2:reachability"]


def test_a_child_that_stays_silent_after_its_parent_is_back_is_no_longer_affected() -> None:
    site = Site()
    site.tell(PARENT, ok=False)
    site.tell(CHILD, ok=False)
    site.tell(PARENT, ok=True)
    site.tell(CHILD, ok=False)
    assert site.watch.judgements[CHILD].affected_by is None
    assert site.opened() == ["ci:1:reachability", "ci:2:reachability"]


def test_a_parent_that_comes_back_raises_nothing_for_children_that_were_not_asked_since() -> None:
    site = Site()
    for ci_id in (PARENT, CHILD, GRANDCHILD):
        site.tell(ci_id, ok=False)
    for ci_id in (PARENT, CHILD, GRANDCHILD):
        site.tell(ci_id, ok=True)
    assert site.opened() == ["ci:1:reachability"]
    assert site.state(GRANDCHILD) is State.NORMAL


def test_devices_in_a_ring_of_parents_are_judged_alone() -> None:
    site = Site()
    ring = Target(1, 1, CheckKind.ICMP, "x", retries=0, parent_ci_id=3, name="device 1")
    site.targets[1] = ring
    site.configure()
    for ci_id in (1, 2, 3):
        assert site.tell(ci_id, ok=False) is State.UNREACHABLE
    assert len(site.opened()) == 3


def test_a_window_that_begins_and_ends_turns_the_state_without_an_outcome() -> None:
    window = Window(PARENT, START + timedelta(minutes=5), START + timedelta(minutes=10))
    site = Site((window,))
    site.tell(PARENT, ok=True)
    site.watch.turn(window.starts_at)
    assert site.state(PARENT) is State.MAINTENANCE
    site.watch.turn(window.ends_at)
    assert site.state(PARENT) is State.NORMAL


def test_a_batch_is_gathered_once_and_can_be_given_back() -> None:
    site = Site()
    site.tell(PARENT, ok=False)
    batch = site.watch.gather()
    assert set(batch.judgements) == {PARENT}
    assert len(batch.outcomes) == len(batch.changes) == len(batch.alarms) == 1
    assert not site.watch.gather()
    site.watch.give_back(batch)
    site.tell(CHILD, ok=True)
    again = site.watch.gather()
    assert set(again.judgements) == {PARENT, CHILD}
    assert [outcome.ci_id for outcome in again.outcomes] == [PARENT, CHILD]


def test_results_beyond_the_limit_drop_the_oldest_and_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch_module, "OUTCOMES_KEPT", 3)
    site = Site()
    for _ in range(5):
        site.tell(PARENT, ok=True)
    assert site.watch.dropped == 2
    assert len(site.watch.gather().outcomes) == 3


def test_an_outcome_of_a_check_that_was_switched_off_changes_nothing() -> None:
    site = Site()
    off = site.targets.pop(PARENT)
    site.configure()
    site.watch.take(off, Outcome(PARENT, PARENT, site.now, False))
    assert not site.watch.gather()


def test_switching_a_check_off_clears_its_incident() -> None:
    site = Site()
    site.tell(PARENT, ok=False)
    site.watch.gather()
    del site.targets[PARENT]
    site.configure()
    assert [alarm.step for alarm in site.watch.gather().alarms] == [Step.CLEAR]
