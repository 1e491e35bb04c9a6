"""A short round of R1; `watchroom trials R1` runs the long one."""

from importlib.util import find_spec

import pytest

from app.trials import r1

needs_apsw = pytest.mark.skipif(not find_spec("apsw"), reason="the power-cut trial records with apsw")


@needs_apsw
def test_no_power_cut_loses_or_tears_an_acknowledged_row() -> None:
    outcome = r1.cut("power cuts", "FULL", rounds=60, seed=7)
    assert (outcome.damaged, outcome.lost, outcome.torn) == (0, 0, 0)


@needs_apsw
@pytest.mark.parametrize("synchronous", ["NORMAL", "OFF"])
def test_with_fewer_syncs_the_same_cuts_lose_rows(synchronous: str) -> None:
    outcome = r1.cut("control", synchronous, rounds=60, seed=7, is_control=True)
    assert outcome.lost > 0
    assert outcome.passed


def test_no_kill_loses_or_tears_an_acknowledged_row() -> None:
    outcome = r1.killed(rounds=8, seed=7)
    assert (outcome.rounds, outcome.damaged, outcome.lost, outcome.torn) == (8, 0, 0, 0)


def test_no_kill_of_the_desk_loses_an_acknowledged_incident_or_breaks_the_trail() -> None:
    outcome = r1.desk_killed(rounds=4, seed=7)
    assert (outcome.rounds, outcome.damaged, outcome.lost, outcome.torn) == (4, 0, 0, 0)


@pytest.mark.slow
def test_a_desk_that_acknowledges_before_the_commit_loses() -> None:
    outcome = r1.desk_killed(rounds=4, seed=7, is_control=True)
    assert outcome.lost > 0
    assert outcome.passed
