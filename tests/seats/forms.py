"""A second person who saves first."""

from typing import Any

from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app.database import EVERY_POST
from app.desk import Desk, Identity
from ui.conflict import ConflictDialog


def colleague(desk: Desk, person_id: int, name: str, login: str) -> Desk:
    """Return another person's desk over the same database."""
    return desk.as_identity(Identity(person_id, name, login, EVERY_POST))


def asked(qtbot: QtBot, parent: QWidget) -> ConflictDialog:
    """Return the dialog that opens over `parent`, waiting for it."""
    found: list[Any] = []

    def is_open() -> bool:
        found[:] = [each for each in parent.findChildren(ConflictDialog) if each.isVisible()]
        return bool(found)

    qtbot.waitUntil(is_open, timeout=30_000)
    dialog: ConflictDialog = found[0]
    return dialog
