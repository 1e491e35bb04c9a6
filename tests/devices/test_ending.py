"""Closing the window where there is no tray asks first, and names what is watched."""

import uuid

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app import devices
from app.desk import Desk
from models.enums import CheckKind
from ui import ending
from ui.context import Context


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("button", "called"), [("End and stop watching", "end"), ("Keep watching, minimised", "kept")])
def test_what_is_chosen_is_done(qtbot: QtBot, desk: Desk, context: Context, button: str, called: str) -> None:
    desk.do(devices.add_device, uuid.uuid4(), "核心交换机-1", "switch", "127.0.1.10", [CheckKind.ICMP])
    parent = QWidget()
    qtbot.addWidget(parent)
    chosen: list[str] = []
    dialog = ending.ask_end(context, parent, lambda: chosen.append("end"), lambda: chosen.append("kept"))
    qtbot.waitUntil(lambda: any("核心交换机-1" in label.text() for label in dialog.findChildren(QLabel)))
    next(b for b in dialog.findChildren(QPushButton) if b.text() == button).click()
    assert chosen == [called]
