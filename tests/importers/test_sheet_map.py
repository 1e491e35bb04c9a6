"""Headings of device sheets as people write them."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ci_words import labels
from app.errors import BadInput
from app.importers.sheet_map import SHEET_FIELDS, field_of, recognise
from app.words import language, set_language


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    before = language()
    set_language("en")
    yield
    set_language(before)


def test_a_chinese_sheet_with_a_title_is_recognised() -> None:
    rows = [
        ["信息中心设备台账", None, None],
        [],
        [
            "序号",
            "设备名称*",
            "IP 地址",
            "类别",
            "品牌",
            "型号",
            "序列号（SN）",
            "所在机柜",
            "起始U位",
            "负责人",
            "备注",
        ],
        [1, "核心交换机", "10.0.0.1"],
    ]
    found = recognise(rows)
    assert found.row == 2
    assert found.columns == {
        **{"name": 1, "address": 2, "class_name": 3, "maker": 4, "model": 5, "serial": 6},
        **{"rack": 7, "u_bottom": 8, "owner_id": 9, "note": 10},
    }
    assert found.others == {"序号": 0}


def test_an_english_sheet_is_recognised() -> None:
    found = recognise([["Hostname", "Primary IP", "Device Role", "Manufacturer", "Serial No.", "Rack", "Colour"]])
    assert list(found.columns) == ["name", "address", "class_name", "maker", "serial", "rack"]
    assert found.others == {"Colour": 6}


@pytest.mark.parametrize("written_in", ["en", "zh_CN"])
@pytest.mark.parametrize("read_in", ["en", "zh_CN"])
def test_what_the_program_writes_it_reads_in_either_language(written_in: str, read_in: str) -> None:
    set_language(written_in)
    written = {field: heading for field, heading in labels().items() if field in SHEET_FIELDS}
    set_language(read_in)
    assert {field: field_of(heading) for field, heading in written.items()} == {field: field for field in written}


def test_a_second_column_of_the_same_name_is_left_to_the_others() -> None:
    found = recognise([["名称", "备注", "备注1", "备注"]])
    assert found.columns == {"name": 0, "note": 1}
    assert found.others == {"备注1": 2, "备注": 3}


def test_a_sheet_without_headings_is_refused() -> None:
    for rows in ([], [["10.0.0.1", "SW1"]], [["名称"]], [[None, 3.5]] * 50):
        with pytest.raises(BadInput):
            recognise(rows)


@given(st.lists(st.lists(st.none() | st.text(max_size=20) | st.integers() | st.floats(), max_size=5), max_size=5))
def test_no_sheet_raises_anything_but_bad_input(rows: list[list[object]]) -> None:
    try:
        recognise(rows)
    except BadInput:
        return
