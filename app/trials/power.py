"""Simulated power cuts: every write and sync of SQLite is recorded, then cut off at a random place.

What had been synced is there; of what had not, each sector of 512 bytes reached the disk or did not.
"""

import random
import tempfile
from dataclasses import dataclass
from pathlib import Path

import apsw

from app.trials.ledger import INSERT, TABLE, Damage, damage, entry, pragmas

SECTOR = 512
_NAME = "ledger.db"


@dataclass(frozen=True, slots=True)
class Written:
    file: str
    offset: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    file: str
    size: int


@dataclass(frozen=True, slots=True)
class Deleted:
    file: str
    is_durable: bool


@dataclass(frozen=True, slots=True)
class Synced:
    file: str


@dataclass(frozen=True, slots=True)
class Acknowledged:
    number: int


Event = Written | Truncated | Deleted | Synced | Acknowledged


class _RecordedFile(apsw.VFSFile):
    """A file whose writes, truncations and syncs are noted before they are done."""

    def __init__(self, name: str | apsw.URIFilename | None, flags: list[int], events: list[Event]) -> None:
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._name = Path(path).name if path else ""
        self._events = events

    def xWrite(self, data: bytes, offset: int) -> None:
        self._events.append(Written(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:
        self._events.append(Truncated(self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:
        self._events.append(Synced(self._name))
        super().xSync(flags)


class _RecordingVfs(apsw.VFS):
    def __init__(self, events: list[Event]) -> None:
        self._vfs_name = f"recording-{id(self)}"
        super().__init__(self._vfs_name, "")
        self._events = events

    @property
    def vfs_name(self) -> str:
        return self._vfs_name

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:
        return _RecordedFile(name, flags, self._events)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        self._events.append(Deleted(Path(filename).name, is_durable=bool(syncdir)))
        super().xDelete(filename, syncdir)


def record(transactions: int, synchronous: str, seed: int) -> list[Event]:
    """Write `transactions` rows, each committed by itself, and return everything that reached the files."""
    events: list[Event] = []
    vfs = _RecordingVfs(events)
    with tempfile.TemporaryDirectory() as folder:
        connection = apsw.Connection(str(Path(folder) / _NAME), vfs=vfs.vfs_name)
        for pragma in pragmas(synchronous):
            connection.execute(pragma)
        connection.execute(TABLE)
        _make_durable(events)
        for number in range(transactions):
            connection.execute(INSERT, entry(number, seed))
            events.append(Acknowledged(number))
        connection.close()
    vfs.unregister()
    return events


def cut(events: list[Event], place: int, folder: Path, seed: float) -> Damage:
    """Lay out in `folder` what a power cut after `place` events leaves, and return its damage."""
    happened = events[:place]
    for name, content in _surviving(happened, random.Random(f"{seed}/{place}")).items():
        (folder / name).write_bytes(content)
    acknowledged = [event.number for event in happened if isinstance(event, Acknowledged)]
    return damage(folder / _NAME, acknowledged)


def _make_durable(events: list[Event]) -> None:
    """Let the trial begin with an empty table that is on the disk."""
    written = {event.file for event in events if isinstance(event, Written)}
    deleted = {event.file for event in events if isinstance(event, Deleted)}
    events += [Synced(name) for name in sorted(written)] + [Deleted(name, True) for name in sorted(deleted)]


def _surviving(events: list[Event], chance: random.Random) -> dict[str, bytearray]:
    last_sync = {event.file: place for place, event in enumerate(events) if isinstance(event, Synced)}
    files: dict[str, bytearray] = {}
    for place, event in enumerate(events):
        if isinstance(event, Acknowledged | Synced):
            continue
        if isinstance(event, Deleted):
            if event.is_durable or chance.random() < 0.5:
                files.pop(event.file, None)
            continue
        content = files.setdefault(event.file, bytearray())
        is_durable = place < last_sync.get(event.file, -1)
        if isinstance(event, Truncated):
            if is_durable or chance.random() < 0.5:
                del content[event.size :]
        elif is_durable:
            _put(content, event.offset, event.data)
        else:
            _put_some(content, event, chance)
    return files


def _put_some(content: bytearray, event: Written, chance: random.Random) -> None:
    """Write those sectors of an unsynced write that chance lets through."""
    share = chance.choice((0.0, 0.5, 1.0))
    for start in range(0, len(event.data), SECTOR):
        if chance.random() < share:
            _put(content, event.offset + start, event.data[start : start + SECTOR])


def _put(content: bytearray, offset: int, data: bytes) -> None:
    if len(content) < offset:
        content.extend(bytes(offset - len(content)))
    content[offset : offset + len(data)] = data
