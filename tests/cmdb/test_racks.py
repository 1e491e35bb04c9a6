"""Places and racks: what stands in what, and that no two things hang in one place."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import cmdb
from app.cmdb.racks import check_room, in_the_way, span, words
from app.desk import Desk
from app.errors import BadInput, NotFound, Refused
from models.enums import PlaceKind
from tests.cmdb.samples import ci, place, site

HALF_UNITS = st.integers(2, 84).map(lambda halves: halves / 2)


def test_a_rack_shows_what_hangs_in_it_from_the_top(desk: Desk) -> None:
    here = site(desk)
    ci(desk, "下", place_id=here.rack, u_bottom=1, u_height=2)
    ci(desk, "上", place_id=here.rack, u_bottom=40.5, u_height=1.5)
    ci(desk, "旁", "sensor", place_id=here.rack)
    rack = desk.read(cmdb.rack, here.rack)
    assert [unit.name for unit in rack.units] == ["上", "下"]
    assert [unit.name for unit in rack.loose] == ["旁"]
    assert rack.height_u == 42


@pytest.mark.parametrize(("bottom", "height"), [(10, 1), (11.5, 1), (9.5, 1), (8, 4), (10.5, 0.5)])
def test_an_overlap_is_refused_with_what_is_in_the_way(desk: Desk, bottom: float, height: float) -> None:
    here = site(desk)
    ci(desk, "财务数据库-1", place_id=here.rack, u_bottom=10, u_height=2)
    with pytest.raises(BadInput, match="财务数据库-1") as refused:
        ci(desk, "另一台", place_id=here.rack, u_bottom=bottom, u_height=height)
    assert refused.value.field == "u_bottom"


@pytest.mark.parametrize(("bottom", "height"), [(12, 1), (9, 1), (8.5, 1.5), (42, 1)])
def test_touching_is_no_overlap(desk: Desk, bottom: float, height: float) -> None:
    here = site(desk)
    ci(desk, "一台", place_id=here.rack, u_bottom=10, u_height=2)
    ci(desk, "另一台", place_id=here.rack, u_bottom=bottom, u_height=height)


def test_nothing_hangs_out_of_the_rack(desk: Desk) -> None:
    here = site(desk)
    for bottom, height in ((42, 2), (43, 1), (0.5, 1)):
        with pytest.raises(BadInput):
            ci(desk, "一台", place_id=here.rack, u_bottom=bottom, u_height=height)


def test_only_racks_have_units_and_only_some_classes_hang(desk: Desk) -> None:
    here = site(desk)
    with pytest.raises(BadInput, match="rack"):
        ci(desk, "一台", place_id=here.room, u_bottom=1)
    with pytest.raises(BadInput, match="Air conditioner"):
        ci(desk, "空调", "air_conditioner", place_id=here.rack, u_bottom=1)


def test_a_move_within_its_own_space_is_no_overlap(desk: Desk) -> None:
    here = site(desk)
    item = ci(desk, "一台", place_id=here.rack, u_bottom=10, u_height=4)
    desk.do(cmdb.move, item, 1, here.rack, 11.5)
    assert desk.read(cmdb.rack, here.rack).units[0].u_bottom == 11.5


def test_a_voided_item_frees_its_place(desk: Desk) -> None:
    here = site(desk)
    desk.do(cmdb.void, ci(desk, "旧", place_id=here.rack, u_bottom=10, u_height=2), 1, "报废")
    ci(desk, "新", place_id=here.rack, u_bottom=10, u_height=2)


def test_a_rack_does_not_become_lower_than_what_hangs_in_it(desk: Desk) -> None:
    here = site(desk)
    ci(desk, "一台", place_id=here.rack, u_bottom=40, u_height=2)
    seen = desk.read(cmdb.place, here.rack)
    for height, fits in ((40.0, False), (41.0, True)):
        draft = cmdb.PlaceDraft(PlaceKind.RACK, "A01 机柜", here.row, height)
        if fits:
            desk.do(cmdb.edit_place, here.rack, seen.version, draft)
        else:
            with pytest.raises(BadInput):
                desk.do(cmdb.edit_place, here.rack, seen.version, draft)


def test_places_stand_where_they_may(desk: Desk) -> None:
    here = site(desk)
    for kind, parent in ((PlaceKind.SITE, here.room), (PlaceKind.RACK, here.site), (PlaceKind.ROW, here.rack)):
        with pytest.raises(BadInput) as refused:
            place(desk, kind, "另一处", parent, height_u=42)
        assert refused.value.field == "parent_id"
    with pytest.raises(BadInput, match="A01"):
        place(desk, PlaceKind.RACK, "A01 机柜", here.row, height_u=42)


def test_a_place_that_holds_something_is_not_voided(desk: Desk) -> None:
    here = site(desk)
    with pytest.raises(Refused):
        desk.do(cmdb.void_place, here.row, 1, "拆除")
    desk.do(cmdb.void_place, here.rack, 1, "拆除")
    desk.do(cmdb.void_place, here.row, 1, "拆除")
    assert len(desk.read(cmdb.place_choices)) == 2


def test_a_room_is_no_rack(desk: Desk) -> None:
    with pytest.raises(NotFound):
        desk.read(cmdb.rack, site(desk).room)


def test_a_place_made_twice_with_one_key_is_one(desk: Desk) -> None:
    key, draft = uuid.uuid4(), cmdb.PlaceDraft(PlaceKind.SITE, "示例信息中心")
    assert desk.do(cmdb.create_place, key, draft) == desk.do(cmdb.create_place, key, draft)


@given(HALF_UNITS, HALF_UNITS, HALF_UNITS, HALF_UNITS)
def test_two_things_overlap_exactly_when_they_share_half_a_unit(a: float, ah: float, b: float, bh: float) -> None:
    first = {a + n / 2 for n in range(int(ah * 2))}
    second = {b + n / 2 for n in range(int(bh * 2))}
    is_hit = in_the_way([span(1, "甲", a, ah)], span(2, "乙", b, bh)) is not None
    assert is_hit == bool(first & second)


def test_units_are_written_as_people_write_them() -> None:
    written = [words(span(1, "", bottom, height)) for bottom, height in ((38, 1), (38, 2), (10.5, 2.5), (5, 0.5))]
    assert written == ["U38", "U38-U39", "U10.5-U12", "U5"]


def test_a_thing_without_height_takes_no_room() -> None:
    check_room(42, [span(1, "甲", 10, 2)], span(2, "乙", 12, 0))
