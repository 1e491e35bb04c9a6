"""What must hold of the judge whatever happens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.collector import judge
from app.collector.judge import Parent, Step, Surroundings
from app.collector.limits import DEFAULTS, Level, Rulebook, Threshold
from app.collector.memory import Judgement, checks_from_json, raised_from_json, to_json
from app.collector.samples import Metric, Outcome, Sample, Target
from models.enums import CheckKind, State

START = datetime(2026, 11, 23, tzinfo=UTC)
LIMITS = Rulebook(DEFAULTS).of(7)
PARENTS = {
    "none": None,
    "up": Parent(1, "p", is_down=False, checked_at=START + timedelta(days=1)),
    "doubtful": Parent(1, "p", is_down=False, is_doubtful=True),
    "down": Parent(1, "p", is_down=True),
}

events = st.tuples(
    st.sampled_from(["good", "silent", "unmeasured", "finding", "hot", "hole"]),
    st.sampled_from([CheckKind.ICMP, CheckKind.SNMP, CheckKind.HTTP]),
    st.sampled_from(list(PARENTS)),
    st.booleans(),
)
stories = st.lists(events, min_size=1, max_size=60)


def outcome_of(word: str, check_id: int, at: datetime) -> Outcome:
    good = Outcome(check_id, 7, at, True)
    value = {"good": 10.0, "hot": 99.0, "hole": None}.get(word)
    if word in ("good", "hot", "hole"):
        return replace(good, samples=(Sample(Metric.CPU, value, "%"),))
    if word == "finding":
        return replace(good, trouble="wrong page")
    return replace(good, ok=False, is_reachable=word == "unmeasured", trouble="no answer")


def play(story, retries=1):
    """Yield (event, judgement before, verdict) for each event."""
    judgement = Judgement(7)
    for number, (word, kind, parent, in_maintenance) in enumerate(story):
        now = START + timedelta(minutes=number)
        target = Target(list(CheckKind).index(kind) + 1, 7, kind, "x", retries=retries)
        around = Surroundings(now, in_maintenance, PARENTS[parent])
        verdict = judge.take(judgement, target, outcome_of(word, target.check_id, now), LIMITS, around)
        yield (word, kind, parent, in_maintenance), judgement, verdict
        judgement = verdict.judgement


@given(stories)
def test_it_is_never_green_while_a_settled_check_has_no_good_answer(story) -> None:
    for _, _, verdict in play(story):
        settled = [m for m in verdict.judgement.checks.values() if m.is_settled]
        if verdict.judgement.state is State.NORMAL:
            assert settled
            assert all(m.answer.held == 0 for m in settled)
            assert not any(mark.level for m in settled for mark in m.marks)


@given(stories)
def test_a_silent_child_opens_nothing_while_its_parent_is_down(story) -> None:
    for (word, _, parent, _), _, verdict in play(story):
        if parent == "down" and word == "silent":
            assert all(alarm.step is Step.CLEAR for alarm in verdict.alarms)


@given(stories)
def test_maintenance_opens_and_updates_nothing(story) -> None:
    for (*_, in_maintenance), _, verdict in play(story):
        if in_maintenance:
            assert verdict.judgement.state is State.MAINTENANCE
            assert all(alarm.step is Step.CLEAR for alarm in verdict.alarms)


@given(stories)
def test_each_cause_is_opened_once_before_it_is_cleared(story) -> None:
    is_open: set[str] = set()
    for _, _, verdict in play(story):
        for alarm in verdict.alarms:
            assert (alarm.cause in is_open) == (alarm.step is not Step.OPEN)
            (is_open.discard if alarm.step is Step.CLEAR else is_open.add)(alarm.cause)
        assert is_open == set(verdict.judgement.raised)


@given(stories)
def test_everything_clears_once_all_is_well_for_long_enough(story) -> None:
    kinds = [CheckKind.ICMP, CheckKind.SNMP, CheckKind.HTTP]
    calm = [("good", kind, "none", False) for _ in range(judge.FLAP_WINDOW + 1) for kind in kinds]
    *_, (_, _, last) = play([*story, *calm])
    assert last.judgement.state is State.NORMAL
    assert not last.judgement.raised


@given(stories)
def test_the_memory_survives_being_stored(story) -> None:
    for _, _, verdict in play(story):
        judgement = verdict.judgement
        stored = to_json(judgement)
        checks = {i: m._replace(headline=judgement.checks[i].headline) for i, m in checks_from_json(stored).items()}
        assert checks == dict(judgement.checks)
        assert raised_from_json(stored) == dict(judgement.raised)


@given(stories)
def test_settling_twice_changes_nothing(story) -> None:
    for _, _, verdict in play(story):
        around = Surroundings(START + timedelta(days=2))
        once = judge.settle(verdict.judgement, around)
        twice = judge.settle(once.judgement, around)
        assert twice.judgement == once.judgement
        assert twice.alarms == ()


@given(
    st.sampled_from(list(Level)),
    st.lists(st.floats(80.001, 84.999), min_size=1),
)
def test_values_within_the_hysteresis_never_move_a_level(held: Level, values: list[float]) -> None:
    threshold = Threshold("x", warning_high=85, critical_high=85, hysteresis=5)
    held = Level.CRITICAL if held else Level.GOOD
    for value in values:
        assert threshold.grade(value, held) is held


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.sampled_from(list(Level)))
def test_a_higher_value_is_never_graded_better_by_a_high_limit(a: float, b: float, held: Level) -> None:
    threshold = Threshold("x", warning_high=80, critical_high=90, hysteresis=3)
    low, high = sorted((a, b))
    assert threshold.grade(low, held) <= threshold.grade(high, held)
