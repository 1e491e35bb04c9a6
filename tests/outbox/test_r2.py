"""A short round of R2; `watchroom trials R2` runs the long one."""

from pathlib import Path

import pytest

from app.errors import Refused
from app.trials import r2
from app.trials.server import binaries

try:
    binaries()
except Refused:
    pytest.skip("NOT TESTED: needs Debian's PostgreSQL 15 or later", allow_module_level=True)


@pytest.mark.slow
def test_each_saved_entry_is_there_once_whatever_was_killed(home: Path) -> None:
    outcome = r2.trial(crashes=2, seat_kills=2, seed=7, seats=2)
    assert (outcome.lost, outcome.doubled, outcome.changed_by_replay) == (0, 0, 0)
    assert outcome.saved > 0
    assert outcome.changed_without_receipts == outcome.kept
