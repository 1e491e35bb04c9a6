"""Secrets at rest and what people see of them."""

import os
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from app.errors import NotSaved, Refused
from app.secrets import SecretBox, mask, mask_number, open_box


def test_a_secret_is_opened_by_the_same_key_only(tmp_path: Path) -> None:
    sealed = open_box(tmp_path, "watchroom").seal("团体字 public")
    assert "public" not in sealed
    assert open_box(tmp_path, "watchroom").open(sealed) == "团体字 public"
    with pytest.raises(Refused):
        open_box(tmp_path, "other").open(sealed)
    with pytest.raises(Refused):
        SecretBox(Fernet.generate_key()).open("not sealed at all 中")


def test_equal_secrets_look_different(tmp_path: Path) -> None:
    box = open_box(tmp_path, "watchroom")
    assert box.seal("public") != box.seal("public")


@pytest.mark.skipif(os.name == "nt", reason="file modes of POSIX")
def test_the_key_is_its_owners_alone(tmp_path: Path) -> None:
    open_box(tmp_path, "watchroom")
    (key,) = tmp_path.iterdir()
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o644)
    with pytest.raises(Refused, match="chmod"):
        open_box(tmp_path, "watchroom")


def test_a_damaged_key_and_a_missing_folder_are_said_in_words(tmp_path: Path) -> None:
    open_box(tmp_path, "watchroom")
    (key,) = tmp_path.iterdir()
    key.write_bytes(b"short")
    with pytest.raises(Refused, match="damaged"):
        open_box(tmp_path, "watchroom")
    with pytest.raises(NotSaved):
        open_box(tmp_path / "none", "watchroom")


def test_people_see_stars() -> None:
    assert mask("public") == "****"
    assert mask("") == ""
    assert mask_number("110101199001011234") == "1101**********1234"
    assert mask_number("13812345678", head=3) == "138****5678"
    assert mask_number("12345678") == "12****78"
    assert mask_number("123") == "***"
    assert mask_number("") == ""
