"""Lines are broken as Chinese composition asks."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.reports import fonts
from app.reports.lines import LINES_LIMIT, NO_END, NO_START, TEXT_LIMIT, broken, plain

SIZE = 10.0
WIDTH = 60.0


def lines(text: str, width: float = WIDTH) -> list[str]:
    return broken(text, width, SIZE, fonts.regular().widths)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("机房温度", ["机房温度"]),
        ("一二三四五六七八", ["一二三四五六", "七八"]),
        ("一二三四五六，七八", ["一二三四五", "六，七八"]),
        ("一二三四五（七八）", ["一二三四五", "（七八）"]),
        ("一二三四五“六七”", ["一二三四五", "“六七”"]),
        ("检查交换 switch-01 端口", ["检查交换", "switch-01 端", "口"]),
        ("电压不低于 198 V", ["电压不低于", "198 V"]),
        ("负载率为 ≤ 70 %", ["负载率为", "≤ 70 %"]),
        ("226 / 225 / 227", ["226 / 225 /", "227"]),
        ("□ Normal □ Bad", ["□ Normal", "□ Bad"]),
        ("一\n二", ["一", "二"]),
        ("", [""]),
    ],
)
def test_lines_end_where_they_may(text: str, expected: list[str]) -> None:
    assert lines(text) == expected


def test_a_word_wider_than_the_line_is_cut() -> None:
    assert all(len(line) < 20 for line in lines("x" * 100))
    assert "".join(lines("x" * 100)) == "x" * 100


@given(st.text(alphabet="一二三，。（）“”a1 -/%\n", max_size=120), st.floats(25, 200))
def test_nothing_is_lost_and_no_line_is_too_wide(text: str, width: float) -> None:
    broken_lines = lines(text, width)
    assert "".join(broken_lines).replace(" ", "") == text.replace("\n", "").replace(" ", "")
    for line in broken_lines:
        assert fonts.length(line.rstrip(), fonts.regular().widths) * SIZE <= width + 0.01


@given(st.lists(st.sampled_from(["机房", "温度，", "（一）", "“UPS”", "负载。", "switch-01 "]), max_size=40))
def test_no_closing_mark_begins_and_no_opening_mark_ends_a_line(words: list[str]) -> None:
    for before, after in pairwise(lines("".join(words), 70)):
        assert before[-1:] not in NO_END
        assert after[:1] not in NO_START


def test_a_million_characters_are_cut_with_a_note_and_at_once() -> None:
    started = time.process_time()
    text = plain("，" * 1_000_000)
    assert len(text) < TEXT_LIMIT + 60
    assert "1,000,000" in text
    assert len(lines(text)) <= LINES_LIMIT
    assert len(lines("\n" * 1_400)) <= LINES_LIMIT
    assert time.process_time() - started < 5
