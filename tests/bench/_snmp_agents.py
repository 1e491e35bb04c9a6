"""Many quick SNMP v2c agents in one process: switches of PORTS ports, each at an address of 127/8.

    python tests/bench/_snmp_agents.py COUNT PORT

An answer is made once for each question and then given again with the new request's id, so the agents cost the poller
next to nothing of the machine. Their counters stand still, which both sides store like any other figure.
"""

import select
import socket
import sys
from bisect import bisect_right
from collections.abc import Iterable, Iterator

PORTS = 48
SYSTEM = "1.3.6.1.2.1.1"
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
COUNTERS = (f"{IFX}.6", f"{IFX}.10", f"{IFX}.7", f"{IFX}.11")
BROADCASTS = f"{IFX}.9"
FAULTS = (f"{IF}.13", f"{IF}.14", f"{IF}.19", f"{IF}.20")
OPER = f"{IF}.8"
POLLED = (OPER, *COUNTERS, *FAULTS)
"""What is asked of each port and stored."""

_NO_OBJECT, _END = b"\x80\x00", b"\x82\x00"
Key = tuple[int, ...]


def address(number: int) -> str:
    return f"127.1.{number // 250}.{number % 250 + 1}"


def objects() -> Iterator[tuple[str, bytes]]:
    """Yield what a switch answers: OID and encoded value."""
    yield f"{SYSTEM}.1.0", _tlv(4, b"Bench switch, 48 ports")
    yield f"{SYSTEM}.2.0", _tlv(6, _oid((1, 3, 6, 1, 4, 1, 99999, 1)))
    yield f"{SYSTEM}.3.0", _tlv(0x43, _integer(123_456_789))
    yield f"{SYSTEM}.5.0", _tlv(4, b"bench")
    for port in range(1, PORTS + 1):
        name = f"GE1/0/{port}".encode()
        for column, value in ((2, _tlv(4, name)), (5, _tlv(0x42, _integer(10**9))), (7, _tlv(2, _integer(1)))):
            yield f"{IF}.{column}.{port}", value
        yield f"{OPER}.{port}", _tlv(2, _integer(1))
        for base in FAULTS:
            yield f"{base}.{port}", _tlv(0x41, _integer(port))
        yield f"{IFX}.1.{port}", _tlv(4, name)
        yield f"{IFX}.15.{port}", _tlv(0x42, _integer(1000))
        yield f"{IFX}.18.{port}", _tlv(4, b"")
        for place, base in enumerate((*COUNTERS, BROADCASTS)):
            yield f"{base}.{port}", _tlv(0x46, _integer(10**11 + 10**6 * port + place))


class Agent:
    """The objects of a switch, and the answers that were made of them."""

    def __init__(self, found: Iterable[tuple[str, bytes]]) -> None:
        self._values = {tuple(map(int, oid.split("."))): value for oid, value in found}
        self._keys = sorted(self._values)
        self._made: dict[bytes, tuple[bytes, bytes]] = {}

    def answer(self, request: bytes) -> bytes:
        """Return the answer to a whole message."""
        head, number, rest = _parted(request)
        made = self._made.get(head[2:] + rest)
        if made is None:
            made = self._made[head[2:] + rest] = self._make(head, rest)
        before, after = made
        return _tlv(0x30, before + _tlv(0xA2, number + after))

    def _make(self, head: bytes, rest: bytes) -> tuple[bytes, bytes]:
        """Return what stands before the answer's PDU, and what follows its request id."""
        kind, version_and_community = head[-1], _before_pdu(head)
        _, first, end = _element(rest, 0)
        _, most, end = _element(rest, end)
        _, asked, _ = _element(rest, end)
        wanted = list(_names(asked))
        bindings = b"".join(self._bindings(kind, wanted, _number(first), _number(most)))
        return version_and_community, b"\x02\x01\x00\x02\x01\x00" + _tlv(0x30, bindings)

    def _bindings(self, kind: int, wanted: list[Key], still: int, most: int) -> Iterator[bytes]:
        if kind == 0xA0:
            yield from (_binding(oid, self._values.get(oid, _NO_OBJECT)) for oid in wanted)
            return
        turns = most if kind == 0xA5 else 1
        for place, oid in enumerate(wanted):
            for _ in range(1 if kind == 0xA5 and place < still else turns):
                at = bisect_right(self._keys, oid)
                if at == len(self._keys):
                    yield _binding(oid, _END)
                    break
                oid = self._keys[at]
                yield _binding(oid, self._values[oid])


def _parted(message: bytes) -> tuple[bytes, bytes, bytes]:
    """Return the message up to its PDU's tag, the encoded request id, and what follows that."""
    _, body, _ = _element(message, 0)
    _, _, at = _element(body, 0)
    _, _, at = _element(body, at)
    _, pdu, _ = _element(body, at)
    _, _, end = _element(pdu, 0)
    return b"\x30\x00" + body[: at + 1], pdu[:end], pdu[end:]


def _before_pdu(head: bytes) -> bytes:
    return head[2:-1]


def _element(data: bytes, at: int) -> tuple[int, bytes, int]:
    """Return tag, content and where the next element begins."""
    tag, length, at = data[at], data[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, at = int.from_bytes(data[at : at + size], "big"), at + size
    return tag, data[at : at + length], at + length


def _names(bindings: bytes) -> Iterator[Key]:
    at = 0
    while at < len(bindings):
        _, binding, at = _element(bindings, at)
        _, name, _ = _element(binding, 0)
        yield _key(name)


def _key(name: bytes) -> Key:
    parts, value = [name[0] // 40, name[0] % 40], 0
    for byte in name[1:]:
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            parts.append(value)
            value = 0
    return tuple(parts)


def _binding(oid: Key, value: bytes) -> bytes:
    return _tlv(0x30, _tlv(6, _oid(oid)) + value)


def _oid(oid: Key) -> bytes:
    out = bytearray([oid[0] * 40 + oid[1]])
    for part in oid[2:]:
        groups = [part & 0x7F]
        while part := part >> 7:
            groups.append(part & 0x7F | 0x80)
        out += bytes(reversed(groups))
    return bytes(out)


def _integer(value: int) -> bytes:
    return value.to_bytes(value.bit_length() // 8 + 1, "big")


def _number(data: bytes) -> int:
    return int.from_bytes(data, "big", signed=True)


def _tlv(tag: int, body: bytes) -> bytes:
    if len(body) < 128:
        return bytes((tag, len(body))) + body
    size = (len(body).bit_length() + 7) // 8
    return bytes((tag, 0x80 | size)) + len(body).to_bytes(size, "big") + body


def serve(count: int, port: int) -> None:
    """Answer for so many switches, for ever."""
    agent, ready = Agent(objects()), select.epoll()
    sockets = {}
    for number in range(count):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        one.bind((address(number), port))
        ready.register(one, select.EPOLLIN)
        sockets[one.fileno()] = one
    print("ready", flush=True)
    while True:
        for number, _ in ready.poll():
            message, sender = sockets[number].recvfrom(65_535)
            sockets[number].sendto(agent.answer(message), sender)


if __name__ == "__main__":
    serve(int(sys.argv[1]), int(sys.argv[2]))
