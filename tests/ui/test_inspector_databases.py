"""The form of a database check, and the way to it from the first page."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from app import devices
from app.desk import Desk
from models.enums import CheckKind
from tests.ui.real import add_switch, real_desk
from ui.context import Context
from ui.docks.inspector_checks import ask_for_check
from ui.forms import Form
from ui.pages.welcome import WelcomePage


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.mark.parametrize(
    ("kind", "port", "typed"),
    [
        (CheckKind.POSTGRESQL, 5432, {"database": "shop", "tls": "require", "space": "pg_default=5G", "replicas": "1"}),
        (CheckKind.MYSQL, 3306, {"space": "shop=5G"}),
        (CheckKind.ORACLE, 1521, {"database": "ORCL"}),
    ],
)
def test_a_databases_settings_are_kept_with_its_check(
    qtbot: QtBot, context: Context, desk: Desk, kind: CheckKind, port: int, typed: dict[str, str]
) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    ci_id = add_switch(desk)
    form = ask_for_check(kind, ci_id, "127.0.1.10", context, parent)
    form.set_values({"user": "watch", "secret": "word"} | typed)
    with qtbot.waitSignal(form.saved):
        form.submit()
    check = desk.read(devices.checks_of, ci_id)[-1]
    assert (check.kind, check.port, check.address, check.has_secret) == (kind, port, "127.0.1.10", True)
    assert check.params == {"user": "watch"} | typed


def test_a_first_device_leads_to_the_settings_of_a_further_check(qtbot: QtBot, context: Context, desk: Desk) -> None:
    page = WelcomePage(context)
    qtbot.addWidget(page)
    page.add_device()
    first = page.findChild(Form)
    assert isinstance(first, Form)
    first.set_values({"name": "db-1", "address": "127.0.1.11", "class_name": "server", "more": CheckKind.POSTGRESQL})
    with qtbot.waitSignal(first.saved) as saved:
        first.submit()
    second = [form for form in page.findChildren(Form) if form is not first][-1]
    assert second.values()["address"] == "127.0.1.11"
    assert second.values()["port"] == 5432
    assert saved.args is not None
    assert [check.kind for check in desk.read(devices.checks_of, saved.args[0])] == [CheckKind.ICMP]
