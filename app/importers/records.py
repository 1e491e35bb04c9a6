"""What an importer hands over, and readers of foreign JSON that refuse what they can't use with its line."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.errors import BadInput
from app.text import clean, clean_line, decode
from app.times import checked, parse_moment
from app.words import tr
from models.enums import BackupFormat, BackupResult

LARGEST_FILE = 64_000_000
LONGEST_MESSAGE = 2_000

_LARGEST_COUNT = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Source:
    """The file that a tool's output lies in; its time stands in where the output has none."""

    name: str
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class BackupRunRecord:
    """One run as a backup tool reported it.

    `external_id` is the same in every output that shows the run. `is_listing` marks what a tool's catalogue
    says later (exact sizes, but no warnings), `is_time_guessed` times that are the file's own.
    """

    job: str
    host: str
    started_at: datetime | None
    ended_at: datetime | None
    result: BackupResult
    size_bytes: int | None
    files: int | None
    external_id: str
    message: str
    format: BackupFormat
    is_listing: bool = False
    is_time_guessed: bool = False

    def merged(self, other: "BackupRunRecord") -> "BackupRunRecord":
        """Return what this and `other`, another view of the same run, know together."""
        own, listed = (other, self) if self.is_listing and not other.is_listing else (self, other)
        exact, rough = (listed, own) if listed.is_listing and not own.is_listing else (own, listed)
        timed, untimed = (listed, own) if own.is_time_guessed or own.started_at is None else (own, listed)
        return replace(
            own,
            job=exact.job or rough.job,
            host=own.host or listed.host,
            started_at=timed.started_at,
            ended_at=timed.ended_at or (None if untimed.is_time_guessed else untimed.ended_at),
            size_bytes=rough.size_bytes if exact.size_bytes is None else exact.size_bytes,
            files=own.files if own.files is not None else listed.files,
            message=own.message or listed.message,
            is_listing=own.is_listing and listed.is_listing,
            is_time_guessed=own.is_time_guessed and listed.is_time_guessed,
        )


def each_run_once(records: Iterable[BackupRunRecord]) -> list[BackupRunRecord]:
    """Return `records` with the views of one run merged, in the order in which they first came."""
    found: dict[str, BackupRunRecord] = {}
    for record in records:
        known = found.get(record.external_id)
        found[record.external_id] = known.merged(record) if known else record
    return list(found.values())


def nameless_id(tool: str, source: Source, content: str) -> str:
    """Return the external id of a run to which its tool gave none: the same file gives the same id."""
    when = source.modified_at.isoformat() if source.modified_at else ""
    digest = hashlib.sha256("\0".join((when, content)).encode("utf-8", "replace")).hexdigest()
    return f"{tool}:{digest[:32]}"


def message_of(lines: Iterable[str]) -> str:
    return clean("\n".join(lines), LONGEST_MESSAGE)


def text_of(data: bytes) -> str:
    """Return the file's text. Raises BadInput when it is empty or giant."""
    if len(data) > LARGEST_FILE:
        raise BadInput(tr("The file is larger than {most} MB.", most=LARGEST_FILE // 1_000_000))
    text = decode(data)
    if not text.strip():
        raise BadInput(tr("The file is empty."))
    return text


def no_runs() -> BadInput:
    return BadInput(tr("There is no backup run in the file."))


def json_document(data: bytes) -> Any:
    """Return the file's JSON value. Raises BadInput with the line."""
    return _json(text_of(data), 1)


def json_lines(text: str) -> list["Fields"]:
    """Return each line's JSON object. Raises BadInput with the line."""
    lines = enumerate(text.splitlines(), 1)
    return [Fields(_json(line, number), number) for number, line in lines if line.strip()]


class Fields:
    """A JSON object of somebody else's, read by name; a value of another type than asked for is refused."""

    def __init__(self, value: object, line: int = 0) -> None:
        if not isinstance(value, dict):
            raise _refused(line, tr("an object was expected"))
        self._values: dict[str, object] = value
        self.line = line

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str) -> str:
        """Return a text as one clean line, "" when it is missing."""
        value = self._values.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self._wrong(name)
        return clean_line(value)

    def count(self, name: str) -> int | None:
        """Return a number from 0 up, None when it is missing."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST_COUNT:
            raise self._wrong(name)
        return value

    def seconds(self, name: str) -> float:
        """Return a span of time, 0 when it is missing."""
        value = self._values.get(name, 0.0)
        if not isinstance(value, int | float) or not 0 <= value <= 10**9:
            raise self._wrong(name)
        return float(value)

    def moment(self, name: str) -> datetime | None:
        """Return a time given as text, None when it is missing."""
        text = self.text(name)
        try:
            return parse_moment(text) if text else None
        except BadInput as error:
            raise _refused(self.line, error.sentence()) from error

    def epoch(self, name: str) -> datetime | None:
        """Return a time given in seconds since 1970, None when it is missing."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, int | float):
            raise self._wrong(name)
        try:
            return checked(datetime.fromtimestamp(value, UTC))
        except (OverflowError, ValueError, OSError, BadInput) as error:
            raise self._wrong(name) from error

    def flag(self, name: str) -> bool:
        return self._values.get(name) is True

    def child(self, name: str) -> "Fields":
        """Return the object under `name`, an empty one when it is missing."""
        value = self._values.get(name)
        return Fields({} if value is None else value, self.line)

    def children(self, name: str) -> list["Fields"]:
        """Return the objects of the list under `name`, none when it is missing."""
        value = self._values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self._wrong(name)
        return [Fields(item, self.line) for item in value]

    def texts(self, name: str) -> list[str]:
        """Return the texts of the list under `name`; what is no text in it is left out."""
        value = self._values.get(name)
        return [clean_line(item) for item in value if isinstance(item, str)] if isinstance(value, list) else []

    def _wrong(self, name: str) -> BadInput:
        return _refused(self.line, tr("the value of “{name}” can't be used", name=name))


def _json(text: str, first_line: int) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise _refused(first_line + error.lineno - 1, tr("this is no JSON")) from error
    except (RecursionError, ValueError) as error:
        raise _refused(first_line, tr("this is no JSON")) from error


def _refused(line: int, what: str) -> BadInput:
    return BadInput(tr("Line {line}: {what}", line=line, what=what) if line else what)
