"""A round on paper and in Excel says what the record says."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from app import attachments, inspections
from app.database import Database
from app.desk import Desk
from app.errors import BadInput
from app.inspections.paper import photos_pdf
from app.sheets import read_rows
from app.template_items import Limits, Range
from tests.inspections.rooms import Site, begun, item, now, put, seen, signed, site
from tests.reports.pdf import page_texts

LOAD = "power.ups_load"
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944415478da63fcffff3f0300070102fdf5"
    "b19a2c0000000049454e44ae426082"
)


@pytest.fixture
def place(database: Database, desk: Desk) -> Site:
    return site(database, desk)


def words(pdf: bytes) -> str:
    return "\n".join(page_texts(pdf))


def test_a_signed_record_names_its_people_its_findings_and_what_became_of_them(place: Site) -> None:
    number = begun(place)
    put(place, number, LOAD, "78")
    version = item(place, number, LOAD).version
    place.desk.do(inspections.raise_incident, uuid.uuid4(), number, LOAD, version, "UPS-1 overloaded")
    text = words(inspections.record_pdf(place.desk, [number]))
    found = item(place, number, LOAD)
    assert seen(place, number).row.number in text
    assert "78 %" in text and found.incident in text and "Abnormal" in text


def test_several_records_are_one_batch(place: Site) -> None:
    numbers = [signed(place), signed(place)]
    text = words(inspections.record_pdf(place.desk, numbers))
    assert all(seen(place, number).row.number in text for number in numbers)
    assert "演示员乙" in text


def test_the_blank_form_stands_without_this_times_values(place: Site) -> None:
    signed(place)
    number = begun(place)
    put(place, number, LOAD, "78")
    text = words(inspections.blank_pdf(place.desk, [number]))
    assert "40 %" in text and "78 %" not in text
    assert "UPS load" in words(inspections.empty_pdf(place.desk, "daily-room", place.room))


def test_a_correction_says_so_on_paper(place: Site) -> None:
    old = signed(place)
    new = place.desk.do(inspections.correct, old, seen(place, old).row.version, "typing error")
    text = words(inspections.record_pdf(place.desk, [new]))
    assert "(correction)" in text and "typing error" in text and seen(place, old).row.number in text


def test_photographs_are_printed(place: Site) -> None:
    number = begun(place)
    place.desk.do(attachments.attach, uuid.uuid4(), "inspection", number, LOAD, "ups.png", PIXEL)
    assert "Photographs" in words(inspections.record_pdf(place.desk, [number]))


def test_export_writes_the_last_signed_round(place: Site, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        inspections.write(place.desk, None, tmp_path / "x.pdf")
    number = seen(place, signed(place)).row.number
    inspections.write(place.desk, None, tmp_path / "x.pdf")
    inspections.write(place.desk, number, tmp_path / "x.xlsx")
    assert number in words((tmp_path / "x.pdf").read_bytes())
    rows = read_rows(tmp_path / "x.xlsx")
    assert len(rows) == 1 + 17 and rows[1][0] == number
    with pytest.raises(BadInput):
        inspections.write(place.desk, number, tmp_path / "x.doc")


@pytest.mark.parametrize(
    "code", ["daily-room", "weekly", "monthly", "quarterly", "half-yearly", "yearly", "yearly-management"]
)
def test_every_form_can_be_begun_and_printed(place: Site, code: str) -> None:
    number = begun(place, code)
    place.desk.do(inspections.take_figures, number, place.desk.read(inspections.known_figures, number))
    assert inspections.record_pdf(place.desk, [number]).startswith(b"%PDF")


def test_a_round_from_paper_says_that_it_was_entered_later(place: Site) -> None:
    number = begun(place, happened_at=now() - timedelta(days=2))
    assert seen(place, number).row.is_entered_later
    assert "(entered later)" in words(inspections.record_pdf(place.desk, [number]))


def test_the_blank_form_of_a_due_round_stands_with_the_sites_own_limits(place: Site) -> None:
    place.desk.do(inspections.set_limits, "daily-room", LOAD, Limits((Range(high=55),)), 0)
    place.desk.do(inspections.add_default_plans)
    place.desk.do(inspections.expect_rounds)
    due = next(row.id for row in place.desk.read(inspections.page, "due") if row.template == "daily-room")
    assert "55 %" in words(inspections.blank_pdf(place.desk, [due]))


def test_an_items_photographs_can_be_looked_at(place: Site) -> None:
    number = begun(place)
    place.desk.do(attachments.attach, uuid.uuid4(), "inspection", number, LOAD, "ups.png", PIXEL)
    assert "UPS load" in words(photos_pdf(place.desk, number, LOAD))
