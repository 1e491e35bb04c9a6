"""Excel and CSV: what is written comes back equal, never runs, and bad files are refused with a sentence."""

import csv
import zipfile
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import BadInput
from app.sheets import CELL_LIMIT, Limits, Value, as_text, read_rows, write_csv, write_xlsx
from app.text import clean

HOSTILE = ["=1+1", "+cmd|'/C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1", "'=1", "#N/A", "_x0041_", "<b>", "13,5"]
PLACES = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(max_size=40) | st.sampled_from(HOSTILE)
values: st.SearchStrategy[Value] = (
    texts
    | st.integers(-(10**14), 10**14)
    | st.floats(-1e9, 1e9).map(lambda number: round(number, 5))
    | st.dates(date(2000, 1, 1), date(2100, 1, 1))
    | st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)).map(lambda when: when.replace(microsecond=0))
)


def _as_read(value: Value) -> Value:
    if isinstance(value, str):
        return clean(value, CELL_LIMIT) or None
    return value


def _as_meant(value: Value, meant: Value) -> Value:
    """Return a day as a day: Excel knows only moments."""
    is_day = isinstance(value, datetime) and isinstance(meant, date) and not isinstance(meant, datetime)
    return value.date() if is_day and isinstance(value, datetime) else value


def _trimmed(row: list[Value]) -> list[Value]:
    while row and row[-1] is None:
        row = row[:-1]
    return row


@PLACES
@given(st.lists(st.lists(values, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_is_written_to_excel_is_read_back_equal(tmp_path: Path, rows: list[list[Value]]) -> None:
    file = tmp_path / "out.xlsx"
    write_xlsx(file, "Ledger", ["a", "b", "c", "d"], [*rows, ["end"]])
    read = read_rows(file)
    assert read[0] == ["a", "b", "c", "d"]
    expected = [_trimmed([_as_read(value) for value in row]) for row in rows]
    got = [
        [_as_meant(*pair) for pair in zip(line, row, strict=False)] for line, row in zip(read[1:], rows, strict=False)
    ]
    assert got == expected


@PLACES
@given(st.lists(st.lists(texts, min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_is_written_to_csv_is_read_back_equal(tmp_path: Path, rows: list[list[str]]) -> None:
    file = tmp_path / "out.csv"
    write_csv(file, ["a,b", "c"], [*rows, ["end"]])
    expected = [_trimmed([_as_read(value) for value in row]) for row in rows]
    assert read_rows(file) == [["a,b", "c"], *expected, ["end"]]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_a_formula(tmp_path: Path, text: str) -> None:
    write_xlsx(tmp_path / "out.xlsx", "=1", [text], [[text]])
    for row in openpyxl.load_workbook(tmp_path / "out.xlsx").active.iter_rows():
        assert all(cell.data_type == "s" for cell in row)
    write_csv(tmp_path / "out.csv", [text], [[text]])
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        assert not any(cell[:1] in "=+-@＝\t" for row in csv.reader(file) for cell in row)


def test_times_are_real_dates_and_the_header_stays_in_sight(tmp_path: Path) -> None:
    file = tmp_path / "out.xlsx"
    when = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
    write_xlsx(file, "一月/台账", ["时间", "名称"], [[when, "机房"]])
    sheet = openpyxl.load_workbook(file).active
    assert sheet.title == "一月 台账"
    assert sheet["A2"].is_date
    assert sheet["A2"].value == when.astimezone().replace(tzinfo=None)
    assert sheet.freeze_panes == "A2"
    assert sheet.column_dimensions["A"].width > sheet.column_dimensions["B"].width


def test_a_text_longer_than_a_cell_is_cut_and_counted(tmp_path: Path) -> None:
    written = write_xlsx(tmp_path / "out.xlsx", "t", ["a"], [["x" * 40_000], ["y"]])
    assert (written.rows, written.cut_cells) == (2, 1)
    cell = read_rows(tmp_path / "out.xlsx")[1][0]
    assert isinstance(cell, str)
    assert len(cell) == CELL_LIMIT
    assert cell.endswith("…")


def test_a_number_too_long_for_excel_stays_exact(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "out.xlsx", "t", ["a"], [[320101199001011234], [float("nan")]])
    assert read_rows(tmp_path / "out.xlsx")[1:] == [["320101199001011234"], ["nan"]]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_csv_is_read_in_the_encodings_and_forms_of_the_field(tmp_path: Path, encoding: str, delimiter: str) -> None:
    file = tmp_path / "in.csv"
    file.write_bytes(
        delimiter.join(["名称", "地址"]).encode(encoding) + b"\n" + f"交换机{delimiter}1\n".encode(encoding)
    )
    assert read_rows(file) == [["名称", "地址"], ["交换机", "1"]]


def test_row_numbers_are_the_file_s_own(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a\n\nb\n\n\n", encoding="utf-8")
    assert read_rows(tmp_path / "in.csv") == [["a"], [], ["b"]]


def test_too_many_rows_and_columns_are_refused(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("a,b,c\n1,2,3\n", encoding="utf-8")
    with pytest.raises(BadInput):
        read_rows(tmp_path / "in.csv", Limits(rows=1))
    with pytest.raises(BadInput):
        read_rows(tmp_path / "in.csv", Limits(columns=2))
    with pytest.raises(BadInput):
        read_rows(tmp_path / "in.csv", Limits(file_bytes=5))


@pytest.mark.parametrize("name", ["in.xlsx", "in.csv", "in.doc"])
def test_a_file_that_is_not_there_or_no_sheet_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput):
        read_rows(tmp_path / name)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"<html>"])
def test_a_damaged_workbook_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "in.xlsx").write_bytes(content)
    with pytest.raises(BadInput):
        read_rows(tmp_path / "in.xlsx")


def _repacked(path: Path, name: str, content: bytes) -> Path:
    """Return a copy of the workbook `path` in which the part `name` holds `content`."""
    other = path.with_name("other.xlsx")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(other, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            new.writestr(member, content if member == name else old.read(member))
    return other


def test_a_zip_bomb_and_an_external_entity_are_refused(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "in.xlsx", "t", ["a"], [["b"]])
    sheet = "xl/worksheets/sheet1.xml"
    entity = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><worksheet>&b;</worksheet>'
    for content in (b" " * 50_000_000, entity):
        with pytest.raises(BadInput):
            read_rows(_repacked(tmp_path / "in.xlsx", sheet, content))


def test_a_cell_at_the_far_end_of_the_sheet_does_not_fill_the_memory(tmp_path: Path) -> None:
    write_xlsx(tmp_path / "in.xlsx", "t", ["a"], [["b"]])
    start = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
    far = start + b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
    with pytest.raises(BadInput):
        read_rows(_repacked(tmp_path / "in.xlsx", "xl/worksheets/sheet1.xml", far))


def test_values_are_worded_as_people_wrote_them() -> None:
    assert [as_text(value) for value in (None, 5.0, 5.5, True, date(2026, 11, 23), "x")] == [
        "",
        "5",
        "5.5",
        "1",
        "2026-11-23",
        "x",
    ]
