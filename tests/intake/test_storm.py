"""R7 in short: a storm kills nothing, and the good messages between the damaged ones are kept."""

import pytest

from app.database import Database
from app.trials import r7


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_good_messages_of_a_storm_are_kept(database: Database) -> None:
    outcomes = r7.trial(database, r7.Storm(syslog=3_000, traps=1_000, webhooks=100, seconds=1, rate=500))
    assert [outcome.name for outcome in outcomes] == ["syslog", "traps", "webhooks", "rate"]
    assert [outcome.kept for outcome in outcomes] == [30, 10, 1, 500]
