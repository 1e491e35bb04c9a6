"""Bacula: job reports (mail or log file), the catalogue's Job and Log tables as CSV, and bconsole's lists.

A run has no id that all of these show, so its external id is made of what they do: name, job number, start.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from datetime import datetime

from app.errors import BadInput
from app.importers.records import BackupRunRecord, Source, each_run_once, message_of, no_runs, text_of
from app.text import clean_line
from app.times import parse_moment
from app.words import tr
from models.enums import BackupFormat, BackupResult

_REPORT_START = re.compile(r"Bacula \S+ [\d.]+ \(\S+\):\s*$")
_FIELD = re.compile(r"  ([A-Z][\w /()-]+?):(?:\s+(.*))?$")
_COMPLAINT = re.compile(r"JobId (\d+): ((?:Fatal error|Error|Warning): .+)")
_UNIQUE_PART = re.compile(r"\.\d{4}-\d\d-\d\d_\d\d\.\d\d\.\d\d_\d+$")
_MONTHS = {name: n for n, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905
_REPORT_TIME = re.compile(r"(\d{1,2})-([A-Z][a-z]{2})-(\d{4}) (\d\d:\d\d:\d\d)")
_BACKUP = "B"
_FAILED = frozenset("EfAID")
_WARNED = frozenset("We")
_NAMES = {"JobId", "Name", "StartTime", "JobStatus"}


def parse(data: bytes, source: Source, log: bytes = b"") -> list[BackupRunRecord]:
    """Return the backup runs in Bacula's output; restores and other jobs are left out. Raises BadInput."""
    text = text_of(data)
    rows = _csv_rows(text)
    if rows and "LogText" in rows[0]:
        found = list(_reports("\n".join(row.get("LogText") or "" for row in rows)))
    elif rows and rows[0].keys() >= _NAMES:
        found = [_catalogued(row, line) for line, row in enumerate(rows, 2) if row.get("Type") == _BACKUP]
    else:
        tables = [_catalogued(row, line) for line, row in _table_rows(text) if row.get("Type") == _BACKUP]
        found = [*tables, *_reports(text)]
    if not found:
        raise no_runs()
    return each_run_once(found)


def _csv_rows(text: str) -> list[dict[str, str]]:
    """Return the rows of a catalogue's table as CSV, none when the text is something else."""
    if not text.startswith(("JobId,", "LogId,")):
        return []
    try:
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise BadInput(tr("The table can't be read: {reason}", reason=error)) from error
    return [{key: value for key, value in row.items() if isinstance(value, str)} for row in rows]


def _table_rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield line number and cells of bconsole's drawn tables that list jobs."""
    header: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.startswith("|"):
            continue
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if cells[0] == "JobId" or not header:
            header = cells
        elif set(header) >= _NAMES and len(cells) == len(header):
            yield number, dict(zip(header, cells, strict=True))


def _catalogued(row: Mapping[str, str], line: int) -> BackupRunRecord:
    started = row.get("StartTime", "")
    return BackupRunRecord(
        job=clean_line(row.get("Name", "")),
        host="",
        started_at=_moment(started, line),
        ended_at=_moment(row.get("EndTime", ""), line),
        result=_result(row.get("JobStatus", "")),
        size_bytes=_count(row.get("JobBytes", ""), line),
        files=_count(row.get("JobFiles", ""), line),
        external_id=_external_id(row.get("Name", ""), row.get("JobId", ""), started),
        message="",
        format=BackupFormat.BACULA,
        is_listing=True,
    )


def _result(status: str) -> BackupResult:
    if status == "T":
        return BackupResult.OK
    if status in _WARNED:
        return BackupResult.WARNING
    return BackupResult.FAILED if status in _FAILED else BackupResult.RUNNING


def _reports(text: str) -> Iterator[BackupRunRecord]:
    """Yield the backup runs whose report stands in `text`, each with its warnings and errors."""
    lines = text.splitlines()
    complaints: dict[str, list[str]] = {}
    for place, line in enumerate(lines):
        if not _REPORT_START.search(line):
            if match := _COMPLAINT.search(line):
                complaints.setdefault(match[1], []).append(clean_line(match[2]))
        else:
            fields = _report_fields(lines, place + 1)
            if "Backup" in fields.get("Termination", ""):
                yield _reported(fields, complaints.pop(fields.get("JobId", ""), []), place + 1)


def _report_fields(lines: list[str], place: int) -> dict[str, str]:
    fields: dict[str, str] = {}
    for line in lines[place : place + 60]:
        match = _FIELD.match(line)
        if match is None:
            break
        fields[match[1]] = clean_line(match[2] or "")
    return fields


def _reported(fields: Mapping[str, str], complaints: list[str], line: int) -> BackupRunRecord:
    started = _spelled_out(fields.get("Start time", ""))
    name = _UNIQUE_PART.sub("", fields.get("Job", ""))
    ending = fields["Termination"].strip("* ")
    return BackupRunRecord(
        job=name,
        host=fields.get("Client", "").split('"')[1] if '"' in fields.get("Client", "") else "",
        started_at=_moment(started, line),
        ended_at=_moment(_spelled_out(fields.get("End time", "")), line),
        result=_ending(ending),
        size_bytes=_count(fields.get("FD Bytes Written", "").split(" ")[0], line),
        files=_count(fields.get("FD Files Written", ""), line),
        external_id=_external_id(name, fields.get("JobId", ""), started),
        message=message_of(complaints if ending == "Backup OK" else [ending, *complaints]),
        format=BackupFormat.BACULA,
    )


def _ending(ending: str) -> BackupResult:
    if ending == "Backup OK":
        return BackupResult.OK
    return BackupResult.WARNING if ending.startswith("Backup OK") else BackupResult.FAILED


def _external_id(name: str, number: str, started: str) -> str:
    return f"bacula:{clean_line(name, 80)}:{clean_line(number, 20)}:{clean_line(started, 30)}"


def _spelled_out(text: str) -> str:
    """Return "23-Nov-2026 16:37:42" as the catalogue writes it, "2026-11-23 16:37:42"."""
    match = _REPORT_TIME.fullmatch(text)
    if match is None or match[2] not in _MONTHS:
        return text
    return f"{match[3]}-{_MONTHS[match[2]]:02}-{int(match[1]):02} {match[4]}"


def _moment(text: str, line: int) -> datetime | None:
    """Return the time, None for Bacula's ways to say that there is none yet."""
    if not text.strip("0-: ") or text == "NULL":
        return None
    try:
        return parse_moment(text)
    except BadInput as error:
        raise BadInput(tr("Line {line}: {what}", line=line, what=error.sentence())) from error


def _count(text: str, line: int) -> int | None:
    figure = text.replace(",", "").strip()
    if not figure:
        return None
    if not (figure.isascii() and figure.isdigit()) or len(figure) > 18:
        raise BadInput(
            tr("Line {line}: {what}", line=line, what=tr("“{text}” is no number", text=clean_line(text, 40)))
        )
    return int(figure)
