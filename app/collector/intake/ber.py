"""BER as SNMP uses it: a reader that refuses with BadBer what is no such thing, whatever the bytes, and a writer."""

from collections.abc import Sequence
from dataclasses import dataclass

INTEGER, OCTETS, NULL, OID, SEQUENCE = 0x02, 0x04, 0x05, 0x06, 0x30
ADDRESS, COUNTER, GAUGE, TICKS, OPAQUE, COUNTER64 = 0x40, 0x41, 0x42, 0x43, 0x44, 0x46
MOST_ARCS = 128


class BadBer(ValueError):
    """These bytes are no BER of the expected kind."""


@dataclass(slots=True)
class Reader:
    """Reads elements one after the other from `data`, between `place` and `end`."""

    data: bytes
    place: int
    end: int

    @classmethod
    def of(cls, data: bytes) -> "Reader":
        return cls(data, 0, len(data))

    @property
    def is_done(self) -> bool:
        return self.place >= self.end

    def take(self) -> tuple[int, int, int]:
        """Return tag, begin and end of the next element's content and step behind it. Raises BadBer."""
        place = self.place
        if place + 2 > self.end:
            raise BadBer("ends too soon")
        tag, length = self.data[place], self.data[place + 1]
        place += 2
        if length & 0x80:
            count = length & 0x7F
            if not 1 <= count <= 4 or place + count > self.end:
                raise BadBer("bad length")
            length = int.from_bytes(self.data[place : place + count], "big")
            place += count
        if place + length > self.end:
            raise BadBer("ends too soon")
        self.place = place + length
        return tag, place, self.place

    def enter(self, wanted: int = SEQUENCE) -> "Reader":
        """Return a reader of the next element's content. Raises BadBer when its tag is another."""
        tag, begin, end = self.take()
        if tag != wanted:
            raise BadBer("another tag")
        return Reader(self.data, begin, end)

    def octets(self, wanted: int = OCTETS) -> bytes:
        inner = self.enter(wanted)
        return self.data[inner.place : inner.end]

    def integer(self, wanted: int = INTEGER) -> int:
        return signed(self.octets(wanted))

    def oid(self) -> str:
        return oid_text(self.octets(OID))


def signed(octets: bytes) -> int:
    """Raises BadBer."""
    if not 1 <= len(octets) <= 9:
        raise BadBer("bad integer")
    return int.from_bytes(octets, "big", signed=True)


def unsigned(octets: bytes) -> int:
    """Raises BadBer."""
    if not 1 <= len(octets) <= 9:
        raise BadBer("bad integer")
    return int.from_bytes(octets, "big")


def oid_text(octets: bytes) -> str:
    """Return an OID's dotted text. Raises BadBer."""
    arcs: list[int] = []
    arc = 0
    for octet in octets:
        arc = arc << 7 | octet & 0x7F
        if arc > 0xFFFFFFFF + 80 or len(arcs) >= MOST_ARCS:
            raise BadBer("bad OID")
        if not octet & 0x80:
            arcs.append(arc)
            arc = 0
    if not arcs or octets[-1] & 0x80:
        raise BadBer("bad OID")
    first = min(arcs[0] // 40, 2)
    return ".".join(map(str, (first, arcs[0] - 40 * first, *arcs[1:])))


def element(tag: int, content: bytes) -> bytes:
    """Return one encoded element."""
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = (length.bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + length.to_bytes(size, "big") + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(text: str) -> bytes:
    """Return an encoded OID of dotted text."""
    first, second, *rest = (int(arc) for arc in text.split("."))
    return element(OID, b"".join(_arc(arc) for arc in (40 * first + second, *rest)))


def sequence(parts: Sequence[bytes], tag: int = SEQUENCE) -> bytes:
    return element(tag, b"".join(parts))


def _arc(arc: int) -> bytes:
    found = [arc & 0x7F]
    while arc := arc >> 7:
        found.append(arc & 0x7F | 0x80)
    return bytes(reversed(found))
