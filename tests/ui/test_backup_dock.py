"""The backup log by mouse and keyboard, over a real database (REQUIREMENTS F1-F4)."""

import uuid
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app import backups
from app.backups import PlanEntry, RunEntry, Schedule
from app.database import Database
from app.desk import Desk
from models.enums import BackupFormat, BackupResult, Frequency
from tests.ui.desks import opened_form, owner, tell, when
from ui.context import Context
from ui.docks.backups import BackupDock
from ui.labels import PlainLabel
from ui.pages.backup import BackupPage

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def desk(database: Database) -> Desk:
    return owner(database)


@pytest.fixture
def dock(qtbot: QtBot, context: Context, desk: Desk) -> BackupDock:
    made = BackupDock(context)
    qtbot.addWidget(made)
    made.resize(1300, 400)
    made.show()
    return made


def plan(desk: Desk, name: str) -> int:
    starts = desk.read(lambda tx: tx.now) - timedelta(days=2)
    entry = PlanEntry(name, "FREQ=DAILY", starts, grace_minutes=60, format=BackupFormat.RESTIC)
    return desk.do(backups.add_plan, uuid.uuid4(), entry)


def run(desk: Desk, plan_id: int, result: BackupResult) -> int:
    now = desk.read(lambda tx: tx.now)
    midnight = datetime.combine(today(desk), time.min).astimezone()
    begun = max(midnight, now - timedelta(minutes=30))
    return desk.do(backups.record_run, RunEntry(uuid.uuid4(), plan_id, begun, now, result, 5 * 1024**3))


def names(dock: BackupDock) -> list[str]:
    return [row.plan for row in dock.jobs.rows.rows]


def test_failed_jobs_stand_first_and_the_tab_counts_them(qtbot: QtBot, desk: Desk, dock: BackupDock) -> None:
    run(desk, plan(desk, "甲库"), BackupResult.OK)
    run(desk, plan(desk, "乙库"), BackupResult.FAILED)
    dock.load()
    qtbot.waitUntil(lambda: names(dock) == ["乙库", "甲库"])
    assert "1 failed" in dock.windowTitle()
    dock.chips.choose("red")
    assert names(dock) == ["乙库"]


def test_a_run_that_a_colleague_records_appears_and_the_selection_stays(
    qtbot: QtBot, desk: Desk, context: Context, dock: BackupDock
) -> None:
    first = plan(desk, "甲库")
    plan(desk, "乙库")
    dock.load()
    qtbot.waitUntil(lambda: len(names(dock)) == 2)
    dock.jobs.select_key(first)
    tell(context, "backup_run", run(desk, first, BackupResult.FAILED))
    qtbot.waitUntil(lambda: dock.jobs.rows.rows[0].is_red)
    row = dock.jobs.current_row
    assert row is not None and row.id == first


def test_a_plan_is_made_from_plain_choices(qtbot: QtBot, desk: Desk, dock: BackupDock) -> None:
    dock.new_plan()
    form = opened_form(qtbot, dock)
    form.set_values({"name": "门户库", "frequency": Frequency.WEEKLY, "at": time(23, 30), "weekdays": (0, 4)})
    assert form.field("weekdays").widget.isEnabled() and not form.field("month_day").widget.isEnabled()
    form.submit()
    (made,) = when(qtbot, desk, backups.plans)
    found = backups.schedule_of(made.entry.rule, made.entry.starts_at)
    assert found == Schedule(Frequency.WEEKLY, time(23, 30), weekdays=(0, 4))


def test_a_plan_without_a_name_stays_open_with_the_error_under_the_field(qtbot: QtBot, dock: BackupDock) -> None:
    dock.new_plan()
    form = opened_form(qtbot, dock)
    form.set_values({"medium": "磁带"})
    form.submit()
    error = form.findChild(PlainLabel, "error-name")
    assert isinstance(error, PlainLabel) and error.text()
    assert form.field("medium").value() == "磁带"


def test_the_daily_check_is_signed_and_the_button_says_by_whom(
    qtbot: QtBot, desk: Desk, context: Context, dock: BackupDock
) -> None:
    dock.load()
    qtbot.waitUntil(lambda: bool(dock._unsigned))
    dock.sign()
    form = opened_form(qtbot, dock)
    form.set_values({"note": "已核对"})
    form.submit()
    (check,) = when(qtbot, desk, backups.checks)
    tell(context, "backup_check", check.id)
    qtbot.waitUntil(lambda: "演示员甲" in dock.sign_button.text())


def test_a_run_and_a_restore_test_are_entered_by_hand(qtbot: QtBot, desk: Desk, dock: BackupDock) -> None:
    plan_id = plan(desk, "甲库")
    dock.record_run()
    form = opened_form(qtbot, dock)
    form.set_values({"plan_id": plan_id, "minutes": 20, "gib": 2.5, "result": BackupResult.WARNING})
    form.submit()
    (entered,) = when(qtbot, desk, backups.runs)
    assert entered.size_bytes == round(2.5 * 1024**3) and entered.duration == timedelta(minutes=20)
    qtbot.waitUntil(lambda: not dock.findChildren(type(form)))
    dock.test_restore()
    form = opened_form(qtbot, dock)
    form.set_values({"plan_id": plan_id, "note": "恢复 3 张表"})
    form.submit()
    assert when(qtbot, desk, backups.restore_tests)[0].note == "恢复 3 张表"


def test_reports_of_a_tool_are_imported_and_the_result_is_said(
    qtbot: QtBot, desk: Desk, dock: BackupDock, test_data: Path
) -> None:
    dock.import_from(test_data / "payloads" / "borg")
    qtbot.waitUntil(lambda: "added" in dock.banners.text("import").lower(), timeout=15_000)
    assert desk.read(backups.count) > 0


def test_a_folder_that_is_not_there_is_said_and_nothing_is_lost(qtbot: QtBot, dock: BackupDock, tmp_path: Path) -> None:
    dock.import_from(tmp_path / "nothing")
    qtbot.waitUntil(lambda: "nothing" in dock.banners.text("import"))


def test_the_calendar_is_walked_by_the_arrows_and_says_what_a_day_had(
    qtbot: QtBot, desk: Desk, dock: BackupDock
) -> None:
    run(desk, plan(desk, "甲库"), BackupResult.FAILED)
    dock.load()
    dock.chips.choose("calendar")
    qtbot.waitUntil(lambda: bool(dock.calendar.current))
    assert "Failed" in dock.calendar.words_of(0, desk.read(backups.month_of, today(desk)).today)
    with qtbot.waitSignal(dock.calendar.chosen) as chosen:
        QTest.keyClick(dock.calendar, Qt.Key.Key_Return)
    assert chosen.args and chosen.args[0][0].plan == "甲库"
    with qtbot.waitSignal(dock.calendar.month_asked) as asked:
        QTest.keyClick(dock.calendar, Qt.Key.Key_PageUp)
    assert asked.args == [-1]


def today(desk: Desk) -> date:
    now: datetime = desk.read(lambda tx: tx.now)
    return now.astimezone().date()


def test_the_page_of_a_plan_shows_its_own_runs(qtbot: QtBot, desk: Desk, context: Context) -> None:
    mine, other = plan(desk, "甲库"), plan(desk, "乙库")
    run(desk, mine, BackupResult.OK)
    run(desk, other, BackupResult.OK)
    page = BackupPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(mine)
    qtbot.waitUntil(lambda: [row.plan for row in page.runs.rows.rows] == ["甲库"])
    qtbot.waitUntil(lambda: "甲库" in page.bar.title.text())
