"""The incident's page: steps by the state machine, words that outlive updates, conflicts field by field."""

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from app import incidents, people
from app.database import EVERY_POST, Database
from app.desk import Desk, Identity
from app.incidents import IncidentWords
from app.listening import listen
from models.enums import Priority
from tests.incidents.rooms import alarm, one, row
from tests.seats.forms import asked
from ui.context import Context
from ui.pages.incident import IncidentPage

PATIENCE_MS = 8_000
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def page(qtbot: QtBot, context: Context) -> Iterator[IncidentPage]:
    shown = IncidentPage(context)
    qtbot.addWidget(shown)
    shown.resize(1600, 800)
    shown.show()
    yield shown
    shown.close()


def open_on(qtbot: QtBot, page: IncidentPage, incident_id: int) -> None:
    page.show_row(incident_id)
    qtbot.waitUntil(lambda: bool(page.title.text()), timeout=PATIENCE_MS)
    page.context.live.follow(page.context.work, listen)
    qtbot.waitUntil(lambda: page.context.live.is_following)
    qtbot.wait(200)


def visible_steps(page: IncidentPage) -> set[str]:
    return {name for name, button in page._steps.items() if not button.isHidden()}


def words_of(desk: Desk, incident_id: int) -> IncidentWords:
    found = one(desk, incident_id)
    return IncidentWords(
        found.row.title,
        found.description,
        found.row.ci_id,
        found.row.priority,
        found.cause,
        found.solution,
        found.review,
    )


def second(database: Database, desk: Desk) -> Desk:
    other = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", EVERY_POST)
    return database.desk(Identity(other, "演示员乙", "yi", EVERY_POST), "A2")


def test_the_buttons_are_the_steps_that_the_state_allows(
    qtbot: QtBot, database: Database, desk: Desk, page: IncidentPage
) -> None:
    first = alarm(database)
    open_on(qtbot, page, first)
    expected = {"acknowledge", "assign", "escalate", "grade", "resolve", "noise"}
    qtbot.waitUntil(lambda: visible_steps(page) == expected, timeout=PATIENCE_MS)
    desk.do(incidents.resolve, first, row(desk, first).version, "滤网", "更换")
    qtbot.waitUntil(
        lambda: visible_steps(page) == {"resolve", "close", "reopen", "escalate", "grade"}, timeout=PATIENCE_MS
    )


def test_a_narrow_page_keeps_the_main_step_in_sight_and_offers_the_rest_in_a_menu(
    qtbot: QtBot, database: Database, page: IncidentPage
) -> None:
    page.resize(640, 600)
    open_on(qtbot, page, alarm(database))
    qtbot.waitUntil(lambda: "noise" not in visible_steps(page), timeout=PATIENCE_MS)
    assert "acknowledge" in visible_steps(page)
    menu = QMenu()
    qtbot.addWidget(menu)
    page.bar.offer_hidden(menu)
    offered = [action.text() for action in menu.actions()]
    assert page._steps["noise"].text() in offered
    assert page._steps["reopen"].text() not in offered


def test_half_typed_words_outlive_somebody_elses_note(
    qtbot: QtBot, database: Database, desk: Desk, page: IncidentPage
) -> None:
    first = alarm(database)
    open_on(qtbot, page, first)
    page.words._editors["cause"].set_value("滤网")
    desk.do(incidents.add_note, first, uuid.uuid4(), "厂商已在途")
    qtbot.waitUntil(lambda: len(page.timeline.rows.rows) == 2, timeout=PATIENCE_MS)
    assert page.words.values()["cause"] == "滤网"
    assert page.words.changed_fields == ["cause"]


def test_words_are_saved_beside_somebody_elses_other_field(
    qtbot: QtBot, database: Database, desk: Desk, page: IncidentPage
) -> None:
    first = alarm(database)
    open_on(qtbot, page, first)
    page.words._editors["cause"].set_value("滤网")
    words = replace(words_of(desk, first), priority=Priority.HIGH)
    second(database, desk).do(incidents.correct, first, row(desk, first).version, words)
    qtbot.waitUntil(lambda: page.words.values()["priority"] is Priority.HIGH, timeout=PATIENCE_MS)
    with qtbot.waitSignal(page.words.saved, timeout=PATIENCE_MS):
        page.words.save()
    assert (one(desk, first).cause, row(desk, first).priority) == ("滤网", Priority.HIGH)


def test_the_same_field_changed_by_two_is_shown_and_not_written_over(
    qtbot: QtBot, database: Database, desk: Desk, page: IncidentPage
) -> None:
    first = alarm(database)
    open_on(qtbot, page, first)
    page.words._editors["cause"].set_value("环路")
    words = replace(words_of(desk, first), cause="BGP 震荡")
    second(database, desk).do(incidents.correct, first, row(desk, first).version, words)
    qtbot.waitUntil(lambda: len(page.timeline.rows.rows) == 2, timeout=PATIENCE_MS)
    page.words.save()
    dialog = asked(qtbot, page)
    assert [(each.theirs, each.yours) for each in dialog.fields] == [("BGP 震荡", "环路")]
    assert not dialog.button.isEnabled()
    assert one(desk, first).cause == "BGP 震荡"
    assert page.words.values()["cause"] == "环路"
