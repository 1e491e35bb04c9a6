"""Times as people write and read them."""

import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import times
from app.errors import BadInput
from app.words import language, set_language


@pytest.fixture(autouse=True)
def shanghai(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = language()
    set_language("en")
    monkeypatch.setenv("TZ", "Asia/Shanghai")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()
    set_language(before)


NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-23 12:00",
        "2026-11-23T12:00:00",
        "2026/11/23 12:00:00",
        "2026.11.23 12:00",
        "2026年11月23日 12时00分",
        "2026年11月23日12时0分0秒",
        "2026-11-23T04:00:00Z",
        "2026-11-23T04:00:00.000000000Z",
        "20261123T120000+0800".replace("T120000", "T12:00:00"),
        "2026-11-23 05:00 +01:00",
        " 2026-11-23  12:00:00 ",
    ],
)
def test_what_people_and_programs_write_is_the_same_moment(text: str) -> None:
    assert times.parse_moment(text) == NOON


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-13-01",
        "2026-02-30",
        "2026-11-23 25:00",
        "2026-11-23 12:00 +99:00",
        "9999-01-01",
    ],
)
def test_what_is_no_time_is_refused_with_the_field(text: str) -> None:
    with pytest.raises(BadInput) as refused:
        times.parse_moment(text, field="opened")
    assert refused.value.field == "opened"


@given(st.text(st.sampled_from("0123456789-/:. TZ+年月日时分秒x٣"), max_size=25) | st.text(max_size=25))
def test_no_text_makes_the_readers_raise_anything_but_bad_input(text: str) -> None:
    for read in (times.parse_moment, times.parse_day, times.parse_month):
        try:
            read(text)
        except BadInput:
            continue


def test_years_that_the_databases_refuse_are_refused_here() -> None:
    for year in (1999, 2101, 9999):
        with pytest.raises(BadInput):
            times.checked(datetime(year, 1, 1, tzinfo=UTC))
    assert times.checked(NOON) == NOON


def test_days_and_months_are_read() -> None:
    assert times.parse_day("2026年1月5日") == date(2026, 1, 5)
    assert times.parse_day("2026-01-05 00:00:00") == date(2026, 1, 5)
    assert times.parse_month("2026-10") == times.parse_month("2026年10月") == date(2026, 10, 1)


def test_a_moment_is_shown_in_local_time_and_with_the_year_when_it_is_another() -> None:
    assert times.moment(datetime(2026, 11, 23, 1, 41, 7, tzinfo=UTC), NOON) == "11-23 09:41:07"
    assert times.moment(datetime(2025, 11, 23, 1, 41, 7, tzinfo=UTC), NOON) == "2025-11-23 09:41:07"
    assert times.minute(NOON) == "2026-11-23 12:00"


def test_clocks_count_down_through_zero() -> None:
    assert times.clock(timedelta(minutes=6, seconds=12)) == "06:12"
    assert times.clock(timedelta(seconds=-30)) == "-00:30"
    assert times.clock(timedelta(hours=1, minutes=6, seconds=12)) == "1:06:12"


def test_durations_and_ages_speak_the_language() -> None:
    spans = [
        timedelta(seconds=12),
        timedelta(minutes=3, seconds=12),
        timedelta(hours=5),
        timedelta(days=2, hours=4),
    ]
    assert [times.duration(span) for span in spans] == ["12 s", "3 min 12 s", "5 h 0 min", "2 d 4 h"]
    assert [times.age(NOON - span, NOON) for span in spans] == ["12 s", "3 min", "5 h", "2 d"]
    set_language("zh_CN")
    assert [times.duration(span) for span in spans] == ["12 秒", "3 分 12 秒", "5 小时 0 分", "2 天 4 小时"]
    assert times.age(NOON + timedelta(hours=1), NOON) == "0 秒"


def test_ranges_are_whole_local_days_and_months() -> None:
    assert times.day_range(date(2026, 11, 23)) == (
        datetime(2026, 11, 22, 16, tzinfo=UTC),
        datetime(2026, 11, 23, 16, tzinfo=UTC),
    )
    assert times.month_range(date(2026, 12, 9)) == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 12, 31, 16, tzinfo=UTC),
    )
