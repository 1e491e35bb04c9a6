"""Hostile texts through commands, lists, paper and Excel: stored clean, given back the same, never obeyed."""

import uuid
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import access, cmdb, incidents
from app.access import ItemEntry, MemberEntry, VisitEntry
from app.cmdb import CiDraft
from app.desk import Desk, Tx, command
from app.errors import BadInput
from app.incidents import IncidentDraft, paper
from app.permissions import Permission
from app.sheets import read_rows
from app.text import clean, clean_line
from app.times import today
from models.cmdb import Place
from models.enums import Approval, Direction, PlaceKind, Source
from tests.databases import trail_findings
from tests.hostile.strings import FIXED, drawn

FORBIDDEN = {*map(chr, range(9)), "\x0b", "\x0c", "\x1b", "\u202e", "\u2066", "\ufeff", "\ud800"}

any_size = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@command(Permission.CMDB_EDIT)
def make_room(tx: Tx) -> int:
    return tx.add(Place(kind=PlaceKind.ROOM, name=f"机房 {uuid.uuid4().hex[:6]}")).id


def call_in(desk: Desk, text: str) -> int:
    draft = IncidentDraft(
        text, Source.TELEPHONE, description=text, caller=text, caller_department=text, caller_telephone=text
    )
    return desk.do(incidents.register_call, uuid.uuid4(), draft)


def is_clean(text: str) -> bool:
    return not FORBIDDEN & set(text) and len(text) <= 20_000


def refused(text: str) -> bool:
    """Whether nothing is left of a text that must be given."""
    return not clean_line(text)


@pytest.mark.parametrize("text", FIXED, ids=range(len(FIXED)))
def test_a_call_keeps_what_is_left_of_a_hostile_text(desk: Desk, text: str) -> None:
    if refused(text):
        with pytest.raises(BadInput):
            call_in(desk, text)
        return
    found = desk.read(incidents.detail, call_in(desk, text))
    assert is_clean(found.description) and is_clean(found.row.title) and is_clean(found.row.caller)
    assert found.description == clean(text)
    assert clean_line(text).startswith(found.row.title.rstrip("…"))
    desk.do(incidents.add_note, found.id, uuid.uuid4(), text)
    assert not trail_findings(desk)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@any_size
@given(text=drawn)
def test_any_text_goes_round_through_the_queue_and_its_filter(desk: Desk, text: str) -> None:
    if refused(text):
        return
    incident_id = call_in(desk, text)
    found = desk.read(incidents.detail, incident_id)
    assert found.description == clean(text)
    desk.read(incidents.page, "all", text, sort="happened", descending=True, after=None, backwards=False, limit=5)
    desk.read(incidents.count, "all", text)


@pytest.mark.parametrize("text", FIXED, ids=range(len(FIXED)))
def test_a_configuration_item_keeps_what_is_left_of_a_hostile_text(desk: Desk, text: str) -> None:
    draft = CiDraft("switch", text, code=text, maker=text, purpose=text, note=text)
    if refused(text):
        with pytest.raises(BadInput):
            desk.do(cmdb.create, uuid.uuid4(), draft)
        return
    desk.read(cmdb.search, text)
    try:
        kept = desk.read(cmdb.detail, desk.do(cmdb.create, uuid.uuid4(), draft)).draft
    except BadInput as told:
        assert "longer than" in told.sentence()
        return
    assert kept.note == clean(text)
    assert all(is_clean(value) for value in (kept.name, kept.code, kept.maker, kept.purpose))
    assert not trail_findings(desk)


@pytest.mark.parametrize("text", FIXED, ids=range(len(FIXED)))
def test_a_visit_keeps_what_is_left_of_a_hostile_text(desk: Desk, text: str) -> None:
    entry = VisitEntry(
        key=uuid.uuid4(),
        room_id=desk.do(make_room),
        purpose=text,
        members=(MemberEntry(text, unit=text, telephone=text),),
        unit=text,
        approver=text,
        approval=Approval.ORAL,
        escort=text,
        items=(ItemEntry(Direction.IN, text),),
    )
    if refused(text):
        with pytest.raises(BadInput):
            desk.do(access.enter, entry)
        return
    found = desk.read(access.detail, desk.do(access.enter, entry))
    assert found is not None
    assert is_clean(found.row.people) and is_clean(found.row.purpose)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_record_and_the_ledger_of_hostile_incidents_can_be_printed_and_read_back(
    desk: Desk, tmp_path: Path
) -> None:
    ids = [call_in(desk, text) for text in FIXED if not refused(text)]
    assert paper.record_pdf(desk, ids).startswith(b"%PDF")
    month: date = today().replace(day=1)
    assert paper.month_pdf(desk, month).startswith(b"%PDF")
    path = tmp_path / "ledger.xlsx"
    assert paper.month_xlsx(desk, month, path) == len(ids)
    titles = {desk.read(incidents.detail, incident_id).row.title for incident_id in ids}
    cells = {cell for row in read_rows(path) for cell in row if isinstance(cell, str)}
    assert titles <= cells


@pytest.mark.parametrize("when", ["9999-12-31", "1899-12-31", "0001-01-01", "2099-12-31", "31.12.9999", "99999-01-01"])
def test_dates_far_away_in_a_sheet_are_refused_in_words(desk: Desk, tmp_path: Path, when: str) -> None:
    path = tmp_path / "dates.csv"
    path.write_text(f"名称,类别,购置日期,保修期至\n甲,交换机,{when},{when}\n", encoding="utf-8")
    report = cmdb.import_devices(desk, _Alone(), path)
    assert report.added + report.refused == 1
    assert when == "2099-12-31" or report.refused == 1, report.refusals


class _Alone:
    def progress(self, part: float, text: str = "") -> None:
        """Nobody watches."""


@given(text=st.one_of(drawn, st.sampled_from(FIXED)))
@settings(max_examples=60, deadline=None)
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert clean_line(clean_line(text)) == clean_line(text)
