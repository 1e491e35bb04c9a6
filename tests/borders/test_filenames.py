"""File names made from what people typed, and files that are whole or not there."""

import errno
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import NotSaved
from app.filenames import NAME_BYTES, replacing, safe_name, write_file

RESERVED = {"con", "prn", "aux", "nul", *(f"com{n}" for n in range(10)), *(f"lpt{n}" for n in range(10))}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=()), max_size=300))
def test_any_text_becomes_a_name_that_both_systems_take(tmp_path: Path, text: str) -> None:
    name = safe_name(text, ".pdf")
    assert name.endswith(".pdf")
    assert len(name.encode()) <= NAME_BYTES + 1
    assert not set(name) & set('<>:"/\\|?*\0')
    assert not name.startswith(".")
    assert name.split(".")[0].strip().casefold() not in RESERVED
    (tmp_path / name).write_bytes(b"")
    (tmp_path / name).unlink()


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("巡检记录 2026-11/核心机房", "巡检记录 2026-11_核心机房.pdf"),
        ("CON", "_CON.pdf"),
        ("nul.txt", "_nul.txt.pdf"),
        ("../../etc/passwd", "_.._etc_passwd.pdf"),
        ("", "_.pdf"),
    ],
)
def test_names_stay_readable(text: str, name: str) -> None:
    assert safe_name(text, ".pdf") == name


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "报表.pdf"
    write_file(path, b"one")
    write_file(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(tmp_path.iterdir()) == [path]


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    write_file(path, b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as draft:
        draft.write_bytes(b"half")
        _ = 1 // 0
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_says_not_saved(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    with pytest.raises(NotSaved, match=os.strerror(errno.ENOSPC)), replacing(tmp_path / "x.pdf"):
        Path("/dev/full").write_bytes(b"x")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_or_read_only_says_not_saved(tmp_path: Path) -> None:
    with pytest.raises(NotSaved):
        write_file(tmp_path / "none" / "x.pdf", b"x")
    with pytest.raises(NotSaved):
        write_file(Path("/proc/x.pdf"), b"x")
