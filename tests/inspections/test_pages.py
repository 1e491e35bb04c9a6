"""The round's page over a real database: keyboard alone, kept after every field, nothing typed is lost."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app import inspections, seats
from app.database import Database
from app.desk import Desk
from app.errors import Refused
from app.presence import Shown
from models.enums import InspectionState
from tests.inspections.rooms import PASSWORD, Site, begun, fill, item, put, seen, signed, site
from ui.commands import Commands
from ui.context import Context
from ui.forms import Form
from ui.icons import Icons
from ui.live import Live
from ui.memory import Memory
from ui.nav import Nav
from ui.pages.inspection_fields import ChoiceField, LineField
from ui.pages.inspection_round import RoundPage
from ui.pages.inspections import InspectionsPage
from ui.pages.preview import Paper, PreviewPage
from ui.shapes import Shapes
from ui.theme import Theme
from ui.work import Work

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LOAD, TEMPERATURE, HUMIDITY, LEAK = "power.ups_load", "room.temperature", "room.humidity", "room.leak"


@pytest.fixture
def place(database: Database, desk: Desk) -> Site:
    return site(database, desk)


@pytest.fixture
def context(qapp: QApplication, place: Site) -> Iterator[Context]:
    qapp.setStyle("Fusion")
    theme = Theme("dark")
    theme.apply()
    work = Work(lambda: place.desk)
    crashes: list[str] = []
    work.crashed.connect(crashes.append)
    yield Context(work, Live(), theme, Shapes(theme), Icons(theme), Nav(), Commands(), Memory(), seat="A1")
    work.close()
    qapp.setStyleSheet("")
    assert not crashes, crashes[0]


def opened(qtbot: QtBot, context: Context, inspection_id: int) -> RoundPage:
    page = RoundPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 800)
    page.show()
    page.show_row(inspection_id)
    qtbot.waitUntil(lambda: bool(page.form.lines) and page.form.lines[LOAD].item.version > 0)
    return page


def entered(page: RoundPage, code: str, text: str) -> None:
    field = page.form.lines[code].field
    assert isinstance(field, LineField)
    field.setText(text)
    QTest.keyClick(field, Qt.Key.Key_Return)


def form_over(page: QWidget) -> Form:
    return next(form for form in page.findChildren(Form) if form.isVisible())


def test_enter_keeps_the_value_judges_it_and_goes_on(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    page = opened(qtbot, context, number)
    qtbot.waitUntil(page.form.lines[TEMPERATURE].field.hasFocus)
    entered(page, TEMPERATURE, "31")
    qtbot.waitUntil(lambda: item(place, number, TEMPERATURE).is_abnormal)
    qtbot.waitUntil(lambda: page.done.text() == "1/17" and "saved" in page.kept.text())
    assert page.form.lines[HUMIDITY].field.hasFocus()


def test_the_other_seats_are_told_who_fills_a_round_in(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    context.live.presence.begin(context.work, "A1")
    opened(qtbot, context, number)
    here = Shown("inspection", number, True)
    qtbot.waitUntil(lambda: any(here in row.shown for row in place.desk.read(seats.living)))
    context.live.presence.end()


def test_a_choice_is_made_by_a_digit(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    page = opened(qtbot, context, number)
    field = page.form.lines[LEAK].field
    assert isinstance(field, ChoiceField)
    QTest.keyClick(field, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: item(place, number, LEAK).value == "abnormal")
    QTest.keyClick(field, Qt.Key.Key_0)
    qtbot.waitUntil(lambda: item(place, number, LEAK).shown == "-")


def test_what_cannot_be_read_stays_in_its_field_with_the_reason(qtbot: QtBot, context: Context, place: Site) -> None:
    page = opened(qtbot, context, begun(place))
    entered(page, LOAD, "viel")
    qtbot.waitUntil(page.form.lines[LOAD].error.isVisible)
    assert page.form.lines[LOAD].field.value == "viel"
    entered(page, LOAD, "40")
    qtbot.waitUntil(page.form.lines[LOAD].error.isHidden)


def test_a_due_round_begins_when_it_is_opened(qtbot: QtBot, context: Context, place: Site) -> None:
    place.desk.do(inspections.add_default_plans)
    place.desk.do(inspections.expect_rounds)
    due = next(row for row in place.desk.read(inspections.page, "due") if row.template == "daily-room")
    page = opened(qtbot, context, due.id)
    qtbot.waitUntil(lambda: seen(place, due.id).row.state is InspectionState.DRAFT)
    qtbot.waitUntil(lambda: page.form.lines["incident.open"].field.value == "0")
    assert page.form.lines["incident.open"].item.measured_at is not None


def test_a_half_filled_round_goes_on_at_its_first_empty_field(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    put(place, number, TEMPERATURE, "23")
    page = opened(qtbot, context, number)
    qtbot.waitUntil(page.form.lines[HUMIDITY].field.hasFocus)


def test_a_colleagues_value_appears_and_what_is_being_typed_stays(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    page = opened(qtbot, context, number)
    field = page.form.lines[LOAD].field
    assert isinstance(field, LineField)
    field.setFocus()
    QTest.keyClicks(field, "4")
    put(place, number, TEMPERATURE, "23")
    page.refresh()
    qtbot.waitUntil(lambda: page.form.lines[TEMPERATURE].field.value == "23")
    assert field.value == "4"


def test_signing_keeps_what_is_being_typed_first(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    fill(place, number)
    put(place, number, "backup.last_night", "18 / 18")
    page = opened(qtbot, context, number)
    qtbot.waitUntil(lambda: page.done.text() == "17/17")
    field = page.form.lines[LOAD].field
    assert isinstance(field, LineField)
    field.setText("41")
    page._sign.click()
    qtbot.waitUntil(lambda: seen(place, number).row.state is InspectionState.SIGNED_ONCE)
    assert item(place, number, LOAD).value == "41"


def test_the_second_signature_is_given_in_a_dialog(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    fill(place, number)
    put(place, number, "backup.last_night", "18 / 18")
    place.desk.do(inspections.sign, number, seen(place, number).row.version)
    page = opened(qtbot, context, number)
    qtbot.waitUntil(page._witness.isVisible)
    qtbot.waitUntil(lambda: page._choices is not None)
    page._witness.click()
    form = form_over(page)
    form.set_values({"person": place.witness, "password": "wrong 12"})
    form.submit()
    qtbot.waitUntil(form.main_button.isEnabled)
    form.set_values({"password": PASSWORD})
    form.submit()
    qtbot.waitUntil(lambda: seen(place, number).row.state is InspectionState.SIGNED)


def test_a_finding_is_made_an_incident_from_its_line(qtbot: QtBot, context: Context, place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "78")
    page = opened(qtbot, context, number)
    page.form.lines[LOAD].incident.click()
    form_over(page).submit()
    qtbot.waitUntil(lambda: page.form.lines[LOAD].item.incident.startswith("E-"))


def test_a_signed_round_is_only_read(qtbot: QtBot, context: Context, place: Site) -> None:
    page = opened(qtbot, context, signed(place))
    field = page.form.lines[LOAD].field
    assert isinstance(field, LineField) and field.isReadOnly()
    assert page._correct.isVisible() and not page._sign.isVisible()


def test_the_list_shows_overdue_first_and_counts_the_tabs(qtbot: QtBot, context: Context, place: Site) -> None:
    page = InspectionsPage(context)
    qtbot.addWidget(page)
    page.resize(1200, 700)
    page.show()
    page.show_row(None)
    qtbot.waitUntil(page.table.empty.isVisible)
    page.plans.add_defaults()
    qtbot.waitUntil(lambda: len(page.plans.table.rows.rows) == 7)
    page.refresh()
    qtbot.waitUntil(lambda: len(page.table.rows.rows) > 7)
    assert page.table.rows.rows[0].state is InspectionState.DUE


def test_a_preview_draws_what_is_in_sight_and_saves_it(qtbot: QtBot, context: Context, place: Site, home: Path) -> None:
    number = signed(place)
    page = PreviewPage(context)
    qtbot.addWidget(page)
    page.resize(800, 600)
    page.show()
    page.show_row(Paper("Round", lambda desk: inspections.record_pdf(desk, [number])))
    qtbot.waitUntil(lambda: page.pages.is_drawn)
    page.pages.zoom_in()
    qtbot.waitUntil(lambda: page.pages.is_drawn)
    page.save(home / "round.pdf")
    qtbot.waitUntil(lambda: "round.pdf" in page.banners.text("output"))
    assert (home / "round.pdf").read_bytes().startswith(b"%PDF")


def test_a_preview_says_why_there_is_nothing_to_show(qtbot: QtBot, context: Context) -> None:
    def refuse(_desk: Desk) -> bytes:
        raise Refused("There is no such record.")

    page = PreviewPage(context)
    qtbot.addWidget(page)
    page.show_row(Paper("Round", refuse))
    qtbot.waitUntil(lambda: page.banners.text("error") == "There is no such record.")
