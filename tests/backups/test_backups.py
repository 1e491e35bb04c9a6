"""The backup log on both databases, with the tools' real outputs (REQUIREMENTS F1-F4)."""

import uuid
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from app import backups
from app.backups import PlanEntry, RunEntry, Schedule
from app.desk import Desk
from app.errors import BadInput, Refused
from models.enums import BackupFormat, BackupResult, Frequency
from models.incidents import Incident
from tests.reports.pdf import page_texts


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
    red = desk.read(backups.runs, "red")
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
    rows = desk.read(backups.runs, "unplanned")
    assert {row.format for row in rows} >= {BackupFormat.RESTIC, BackupFormat.BORG, BackupFormat.BACULA}
    assert any(row.result is BackupResult.FAILED for row in rows)


def test_a_dry_run_writes_nothing(desk: Desk, test_data: Path) -> None:
    report = backups.import_runs(desk, test_data / "payloads" / "restic", is_dry_run=True)
    assert report.is_dry_run and report.added > 0
    assert desk.read(backups.runs) == []


def test_a_reported_run_belongs_to_the_plan_with_its_tool_and_job(desk: Desk, test_data: Path) -> None:
    backups.import_runs(desk, test_data / "payloads" / "bacula")
    job = desk.read(backups.runs)[0].job
    plan_id = plan(desk, format=BackupFormat.BACULA, job=job, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    backups.import_runs(desk, test_data / "payloads" / "bacula")
    assert desk.read(backups.runs, plan_id=plan_id)


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


def test_pages_of_runs_follow_each_other_in_both_directions(desk: Desk, test_data: Path) -> None:
    backups.import_runs(desk, test_data / "payloads" / "bacula")
    first = desk.read(backups.runs, "all", "", None, 2)
    second = desk.read(backups.runs, "all", "", first[-1], 2)
    assert {row.id for row in first}.isdisjoint(row.id for row in second)
    assert desk.read(backups.runs, "all", "", second[0], 2, backwards=True) == first
    assert desk.read(backups.count) == len(desk.read(backups.runs))


@pytest.mark.parametrize(
    ("schedule", "rule"),
    [
        (Schedule(Frequency.DAILY, time(2, 10)), "FREQ=DAILY;BYHOUR=2;BYMINUTE=10;BYSECOND=0"),
        (
            Schedule(Frequency.WEEKLY, time(23, 0), weekdays=(0, 4)),
            "FREQ=WEEKLY;BYDAY=MO,FR;BYHOUR=23;BYMINUTE=0;BYSECOND=0",
        ),
        (
            Schedule(Frequency.MONTHLY, time(1, 5), month_day=-1),
            "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=1;BYMINUTE=5;BYSECOND=0",
        ),
    ],
)
def test_a_schedule_becomes_a_rule_and_is_read_back(schedule: Schedule, rule: str) -> None:
    assert backups.rule_of(schedule) == rule
    assert backups.schedule_of(rule, datetime(2026, 1, 1, tzinfo=UTC)) == schedule


def test_a_rule_without_a_time_runs_at_the_time_of_its_start() -> None:
    start = datetime(2026, 1, 1, 3, 30).astimezone()
    assert backups.schedule_of("FREQ=DAILY", start) == Schedule(Frequency.DAILY, time(3, 30))
    assert backups.schedule_of("FREQ=HOURLY", start) is None


def test_the_days_check_is_known_with_who_signed(desk: Desk) -> None:
    day = desk.read(lambda tx: tx.now).astimezone().date()
    assert desk.read(backups.check_of, day) is None
    desk.do(backups.sign_day, uuid.uuid4(), day, "已核对")
    check = desk.read(backups.check_of, day)
    assert check and (check.person, check.note) == ("演示员甲", "已核对")


def test_the_months_backup_ledger_is_printed(desk: Desk, test_data: Path, tmp_path: Path) -> None:
    backups.import_runs(desk, test_data / "payloads" / "bacula")
    month = desk.read(backups.runs)[0].happened_at.astimezone().date()
    rows = desk.read(backups.ledger, month)
    assert rows
    assert rows[0].job[:8] in "".join(page_texts(backups.month_pdf(desk, month)))
    assert backups.month_xlsx(desk, month, tmp_path / "backups.xlsx") == len(rows)


def test_a_run_that_may_still_come_does_not_hide_yesterdays_failure(desk: Desk) -> None:
    now = desk.read(lambda tx: tx.now)
    plan_id = plan(desk, starts_at=now - timedelta(days=1, minutes=30))
    begun = now - timedelta(days=1, minutes=30)
    desk.do(backups.record_run, RunEntry(uuid.uuid4(), plan_id, begun, begun, BackupResult.FAILED))
    desk.do(backups.expect_runs)
    (job,) = desk.read(backups.jobs)
    assert job.is_red and job.last and job.last.result is BackupResult.FAILED
    assert job.next_at is not None and job.next_at < now
