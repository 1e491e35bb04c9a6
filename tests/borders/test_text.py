"""What `clean` promises, on every string that Python can hold."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.text import LINE_LIMIT, clean, clean_line, decode, like_pattern

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
HOSTILE_TEXT = st.text(
    st.sampled_from("a 中\x00\x1b\x7f\x85\r\n\t\u2028\u202e\u2066\u200f\ufeff\ud800\udfffe\u0301䶮\U0002cb4e%"),
    max_size=60,
)


@given(ANY_TEXT | HOSTILE_TEXT, st.integers(1, 50))
def test_cleaning_twice_changes_nothing(text: str, limit: int) -> None:
    assert clean(clean(text, limit), limit) == clean(text, limit)
    assert clean_line(clean_line(text, limit), limit) == clean_line(text, limit)


@given(ANY_TEXT | HOSTILE_TEXT, st.integers(1, 50))
def test_what_is_cleaned_is_short_and_can_be_stored_anywhere(text: str, limit: int) -> None:
    for cleaned in (clean(text, limit), clean_line(text, limit)):
        assert len(cleaned) <= limit
        assert unicodedata.is_normalized("NFC", cleaned)
        cleaned.encode("utf-8")
        assert not [c for c in cleaned if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"]
        assert not set(cleaned) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert not set(clean_line(text, limit)) & set("\n\t\u2028")


@given(st.binary(max_size=300))
def test_decoding_never_raises(data: bytes) -> None:
    clean(decode(data))


@given(ANY_TEXT)
def test_a_text_that_was_encoded_is_decoded_again(text: str) -> None:
    text = clean(text)
    assert decode(text.encode()) == text


def test_a_switch_that_answers_in_gbk_is_read() -> None:
    assert decode("核心交换机".encode("gbk")) == "核心交换机"
    assert decode("核心交换机".encode("utf-16")) == "核心交换机"
    assert decode(b"\xff\x00\xe9") == "ÿ\x00é"


def test_a_broken_byte_does_not_cost_the_hanzi_around_it() -> None:
    assert decode("Chinese: 中文".encode("gbk") + b"\nNon-ASCII: \xff") == "Chinese: 中文\nNon-ASCII: \ufffd"
    assert decode("café à la carte".encode("latin-1")) == "café à la carte"


def test_rare_names_and_line_ends_survive() -> None:
    assert clean("  王䶮\r\n𬭎㛃 ") == "王䶮\n𬭎㛃"
    assert clean_line("王䶮\r\n𬭎㛃 ") == "王䶮 𬭎㛃"


def test_what_is_cut_says_so() -> None:
    assert clean("abcdef", 4) == "abc…"
    assert clean_line("x" * 1_000_000, 300) == "x" * 299 + "…"


@pytest.mark.parametrize("term", ["50%", "a_b", "c:\\x", "%_\\"])
def test_wildcards_of_a_term_match_themselves(term: str) -> None:
    import sqlite3

    connection = sqlite3.connect(":memory:")
    query = r"SELECT ? LIKE ? ESCAPE '\'"
    assert connection.execute(query, (f"x{term}y", like_pattern(term))).fetchone() == (1,)
    assert connection.execute(query, ("x50xaxbc:xyz", like_pattern(term))).fetchone() == (0,)
    connection.close()


@pytest.mark.parametrize("term", ["a\x00b", "\ud800", "%" * 1_000_000, "\u202ex"])
def test_a_pattern_is_one_that_databases_take(term: str) -> None:
    pattern = like_pattern(term)
    assert pattern.encode().count(b"\x00") == 0
    assert len(pattern) <= 2 * LINE_LIMIT + 2
