"""The page of an ordered shutdown, over a real database."""

import uuid

from pytestqt.qtbot import QtBot

from app import mains
from app.cmdb.commands import relate
from app.database import Database
from app.desk import Desk
from models.enums import RelationKind
from tests.incidents.conftest import context
from tests.incidents.rooms import alarm, ci
from ui.context import Context
from ui.pages.shutdown import ShutdownPage

__all__ = ["context"]


def test_a_step_is_ticked_from_the_page(qtbot: QtBot, context: Context, database: Database, desk: Desk) -> None:
    ups, server = ci(desk, "UPS-1"), ci(desk, "服务器-1")
    desk.do(relate, uuid.uuid4(), server, RelationKind.POWERED_BY, ups)
    failure = alarm(database, "市电中断", cause=f"ci:{ups}:ups.on_battery_seconds", ci_id=ups)
    page = ShutdownPage(context)
    qtbot.addWidget(page)
    page.show_row(failure)
    qtbot.waitUntil(lambda: "UPS-1" in page.title.text())
    page.tick()
    qtbot.waitUntil(lambda: desk.read(mains.shutdown, failure).left == 0)
