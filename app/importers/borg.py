"""Borg: `create --json` (with `--log-json`), `list --json` and `info --json`."""

import re

from app.errors import BadInput
from app.importers.records import (
    BackupRunRecord,
    Fields,
    Source,
    json_document,
    json_lines,
    message_of,
    nameless_id,
    no_runs,
    text_of,
)
from app.text import clean_line, decode
from models.enums import BackupFormat, BackupResult

_STAMP = re.compile(r"[-_.:@ ]*\d{4}-?\d{2}-?\d{2}.*$")
_COMPLAINTS = {"WARNING", "ERROR", "CRITICAL"}


def parse(data: bytes, source: Source, log: bytes = b"") -> list[BackupRunRecord]:
    """Return the runs in Borg's output `data`; `log` is the same run's `--log-json`.

    Raises BadInput with the line.
    """
    entries = json_lines(decode(log)) if log.strip() else []
    if not data.strip() or _is_log(data):
        entries += json_lines(text_of(data or log)) if data.strip() else []
        return [_logged(entries, source)]
    document = Fields(json_document(data))
    if "archive" in document:
        return [_archive(document.child("archive"), entries, is_listing=False)]
    archives = document.children("archives")
    if not archives:
        raise no_runs()
    return [_archive(archive, [], is_listing=True) for archive in archives]


def _is_log(data: bytes) -> bool:
    """Return whether the first line is a log entry; what `--json` prints is one object over many lines."""
    first = text_of(data).lstrip().splitlines()[0]
    try:
        return any("levelname" in entry for entry in json_lines(first))
    except BadInput:
        return False


def _archive(archive: Fields, entries: list[Fields], is_listing: bool) -> BackupRunRecord:
    identity = archive.text("id")
    if not identity:
        raise no_runs()
    complaints = _complaints(entries)
    stats = archive.child("stats")
    return BackupRunRecord(
        job=job_of(archive.text("name")),
        host=archive.text("hostname"),
        started_at=archive.moment("start"),
        ended_at=archive.moment("end"),
        result=BackupResult.WARNING if complaints else BackupResult.OK,
        size_bytes=stats.count("original_size"),
        files=stats.count("nfiles"),
        external_id=f"borg:{identity[:64]}",
        message=message_of(complaints),
        format=BackupFormat.BORG,
        is_listing=is_listing,
    )


def _logged(entries: list[Fields], source: Source) -> BackupRunRecord:
    """Return the run that left nothing but a log: it made no archive, so it failed if it says so."""
    complaints = _complaints(entries)
    if not complaints:
        raise no_runs()
    levels = {entry.text("levelname") for entry in entries}
    times = [when for entry in entries if (when := entry.epoch("time"))]
    return BackupRunRecord(
        job=job_of(source.name.split(".")[0]),
        host="",
        started_at=min(times, default=source.modified_at),
        ended_at=max(times, default=source.modified_at),
        result=BackupResult.FAILED if levels & {"ERROR", "CRITICAL"} else BackupResult.WARNING,
        size_bytes=None,
        files=None,
        external_id=nameless_id("borg", Source(source.name), f"{times}{complaints}"),
        message=message_of(complaints),
        format=BackupFormat.BORG,
    )


def job_of(archive: str) -> str:
    """Return what stays the same in the names of a job's archives: "db-2026-11-23T02:00" is a run of "db"."""
    return _STAMP.sub("", archive) or archive


def _complaints(entries: list[Fields]) -> list[str]:
    return [clean_line(entry.text("message")) for entry in entries if entry.text("levelname") in _COMPLAINTS]
