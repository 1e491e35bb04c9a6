"""Pages tell and show who else has their record open; a step that meets another's change asks first (UX rule 8)."""

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from app import access, duty, incidents, people, seats
from app.access import MemberEntry, VisitEntry
from app.desk import Desk
from app.incidents import IncidentDraft
from app.presence import SeatRow, Shown
from models.enums import Approval, Post
from tests.ui.desks import make_room
from tests.ui.real import real_desk
from ui.context import Context
from ui.pages.handover import HandoverPage
from ui.pages.incident import IncidentPage
from ui.pages.visit import VisitPage
from ui.presence import Presence

OTHER = uuid.uuid4()


@pytest.fixture
def desk(home: Path, sqlite_template: bytes) -> Desk:
    return real_desk(home, sqlite_template)


@pytest.fixture
def presence(context: Context) -> Iterator[Presence]:
    """The window's own seat, registered."""
    context.live.presence.begin(context.work, "A1")
    yield context.live.presence
    context.live.presence.end()


@pytest.fixture
def visit(desk: Desk) -> int:
    room = desk.do(make_room, "一号机房")
    members = (MemberEntry("来访甲"), MemberEntry("来访乙"))
    entry = VisitEntry(uuid.uuid4(), room, "更换电池", members, approver="丙", approval=Approval.ORAL, escort="乙")
    return desk.do(access.enter, entry)


def is_told(desk: Desk, shown: Shown) -> bool:
    return any(shown in row.shown for row in desk.read(seats.living))


def test_each_page_tells_which_record_it_has_open_and_shows_who_else(
    qtbot: QtBot, context: Context, desk: Desk, presence: Presence, visit: int
) -> None:
    incident = desk.do(incidents.open_incident, uuid.uuid4(), IncidentDraft("交换机离线"))
    handed = desk.do(duty.offer, uuid.uuid4(), "早班", [], "")
    pages: tuple[tuple[VisitPage | IncidentPage | HandoverPage, Shown], ...] = (
        (VisitPage(context), Shown("visit", visit)),
        (IncidentPage(context), Shown("incident", incident)),
        (HandoverPage(context), Shown("handover", handed, True)),
    )
    for page, shown in pages:
        qtbot.addWidget(page)
        page.show()
        page.show_row(shown.key)
        qtbot.waitUntil(partial(is_told, desk, shown))
        desk.do(seats.beat, OTHER, "ws-04", [shown])
        presence.look()
        qtbot.waitUntil(page.presence.isVisible)
        assert "演示员甲" in page.presence.text()
        page.hide()


def test_words_that_are_typed_are_told_as_editing(
    qtbot: QtBot, context: Context, desk: Desk, presence: Presence
) -> None:
    incident = desk.do(incidents.open_incident, uuid.uuid4(), IncidentDraft("交换机离线"))
    page = IncidentPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(incident)
    qtbot.waitUntil(lambda: is_told(desk, Shown("incident", incident)))
    page.words._editors["description"].set_value("二楼")
    qtbot.waitUntil(lambda: is_told(desk, Shown("incident", incident, True)))


def test_a_step_over_a_colleagues_change_is_done_only_when_the_person_says_so(
    qtbot: QtBot, context: Context, desk: Desk, visit: int
) -> None:
    colleague = desk.do(people.add_person, uuid.uuid4(), "演示员乙", "yi", [Post.OPERATOR])
    assert colleague
    page = VisitPage(context)
    qtbot.addWidget(page)
    page.show()
    page.show_row(visit)
    qtbot.waitUntil(lambda: len(page.people.rows.rows) == 2)
    first, second = page.people.rows.rows
    desk.do(access.leave, visit, 1, (first.id,))
    page.people.activated_row.emit(second)
    qtbot.waitUntil(lambda: "changed this record" in page.banners.text("step"))
    assert desk.read(access.rows, [visit])[0].still_inside == 1
    all_the_same = next(each for each in page.banners.findChildren(QPushButton) if "all the same" in each.text())
    all_the_same.click()
    qtbot.waitUntil(lambda: desk.read(access.rows, [visit])[0].still_inside == 0)
    assert page.banners.text("step") == ""


def namesake(minute: int) -> SeatRow:
    """Return another program under this seat's name, heard of at a minute."""
    heard = datetime(2026, 11, 24, 8, 0, tzinfo=UTC) + timedelta(minutes=minute)
    return SeatRow(2, "A1", OTHER, "演示员乙", "ws-04", "0.1", heard, heard, True)


def test_the_name_of_an_own_seat_that_was_killed_is_no_trouble(qtbot: QtBot) -> None:
    presence = Presence()
    taken: list[object] = []
    freed: list[bool] = []
    presence._seat = "A1"
    presence.name_taken.connect(taken.append)
    presence.name_freed.connect(lambda: freed.append(True))
    for living in ((namesake(0),), (namesake(0),), ()):
        presence._take(living)
    assert (taken, freed) == ([], [True])


def test_a_name_in_use_elsewhere_is_told_once_and_until_it_is_free(qtbot: QtBot) -> None:
    presence = Presence()
    taken: list[object] = []
    freed: list[bool] = []
    presence._seat = "A1"
    presence.name_taken.connect(taken.append)
    presence.name_freed.connect(lambda: freed.append(True))
    for minute in range(4):
        presence._take((namesake(minute),))
    assert (len(taken), freed) == (1, [])
    presence._take(())
    assert freed == [True]
