"""Reading backup tools' outputs from files and folders: which tool wrote this, and what runs does it show."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from app.errors import BadInput
from app.importers import bacula, borg, pgbackrest, restic
from app.importers.records import LARGEST_FILE, BackupRunRecord, Source, each_run_once, text_of
from app.words import tr
from models.enums import BackupFormat

_PARSERS: dict[BackupFormat, Callable[[bytes, Source, bytes], list[BackupRunRecord]]] = {
    BackupFormat.RESTIC: restic.parse,
    BackupFormat.BORG: borg.parse,
    BackupFormat.BACULA: bacula.parse,
    BackupFormat.PGBACKREST: pgbackrest.parse,
}
_COMPANIONS = {".jsonl": ".stderr", ".json": ".log.jsonl"}
_MARKS = (
    (BackupFormat.RESTIC, ('"message_type"', '"short_id"', "Fatal: ")),
    (BackupFormat.PGBACKREST, ('"backrest"', "PROCESS START", " P00 ", "stanza: ")),
    (BackupFormat.BORG, ('"barchive"', '"archives"', '"archive"', '"log_message"', '"cache"')),
    (BackupFormat.BACULA, ("JobId", "LogText", "Bacula ")),
)


@dataclass(frozen=True, slots=True)
class RefusedFile:
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class RunsRead:
    """What a file or folder held: each run once; `empty` counts files in which a tool wrote nothing."""

    records: tuple[BackupRunRecord, ...]
    refused: tuple[RefusedFile, ...]
    files: int
    empty: int


def guess(data: bytes) -> BackupFormat:
    """Return the tool that wrote `data`. Raises BadInput when none is recognised."""
    head = text_of(data)[:200_000]
    for tool, marks in _MARKS:
        if any(mark in head for mark in marks):
            return tool
    raise BadInput(
        tr("The file is not recognised as output of restic, Borg, Bacula or pgBackRest. Name the tool with --format.")
    )


def parse(data: bytes, source: Source, format: BackupFormat | None = None, log: bytes = b"") -> list[BackupRunRecord]:
    """Return the runs in `data`, written by `format` or by the tool that is guessed. Raises BadInput."""
    parser = _PARSERS.get(format or guess(data or log))
    if parser is None:
        raise BadInput(tr("Runs entered by hand are not imported from files."))
    return parser(data, source, log)


def read_runs(path: Path, format: BackupFormat | None = None) -> RunsRead:
    """Return the runs in a file, or in every file of a folder.

    A run's output and its error log side by side ("x.jsonl" with "x.stderr", "x.json" with "x.log.jsonl") are
    read as one. A file that can't be read is among `refused`. Raises BadInput when `path` is not there.
    """
    if not path.exists():
        raise BadInput(tr("There is no file or folder {path}.", path=path))
    paths = sorted(file for file in path.rglob("*") if file.is_file()) if path.is_dir() else [path]
    records: list[BackupRunRecord] = []
    refused: list[RefusedFile] = []
    empty = 0
    for file in paths:
        try:
            output, log = _with_companion(file)
            if not output.strip() and not log.strip():
                empty += 1
                continue
            records += parse(output, _source(file), format, log)
        except BadInput as error:
            refused.append(RefusedFile(file.name, error.sentence()))
        except OSError as error:
            refused.append(RefusedFile(file.name, error.strerror or str(error)))
    return RunsRead(tuple(each_run_once(records)), tuple(refused), len(paths), empty)


def _with_companion(path: Path) -> tuple[bytes, bytes]:
    """Return a run's output and error log, whichever of the two `path` is."""
    for output_path, log_path in _pairs(path):
        if output_path.is_file() and log_path.is_file():
            return _content(output_path), _content(log_path)
    return _content(path), b""


def _pairs(path: Path) -> Iterator[tuple[Path, Path]]:
    for output, log in _COMPANIONS.items():
        if path.name.endswith(log):
            yield path.with_name(path.name.removesuffix(log) + output), path
        elif path.name.endswith(output):
            yield path, path.with_name(path.name.removesuffix(output) + log)


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(LARGEST_FILE + 1)


def _source(path: Path) -> Source:
    """Return the file's name and time, of two companions the output's, so that either gives the same run."""
    for output_path, log_path in _pairs(path):
        if output_path.is_file() and log_path.is_file():
            path = output_path
            break
    return Source(path.name, datetime.fromtimestamp(int(path.stat().st_mtime), UTC))
