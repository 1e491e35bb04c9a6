"""Closing the window where there is no tray asks first."""

from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton, QWidget
from pytestqt.qtbot import QtBot

from app.board_row import BoardRow
from models.enums import State
from ui import ending


@pytest.mark.parametrize(("button", "called"), [("End and stop watching", "end"), ("Keep watching, minimised", "kept")])
def test_what_is_chosen_is_done(
    qtbot: QtBot, context: Any, monkeypatch: pytest.MonkeyPatch, button: str, called: str
) -> None:
    row = BoardRow(1, "核心交换机-1", "switch", "", (), State.NORMAL, None, "", "", None, 60)
    monkeypatch.setattr(ending.devices.__class__, "__getattr__", lambda _self, _name: lambda _tx: [row], raising=False)
    parent = QWidget()
    qtbot.addWidget(parent)
    chosen: list[str] = []
    dialog = ending.ask_end(context, parent, lambda: chosen.append("end"), lambda: chosen.append("kept"))
    labels = [label for label in dialog.findChildren(QWidget) if hasattr(label, "text")]
    qtbot.waitUntil(lambda: any("核心交换机-1" in label.text() for label in labels))
    next(b for b in dialog.findChildren(QPushButton) if b.text() == button).click()
    assert chosen == [called]
