"""The chores of a shared database on a server that keeps no JSON log."""

import pytest

from app.database import Database, collector_identity
from app.shared import server_log


def test_a_server_without_a_log_of_its_own_troubles_nobody(database: Database) -> None:
    if database.is_embedded:
        pytest.skip("an embedded database has no server")
    desk = database.desk(collector_identity(), "C1")
    assert desk.do(server_log.enter_refusals) == 0
    assert desk.do(server_log.unlock_due) == 0
