"""The backup log on both databases, with the tools' real outputs (REQUIREMENTS F1-F4)."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import backups
from app.backups import PlanEntry, RunEntry, RunFilter
from app.desk import Desk
from app.errors import BadInput, Refused
from models.enums import BackupFormat, BackupResult
from models.incidents import Incident


def plan(desk: Desk, **changed: object) -> int:
    starts = desk.read(lambda tx: tx.now) - timedelta(days=2)
    fields: dict[str, object] = {"name": "门户库", "rule": "FREQ=DAILY", "starts_at": starts, "grace_minutes": 60}
    return desk.do(backups.add_plan, uuid.uuid4(), PlanEntry(**{**fields, **changed}))  # type: ignore[arg-type]


def open_titles(desk: Desk) -> list[str]:
    return desk.read(lambda tx: list(tx.session.scalars(select(Incident.title).where(Incident.closed_at.is_(None)))))


def test_expected_runs_appear_by_themselves_and_a_repetition_changes_nothing(desk: Desk) -> None:
    plan(desk)
    assert desk.do(backups.expect_runs) > 0
    assert desk.do(backups.expect_runs) == 0


def test_a_run_that_did_not_come_turns_red_and_opens_one_incident(desk: Desk) -> None:
    plan(desk)
    desk.do(backups.expect_runs)
    red = desk.read(backups.runs, RunFilter(view="red")).rows
    assert {row.result for row in red} == {BackupResult.MISSING} and len(red) == 2
    assert len(open_titles(desk)) == 1 and "门户库" in open_titles(desk)[0]


def test_a_good_run_fulfils_the_expected_one_and_clears_the_incident(desk: Desk) -> None:
    plan_id = plan(desk)
    desk.do(backups.expect_runs)
    now = desk.read(lambda tx: tx.now)
    entry = RunEntry(uuid.uuid4(), plan_id, now - timedelta(minutes=30), now, BackupResult.OK, 1_000)
    desk.do(backups.record_run, entry)
    (job,) = desk.read(backups.jobs)
    assert job.last and job.last.result in (BackupResult.OK, BackupResult.LATE)


def test_the_real_outputs_of_four_tools_are_taken_once(desk: Desk, test_data: Path) -> None:
    folder = test_data / "payloads"
    for tool in ("restic", "borg", "bacula", "pgbackrest"):
        first = backups.import_runs(desk, folder / tool)
        again = backups.import_runs(desk, folder / tool)
        assert first.added > 0, tool
        assert (again.added, again.changed) == (0, 0), tool
        assert again.read == again.unchanged + again.refused, tool
    rows = desk.read(backups.runs, RunFilter(view="unplanned")).rows
    assert {row.format for row in rows} >= {BackupFormat.RESTIC, BackupFormat.BORG, BackupFormat.BACULA}
    assert any(row.result is BackupResult.FAILED for row in rows)


def test_a_dry_run_writes_nothing(desk: Desk, test_data: Path) -> None:
    report = backups.import_runs(desk, test_data / "payloads" / "restic", is_dry_run=True)
    assert report.is_dry_run and report.added > 0
    assert desk.read(backups.runs, RunFilter()).rows == ()


def test_a_reported_run_belongs_to_the_plan_with_its_tool_and_job(desk: Desk, test_data: Path) -> None:
    backups.import_runs(desk, test_data / "payloads" / "bacula")
    job = desk.read(backups.runs, RunFilter()).rows[0].job
    plan_id = plan(desk, format=BackupFormat.BACULA, job=job, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    backups.import_runs(desk, test_data / "payloads" / "bacula")
    assert desk.read(backups.runs, RunFilter(plan_id=plan_id)).rows


@pytest.mark.parametrize(("changed", "field"), [({"name": ""}, "name"), ({"rule": "EVERY NIGHT"}, "rule")])
def test_a_plan_that_cannot_be_is_refused(desk: Desk, changed: dict[str, object], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        plan(desk, **changed)
    assert caught.value.field == field


def test_the_daily_check_is_signed_once_with_the_logs_own_figures(desk: Desk) -> None:
    plan(desk)
    desk.do(backups.expect_runs)
    today = desk.read(lambda tx: tx.now).astimezone().date()
    desk.do(backups.sign_day, uuid.uuid4(), today)
    (check,) = desk.read(backups.checks)
    assert (check.day, check.person, check.expected, check.succeeded) == (today, "演示员甲", 1, 0)
    with pytest.raises(Refused, match="already"):
        desk.do(backups.sign_day, uuid.uuid4(), today)


def test_the_days_since_the_last_good_restore_test_are_counted(desk: Desk) -> None:
    plan_id = plan(desk, restore_test_days=1)
    assert desk.read(backups.jobs)[0].is_restore_test_due
    when = desk.read(lambda tx: tx.now) - timedelta(hours=1)
    desk.do(backups.test_restore, uuid.uuid4(), plan_id, True, duration_minutes=40, happened_at=when)
    (job,) = desk.read(backups.jobs)
    assert (job.restore_test_days_ago, job.is_restore_test_due) == (0, False)


def test_the_calendar_has_every_day_with_its_runs(desk: Desk) -> None:
    plan(desk)
    desk.do(backups.expect_runs)
    today = desk.read(lambda tx: tx.now).astimezone().date()
    days = desk.read(backups.calendar, today - timedelta(days=6), today)
    assert len(days) == 7 and len(days[-1].runs) == 1


def test_a_month_of_a_weekly_rule_falls_on_the_same_local_hour() -> None:
    starts = datetime(2026, 1, 2, 18, 0, tzinfo=UTC)
    found = backups.occurrences("FREQ=WEEKLY", starts, starts, starts + timedelta(days=28))
    assert [at - starts for at in found] == [timedelta(days=7 * n) for n in range(5)]
