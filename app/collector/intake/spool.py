"""The spool: what was received lies in files, synced in groups, until it is in the database."""

import asyncio
import os
import re
import struct
import zlib
from collections.abc import Iterator
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

FILE_BYTES = 16_000_000
MOST_BYTES = 512_000_000
LONGEST = 2_000_000
SYNC_EVERY_S = 0.02
_HEAD = struct.Struct("<II")
_FIXED = struct.Struct("<cdB")
_NAME = re.compile(r"(\d{10})\.spool")

SYSLOG, TRAP, WEBHOOK = b"s", b"t", b"w"


@dataclass(frozen=True, slots=True)
class Record:
    """One message as it came: when (seconds since 1970), from which address, its bytes."""

    kind: bytes
    at: float
    source: str
    body: bytes

    def packed(self) -> bytes:
        source = self.source.encode("ascii", "replace")[:60]
        content = _FIXED.pack(self.kind, self.at, len(source)) + source + self.body
        return _HEAD.pack(len(content), zlib.crc32(content)) + content


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in the spool: the file's number and the byte in it."""

    file: int = 0
    place: int = 0


class Spool:
    """`append` and `settle` belong to the event loop, `read` and `forget` to the thread that owns the database."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most = folder, most_bytes
        folder.mkdir(parents=True, exist_ok=True)
        self._waiting: list[bytes] = []
        self._waiting_bytes = 0
        self._settling: list[asyncio.Future[None]] = []
        self._stream: BinaryIO | None = None
        self._number = 0
        self._written = 0
        self._kept = sum(path.stat().st_size for path in self._paths().values())

    def begin(self, mark: Mark) -> None:
        """Write into a new file behind everything that is there, so that a torn end is never written on."""
        self._number = max(mark.file, *self._paths(), 0) if self._paths() else mark.file

    def append(self, record: Record) -> bool:
        """Keep a record, on disk after the next `flush`; return whether there is room."""
        packed = record.packed()
        if len(packed) > LONGEST or self._kept + self._waiting_bytes + len(packed) > self._most:
            return False
        self._waiting.append(packed)
        self._waiting_bytes += len(packed)
        return True

    async def settle(self) -> None:
        """Return when everything that was appended is on disk. Raises OSError when it can't be written."""
        if self._waiting:
            future = asyncio.get_running_loop().create_future()
            self._settling.append(future)
            await future

    async def keep_on(self, executor: Executor | None, ending: asyncio.Event) -> None:
        """Write and sync in groups until `ending`, then once more."""
        while not ending.is_set():
            await asyncio.sleep(SYNC_EVERY_S)
            await self.flush(executor)
        await self.flush(executor)

    async def flush(self, executor: Executor | None) -> None:
        """Write and sync what waits. What can't be written now is dropped, and its senders are told."""
        if not self._waiting:
            return
        data, self._waiting, self._waiting_bytes = b"".join(self._waiting), [], 0
        settling, self._settling = self._settling, []
        self._kept += len(data)
        trouble: OSError | None = None
        try:
            await asyncio.get_running_loop().run_in_executor(executor, self._write, data)
        except OSError as error:
            self._kept -= len(data)
            trouble = error
        for future in settling:
            if not future.done():
                future.set_exception(trouble) if trouble else future.set_result(None)

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def read(self, mark: Mark, most: int) -> tuple[list[Record], Mark]:
        """Return at most `most` records behind `mark`, and the place behind them."""
        found: list[Record] = []
        paths = self._paths()
        for number in sorted(number for number in paths if number >= mark.file):
            if number > mark.file:
                mark = Mark(number, 0)
            for record, end in _records(paths[number], mark.place, most - len(found)):
                found.append(record)
                mark = Mark(number, end)
            if len(found) >= most:
                break
        return found, mark

    def forget(self, mark: Mark) -> None:
        """Delete the files before `mark`: all of them is in the database."""
        for number, path in self._paths().items():
            if number < mark.file:
                self._kept -= path.stat().st_size
                path.unlink()

    def _write(self, data: bytes) -> None:
        if self._stream is None or self._written >= FILE_BYTES:
            self.close()
            self._number += 1
            path = self._folder / f"{self._number:010}.spool"
            self._stream = path.open("xb", buffering=0)
            path.chmod(0o600)
            self._written = 0
        try:
            self._stream.write(data)
            os.fsync(self._stream.fileno())
        except OSError:
            self.close()
            raise
        self._written += len(data)

    def _paths(self) -> dict[int, Path]:
        found = ((_NAME.fullmatch(path.name), path) for path in self._folder.iterdir())
        return {int(name[1]): path for name, path in found if name is not None}


def _records(path: Path, place: int, most: int) -> Iterator[tuple[Record, int]]:
    """Yield whole records and the places behind them; a torn one ends the file."""
    with path.open("rb") as stream:
        stream.seek(place)
        for _ in range(most):
            head = stream.read(_HEAD.size)
            if len(head) < _HEAD.size:
                return
            length, checksum = _HEAD.unpack(head)
            content = stream.read(length) if length <= LONGEST else b""
            if len(content) < max(length, _FIXED.size) or zlib.crc32(content) != checksum:
                return
            kind, at, named = _FIXED.unpack_from(content)
            begin = _FIXED.size + named
            place += _HEAD.size + length
            yield Record(kind, at, content[_FIXED.size : begin].decode("ascii"), content[begin:]), place
