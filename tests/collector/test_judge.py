"""The judge is pure: each test is a short story of outcomes and what is said after each."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.collector import judge
from app.collector.judge import Alarm, Parent, Step, Surroundings
from app.collector.limits import DEFAULTS, Limits, Rulebook, Threshold
from app.collector.memory import Answer, Judgement, Memory, checks_from_json, raised_from_json, to_json
from app.collector.samples import Metric, Outcome, Sample, Target
from models.enums import CheckKind, Severity, State

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


class Story:
    """One CI's judgement as results arrive, a minute apart; remembers every alarm."""

    def __init__(self, limits: Limits | None = None, retries: int = 2) -> None:
        self.judgement = Judgement(7)
        self.limits = limits or Rulebook(DEFAULTS).of(7)
        self.retries = retries
        self.now = START
        self.parent: Parent | None = None
        self.is_in_maintenance = False
        self.alarms: list[Alarm] = []
        self.asks_parent = False

    def _target(self, kind: CheckKind) -> Target:
        check_id = list(CheckKind).index(kind) + 1
        return Target(check_id, 7, kind, "127.0.0.1", retries=self.retries)

    def tell(self, kind: CheckKind = CheckKind.ICMP, **found: object) -> State:
        self.now += timedelta(minutes=1)
        target = self._target(kind)
        outcome = replace(Outcome(target.check_id, 7, self.now, True), **found)
        around = Surroundings(self.now, self.is_in_maintenance, self.parent)
        self._keep(judge.take(self.judgement, target, outcome, self.limits, around))
        return self.judgement.state

    def _keep(self, verdict: judge.Verdict) -> None:
        self.judgement = verdict.judgement
        self.alarms.extend(verdict.alarms)
        self.asks_parent = verdict.asks_parent

    def settle(self) -> State:
        self._keep(judge.settle(self.judgement, Surroundings(self.now, self.is_in_maintenance, self.parent)))
        return self.judgement.state

    def good(self, kind: CheckKind = CheckKind.ICMP) -> State:
        return self.tell(kind)

    def silence(self, kind: CheckKind = CheckKind.ICMP) -> State:
        return self.tell(kind, ok=False, is_reachable=False, trouble="No answer")

    def refused(self, kind: CheckKind = CheckKind.SNMP) -> State:
        return self.tell(kind, ok=False, trouble="Wrong community")

    def cpu(self, value: float | None) -> State:
        return self.tell(CheckKind.SNMP, samples=(Sample(Metric.CPU, value, "%"),))

    def steps(self) -> list[tuple[Step, str]]:
        return [(alarm.step, alarm.cause) for alarm in self.alarms]


DOWN = Parent(1, "core switch", is_down=True)


def test_a_device_that_was_never_checked_is_unknown_and_not_normal() -> None:
    story = Story()
    assert story.settle() is State.UNKNOWN
    assert story.judgement.summary == "Not checked yet"


def test_the_first_silence_does_not_make_a_new_device_normal() -> None:
    story = Story()
    assert [story.silence(), story.silence(), story.silence()] == [
        State.UNKNOWN,
        State.UNKNOWN,
        State.UNREACHABLE,
    ]


def test_silence_is_believed_after_the_retries_and_opens_one_incident() -> None:
    story = Story()
    story.good()
    assert story.silence() is State.NORMAL
    assert story.judgement.attempts == 1
    assert "1 in a row" in story.judgement.summary
    assert story.silence() is State.NORMAL
    assert story.alarms == []
    assert story.silence() is State.UNREACHABLE
    story.silence()
    story.silence()
    assert story.steps() == [(Step.OPEN, "ci:7:reachability")]
    assert story.alarms[0].severity is Severity.CRITICAL


def test_an_answer_clears_the_incident_of_the_silence_at_once() -> None:
    story = Story(retries=0)
    story.silence()
    assert story.good() is State.NORMAL
    assert story.steps() == [(Step.OPEN, "ci:7:reachability"), (Step.CLEAR, "ci:7:reachability")]
    assert story.judgement.raised == {}


def test_a_tile_shows_what_failed_and_not_how_quick_another_check_was() -> None:
    story = Story(retries=0)
    story.tell(CheckKind.ICMP, samples=(Sample(Metric.PING_RTT_MS, 0.2, "ms"),))
    story.refused()
    assert story.judgement.value_text == "Wrong community"


def test_a_wrong_community_is_unknown_and_not_unreachable() -> None:
    story = Story(retries=0)
    assert story.refused() is State.UNKNOWN
    assert story.alarms[0].severity is Severity.WARNING
    assert story.judgement.summary == "Wrong community"


def test_silent_snmp_on_a_device_that_answers_ping_is_unknown() -> None:
    story = Story(retries=0)
    story.good(CheckKind.ICMP)
    assert story.silence(CheckKind.SNMP) is State.UNKNOWN
    assert not story.judgement.is_down


@pytest.mark.parametrize("kind", [CheckKind.TCP, CheckKind.HTTP])
def test_a_silent_service_on_a_device_that_answers_ping_is_critical(kind: CheckKind) -> None:
    story = Story(retries=0)
    story.good(CheckKind.ICMP)
    assert story.silence(kind) is State.CRITICAL
    assert story.alarms[-1].cause.startswith(f"ci:7:{kind.value}:")


def test_a_wrong_page_is_critical_by_itself() -> None:
    story = Story(retries=0)
    assert story.tell(CheckKind.HTTP, trouble="The page lacks the text “ready”") is State.CRITICAL


def test_a_figure_over_its_limit_is_believed_after_the_retries() -> None:
    story = Story()
    assert [story.cpu(90), story.cpu(90), story.cpu(90)] == [State.NORMAL, State.NORMAL, State.WARNING]
    assert story.judgement.value_text == "CPU 90%"
    assert story.alarms[-1].title == "CPU 90%, limit 85%"


def test_a_worse_figure_updates_its_incident_and_opens_no_second_one() -> None:
    story = Story(retries=0)
    story.cpu(90)
    assert story.cpu(97) is State.CRITICAL
    assert story.cpu(98) is State.CRITICAL
    cause = "ci:7:cpu.percent"
    assert story.steps() == [(Step.OPEN, cause), (Step.UPDATE, cause)]
    assert story.alarms[-1].severity is Severity.CRITICAL


def test_a_value_within_the_hysteresis_keeps_the_state_it_came_from() -> None:
    story = Story(retries=0)
    assert story.cpu(84) is State.NORMAL
    story.cpu(86)
    assert [story.cpu(v) for v in (84, 81, 84.9)] == [State.WARNING] * 3
    assert story.cpu(79.9) is State.NORMAL


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_a_figure_that_is_not_available_neither_clears_nor_raises(value: float | None) -> None:
    story = Story(retries=0)
    assert story.cpu(value) is State.NORMAL
    story.cpu(97)
    assert story.cpu(value) is State.CRITICAL
    assert [alarm.step for alarm in story.alarms] == [Step.OPEN]


def test_a_bad_figure_that_vanishes_for_good_is_forgotten_with_a_clear() -> None:
    story = Story(retries=0)
    disk = Sample(Metric.DISK, 99, "%", "/media/stick")
    other = Sample(Metric.DISK, 10, "%", "/")
    story.tell(CheckKind.SNMP, samples=(disk, other))
    for _ in range(judge.FORGET_AFTER):
        assert story.tell(CheckKind.SNMP, samples=(other,)) is State.CRITICAL
    assert story.tell(CheckKind.SNMP, samples=(other,)) is State.NORMAL
    assert story.alarms[-1].step is Step.CLEAR


def test_two_full_disks_are_one_incident_that_names_the_worse() -> None:
    story = Story(retries=0)
    disks = (Sample(Metric.DISK, 90, "%", "/"), Sample(Metric.DISK, 96, "%", "/var"))
    story.tell(CheckKind.SNMP, samples=disks)
    assert [alarm.title for alarm in story.alarms] == ["Disk /var 96%, limit 95% (and 1 more)"]


def test_a_child_of_a_parent_that_is_down_is_affected_and_raises_nothing() -> None:
    story = Story()
    story.good()
    story.parent = DOWN
    states = [story.silence() for _ in range(5)]
    assert states[-1] is State.UNREACHABLE
    assert story.judgement.affected_by == 1
    assert story.judgement.summary == "Affected by core switch"
    assert story.alarms == []


def test_a_child_that_stays_silent_when_its_parent_is_back_raises_its_own_incident() -> None:
    story = Story(retries=0)
    story.parent = DOWN
    story.silence()
    story.parent = Parent(1, "core switch", is_down=False, checked_at=story.now + timedelta(seconds=30))
    story.silence()
    assert story.judgement.affected_by is None
    assert story.steps() == [(Step.OPEN, "ci:7:reachability")]


def test_an_incident_waits_until_the_parent_was_asked_after_the_silence_began() -> None:
    story = Story(retries=0)
    story.good()
    story.parent = Parent(1, "core switch", is_down=False, checked_at=story.now)
    assert story.silence() is State.UNREACHABLE
    assert story.asks_parent
    assert story.alarms == []
    story.parent = Parent(1, "core switch", is_down=False, checked_at=story.now + timedelta(seconds=1))
    story.settle()
    assert not story.asks_parent
    assert story.steps() == [(Step.OPEN, "ci:7:reachability")]


def test_a_parent_that_is_never_asked_delays_an_incident_by_the_patience_at_most() -> None:
    story = Story(retries=0)
    story.parent = Parent(1, "core switch", is_down=False, is_doubtful=True)
    while story.now - START <= judge.PATIENCE + timedelta(minutes=1):
        story.silence()
    assert story.steps() == [(Step.OPEN, "ci:7:reachability")]


def test_a_child_with_another_way_is_judged_although_its_parent_is_down() -> None:
    story = Story(retries=0)
    story.parent = DOWN
    assert story.cpu(97) is State.CRITICAL
    assert story.judgement.affected_by is None
    assert story.steps() == [(Step.OPEN, "ci:7:cpu.percent")]


def test_an_open_incident_of_a_figure_outlives_a_silence() -> None:
    story = Story(retries=0)
    story.cpu(97)
    assert story.silence(CheckKind.SNMP) is State.UNREACHABLE
    assert story.steps() == [(Step.OPEN, "ci:7:cpu.percent"), (Step.OPEN, "ci:7:reachability")]
    story.cpu(20)
    assert {alarm.cause for alarm in story.alarms if alarm.step is Step.CLEAR} == {
        "ci:7:cpu.percent",
        "ci:7:reachability",
    }


def test_maintenance_mutes_incidents_and_the_checks_go_on() -> None:
    story = Story(retries=0)
    story.is_in_maintenance = True
    assert story.silence() is State.MAINTENANCE
    assert story.judgement.is_down
    assert story.alarms == []
    assert story.judgement.heartbeat == bytes((State.MAINTENANCE.rank,))


def test_what_is_still_bad_at_the_end_of_a_maintenance_raises_its_incident() -> None:
    story = Story(retries=0)
    story.is_in_maintenance = True
    story.cpu(97)
    story.is_in_maintenance = False
    assert story.settle() is State.CRITICAL
    assert story.steps() == [(Step.OPEN, "ci:7:cpu.percent")]


def test_what_recovers_during_a_maintenance_clears_its_incident() -> None:
    story = Story(retries=0)
    story.cpu(97)
    story.is_in_maintenance = True
    story.cpu(10)
    assert [alarm.step for alarm in story.alarms] == [Step.OPEN, Step.CLEAR]


def test_a_device_that_answers_every_other_time_is_flapping_and_not_normal() -> None:
    story = Story()
    story.good()
    for _ in range(10):
        story.silence()
        last = story.good()
    assert last is State.WARNING
    assert story.steps() == [(Step.OPEN, "ci:7:flapping")]


def test_a_flapping_device_has_one_incident_however_often_it_turns() -> None:
    story = Story(retries=0)
    for _ in range(30):
        story.silence()
        story.good()
    opened = [cause for step, cause in story.steps() if step is Step.OPEN]
    assert opened.count("ci:7:flapping") == 1
    assert opened.count("ci:7:reachability") <= judge.FLAP_STARTS


def test_a_flapping_device_that_becomes_steady_is_normal_again_and_clears() -> None:
    story = Story(retries=0)
    for _ in range(12):
        story.silence()
        story.good()
    for _ in range(judge.FLAP_WINDOW):
        last = story.good()
    assert last is State.NORMAL
    assert story.judgement.raised == {}


def test_the_heartbeat_keeps_the_last_sixty_results() -> None:
    story = Story(retries=9)
    for _ in range(70):
        story.good()
    story.silence()
    assert len(story.judgement.heartbeat) == 60
    assert story.judgement.heartbeat[-2:] == bytes((State.NORMAL.rank, State.UNREACHABLE.rank))


def test_since_moves_only_when_the_state_changes() -> None:
    story = Story(retries=0)
    story.good()
    since = story.judgement.since
    story.good()
    assert story.judgement.since == since
    story.silence()
    assert story.judgement.since == story.now


def test_a_check_that_is_switched_off_clears_what_it_raised() -> None:
    story = Story(retries=0)
    story.good(CheckKind.ICMP)
    story.cpu(97)
    snmp = story._target(CheckKind.SNMP).check_id
    verdict = judge.forget(story.judgement, [snmp], Surroundings(story.now))
    assert verdict.judgement.state is State.NORMAL
    assert [alarm.step for alarm in verdict.alarms] == [Step.CLEAR]


def test_a_restart_changes_no_judgement() -> None:
    story = Story()
    story.good()
    for _ in range(4):
        story.cpu(97)
    story.silence()
    before = story.judgement
    stored = to_json(before)
    checks = {i: m._replace(headline=before.checks[i].headline) for i, m in checks_from_json(stored).items()}
    restored = before._replace(checks=checks, raised=raised_from_json(stored))
    assert restored == before


def test_a_memory_that_can_not_be_read_starts_anew() -> None:
    assert checks_from_json({"checks": {"x": {}, "3": {"kind": "nothing"}, "4": {"kind": "icmp"}}}) == {
        4: Memory(4, CheckKind.ICMP)
    }


def test_an_own_threshold_comes_before_the_class_and_the_class_before_all() -> None:
    book = Rulebook(
        [
            Threshold(Metric.DISK, warning_high=80),
            Threshold(Metric.DISK, warning_high=70, ci_class="server"),
            Threshold(Metric.DISK, warning_high=60, ci_id=7),
            Threshold(Metric.DISK, "/var*", warning_high=50, ci_id=7),
            Threshold(Metric.DISK, "/var", warning_high=40, ci_id=7),
        ]
    )

    def limit(ci_id: int, ci_class: str, instance: str) -> float | None:
        found = book.of(ci_id, ci_class).of(Metric.DISK, instance)
        return found.warning_high if found else None

    assert limit(1, "switch", "/") == 80
    assert limit(1, "server", "/") == 70
    assert limit(7, "server", "/") == 60
    assert limit(7, "server", "/var/log") == 50
    assert limit(7, "server", "/var") == 40


def test_answers_are_ordered_from_good_to_silent() -> None:
    assert sorted(Answer) == [Answer.GOOD, Answer.UNMEASURED, Answer.FINDING, Answer.SILENT]


def mains_away(on_battery_s: float, *more: Sample) -> tuple[Sample, ...]:
    return (Sample(Metric.UPS_ON_BATTERY_S, on_battery_s, "s"), *more)


def test_what_follows_from_a_mains_failure_belongs_to_its_one_incident() -> None:
    story = Story(retries=0)
    story.tell(CheckKind.NUT, samples=mains_away(0))
    story.tell(CheckKind.NUT, samples=mains_away(20))
    ending = (
        Sample(Metric.UPS_LOW_BATTERY, 2, "", "ups.status"),
        Sample(Metric.UPS_BATTERY, 15, "%", "battery.charge"),
        Sample(Metric.UPS_RUNTIME_MIN, 3, "min", "battery.runtime"),
    )
    assert story.tell(CheckKind.NUT, samples=mains_away(80, *ending)) is State.CRITICAL
    assert [(alarm.step, alarm.cause, alarm.severity) for alarm in story.alarms] == [
        (Step.OPEN, "ci:7:ups.on_battery_seconds", Severity.WARNING),
        (Step.UPDATE, "ci:7:ups.on_battery_seconds", Severity.CRITICAL),
    ]
    assert "On battery" in story.alarms[-1].title and "3 more" in story.alarms[-1].title


def test_a_battery_that_was_weak_before_the_mains_failed_keeps_its_own_incident() -> None:
    story = Story(retries=0)
    weak = Sample(Metric.UPS_RUNTIME_MIN, 12, "min", "battery.runtime")
    story.tell(CheckKind.NUT, samples=mains_away(0, weak))
    story.tell(CheckKind.NUT, samples=mains_away(20, weak))
    assert [alarm.cause for alarm in story.alarms] == ["ci:7:ups.runtime_minutes", "ci:7:ups.on_battery_seconds"]
    assert all(alarm.step is Step.OPEN for alarm in story.alarms)
