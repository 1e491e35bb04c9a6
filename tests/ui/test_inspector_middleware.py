"""The form of a middleware check keeps what each kind asks for."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import devices
from app.desk import Desk
from models.enums import CheckKind
from tests.ui.real import add_switch, real_desk
from ui.context import Context
from ui.docks.inspector_checks import ChecksView
from ui.forms import Form

WAIT_MS = 30_000


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


def test_a_tomcats_way_in_is_kept_with_its_check(qtbot: QtBot, context: Context, desk: Desk) -> None:
    parent = QWidget()
    view = ChecksView(context, parent)
    qtbot.addWidget(parent)
    ci_id = add_switch(desk)
    view.show_rows(ci_id, "127.0.1.10", (), (), ())
    view._add_check_of(CheckKind.TOMCAT)
    form = view.findChild(Form)
    assert isinstance(form, Form)
    form.set_values({"user": "watch", "secret": "word", "scheme": "https", "manager": "/verwaltung"})
    with qtbot.waitSignal(form.saved, timeout=WAIT_MS):
        form.submit()
    check = desk.read(devices.checks_of, ci_id)[-1]
    assert (check.kind, check.port, check.has_secret) == (CheckKind.TOMCAT, 8080, True)
    assert check.params == {"user": "watch", "scheme": "https", "verify": "0", "manager": "/verwaltung"}
