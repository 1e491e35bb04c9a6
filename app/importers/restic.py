"""restic: `backup --json` (with its standard error) and `snapshots --json`."""

from datetime import datetime, timedelta

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
from app.words import tr
from models.enums import BackupFormat, BackupResult

_MESSAGES = {"status", "verbose_status", "summary", "error", "exit_error"}
_SHORT_ID = 8


def parse(data: bytes, source: Source, log: bytes = b"") -> list[BackupRunRecord]:
    """Return the runs in restic's output `data`; `log` is what the same run wrote to standard error.

    Raises BadInput with the line.
    """
    text = text_of(data or log)
    if text.lstrip().startswith("["):
        return _listed(data)
    if text.lstrip().startswith("{"):
        return [_reported(json_lines(text), source, _complaints(decode(log)))]
    complaints = _complaints(text)
    if not complaints:
        raise no_runs()
    return [_failed(source, complaints)]


def _listed(data: bytes) -> list[BackupRunRecord]:
    snapshots = json_document(data)
    return [_snapshot(Fields(snapshot)) for snapshot in snapshots]


def _snapshot(snapshot: Fields) -> BackupRunRecord:
    if not snapshot.text("id"):
        raise no_runs()
    summary = snapshot.child("summary")
    return BackupRunRecord(
        job=clean_line(", ".join(snapshot.texts("tags") or snapshot.texts("paths"))),
        host=snapshot.text("hostname"),
        started_at=summary.moment("backup_start") or snapshot.moment("time"),
        ended_at=summary.moment("backup_end"),
        result=BackupResult.OK,
        size_bytes=summary.count("total_bytes_processed"),
        files=summary.count("total_files_processed"),
        external_id=_snapshot_id(snapshot.text("id")),
        message="",
        format=BackupFormat.RESTIC,
        is_listing=True,
    )


def _reported(messages: list[Fields], source: Source, complaints: list[str]) -> BackupRunRecord:
    kinds = [message.text("message_type") for message in messages]
    if not _MESSAGES.intersection(kinds):
        raise no_runs()
    errors = [_error_text(message) for message, kind in zip(messages, kinds, strict=True) if "error" in kind]
    summaries = [message for message, kind in zip(messages, kinds, strict=True) if kind == "summary"]
    if not summaries:
        return _failed(source, [*errors, *complaints] or [tr("The run ended without a summary.")])
    return _finished(summaries[-1], source, [*errors, *complaints])


def _finished(summary: Fields, source: Source, errors: list[str]) -> BackupRunRecord:
    started_at, ended_at, is_guessed = _span(summary, source)
    snapshot = summary.text("snapshot_id")
    return BackupRunRecord(
        job=_job(source),
        host="",
        started_at=started_at,
        ended_at=ended_at,
        result=BackupResult.WARNING if errors else BackupResult.OK,
        size_bytes=summary.count("total_bytes_processed"),
        files=summary.count("total_files_processed"),
        external_id=_snapshot_id(snapshot) if snapshot else nameless_id("restic", source, ""),
        message=message_of(errors),
        format=BackupFormat.RESTIC,
        is_time_guessed=is_guessed,
    )


def _span(summary: Fields, source: Source) -> tuple[datetime | None, datetime | None, bool]:
    """Return start, end and whether they are taken from the file's time: restic tells them from 0.17 on."""
    started_at, ended_at = summary.moment("backup_start"), summary.moment("backup_end")
    if started_at:
        return started_at, ended_at, False
    ended_at = source.modified_at
    duration = timedelta(seconds=summary.seconds("total_duration"))
    return ended_at and ended_at - duration, ended_at, True


def _failed(source: Source, complaints: list[str]) -> BackupRunRecord:
    return BackupRunRecord(
        job=_job(source),
        host="",
        started_at=source.modified_at,
        ended_at=source.modified_at,
        result=BackupResult.FAILED,
        size_bytes=None,
        files=None,
        external_id=nameless_id("restic", source, "\n".join(complaints)),
        message=message_of(complaints),
        format=BackupFormat.RESTIC,
        is_time_guessed=True,
    )


def _error_text(message: Fields) -> str:
    error = message.text("message") or message.child("error").text("message")
    return clean_line(f"{message.text('item')} {error}")


def _complaints(text: str) -> list[str]:
    return [clean_line(line) for line in text.splitlines() if line.strip()]


def _snapshot_id(snapshot: str) -> str:
    """Return the run's id; older versions print the id's first eight digits only."""
    return f"restic:{snapshot[:_SHORT_ID]}"


def _job(source: Source) -> str:
    return clean_line(source.name.split(".")[0])
