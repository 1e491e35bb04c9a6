"""The shipped templates hold together, and values are judged as the regulation's limits say."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.template_data import read_template
from app.templates import (
    Item,
    Kind,
    Limits,
    Range,
    TemplateError,
    judge_value,
    limits_data,
    limits_from,
    load_templates,
    shown,
    standard,
    template,
)
from models.enums import Area, Frequency, ItemResult

NORMAL, ABNORMAL = ItemResult.NORMAL, ItemResult.ABNORMAL
README = Path(__file__).parents[2] / "resources" / "templates" / "README.md"
CHOICES = {"state": [{"code": "normal", "title": {"en": "Normal", "zh_CN": "正常"}}]}


def item(code: str, of: str = "daily-room") -> Item:
    return template(of).item(code)


def test_every_frequency_has_a_template_and_every_area_an_item() -> None:
    assert {one.frequency for one in load_templates()} == set(Frequency)
    assert {one.area for each in load_templates() for one in each.items} == set(Area)


def test_there_are_about_fifty_items_and_none_has_two_meanings() -> None:
    items = [one for each in load_templates() for one in each.items]
    assert 50 <= len(items) <= 90
    assert len({one.code for one in items}) == len(items)


def test_every_text_is_chinese_in_chinese_and_not_in_english() -> None:
    for each in load_templates():
        for texts in (each.title, each.basis, *each.signers, *[one.title for one in each.items]):
            assert re.search("[\u4e00-\u9fff]", texts.zh)
            assert not re.search("[\u4e00-\u9fff]", texts.en)


def test_every_desk_figure_is_described() -> None:
    described = README.read_text(encoding="utf-8")
    for each in load_templates():
        for one in each.items:
            if one.filling and one.filling.desk:
                assert f"`{one.filling.desk}`" in described


@pytest.mark.parametrize(
    ("code", "text", "result"),
    [
        ("room.temperature", "23.1", NORMAL),
        ("room.temperature", "18", NORMAL),
        ("room.temperature", "28.0 °C", NORMAL),
        ("room.temperature", "28.1", ABNORMAL),
        ("room.temperature", "２３．５", NORMAL),
        ("room.temperature", "-5", ABNORMAL),
        ("room.humidity", "34.9 %", ABNORMAL),
        ("power.mains_voltage", "226 / 226 / 228", NORMAL),
        ("power.mains_voltage", "198、235、220", NORMAL),
        ("power.mains_voltage", "226/197/228", ABNORMAL),
        ("power.mains_frequency", "50.6 Hz", ABNORMAL),
        ("power.ups_load", "78 %", ABNORMAL),
        ("power.ups_battery", "100 % / 42", NORMAL),
        ("power.ups_battery", "100 % / 29 min", ABNORMAL),
        ("cooling.running", "3 / 3", NORMAL),
        ("backup.last_night", "17 / 18", ABNORMAL),
        ("device.over_limit", "0", NORMAL),
        ("device.over_limit", "3", ABNORMAL),
        ("room.leak", "normal", NORMAL),
        ("room.leak", "异常", ABNORMAL),
        ("room.leak", "不适用", ItemResult.NOT_APPLICABLE),
        ("room.temperature", "N/A", ItemResult.NOT_APPLICABLE),
    ],
)
def test_a_value_is_held_against_its_standard(code: str, text: str, result: ItemResult) -> None:
    assert judge_value(item(code), text) is result


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("room.temperature", ""),
        ("room.temperature", "warm"),
        ("room.temperature", "nan"),
        ("room.temperature", "1e9"),
        ("room.temperature", "23 / 24"),
        ("power.mains_voltage", "226 / 226"),
        ("backup.last_night", "18"),
        ("backup.last_night", "19 / 18"),
        ("device.over_limit", "1.5"),
        ("room.leak", "maybe"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_item_as_field(code: str, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        judge_value(item(code), text)
    assert caught.value.field == code


@given(st.text(max_size=60))
def test_any_text_is_judged_or_refused(text: str) -> None:
    for one in template("daily-room").items:
        try:
            assert judge_value(one, text) in ItemResult
        except BadInput as error:
            assert error.field == one.code


def test_standards_are_worded_from_the_ranges() -> None:
    assert standard(item("room.temperature")) == "18–28 °C"
    assert standard(item("power.mains_voltage")) == "198–235 V"
    assert standard(item("power.ups_load")) == "≤ 70 %"
    assert standard(item("device.over_limit")) == "0"


def test_a_site_s_own_limits_replace_the_shipped_ones() -> None:
    tight = replace(item("room.temperature"), limits=limits_from({"low": 20, "high": 24}))
    assert judge_value(tight, "25") is ABNORMAL
    assert standard(tight) == "20–24 °C"


def test_limits_survive_being_stored() -> None:
    for each in load_templates():
        for one in each.items:
            numbers = max(1, len(one.units))
            stored = json.loads(json.dumps(limits_data(one.limits)))
            assert limits_from(stored, numbers) == one.limits


def test_an_open_range_holds_everything() -> None:
    assert Range().holds(-1e12)
    assert Limits() == limits_from({})


def test_a_season_s_item_is_looked_at_in_its_months_only() -> None:
    lightning = item("room.lightning_season", "monthly")
    assert lightning.is_in_season(7)
    assert not lightning.is_in_season(12)
    assert item("room.temperature").is_in_season(12)


def test_a_choice_is_shown_by_its_title_and_a_number_with_its_unit() -> None:
    assert shown(item("room.leak"), "normal") == "Normal"
    assert shown(item("power.ups_load"), "78") == "78 %"
    assert shown(item("power.ups_load"), "78 %") == "78 %"


def _sheet(**changes: object) -> str:
    one = {
        "code": "a.b",
        "title": {"en": "A", "zh_CN": "甲"},
        "area": "room",
        "kind": "number",
        "unit": "V",
        "normal": {"low": 1, "high": 2},
        "requirements": ["E4"],
    } | changes
    texts = {"en": "T", "zh_CN": "题"}
    sheet = {"code": "t", "form": "F-1", "version": 1, "title": texts, "frequency": "daily", "basis": texts}
    sections = [{"title": texts, "items": [{name: value for name, value in one.items() if value is not None}]}]
    return json.dumps(sheet | {"signers": [texts], "sections": sections})


def test_a_sound_sheet_is_read() -> None:
    assert read_template("x.json", _sheet(), CHOICES).items[0].kind is Kind.NUMBER


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"normal": {"low": 3, "high": 2}}, "normal: low"),
        ({"normal": {"low": "3"}}, "normal: low"),
        ({"kind": "numbers"}, "unit"),
        ({"kind": "choice", "choices": "state", "normal": {"allowed": ["fine"]}}, "normal"),
        ({"kind": "choice", "choices": "colours"}, "choices"),
        ({"normal": {"allowed": ["normal"]}}, "normal"),
        ({"normal": {"all": True}}, "normal"),
        ({"normal": None}, "standard"),
        ({"months": [13]}, "months"),
        ({"requirements": None}, "requirements"),
        ({"title": {"en": "A"}}, "title: zh_CN"),
        ({"area": "kitchen"}, "area"),
        ({"colour": "red"}, "unknown: colour"),
    ],
)
def test_a_mistake_is_named_with_its_place(changes: dict[str, object], place: str) -> None:
    with pytest.raises(TemplateError) as caught:
        read_template("x.json", _sheet(**changes), CHOICES)
    assert str(caught.value).startswith("x.json")
    assert place in str(caught.value)


def test_an_unknown_template_is_refused() -> None:
    with pytest.raises(BadInput):
        template("hourly")
