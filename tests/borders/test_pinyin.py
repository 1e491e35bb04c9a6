"""Chinese names are found by Chinese, pinyin and initials."""

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.pinyin import matches, search_text


@pytest.mark.parametrize("term", ["核心", "hexin", "hxjhj", "HXJHJ", "jiaohuan", "核心 jhj"])
def test_a_name_is_found_by_chinese_pinyin_and_initials(term: str) -> None:
    assert matches(term, search_text("核心交换机"))


@pytest.mark.parametrize(
    ("name", "term"),
    [
        ("重庆银行", "chongqingyinhang"),
        ("重庆银行", "cqyh"),
        ("张三丰", "zsf"),
        ("长春机房", "zhangchun"),
        ("长春机房", "ccjf"),
        ("H3C 核心交换机-01", "h3chx"),
        ("web服务器", "webfwq"),
        ("王䶮", "wangyan"),
        ("吕布", "lvbu"),
    ],
)
def test_mixed_and_ambiguous_names_are_found(name: str, term: str) -> None:
    assert matches(term, search_text(name))


def test_a_plain_name_costs_no_dictionary() -> None:
    code = "import sys, app.pinyin as p; print(p.search_text('SW-Core-01'), 'pypinyin' in sys.modules)"
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout == "sw-core-01 False\n"


def test_what_does_not_occur_is_not_found() -> None:
    assert not matches("xyz", search_text("核心交换机"))
    assert matches("", search_text("核心交换机"))


@given(st.lists(st.text(max_size=80), max_size=3))
def test_any_text_can_be_searched_within_the_columns_length(names: list[str]) -> None:
    assert len(search_text(*names, limit=250)) <= 250
