"""Password rules of REQUIREMENTS H2."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BadInput
from app.passwords import (
    Age,
    Weakness,
    hash_password,
    is_password,
    refuse_weak,
    standing,
    weaknesses,
)

NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_password_fits_its_hash_and_no_other() -> None:
    stored = hash_password("值班 room 42")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert is_password(stored, "值班 room 42")
    assert not is_password(stored, "值班 room 43")
    assert not is_password("damaged", "值班 room 42")


@pytest.mark.parametrize(
    ("password", "found"),
    [
        ("abc123", [Weakness.TOO_SHORT]),
        ("abcdefgh", [Weakness.NO_DIGIT]),
        ("12345678", [Weakness.NO_LETTER]),
        ("WangXiaoming1", [Weakness.NAMES_ITS_OWNER]),
        ("xx王小明1234", [Weakness.NAMES_ITS_OWNER]),
        ("wangxm88", [Weakness.NAMES_ITS_OWNER]),
        ("1234", [Weakness.TOO_SHORT, Weakness.NO_LETTER]),
        ("a1" * 65, [Weakness.TOO_LONG]),
        ("xmw-likes-7-tea", []),
    ],
)
def test_each_rule_is_named(password: str, found: list[Weakness]) -> None:
    assert weaknesses(password, "王小明", "wangxm", []) == found


def test_the_last_five_are_refused_and_the_sixth_is_not() -> None:
    hashes = [hash_password(f"old-pass-{n}") for n in range(6)]
    assert weaknesses("old-pass-4", "王小明", "wangxm", hashes) == [Weakness.USED_BEFORE]
    assert weaknesses("old-pass-5", "王小明", "wangxm", hashes) == []


def test_the_refusal_names_the_field_and_never_the_password() -> None:
    with pytest.raises(BadInput) as refused:
        refuse_weak("sesam", "王小明", "wangxm", [])
    assert refused.value.field == "password"
    assert "sesam" not in str(refused.value)


@pytest.mark.parametrize(
    ("days", "is_temporary", "age"),
    [
        (0, False, Age.FRESH),
        (75, False, Age.FRESH),
        (76, False, Age.ENDS_SOON),
        (89, False, Age.ENDS_SOON),
        (90, False, Age.EXPIRED),
        (0, True, Age.TEMPORARY),
        (1, True, Age.EXPIRED),
    ],
)
def test_a_password_lives_ninety_days_and_a_temporary_one_a_day(days: int, is_temporary: bool, age: Age) -> None:
    found = standing(NOW - timedelta(days=days), is_temporary, NOW)
    assert found.age is age
    assert found.must_change == (age in (Age.TEMPORARY, Age.EXPIRED))


@given(st.text(max_size=140), st.text(max_size=12), st.text(max_size=12))
def test_no_text_breaks_the_rules(password: str, name: str, login: str) -> None:
    weaknesses(password, name, login, [])
