"""Archives from outside (an xlsx is one): looked over before anything in them is unpacked."""

import contextlib
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from app.errors import BadInput
from app.text import clean_line
from app.words import tr

_CHUNK = 65_536
_ENCRYPTED = 0x1
_XML_ENDINGS = (".xml", ".rels", ".vml")
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError)


@dataclass(frozen=True, slots=True)
class ZipLimits:
    """What an archive may hold; `ratio` is unpacked ÷ packed size and counts from `ratio_from_bytes` on."""

    file_bytes: int = 64_000_000
    entries: int = 2_000
    member_bytes: int = 200_000_000
    total_bytes: int = 400_000_000
    ratio: int = 200
    ratio_from_bytes: int = 2_000_000
    depth: int = 8


SHEET_LIMITS = ZipLimits()


def check_zip(path: Path, limits: ZipLimits = SHEET_LIMITS) -> None:
    """Return when `path` is a zip that is safe to unpack whole.

    Raises BadInput on too many or too big entries, a bomb's ratio, overlapping, encrypted or outward-pointing
    entries, and XML members with a document type (DTD), where entity bombs and file reads live.
    """
    with open_zip(path, limits):
        return


@contextlib.contextmanager
def open_zip(path: Path, limits: ZipLimits = SHEET_LIMITS) -> Iterator[zipfile.ZipFile]:
    """Yield the checked archive, closed afterwards. Raises BadInput as `check_zip` does."""
    try:
        size = path.stat().st_size
        if size > limits.file_bytes:
            _refuse_size(path.name, size, limits.file_bytes)
        archive = zipfile.ZipFile(path)
    except _BROKEN as error:
        raise _damaged(path.name) from error
    with archive:
        _check_directory(archive, path.name, limits)
        for member in archive.infolist():
            if member.filename.lower().endswith(_XML_ENDINGS):
                _refuse_document_type(archive, member)
        yield archive


def read_member(archive: zipfile.ZipFile, name: str, limit_bytes: int) -> bytes:
    """Return a member's content. Raises BadInput when it is missing, damaged or longer than `limit_bytes`."""
    try:
        with archive.open(name) as stream:
            data = stream.read(limit_bytes + 1)
    except KeyError as error:
        raise BadInput(tr("The file has no part “{name}”.", name=clean_line(name, 80))) from error
    except _BROKEN as error:
        raise _damaged(name) from error
    if len(data) > limit_bytes:
        _refuse_size(name, len(data), limit_bytes)
    return data


def _check_directory(archive: zipfile.ZipFile, name: str, limits: ZipLimits) -> None:
    members = archive.infolist()
    if len(members) > limits.entries:
        raise BadInput(
            tr(
                "“{name}” has {n} parts, at most {most} are read.",
                name=name,
                n=len(members),
                most=limits.entries,
            )
        )
    for member in members:
        _check_member(member, limits)
    total = sum(member.file_size for member in members)
    if total > limits.total_bytes:
        _refuse_size(name, total, limits.total_bytes)
    _refuse_overlaps(members, name)


def _check_member(member: zipfile.ZipInfo, limits: ZipLimits) -> None:
    parts = member.filename.replace("\\", "/").split("/")
    if ".." in parts or parts[0] == "" or ":" in parts[0] or len(parts) > limits.depth:
        raise BadInput(tr("A part's name leads out of the file: “{name}”.", name=clean_line(member.filename, 80)))
    if member.flag_bits & _ENCRYPTED:
        raise BadInput(tr("The file is protected by a password. Save it without one and try again."))
    if member.file_size > limits.member_bytes:
        _refuse_size(member.filename, member.file_size, limits.member_bytes)
    too_dense = member.file_size > limits.ratio * max(1, member.compress_size)
    if too_dense and member.file_size > limits.ratio_from_bytes:
        raise BadInput(
            tr(
                "“{name}” unpacks to {size} MB from next to nothing: a zip bomb. Nothing was unpacked.",
                name=clean_line(member.filename, 80),
                size=member.file_size // 1_000_000,
            )
        )


def _refuse_overlaps(members: list[zipfile.ZipInfo], name: str) -> None:
    """Raise BadInput when members share bytes, by which a bomb multiplies without a suspicious ratio."""
    end = 0
    for member in sorted(members, key=lambda member: member.header_offset):
        if member.header_offset < end:
            raise _damaged(name)
        end = member.header_offset + member.compress_size


def _refuse_document_type(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> None:
    """Parse `member` up to its first element; a DTD can only stand before that."""
    prolog = _Prolog(member.filename)
    try:
        with archive.open(member) as stream:
            while not prolog.is_over and (chunk := stream.read(_CHUNK)):
                prolog.feed(chunk)
    except (expat.ExpatError, LookupError, *_BROKEN) as error:
        raise _damaged(member.filename) from error


class _Prolog:
    """The part of an XML document before its first element, refused when it declares a document type."""

    def __init__(self, name: str) -> None:
        self.is_over = False
        self._name = name
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse
        self._parser.StartElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        try:
            self._parser.Parse(chunk, False)
        except expat.ExpatError:
            if not self.is_over:
                raise

    def _end(self, *_: object) -> None:
        self.is_over = True

    def _refuse(self, *_: object) -> NoReturn:
        raise BadInput(
            tr(
                "“{name}” declares a document type (DTD), which no sheet needs. It was not read.",
                name=self._name,
            )
        )


def _refuse_size(name: str, size: int, most: int) -> NoReturn:
    raise BadInput(
        tr(
            "“{name}” is too big: {size} MB unpacked, at most {most} MB are read.",
            name=clean_line(name, 80),
            size=size // 1_000_000,
            most=most // 1_000_000,
        )
    )


def _damaged(name: str) -> BadInput:
    return BadInput(tr("“{name}” is damaged or no zip file.", name=clean_line(name, 80)))
