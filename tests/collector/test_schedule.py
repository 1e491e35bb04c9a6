"""When checks are due, on a clock that the test holds."""

import pytest

from app.collector.samples import Target
from app.collector.schedule import FIRST_ROUND_PER_S, Schedule
from models.enums import CheckKind


def target(check_id: int, interval_s: float = 60.0, ci_id: int | None = None) -> Target:
    return Target(check_id, ci_id or check_id, CheckKind.TCP, "127.0.0.1", interval_s=interval_s)


def schedule(*targets: Target, now: float = 0.0) -> Schedule:
    made = Schedule()
    made.replace(targets, now)
    return made


def ids(targets: list[Target]) -> list[int]:
    return sorted(target.check_id for target in targets)


def test_a_few_checks_are_all_asked_within_the_first_second() -> None:
    made = schedule(*(target(n) for n in range(50)))
    assert ids(made.take_due(1.0)) == list(range(50))


def test_thousands_of_checks_are_spread_over_the_first_round() -> None:
    made = schedule(*(target(n) for n in range(6_000)))
    counts = [len(made.take_due(second)) for second in range(1, 31)]
    assert sum(counts) == 6_000
    assert max(counts) < FIRST_ROUND_PER_S * 1.2


def test_a_running_check_is_not_given_out_again() -> None:
    made = schedule(target(1, interval_s=5))
    assert ids(made.take_due(1.0)) == [1]
    assert made.take_due(100.0) == []
    assert made.next_due() is None
    made.finish(1, 100.0)
    assert made.take_due(104.9) == []
    assert ids(made.take_due(105.0)) == [1]


def test_the_rhythm_does_not_drift_with_slow_answers() -> None:
    made = schedule(target(1, interval_s=10))
    first = made.next_due()
    assert first is not None
    for turn in range(5):
        assert made.take_due(first + 10 * turn + 3)
        made.finish(1, first + 10 * turn + 6)
    assert made.next_due() == pytest.approx(first + 50)


def test_a_doubtful_result_is_looked_at_again_sooner() -> None:
    made = schedule(target(1, interval_s=60))
    made.take_due(1.0)
    made.finish(1, 1.0, is_doubtful=True)
    assert made.next_due() == pytest.approx(16.0)


def test_check_now_makes_every_check_of_the_device_due() -> None:
    made = schedule(target(1, ci_id=7), target(2, ci_id=7), target(3, ci_id=8))
    for each in made.take_due(1.0):
        made.finish(each.check_id, 1.0)
    made.check_now(7, 2.0)
    assert ids(made.take_due(2.0)) == [1, 2]


def test_check_now_while_it_runs_checks_once_more_afterwards() -> None:
    made = schedule(target(1))
    made.take_due(1.0)
    made.check_now(1, 2.0)
    assert made.take_due(2.0) == []
    made.finish(1, 3.0)
    assert ids(made.take_due(3.0)) == [1]
    made.finish(1, 4.0)
    assert made.take_due(5.0) == []


def test_a_new_configuration_keeps_the_places_of_what_stays() -> None:
    made = schedule(target(1), target(2))
    made.take_due(1.0)
    made.finish(1, 1.0)
    before = made.next_due()
    made.replace([target(1), target(3)], 2.0)
    assert ids(made.take_due(3.0)) == [3]
    made.finish(2, 3.0)
    assert made.next_due() == before
    assert len(made) == 2


def test_a_check_that_runs_through_a_new_configuration_goes_on_afterwards() -> None:
    made = schedule(target(1, 60))
    made.take_due(1.0)
    made.replace([target(1, 10)], 2.0)
    assert made.take_due(50.0) == []
    made.finish(1, 50.0)
    assert ids(made.take_due(60.0)) == [1]


def test_an_unknown_check_changes_nothing() -> None:
    made = schedule(target(1))
    made.finish(99, 1.0)
    made.check_now(99, 1.0)
    assert ids(made.take_due(1.0)) == [1]
