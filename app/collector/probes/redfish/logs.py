"""The log entries of a controller: what is new of them since the last reading."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from app.collector.probes.redfish.service import Document, Service, listed, words
from app.collector.samples import LogEntry
from app.text import clean, clean_line

MOST: Final = 100
"""Entries of one reading, the newest: a controller that is met for the first time may keep years of them."""
LINKS_FOLLOWED: Final = 20
_NOT_LOGS: Final = frozenset({"journal", "hostlogger", "postcodes", "crashdump", "dump"})
"""What some controllers list among their logs: their own system's lines, and files."""
_LEVELS: Final[Mapping[str, int]] = {"critical": 2, "warning": 4}
_INFORMATION: Final = 6
_TEXT: Final = 4_000
_TAG: Final = 120
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class NewEntries:
    """Knows by check which entries were told already."""

    def __init__(self) -> None:
        self._told: dict[int, set[LogEntry]] = {}

    def of(self, check_id: int, found: Iterable[LogEntry]) -> tuple[LogEntry, ...]:
        """Return the entries that were not there the last time, oldest first, at most MOST."""
        now = set(found)
        fresh = now - self._told.get(check_id, set())
        self._told[check_id] = now
        return tuple(sorted(fresh, key=lambda one: (one.at or _EPOCH, one.tag))[-MOST:])


async def entries(service: Service, logs: Sequence[Document]) -> list[LogEntry]:
    """Return the newest entries of each log service, as they stand in its collection's first page."""
    wanted = [log for log in logs if words(log, "Id", "Name").casefold() not in _NOT_LOGS]
    pages = await asyncio.gather(*(_members(service, log) for log in wanted))
    return [found for log, page in zip(wanted, pages, strict=True) for one in page for found in _entry(log, one)]


async def _members(service: Service, log: Document) -> Sequence[Document]:
    """Return the members as they stand in the collection, or behind its last links where it has only these."""
    members = listed(await service.document(log.get("Entries")), "Members")
    whole = [one for one in members if isinstance(one, Mapping) and ("Message" in one or "Created" in one)]
    return whole or await service.documents(members[-LINKS_FOLLOWED:])


def _entry(log: Document, one: Document) -> Iterator[LogEntry]:
    text = words(one, "Message") or words(one, "Description") or words(one, "Name")
    if not text:
        return
    severity = words(one, "Severity", "MessageSeverity").casefold()
    tag = clean_line(f"{words(log, 'Id', 'Name')} {words(one, 'Id')}", _TAG)
    yield LogEntry(
        _moment(words(one, "Created", "EventTimestamp")), _LEVELS.get(severity, _INFORMATION), tag, clean(text, _TEXT)
    )


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
