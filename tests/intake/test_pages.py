"""The pages of the device log, over a real database."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from app import intake
from app.desk import Desk, Tx, command
from app.permissions import Permission
from models.enums import MessageKind
from models.intake import DeviceLog, IntakeSource
from tests.ui.conftest import context  # noqa: F401 - the window's surroundings
from tests.ui.real import add_switch, real_desk
from ui.context import Context
from ui.pages.device_log import DeviceLogPage
from ui.pages.intake_rules import IntakeRulesPage


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@command(Permission.CMDB_EDIT)
def log_lines(tx: Tx, *lines: tuple[int | None, str, str]) -> None:
    """Log messages of (device, program, text) as the collector does."""
    rows = [
        {"received_at": datetime.now(UTC), "kind": MessageKind.SYSLOG, "source": "127.0.1.10", "ci_id": ci_id,
         "level": 3, "host": "", "tag": tag, "text": text}
        for ci_id, tag, text in lines
    ]  # fmt: skip
    tx.connection.execute(insert(DeviceLog), rows)
    now = tx.now
    tx.add(IntakeSource(address="127.0.1.10", received=9, dropped=6, last_at=now, dropped_at=now))


def test_the_log_is_searched_in_chinese_narrowed_to_a_device_and_says_what_was_dropped(
    qtbot: QtBot, context: Context, desk: Desk  # noqa: F811 - the fixture
) -> None:  # fmt: skip
    ci_id = add_switch(desk)
    desk.do(log_lines, (ci_id, "ups", "市电中断"), (None, "sshd", "Failed password"))
    page = DeviceLogPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: len(page.table.rows.rows) == 2)
    qtbot.waitUntil(lambda: "dropped 6" in page.dropped_line.text())
    page.table.set_filter("电中")
    qtbot.waitUntil(lambda: [row.tag for row in page.table.rows.rows] == ["ups"])
    page.table.set_filter("")
    page.show_row(ci_id)
    qtbot.waitUntil(lambda: page.bar.title.text() == "Log of 核心交换机-1")
    assert [row.text for row in page.table.rows.rows] == ["市电中断"]


def test_a_rule_is_made_and_tried_on_recent_messages(qtbot: QtBot, context: Context, desk: Desk) -> None:  # noqa: F811
    desk.do(log_lines, (None, "sshd", "Failed password for root"), (None, "sshd", "Accepted password for root"))
    page = IntakeRulesPage(context)
    qtbot.addWidget(page)
    page.show_row(None)
    qtbot.waitUntil(lambda: len(page.rules.rows.rows) == 5)
    form = page.add_rule()
    form.set_values({"name": "logins", "tag": "sshd", "text": "failed password*", "title": "Login refused: {text}"})
    with qtbot.waitSignal(form.saved):
        form.submit()
    qtbot.waitUntil(lambda: page.rules.select_key("logins"))
    qtbot.waitUntil(lambda: len(page.tried.rows.rows) == 1)
    assert page.tried.rows.rows[0].title == "Login refused: Failed password for root"
    assert next(row.rule.name for row in desk.read(intake.rules)) == "logins"
