"""A round is kept after every field, judged at once, signed by two people and then never changed."""

import uuid
from datetime import timedelta

import pytest

from app import attachments, incidents, inspections, work_orders
from app.database import Database, cli_identity
from app.desk import Desk
from app.errors import BadInput, Conflict, NotAllowed, Refused
from app.inspections.rows import KnownFigure
from app.template_items import Limits, Range
from models.enums import InspectionState, ItemResult, Post, Source
from tests.databases import desk_of
from tests.inspections.rooms import (
    PASSWORD,
    Site,
    begun,
    fill,
    item,
    measured,
    now,
    put,
    seen,
    signed,
    signed_once,
    site,
)

LOAD = "power.ups_load"


@pytest.fixture
def place(database: Database, desk: Desk) -> Site:
    return site(database, desk)


def test_a_value_is_judged_when_it_is_kept(place: Site) -> None:
    number = begun(place)
    assert put(place, number, LOAD, "66").result is ItemResult.NORMAL
    assert put(place, number, LOAD, "７８ %").result is ItemResult.ABNORMAL
    kept = item(place, number, LOAD)
    assert (kept.value, kept.is_abnormal, seen(place, number).row.filled) == ("78 %", True, 1)


def test_what_cannot_be_read_is_refused_at_its_field_and_the_value_before_stays(place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "66")
    with pytest.raises(BadInput) as refused:
        put(place, number, LOAD, "viel")
    assert refused.value.field == LOAD
    assert item(place, number, LOAD).value == "66"


def test_an_emptied_value_is_open_again(place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "66")
    put(place, number, LOAD, "")
    assert not item(place, number, LOAD).is_filled


def test_a_choice_is_kept_by_its_code_whatever_language_it_was_entered_in(place: Site) -> None:
    number = begun(place)
    assert put(place, number, "room.leak", "异常").value == "abnormal"
    assert put(place, number, "room.leak", "Normal").result is ItemResult.NORMAL


def test_an_in_range_value_may_be_judged_abnormal_but_never_the_other_way(place: Site) -> None:
    number = begun(place)
    assert put(place, number, LOAD, "66", is_abnormal=True).result is ItemResult.ABNORMAL
    assert put(place, number, LOAD, "99", is_abnormal=False).result is ItemResult.ABNORMAL


def test_two_people_at_one_item_conflict(place: Site) -> None:
    number = begun(place)
    version = item(place, number, LOAD).version
    place.desk.do(inspections.set_value, number, LOAD, "40", "", version)
    with pytest.raises(Conflict):
        place.desk.do(inspections.set_value, number, LOAD, "41", "", version)


def test_a_round_begun_twice_with_one_key_is_one_round(place: Site) -> None:
    key = uuid.uuid4()
    first = place.desk.do(inspections.begin, key, "daily-room", place.room)
    assert place.desk.do(inspections.begin, key, "daily-room", place.room) == first


def test_limits_are_frozen_when_the_round_begins(place: Site) -> None:
    before = begun(place)
    place.desk.do(inspections.set_limits, "daily-room", LOAD, Limits((Range(high=50),)), 0)
    after = begun(place)
    assert put(place, before, LOAD, "66").result is ItemResult.NORMAL
    assert put(place, after, LOAD, "66").result is ItemResult.ABNORMAL
    assert item(place, after, LOAD).standard == "≤ 50 %"


def test_shipped_limits_can_be_put_back(place: Site) -> None:
    place.desk.do(inspections.set_limits, "daily-room", LOAD, Limits((Range(high=50),)), 0)
    row = next(r for r in place.desk.read(inspections.limit_rows) if r.id == ("daily-room", LOAD))
    assert (row.is_changed, row.version) == (True, 1)
    place.desk.do(inspections.restore_limits, "daily-room", LOAD, row.version)
    assert not any(r.is_changed for r in place.desk.read(inspections.limit_rows))


def test_limits_upside_down_are_refused(place: Site) -> None:
    with pytest.raises(BadInput):
        place.desk.do(inspections.set_limits, "daily-room", LOAD, Limits((Range(80, 20),)), 0)


def test_figures_of_the_collector_are_known_with_their_time(place: Site) -> None:
    number = begun(place)
    at = now() - timedelta(minutes=3)
    place.desk.as_identity(cli_identity()).do(measured, place.ups, "ups.load_percent", 78.04, at)
    for phase in ("A", "B", "C"):
        place.desk.as_identity(cli_identity()).do(measured, place.ups, "voltage.volts", 226.0, at, f"Input {phase}")
    place.desk.as_identity(cli_identity()).do(measured, place.ups, "voltage.volts", 48.0, at, "Battery")
    known = {figure.item: figure for figure in place.desk.read(inspections.known_figures, number)}
    assert (known[LOAD].value, known[LOAD].source) == ("78", "UPS-1")
    assert abs((known[LOAD].measured_at - at).total_seconds()) < 1
    assert known["power.mains_voltage"].value == "226 / 226 / 226"
    assert known["incident.open"].value == "0"


def test_an_old_figure_is_not_known(place: Site) -> None:
    number = begun(place)
    place.desk.as_identity(cli_identity()).do(measured, place.ups, "ups.load_percent", 78, now() - timedelta(hours=2))
    assert LOAD not in {figure.item for figure in place.desk.read(inspections.known_figures, number)}


def test_known_figures_fill_only_what_is_empty_and_lose_their_time_when_changed(place: Site) -> None:
    number = begun(place)
    put(place, number, "incident.open", "5")
    figures = [KnownFigure(LOAD, "40", now(), "UPS-1"), KnownFigure("incident.open", "0", now(), "desk")]
    assert place.desk.do(inspections.take_figures, number, figures) == 1
    assert item(place, number, LOAD).measured_at is not None
    put(place, number, LOAD, "40", "read again")
    assert item(place, number, LOAD).measured_at is not None
    put(place, number, LOAD, "41")
    assert item(place, number, LOAD).measured_at is None
    assert item(place, number, "incident.open").value == "5"


def test_last_times_value_stands_beside(place: Site) -> None:
    first = signed(place)
    second = begun(place)
    assert item(place, second, LOAD).last == "40 %"
    assert seen(place, second).last_number == seen(place, first).row.number


def test_faults_since_the_last_round_are_gathered(place: Site) -> None:
    signed(place)
    draft = incidents.IncidentDraft("UPS on battery", ci_id=place.ups)
    place.desk.do(incidents.open_incident, uuid.uuid4(), draft)
    place.desk.do(incidents.open_incident, uuid.uuid4(), incidents.IncidentDraft("Mail is slow"))
    assert [fault.title for fault in seen(place, begun(place)).faults] == ["UPS on battery"]


def test_a_finding_becomes_an_incident_once(place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "78")
    key = uuid.uuid4()
    version = item(place, number, LOAD).version
    made = place.desk.do(inspections.raise_incident, key, number, LOAD, version, "UPS-1 overloaded", place.ups)
    again = place.desk.do(inspections.raise_incident, key, number, LOAD, version, "UPS-1 overloaded", place.ups)
    (row,) = place.desk.read(incidents.rows, [made])
    assert (again, row.source, item(place, number, LOAD).incident) == (made, Source.INSPECTION, row.number)
    with pytest.raises(Refused):
        put(place, number, LOAD, "60")


def test_a_finding_becomes_a_work_order(place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "78")
    version = item(place, number, LOAD).version
    due = now() + timedelta(days=7)
    made = place.desk.do(
        inspections.order_work, uuid.uuid4(), number, LOAD, version, "Move load", place.witness, due, place.ups
    )
    (row,) = place.desk.read(work_orders.rows, [made])
    assert (row.inspection_id, row.assignee_id, item(place, number, LOAD).work_order) == (
        number,
        place.witness,
        row.number,
    )


def test_only_what_is_abnormal_becomes_an_incident(place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "40")
    with pytest.raises(Refused):
        place.desk.do(
            inspections.raise_incident, uuid.uuid4(), number, LOAD, item(place, number, LOAD).version, "Nothing"
        )


def test_an_incomplete_round_is_not_signed(place: Site) -> None:
    number = begun(place)
    with pytest.raises(Refused, match="not filled in"):
        place.desk.do(inspections.sign, number, seen(place, number).row.version)


def test_an_unexplained_finding_is_not_signed(place: Site) -> None:
    number = begun(place)
    fill(place, number)
    with pytest.raises(Refused, match="abnormal"):
        place.desk.do(inspections.sign, number, seen(place, number).row.version)
    put(place, number, "backup.last_night", "17 / 18", "restarted by hand, ended at 09:10")
    place.desk.do(inspections.sign, number, seen(place, number).row.version)


def test_the_witness_is_somebody_else_with_the_own_password(place: Site) -> None:
    number = signed_once(place)
    version = seen(place, number).row.version
    assert place.desk.identity.id is not None
    with pytest.raises(BadInput):
        place.desk.do(inspections.witness, number, version, place.desk.identity.id, PASSWORD)
    with pytest.raises(BadInput) as wrong:
        place.desk.do(inspections.witness, number, version, place.witness, "not it 1")
    assert wrong.value.field == "password"
    place.desk.do(inspections.witness, number, version, place.witness, PASSWORD)
    found = seen(place, number)
    assert (found.row.state, found.row.witness) == (InspectionState.SIGNED, "演示员乙")
    assert found.inspector_signed_at and found.witness_signed_at


def test_a_signed_round_never_changes(place: Site) -> None:
    number = signed(place)
    with pytest.raises(Refused):
        put(place, number, LOAD, "41")
    with pytest.raises(Refused):
        place.desk.do(inspections.set_opinion, number, seen(place, number).row.version, "x")
    with pytest.raises(Refused):
        place.desk.do(inspections.take_figures, number, [])


def test_before_the_witness_signs_it_can_be_taken_back(place: Site) -> None:
    number = signed_once(place)
    place.desk.do(inspections.take_back, number, seen(place, number).row.version)
    put(place, number, LOAD, "41")
    assert seen(place, number).inspector_signed_at is None


def test_a_correction_is_a_new_version_that_names_the_old_one(place: Site) -> None:
    old = signed(place)
    with pytest.raises(BadInput):
        place.desk.do(inspections.correct, old, seen(place, old).row.version, " ")
    new = place.desk.do(inspections.correct, old, seen(place, old).row.version, "typing error")
    first, second = seen(place, old), seen(place, new)
    assert (first.row.state, first.corrected_by) == (InspectionState.CORRECTED, second.row.number)
    assert (second.row.corrects, second.row.reason) == (first.row.number, "typing error")
    assert [one.value for one in second.items] == [one.value for one in first.items]
    put(place, new, LOAD, "41")
    assert item(place, old, LOAD).value == "40"


def test_voiding_a_correction_lets_the_signed_one_hold_again(place: Site) -> None:
    old = signed(place)
    new = place.desk.do(inspections.correct, old, seen(place, old).row.version, "typing error")
    place.desk.do(inspections.void, new, seen(place, new).row.version, "it was right")
    assert seen(place, old).row.state is InspectionState.SIGNED
    assert seen(place, new).row.state is InspectionState.VOID


def test_who_may_not_plan_may_not_void(database: Database, place: Site) -> None:
    number = begun(place)
    with pytest.raises(NotAllowed):
        desk_of(database, Post.OPERATOR).do(inspections.void, number, seen(place, number).row.version, "why not")


def test_photographs_belong_to_an_item(place: Site) -> None:
    number = begun(place)
    place.desk.do(attachments.attach, uuid.uuid4(), "inspection", number, LOAD, "ups.jpg", b"\xff\xd8\xff123")
    assert item(place, number, LOAD).photos == 1
