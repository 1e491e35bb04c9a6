"""A short round of R6; `watchroom trials R6` runs the long one."""

import uuid

import pytest
from sqlalchemy import text

from app import duty, outputs
from app.cli import main
from app.database import Database
from app.trials import r6
from tests.ui.desks import owner

NOTHING = r6.Seen(0, 0, 0)
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_what_went_through_the_door_is_explained_by_the_trail(database: Database) -> None:
    desk = owner(database)
    before = r6.look(desk)
    desk.do(duty.write, uuid.uuid4(), "巡视完毕")
    desk.do(outputs.left, "export", "ledger.xlsx")
    assert r6.judge(desk, before, r6.Seen(0, 0, 1)) == (2, ())


def test_a_change_that_no_trigger_saw_is_missing_even_when_the_next_one_is_seen(database: Database) -> None:
    desk = owner(database)
    line = desk.do(duty.write, uuid.uuid4(), "一")
    change = text("UPDATE shift_log_entry SET voided_at = :at WHERE id = :id")
    with r6.unwatched(desk.engine), desk.engine.begin() as connection:
        connection.execute(change, {"at": "2026-01-01 00:00:00.000000", "id": line})
    assert r6.judge(desk, r6.look(desk), NOTHING)[1]
    with desk.engine.begin() as connection:
        connection.execute(change, {"at": "2026-01-02 00:00:00.000000", "id": line})
    assert any("is missing" in each for each in r6.judge(desk, r6.look(desk), NOTHING)[1])


def test_a_saved_file_without_its_entry_is_missing(database: Database) -> None:
    desk = owner(database)
    assert r6.judge(desk, r6.look(desk), r6.Seen(0, 0, 1))[1] == ("saved files: 1 seen, 0 entered",)


@pytest.mark.slow
def test_what_random_actions_did_in_the_window_is_explained_by_the_trail(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trials", "R6", "--rounds", "150"]) == 0, capsys.readouterr().out
