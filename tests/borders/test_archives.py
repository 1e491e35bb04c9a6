"""Archives that people might be sent."""

import io
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.archives import ZipLimits, check_zip, open_zip, read_member
from app.errors import BadInput


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def test_a_sheet_that_excel_would_write_is_read(tmp_path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for _ in range(20_000):
        sheet.append(["核心交换机", "10.0.0.1", ""])
    book.save(tmp_path / "good.xlsx")
    check_zip(tmp_path / "good.xlsx")
    with open_zip(tmp_path / "good.xlsx") as archive:
        assert b"workbook" in read_member(archive, "xl/workbook.xml", 100_000)


def test_a_zip_bomb_is_refused_without_unpacking_it(tmp_path: Path) -> None:
    bomb = make_zip(tmp_path / "bomb.xlsx", {"xl/worksheets/sheet1.xml": b"\0" * 150_000_000})
    assert bomb.stat().st_size < 200_000
    with pytest.raises(BadInput, match="bomb"):
        check_zip(bomb)


def test_a_bomb_whose_entries_share_their_bytes_is_refused(tmp_path: Path) -> None:
    plain = make_zip(tmp_path / "one.zip", {"a": bytes(range(256)) * 40}).read_bytes()
    start, end = plain.index(b"PK\x01\x02"), plain.index(b"PK\x05\x06")
    directory = plain[start:end]
    tail = bytearray(plain[end:])
    struct.pack_into("<HHII", tail, 8, 2, 2, 2 * len(directory), start)
    (tmp_path / "shared.zip").write_bytes(plain[:start] + directory * 2 + bytes(tail))
    with pytest.raises(BadInput):
        check_zip(tmp_path / "shared.zip")


@pytest.mark.parametrize("name", ["../../etc/passwd", "/etc/passwd", "C:/windows/x", "a/" * 20 + "x", "..\\x"])
def test_a_part_that_leads_outside_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        check_zip(make_zip(tmp_path / "x.zip", {name: b"x"}))


ENTITY_BOMB = """<?xml version="1.0"{encoding}?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
<lolz>&b;&f;</lolz>"""


@pytest.mark.parametrize(
    ("declared", "codec"), [("", "utf-8"), (' encoding="UTF-16"', "utf-16"), (' encoding="cp037"', "cp037")]
)
def test_a_document_type_is_refused_in_every_encoding(tmp_path: Path, declared: str, codec: str) -> None:
    text = ENTITY_BOMB.format(encoding=declared)
    with pytest.raises(BadInput):
        check_zip(make_zip(tmp_path / "x.xlsx", {"xl/workbook.xml": text.encode(codec)}))


def test_a_document_type_behind_a_long_comment_is_refused(tmp_path: Path) -> None:
    text = "<!--" + "x" * 500_000 + "-->" + ENTITY_BOMB.format(encoding="").split("\n", 1)[1]
    with pytest.raises(BadInput, match="DTD"):
        check_zip(make_zip(tmp_path / "x.xlsx", {"xl/workbook.xml": text.encode()}), ZipLimits(ratio=100_000))


def test_too_many_and_too_big_parts_are_refused(tmp_path: Path) -> None:
    many = make_zip(tmp_path / "many.zip", {f"{n}": b"" for n in range(30)})
    with pytest.raises(BadInput):
        check_zip(many, ZipLimits(entries=20))
    big = make_zip(tmp_path / "big.zip", {"a": b"x" * 5_000, "b": b"x" * 5_000})
    for limits in (ZipLimits(member_bytes=4_000), ZipLimits(total_bytes=8_000), ZipLimits(file_bytes=10)):
        with pytest.raises(BadInput):
            check_zip(big, limits)
    with open_zip(big) as archive, pytest.raises(BadInput):
        read_member(archive, "a", 4_000)
    with open_zip(big) as archive, pytest.raises(BadInput):
        read_member(archive, "missing", 4_000)


def valid_bytes() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<a>" + "x" * 200 + "</a>")
        archive.writestr("b.txt", "b" * 100)
    return stream.getvalue()


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_damaged_archive_raises_anything_but_bad_input(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(valid_bytes())
    for _ in range(data.draw(st.integers(0, 8))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "mutant.xlsx"
    path.write_bytes(bytes(content)[: data.draw(st.integers(0, len(content)))])
    try:
        with open_zip(path) as archive:
            for name in archive.namelist():
                read_member(archive, name, 10_000)
    except BadInput:
        return


def test_a_missing_file_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        check_zip(tmp_path / "none.xlsx")
