"""Forms keep what was typed, say errors where they belong, and save by Enter."""

from datetime import UTC, datetime, time
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from app.errors import BadInput, Refused
from app.times import parse_moment
from ui.context import Context
from ui.forms import Choice, Field, Form, Kind
from ui.labels import PlainLabel
from ui.moments import TimeOfDay
from ui.rows import Call

FIELDS = (
    Field("name", "Name", required=True),
    Field("phone", "Telephone", wide=False),
    Field("count", "People", Kind.NUMBER, initial=2, least=1, most=50, wide=False),
    Field("why", "Purpose", Kind.LINES),
    Field("grade", "Grade", Kind.CHOICE, choices=(Choice(3, "III"), Choice(4, "IV"))),
    Field("at", "Time", Kind.MOMENT, initial=datetime(2026, 11, 23, 1, 41, tzinfo=UTC)),
)


@pytest.fixture
def parent(qtbot: QtBot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    made.show()
    return made


def opened(context: Context, parent: QWidget, command: Any) -> Form:
    form = Form("A visitor", FIELDS, context, parent)
    return form.run(lambda values: Call(command, (values,)))


def typed(form: Form, key: str, text: str) -> None:
    line = form.field(key).widget
    assert isinstance(line, QLineEdit)
    line.setText(text)


def error_under(form: Form, key: str) -> str:
    label = form.findChild(PlainLabel, f"error-{key}")
    assert isinstance(label, PlainLabel)
    return label.text()


@pytest.mark.parametrize(
    "text", ["9999-12-31 23:59", "0000-01-01 00:00", "2026-02-31 10:00", "2026-11-23 25:00", "1899-12-31 00:00", ""]
)
def test_a_time_that_is_none_is_said_beside_its_field_and_stays_as_typed(
    qtbot: QtBot, context: Context, parent: QWidget, text: str
) -> None:
    saved: list[Any] = []
    form = opened(context, parent, lambda _tx, values: saved.append(values))
    typed(form, "name", "Visitor A")
    typed(form, "at", text)
    QTest.keyClick(form.field("at").widget, Qt.Key.Key_Return)
    assert error_under(form, "at") != ""
    assert form.isVisible()
    assert form.field("at").widget.text() == text
    assert form.field("name").widget.text() == "Visitor A"
    typed(form, "at", "2026年11月23日 9时41分")
    assert error_under(form, "at") == ""
    with qtbot.waitSignal(form.saved):
        QTest.keyClick(form.field("at").widget, Qt.Key.Key_Return)
    assert saved[0]["at"] == parse_moment("2026-11-23 09:41")


def test_the_arrow_keys_move_the_part_of_a_time_under_the_cursor(
    qtbot: QtBot, context: Context, parent: QWidget
) -> None:
    form = opened(context, parent, lambda _tx, _values: None)
    line = form.field("at").widget
    assert isinstance(line, QLineEdit)
    line.setText("2026-12-31 23:30")
    for place, key, shown in (
        (9, Qt.Key.Key_Up, "2027-01-01 23:30"),
        (12, Qt.Key.Key_Up, "2027-01-02 00:30"),
        (15, Qt.Key.Key_Down, "2027-01-02 00:29"),
    ):
        line.setCursorPosition(place)
        QTest.keyClick(line, key)
        assert line.text() == shown


@pytest.mark.parametrize(("text", "is_right"), [("02:30", True), ("2时30分", True), ("25:00", False), ("", False)])
def test_a_time_of_day_is_typed_freely(
    qtbot: QtBot, context: Context, parent: QWidget, text: str, is_right: bool
) -> None:
    field = Field("at", "At", initial=time(1, 0), make=TimeOfDay, required=True)
    taken: list[Any] = []
    form = Form("A plan", (field,), context, parent).ask(taken.append)
    typed(form, "at", text)
    form.submit()
    assert taken == ([{"at": time(2, 30)}] if is_right else [])
    assert (error_under(form, "at") == "") is is_right


def test_enter_saves_what_was_typed(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    form = opened(context, parent, lambda _tx, values: values)
    typed(form, "name", " Visitor A ")
    form.field("grade").set_value(4)
    with qtbot.waitSignal(form.saved) as saved:
        QTest.keyClick(form.field("name").widget, Qt.Key.Key_Return)
    assert saved.args == [
        {
            "name": "Visitor A",
            "phone": "",
            "count": 2,
            "why": "",
            "grade": 4,
            "at": datetime(2026, 11, 23, 1, 41, tzinfo=UTC),
        }
    ]


def test_a_required_field_that_is_empty_is_marked_and_nothing_is_sent(
    qtbot: QtBot, context: Context, parent: QWidget
) -> None:
    sent: list[Any] = []
    form = opened(context, parent, lambda _tx, values: sent.append(values))
    form.submit()
    assert error_under(form, "name")
    assert form.main_button.isEnabled()
    typed(form, "name", "A")
    assert error_under(form, "name") == ""
    assert sent == []


def test_a_bad_field_is_said_under_it_and_the_text_stays(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    def refuse(_tx: Any, _values: Any) -> None:
        raise BadInput("Not a telephone number.", "phone")

    form = opened(context, parent, refuse)
    typed(form, "name", "A")
    typed(form, "phone", "12x")
    form.submit()
    qtbot.waitUntil(lambda: error_under(form, "phone") == "Not a telephone number.")
    assert form.values()["phone"] == "12x"
    assert form.isVisible()
    assert form.main_button.isEnabled()


def test_another_refusal_is_said_in_a_banner(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    def refuse(_tx: Any, _values: Any) -> None:
        raise Refused("The room is closed.")

    form = opened(context, parent, refuse)
    typed(form, "name", "A")
    form.submit()
    qtbot.waitUntil(lambda: form.banners.text("error") == "The room is closed.")
    assert form.values()["name"] == "A"


def test_enter_in_a_long_text_makes_a_line(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    form = opened(context, parent, lambda _tx, values: values)
    QTest.keyClick(form.field("why").widget, Qt.Key.Key_Return)
    assert form.isVisible()


def test_suggestions_are_asked_for_what_is_typed(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    asked: list[str] = []

    def suggest(text: str, tell: Any) -> None:
        asked.append(text)
        tell(["Visitor A"])

    field = Field("name", "Name", suggest=suggest)
    form = Form("F", (field,), context, parent).run(lambda values: Call(lambda _tx: values))
    QTest.keyClicks(form.field("name").widget, "lf")
    qtbot.waitUntil(lambda: asked == ["lf"])


def test_markup_in_a_label_is_shown_letter_by_letter(qtbot: QtBot, context: Context) -> None:
    label = PlainLabel("<b>x</b><img src=/etc/passwd>")
    qtbot.addWidget(label)
    assert label.textFormat() is Qt.TextFormat.PlainText


def test_enter_in_a_usual_text_that_is_selected_saves_too(qtbot: QtBot, context: Context, parent: QWidget) -> None:
    field = Field("purpose", "Purpose", Kind.COMBO, choices=(Choice("a", "Battery"),), initial="Battery")
    form = Form("A visitor", (field,), context, parent).run(lambda values: Call(lambda _tx: values["purpose"]))
    box = form.field("purpose").widget
    assert isinstance(box, QComboBox)
    line = box.lineEdit()
    assert line is not None
    line.selectAll()
    with qtbot.waitSignal(form.saved) as saved:
        QTest.keyClick(box, Qt.Key.Key_Return)
    assert saved.args == ["Battery"]


def test_a_form_has_room_for_who_else_edits_the_record(context: Context, parent: QWidget) -> None:
    form = Form("A plan", [Field("name", "Name")], context, parent).edits("backup_plan", 1, 1)
    assert form.height() >= form.sizeHint().height()
