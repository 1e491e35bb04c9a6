"""A real embedded database behind a dock's test, and the feed's word that something changed."""

import uuid
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QDialog, QWidget
from pytestqt.qtbot import QtBot

from app import people
from app.database import EVERY_POST, Database, cli_identity
from app.desk import Desk, Identity, Tx, command
from app.feed import Changes
from app.permissions import Permission
from models.cmdb import Place
from models.enums import PlaceKind
from ui.context import Context
from ui.forms import Form


@command(Permission.CMDB_EDIT)
def make_room(tx: Tx, name: str) -> int:
    return tx.add(Place(key=uuid.uuid4(), kind=PlaceKind.ROOM, name=name)).id


def owner(database: Database) -> Desk:
    """Return a desk at seat A1 of one person who holds all posts."""
    made = database.desk(cli_identity(), "A1")
    person_id = made.do(people.add_person, uuid.uuid4(), "演示员甲", "jia", EVERY_POST, telephone="6021")
    return database.desk(Identity(person_id, "演示员甲", "jia", EVERY_POST), "A1")


def tell(context: Context, table: str, *keys: int) -> None:
    """Say through the feed that rows of a table changed."""
    context.live.tell(Changes({table: frozenset(keys)}))


def opened_form(qtbot: QtBot, parent: QWidget) -> Form:
    """Return the form that opens over `parent`, waiting for it."""
    found: list[Form] = []

    def is_open() -> bool:
        found[:] = [form for form in parent.findChildren(Form) if form.isVisible()]
        return bool(found)

    qtbot.waitUntil(is_open)
    assert isinstance(found[0], QDialog)
    return found[0]


def when(qtbot: QtBot, desk: Desk, query: Callable[..., Any], *args: object) -> Any:
    """Return the query's first answer that is not empty."""
    answers: list[Any] = []

    def is_there() -> bool:
        answers[:] = [desk.read(query, *args)]
        return bool(answers[0])

    qtbot.waitUntil(is_there)
    return answers[0]
