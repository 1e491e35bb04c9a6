"""pgBackRest: `info --output=json`, `info` as text, and the log file of the backup command."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from app.errors import BadInput
from app.importers.records import BackupRunRecord, Fields, Source, json_document, message_of, no_runs, text_of
from app.text import clean_line
from app.times import parse_moment
from app.words import tr
from models.enums import BackupFormat, BackupResult

_PROCESS_START = "PROCESS START"
_LINE = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}) P\d\d +([A-Z]+): (.*)")
_BEGIN = re.compile(r"backup command begin .*")
_OPTION = re.compile(r"--(stanza|exec-id|type)=(\S+)")
_LABEL = re.compile(r"new backup label = (\S+)")
_SIZE = re.compile(r"backup size = ([\d.]+)([KMGTP]?B), file total = (\d+)")
_INFO_BACKUP = re.compile(r"(?:full|diff|incr) backup: (\S+)")
_INFO_TIMES = re.compile(r"timestamp start/stop: (.+?) / (.+)")
_INFO_SIZE = re.compile(r"database backup size: ([\d.]+)([KMGTP]?B)")
_UNITS: dict[str, int] = {unit: 1024**power for power, unit in enumerate(("B", "KB", "MB", "GB", "TB", "PB"))}


def parse(data: bytes, source: Source, log: bytes = b"") -> list[BackupRunRecord]:
    """Return the runs in pgBackRest's output. Raises BadInput with the line."""
    text = text_of(data)
    if text.lstrip().startswith("["):
        found = [run for stanza in json_document(data) for run in _stanza(Fields(stanza))]
    elif _PROCESS_START in text or _LINE.search(text):
        found = list(_logged(text))
    else:
        found = list(_printed(text))
    if not found:
        raise no_runs()
    return found


def _stanza(stanza: Fields) -> list[BackupRunRecord]:
    name = stanza.text("name")
    return [_backup(backup, name) for backup in stanza.children("backup")]


def _backup(backup: Fields, stanza: str) -> BackupRunRecord:
    label = backup.text("label")
    if not label:
        raise no_runs()
    times = backup.child("timestamp")
    has_errors = backup.flag("error")
    return BackupRunRecord(
        job=stanza,
        host="",
        started_at=times.epoch("start"),
        ended_at=times.epoch("stop"),
        result=BackupResult.WARNING if has_errors else BackupResult.OK,
        size_bytes=backup.child("info").count("delta"),
        files=None,
        external_id=_external_id(stanza, label),
        message=tr("Page checksums failed in {label}.", label=label) if has_errors else label,
        format=BackupFormat.PGBACKREST,
        is_listing=True,
    )


def _external_id(stanza: str, run: str) -> str:
    return f"pgbackrest:{stanza[:60]}:{run[:100]}"


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    at: datetime
    level: str
    text: str


def _logged(text: str) -> Iterator[BackupRunRecord]:
    """Yield the runs of a log file; the last one, when it has not ended yet, is left for the next import."""
    runs = _processes(text)
    for place, lines in enumerate(runs):
        has_ended = any("backup command end" in line.text for line in lines)
        if has_ended or place < len(runs) - 1:
            yield _process(lines, has_ended)


def _processes(text: str) -> list[list[_Line]]:
    """Return the lines of each backup command, one list a process."""
    runs: list[list[_Line]] = []
    for number, raw in enumerate(text.splitlines(), 1):
        match = _LINE.match(raw)
        if match is None:
            continue
        line = _Line(number, _moment(match[1], number), match[2], clean_line(match[3], 1_000))
        if _BEGIN.match(line.text):
            runs.append([line])
        elif " command begin " in line.text:
            runs.append([])
        elif runs and runs[-1]:
            runs[-1].append(line)
    return [lines for lines in runs if lines]


def _process(lines: list[_Line], has_ended: bool) -> BackupRunRecord:
    text = "\n".join(line.text for line in lines)
    options = dict(_OPTION.findall(lines[0].text))
    label, size = _LABEL.search(text), _SIZE.search(text)
    errors = [line.text for line in lines if line.level in ("ERROR", "ASSERT")]
    warnings = [line.text for line in lines if line.level == "WARN"]
    if not has_ended:
        errors.append(tr("The run ended without a closing line."))
    is_failed = bool(errors) or "completed successfully" not in text
    run = label[1] if label and not is_failed else f"{options.get('exec-id', '')}@{lines[0].at.isoformat()}"
    stanza = options.get("stanza", "")
    return BackupRunRecord(
        job=stanza,
        host="",
        started_at=lines[0].at,
        ended_at=lines[-1].at,
        result=_result(is_failed, bool(warnings)),
        size_bytes=_bytes(size[1], size[2], lines[0].number) if size else None,
        files=int(size[3][:18]) if size else None,
        external_id=_external_id(stanza, run),
        message=message_of([*errors, *warnings]) or (label[1] if label else ""),
        format=BackupFormat.PGBACKREST,
    )


def _result(is_failed: bool, has_warnings: bool) -> BackupResult:
    if is_failed:
        return BackupResult.FAILED
    return BackupResult.WARNING if has_warnings else BackupResult.OK


def _printed(text: str) -> Iterator[BackupRunRecord]:
    """Yield the runs of `pgbackrest info` without options; sizes are as rounded as it prints them."""
    stanza, label, times = "", "", ("", "")
    for number, raw in enumerate(text.splitlines(), 1):
        line = clean_line(raw)
        if line.startswith("stanza: "):
            stanza = line.removeprefix("stanza: ")
        elif match := _INFO_BACKUP.match(line):
            label = match[1]
        elif match := _INFO_TIMES.match(line):
            times = (match[1], match[2])
        elif (match := _INFO_SIZE.search(line)) and label and times[0]:
            yield _printed_run(stanza, label, times, _bytes(match[1], match[2], number), number)
            label = ""


def _printed_run(stanza: str, label: str, times: tuple[str, str], size_bytes: int, number: int) -> BackupRunRecord:
    return BackupRunRecord(
        job=stanza,
        host="",
        started_at=_moment(times[0], number),
        ended_at=_moment(times[1], number),
        result=BackupResult.OK,
        size_bytes=size_bytes,
        files=None,
        external_id=_external_id(stanza, label),
        message=label,
        format=BackupFormat.PGBACKREST,
        is_listing=True,
    )


def _bytes(figure: str, unit: str, number: int) -> int:
    try:
        size: int = round(float(figure[:20]) * float(_UNITS[unit]))
    except (ValueError, OverflowError) as error:
        raise BadInput(tr("Line {line}: {what}", line=number, what=f"{figure}{unit}")) from error
    return min(size, 2**63 - 1)


def _moment(text: str, number: int) -> datetime:
    try:
        return parse_moment(text)
    except BadInput as error:
        raise BadInput(tr("Line {line}: {what}", line=number, what=error.sentence())) from error
