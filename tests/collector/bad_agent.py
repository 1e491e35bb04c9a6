"""An SNMP agent of the tests' own that can misbehave: enough BER for v2c GET, GETNEXT and GETBULK over UDP."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

Oid = tuple[int, ...]
Next = Callable[[Oid], tuple[Oid, bytes] | None]
"""What follows an object: its id and its encoded value, None at the end."""

GET, GET_NEXT, RESPONSE, GET_BULK = 0xA0, 0xA1, 0xA2, 0xA5
NO_SUCH_OBJECT, END_OF_VIEW = b"\x80\x00", b"\x82\x00"


def oid(dotted: str) -> Oid:
    return tuple(int(part) for part in dotted.split("."))


def integer(value: int, tag: int = 2) -> bytes:
    """Return `value` encoded; tag 0x41 is a counter of 32 bits, 0x42 a gauge, 0x43 ticks, 0x46 a counter of 64."""
    size = max(1, (value.bit_length() + 8) // 8)
    return wrapped(tag, value.to_bytes(size, "big", signed=True))


def octets(value: bytes) -> bytes:
    return wrapped(4, value)


def identifier(value: Oid) -> bytes:
    body = bytearray([value[0] * 40 + value[1]])
    for part in value[2:]:
        digits = [part & 0x7F]
        while part := part >> 7:
            digits.append(0x80 | (part & 0x7F))
        body += bytes(reversed(digits))
    return wrapped(6, bytes(body))


def wrapped(tag: int, body: bytes) -> bytes:
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


@dataclass(frozen=True, slots=True)
class Table:
    """A tree of objects, answered as an honest agent would."""

    values: dict[Oid, bytes]

    def get(self, asked: Oid) -> bytes:
        return self.values.get(asked, NO_SUCH_OBJECT)

    def following(self, asked: Oid) -> tuple[Oid, bytes] | None:
        later = [one for one in self.values if one > asked]
        return (min(later), self.values[min(later)]) if later else None


class Agent:
    """Answers on a port of its own; `following` may lie about what comes next, after `dies_after` answers it dies.

    Of a question about more than `most_names` objects it leaves the rest out, or does not answer it if it `is_shy`.
    """

    def __init__(
        self,
        values: dict[str, bytes],
        following: Next | None = None,
        dies_after: int | None = None,
        most_names: int = 1000,
        is_shy: bool = False,
    ) -> None:
        self._table = Table({oid(dotted): value for dotted, value in values.items()})
        self._following = following
        self._left = dies_after
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self.answered = 0
        self._most_names, self._is_shy = most_names, is_shy
        self.asked: list[int] = []
        """how many objects each question named"""

    @contextmanager
    def running(self) -> Iterator["Agent"]:
        thread = threading.Thread(target=self._serve, name="bad agent")
        thread.start()
        try:
            yield self
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
                waker.sendto(b"", ("127.0.0.1", self.port))
            thread.join()
            self._socket.close()

    def _serve(self) -> None:
        while True:
            request, sender = self._socket.recvfrom(65535)
            if not request:
                return
            if self._left is not None and self.answered >= self._left:
                continue
            answer = self._answer(request)
            if self._is_shy and self.asked[-1] > self._most_names:
                continue
            self._socket.sendto(answer, sender)
            self.answered += 1

    def _answer(self, request: bytes) -> bytes:
        version, community, pdu = _parts(_body(request))
        kind = pdu[0]
        request_id, first, second, asked = _parts(_body(pdu))
        names = [_oid(_parts(_body(one))[0]) for one in _parts(_body(asked))]
        self.asked.append(len(names))
        names = names[: self._most_names]
        rows = self._rows(kind, names, int.from_bytes(_body(first), "big"), int.from_bytes(_body(second), "big"))
        listed = b"".join(wrapped(0x30, identifier(name) + value) for name, value in rows)
        body = request_id + integer(0) + integer(0) + wrapped(0x30, listed)
        return wrapped(0x30, version + community + wrapped(RESPONSE, body))

    def _rows(self, kind: int, names: list[Oid], alone: int, times: int) -> list[tuple[Oid, bytes]]:
        if kind == GET:
            return [(name, self._table.get(name)) for name in names]
        rows: list[tuple[Oid, bytes]] = []
        for nth, name in enumerate(names):
            at: Oid = name
            for _ in range(times if kind == GET_BULK and nth >= alone else 1):
                found = self._next(at)
                if found is None:
                    rows.append((at, END_OF_VIEW))
                    break
                rows.append(found)
                at = found[0]
        return rows

    def _next(self, asked: Oid) -> tuple[Oid, bytes] | None:
        found = self._following(asked) if self._following else None
        return found if found is not None else self._table.following(asked)


def _body(encoded: bytes) -> bytes:
    start, size = _head(encoded)
    return encoded[start : start + size]


def _head(encoded: bytes) -> tuple[int, int]:
    if encoded[1] < 0x80:
        return 2, encoded[1]
    count = encoded[1] & 0x7F
    return 2 + count, int.from_bytes(encoded[2 : 2 + count], "big")


def _parts(body: bytes) -> list[bytes]:
    found = []
    while body:
        start, size = _head(body)
        found.append(body[: start + size])
        body = body[start + size :]
    return found


def _oid(encoded: bytes) -> Oid:
    body = _body(encoded)
    found, part = [body[0] // 40, body[0] % 40], 0
    for octet in body[1:]:
        part = part << 7 | octet & 0x7F
        if octet < 0x80:
            found.append(part)
            part = 0
    return tuple(found)
