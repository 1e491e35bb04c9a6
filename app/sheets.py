"""Sheets in and out, Excel and CSV: nothing that we write runs as a formula, nothing that we read runs at all.

The only module that knows openpyxl (SECURITY 9), which it loads with the first workbook: a start reads none.
"""

import csv
import io
import math
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import chain, islice
from pathlib import Path
from typing import Any, TextIO

from app.archives import SHEET_LIMITS, ZipLimits, check_zip
from app.errors import BadInput
from app.filenames import replacing
from app.text import clean, clean_line, decode
from app.times import to_local
from app.words import tr

Value = str | int | float | bool | date | datetime | time | None

CELL_LIMIT = 32_767
EXCEL_ROWS = 1_048_576
_TITLE_LIMIT = 31
_MEASURED_ROWS = 200
_NARROWEST, _WIDEST = 8.0, 60.0
_EXACT_INTEGER = 10**15
_FIRST_EXCEL_YEAR = 1900

_FORMULA = re.compile(r"['=+\-@＝＋－＠\t\r]")
_PLAIN_NEGATIVE = re.compile(r"-\d+(?:\.\d+)?")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NO_TITLE = re.compile(r"[\[\]:*?/\\']")
_DAMAGED = (
    zipfile.BadZipFile,
    SyntaxError,
    AttributeError,
    KeyError,
    IndexError,
    TypeError,
    ValueError,
    OverflowError,
    EOFError,
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sheet may hold to be read."""

    rows: int = 200_000
    columns: int = 200
    file_bytes: int = 64_000_000
    archive: ZipLimits = SHEET_LIMITS


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows were written (without the header), and how many cells were cut to CELL_LIMIT characters."""

    rows: int
    cut_cells: int


LIMITS = Limits()


def write_xlsx(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Written:
    """Write one worksheet whose first row, kept in sight, holds `columns`; texts stay texts, dates are dates.

    Aware times are written in local time. What is longer than a cell may be is cut, marked with "…" and counted.
    Raises BadInput when there are more rows than Excel has, NotSaved when the file can't be written.
    """
    writer = _XlsxWriter(title)
    iterator = iter(rows)
    head = list(islice(iterator, _MEASURED_ROWS))
    writer.open(columns, head)
    for row in chain(head, iterator):
        writer.add(row)
    with replacing(path) as beside:
        writer.save(beside)
    return Written(writer.rows, writer.cut_cells)


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Written:
    """Write `columns` and `rows` as UTF-8 with a mark (Excel then reads Chinese right), commas and CRLF.

    A text that a spreadsheet would run gets an apostrophe in front, which `read_rows` takes off again.
    """
    with replacing(path) as beside, beside.open("w", encoding="utf-8-sig", newline="") as file:
        return _write_csv(file, columns, rows)


def write_sheet(path: Path, title: str, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Written:
    """Write an .xlsx or .csv by the file's ending. Raises BadInput for another one."""
    ending = path.suffix.lower()
    if ending == ".xlsx":
        return write_xlsx(path, title, columns, rows)
    if ending == ".csv":
        return write_csv(path, columns, rows)
    raise BadInput(tr("“{name}” is neither .xlsx nor .csv.", name=clean_line(path.name, 80)))


def read_rows(path: Path, limits: Limits = LIMITS) -> list[list[Value]]:
    """Return the rows of the first worksheet or of a CSV file, the header among them; texts are cleaned.

    Row n of the file is at n - 1; empty cells and rows at the ends are left out. Formulas give their stored value.
    CSV may be UTF-8 or GB18030, parted by commas, semicolons or tabs, all its values are texts.
    Raises BadInput for what is too big, damaged or neither of both.
    """
    ending = path.suffix.lower()
    try:
        if ending in (".xlsx", ".xlsm"):
            return _read_xlsx(path, limits)
        if ending in (".csv", ".txt", ".tsv"):
            return _read_csv(path, limits)
    except OSError as error:
        name = clean_line(path.name, 80)
        reason = error.strerror or str(error)
        raise BadInput(tr("“{name}” can't be read: {reason}.", name=name, reason=reason)) from error
    raise BadInput(tr("“{name}” is neither .xlsx nor .csv. Save it as one of them.", name=clean_line(path.name, 80)))


def as_text(value: Value) -> str:
    """Return a cell's value as people wrote it: "" for an empty one, 5 for 5.0, ISO dates."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGER:
        return str(int(value))
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(value)


class _XlsxWriter:
    """One worksheet, streamed to disk row by row."""

    def __init__(self, title: str) -> None:
        from openpyxl import Workbook
        from openpyxl.cell import WriteOnlyCell

        self.rows = self.cut_cells = 0
        self._made_cell = WriteOnlyCell
        self._book = Workbook(write_only=True)
        name = _NO_TITLE.sub(" ", clean_line(title, _TITLE_LIMIT)).strip() or tr("Sheet")
        self._sheet: Any = self._book.create_sheet(name)

    def open(self, columns: Sequence[str], sample: Sequence[Sequence[Value]]) -> None:
        """Write the header; widths come from it and from the `sample` of rows."""
        from openpyxl.utils import get_column_letter

        for place, column in enumerate(columns):
            texts = [column, *[as_text(row[place]) for row in sample if place < len(row)]]
            width = max(map(_cell_width, texts), default=_NARROWEST)
            letter = get_column_letter(place + 1)
            self._sheet.column_dimensions[letter].width = min(_WIDEST, max(_NARROWEST, width + 2))
        self._sheet.freeze_panes = "A2"
        self._sheet.auto_filter.ref = f"A1:{get_column_letter(max(1, len(columns)))}1"
        self._sheet.append([self._header(column) for column in columns])

    def add(self, row: Sequence[Value]) -> None:
        if self.rows + 1 >= EXCEL_ROWS:
            raise BadInput(tr("Excel has only {n} rows. Choose a shorter period or save as CSV.", n=f"{EXCEL_ROWS:,}"))
        self._sheet.append([self._cell(value) for value in row])
        self.rows += 1

    def save(self, path: Path) -> None:
        self._book.save(path)

    def _header(self, column: str) -> Any:
        from openpyxl.styles import Alignment, Font, PatternFill

        cell = self._text(clean_line(column))
        cell.font = Font(bold=True)
        cell.fill = PatternFill("solid", fgColor="E8EDF2")
        cell.alignment = Alignment(vertical="center", wrap_text=True)
        return cell

    def _cell(self, value: Value) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, datetime):
            local = to_local(value).replace(tzinfo=None) if value.tzinfo else value
            return self._dated(local, "yyyy-mm-dd hh:mm:ss")
        if isinstance(value, date):
            return self._dated(value, "yyyy-mm-dd")
        if isinstance(value, float) and not math.isfinite(value):
            return self._text(str(value))
        if isinstance(value, int) and abs(value) >= _EXACT_INTEGER:
            return self._text(str(value))
        return value

    def _dated(self, value: date, form: str) -> Any:
        if value.year <= _FIRST_EXCEL_YEAR:
            return self._text(as_text(value))
        cell: Any = self._made_cell(self._sheet)
        cell.value = value
        cell.number_format = form
        return cell

    def _text(self, value: str) -> Any:
        """Return a cell that holds `value` as text whatever it begins with."""
        text, is_cut = _fitted(value)
        self.cut_cells += is_cut
        escaped = _ESCAPE.sub(r"_x005F_x\1_", text)
        cell: Any = self._made_cell(self._sheet, escaped)
        cell.data_type = "s"
        if _FORMULA.match(text):
            cell.quotePrefix = True
        return cell


def _fitted(value: str) -> tuple[str, bool]:
    return clean(value, CELL_LIMIT), len(value) > CELL_LIMIT


def _cell_width(text: str) -> float:
    """Return the width of the longest line of `text` in Excel's unit, the width of a digit; hanzi count two."""
    lines = text[:200].splitlines() or [""]
    return max(sum(2.0 if char > "\u2e80" else 1.0 for char in line) for line in lines)


def _write_csv(file: TextIO, columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> Written:
    writer = csv.writer(file)
    writer.writerow([_guarded(clean_line(column)) for column in columns])
    count = cut_cells = 0
    for row in rows:
        cells = []
        for value in row:
            if isinstance(value, str):
                text, is_cut = _fitted(value)
                cut_cells += is_cut
                cells.append(_guarded(text))
            else:
                cells.append(as_text(_localized(value)))
        writer.writerow(cells)
        count += 1
    return Written(count, cut_cells)


def _localized(value: Value) -> Value:
    return to_local(value) if isinstance(value, datetime) and value.tzinfo else value


def _guarded(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _PLAIN_NEGATIVE.fullmatch(text) else text


def _unguarded(text: str) -> str:
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text


def _read_xlsx(path: Path, limits: Limits) -> list[list[Value]]:
    check_zip(path, limits.archive)
    from openpyxl import load_workbook

    try:
        book = load_workbook(path, read_only=True, data_only=True, keep_links=False)
        try:
            sheet: Any = book.worksheets[0]
            sheet.reset_dimensions()
            return _collected(sheet.iter_rows(values_only=True), limits, _from_excel)
        finally:
            book.close()
    except _DAMAGED as error:
        raise BadInput(tr("“{name}” is no Excel file that can be read.", name=clean_line(path.name, 80))) from error


def _read_csv(path: Path, limits: Limits) -> list[list[Value]]:
    with path.open("rb") as file:
        data = file.read(limits.file_bytes + 1)
    if len(data) > limits.file_bytes:
        raise BadInput(
            tr("The file is bigger than {n} MB. Split it.", n=limits.file_bytes // 1_000_000),
        )
    text = decode(data)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        return _collected(reader, limits, lambda value: _unguarded(clean(value, CELL_LIMIT)) or None)
    except csv.Error as error:
        raise BadInput(tr("Line {n} of the file is no CSV: {reason}.", n=reader.line_num, reason=error)) from error


def _delimiter(text: str) -> str:
    """Return the mark that parts the first line's columns: the most frequent of comma, semicolon and tab."""
    first = text[:10_000].split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _collected(rows: Iterator[Any] | Iterable[Any], limits: Limits, convert: Any) -> list[list[Value]]:
    """Return `rows` converted, without the empty cells and rows at their ends. Raises BadInput beyond the limits."""
    collected: list[list[Value]] = []
    for number, row in enumerate(rows, 1):
        values = [convert(value) for value in row]
        while values and values[-1] is None:
            values.pop()
        if len(values) > limits.columns:
            raise BadInput(
                tr(
                    "Row {row} has {n} columns, at most {most} are read.",
                    row=number,
                    n=len(values),
                    most=limits.columns,
                )
            )
        if number > limits.rows and values:
            raise BadInput(tr("The sheet has more than {most} rows. Split it.", most=f"{limits.rows:,}"))
        if number <= limits.rows:
            collected.append(values)
    while collected and not collected[-1]:
        collected.pop()
    return collected


def _from_excel(value: Value) -> Value:
    if not isinstance(value, str):
        return value
    plain = _ESCAPE.sub(lambda match: chr(int(match[1], 16)), value)
    return clean(plain, CELL_LIMIT) or None
