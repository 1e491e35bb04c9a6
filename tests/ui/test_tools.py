"""The windows of ping and traceroute, against this machine."""

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import devices
from app.desk import Desk
from tests.ui.real import real_desk
from ui.context import Context
from ui.ping_dialog import PingDialog
from ui.tool_dialog import ToolDialog


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    widget = QWidget()
    qtbot.addWidget(widget)
    return widget


def test_a_ping_runs_as_a_chart_until_it_is_stopped_and_goes_on_again(
    qtbot: QtBot, context: Context, parent: QWidget
) -> None:
    dialog = PingDialog("Ping", "127.0.0.1", context, parent)
    dialog.begin()
    qtbot.waitUntil(lambda: len(dialog.chart.echoes) >= 2)
    dialog.turn()
    assert not dialog.is_running and all(echo.rtt_ms is not None for echo in dialog.chart.echoes)
    seen = len(dialog.chart.echoes)
    assert dialog.figures.text().startswith(f"{seen} sent, {seen} answered, 0 % lost")
    dialog.copy()
    assert len(QGuiApplication.clipboard().text().splitlines()) == seen
    assert not dialog.chart.grab().isNull()
    dialog.turn()
    qtbot.waitUntil(lambda: len(dialog.chart.echoes) > seen)
    dialog.close()


def test_what_is_lost_is_counted_and_said(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    dialog = PingDialog("Ping", "no-such-name.invalid", context, parent)
    dialog.begin()
    qtbot.waitUntil(lambda: "100 % lost" in dialog.figures.text() or bool(dialog.lines.toPlainText()))
    assert "answer after" not in dialog.lines.toPlainText()
    dialog.close()


def test_a_route_comes_row_by_row_and_can_be_copied(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    dialog = ToolDialog("Route", devices.trace, ("127.0.0.1",), context, parent)
    dialog.begin()
    assert dialog.is_running
    qtbot.waitUntil(lambda: not dialog.is_running)
    dialog.copy()
    assert "127.0.0.1" in QGuiApplication.clipboard().text()
    dialog.close()
