"""ICMP on the wire: one socket for all hosts of an address family, thousands of pings in flight.

A reply is matched by a random token and a wave number in the payload; its sequence number is the host's place in
the wave. Over a raw IPv4 socket on Linux a wave's packets lie ready and go many a call (`bulk`); elsewhere the path
is plain: a prepared packet in which checksum and sequence change, one `sendto` a host, one receive a reply.
"""

import asyncio
import contextlib
import errno
import os
import secrets
import socket
import struct
import sys
import time
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from app.collector.probes import bulk
from app.errors import Refused
from app.words import tr

WAVE_LIMIT = 60_000
"""Hosts in one wave: a sequence number has 16 bits."""

_BATCH = 32
_UNPACED_BATCH = 128
_FEW = 8
"""Replies that are sooner read one by one than as columns."""
_DRAIN_LIMIT = 256
_RECEIVE_BUFFER = 32 << 20
_REQUEST_V4, _REPLY_V4 = 8, 0
_REQUEST_V6, _REPLY_V6 = 128, 129
_SOL_RAW, _ICMP_FILTER = 255, 1
_SO_RCVBUFFORCE = 33
_ICMP6_FILTER = 1
_HEADER = struct.Struct("!BBHHH8sI")
_IP_AND_HEADER = struct.Struct("!B11x4s4xBBHHH8sI")
_CHANGING = struct.Struct("!HHH")
_PACKET = np.dtype(
    [("head", "u2"), ("sum", ">u2"), ("ident", ">u2"), ("place", ">u2"), ("token", "V8"), ("wave", "V4")]
)
_REPLY = np.dtype(
    [
        *(("version", "u1"), ("gap", "V11"), ("source", "u4"), ("target", "V4"), ("kind", "u1"), ("rest", "V5")),
        *(("place", ">u2"), ("token", "u8"), ("wave", ">u4"), ("tail", "V56")),
    ]
)
"""The first 96 bytes of what a raw IPv4 socket receives, as `_IP_AND_HEADER` reads them one by one."""
_TRANSIENT = {errno.EAGAIN, errno.ENOBUFS, errno.EINTR}


@dataclass(slots=True)
class Wave:
    """One ping to each of `hosts`; `rtt_ns` is -1 where nothing came back, `errors` are errnos by place."""

    number: int
    hosts: Sequence[str]
    packed: Sequence[bytes]
    sent_ns: "array[int]"
    rtt_ns: "array[int]"
    missing: int
    outbox: bulk.Outbox | None = None
    sources: NDArray[np.uint32] = field(default_factory=lambda: np.empty(0, np.uint32))
    is_complete: asyncio.Event = field(default_factory=asyncio.Event)
    errors: dict[int, int] = field(default_factory=dict)


class Wire:
    """One ICMP socket. `open` it inside the event loop, `close` it there.

    Raises Refused with advice when the system allows neither a raw nor a datagram ICMP socket.
    """

    def __init__(self, family: socket.AddressFamily = socket.AF_INET) -> None:
        self.family = family
        self._socket, self.is_raw = _open(family)
        self._has_ip_header = self.is_raw and family == socket.AF_INET
        self._token = secrets.token_bytes(8)
        self._ident = os.getpid() & 0xFFFF
        self._waves: dict[int, Wave] = {}
        self._next_wave = secrets.randbits(16) << 8
        self._buffer = bytearray(256)
        is_bulk = self._has_ip_header and bulk.can()
        self._inbox = bulk.Inbox(self._socket.fileno(), _DRAIN_LIMIT, _REPLY.itemsize) if is_bulk else None
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket.fileno(), self._drain)

    def close(self) -> None:
        self._loop.remove_reader(self._socket.fileno())
        self._socket.close()

    async def ping(self, hosts: Sequence[str], timeout_s: float, packets_per_s: float | None) -> Wave:
        """Return the wave after every host answered, or `timeout_s` after the last ping was sent."""
        wave = self._new_wave(hosts)
        try:
            await self._send_all(wave, packets_per_s)
            if wave.missing:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(wave.is_complete.wait(), timeout_s)
        finally:
            del self._waves[wave.number]
        return wave

    def _new_wave(self, hosts: Sequence[str]) -> Wave:
        if len(hosts) > WAVE_LIMIT:
            raise ValueError(f"a wave holds {WAVE_LIMIT} hosts at most")
        self._next_wave = (self._next_wave + 1) & 0xFFFFFFFF
        pton, family = socket.inet_pton, self.family
        packed = [pton(family, host) for host in hosts]
        size = len(hosts)
        wave = Wave(self._next_wave, hosts, packed, array("q", bytes(8 * size)), array("q", [-1]) * size, size)
        if self._inbox is not None:
            joined = b"".join(packed)
            wave.sources = np.frombuffer(joined, np.uint32)
            wave.outbox = bulk.Outbox(self._socket.fileno(), joined, self._packets(wave.number, size))
        self._waves[wave.number] = wave
        return wave

    async def _send_all(self, wave: Wave, packets_per_s: float | None) -> None:
        """Send batch by batch, reading what came back after each, so that no buffer overflows."""
        began, size = time.monotonic(), len(wave.hosts)
        batch = _BATCH if packets_per_s is not None else _UNPACED_BATCH
        place = 0
        while place < size:
            stop = min(place + batch, size)
            place = self._send_batch(wave, place, stop) if wave.outbox is None else self._post(wave, place, stop)
            self._drain()
            if packets_per_s is not None:
                ahead_s = place / packets_per_s - (time.monotonic() - began)
                await asyncio.sleep(max(0.0, ahead_s))
            elif place % (batch * 4) == 0:
                await asyncio.sleep(0)

    def _send_batch(self, wave: Wave, start: int, stop: int) -> int:
        """Send places `start` to `stop`; return the first place not sent because the buffer is full."""
        packet, checksum = self._packet(wave.number)
        sendto, put, clock = self._socket.sendto, _CHANGING.pack_into, time.perf_counter_ns
        hosts, sent, ident = wave.hosts, wave.sent_ns, self._ident
        for place in range(start, stop):
            put(packet, 2, (checksum - place) % 0xFFFF, ident, place)
            sent[place] = clock()
            try:
                sendto(packet, (hosts[place], 0))
            except OSError as problem:
                if problem.errno in _TRANSIENT:
                    return place
                wave.errors[place] = problem.errno or errno.EIO
                self._settle(wave)
        return stop

    def _post(self, wave: Wave, start: int, stop: int) -> int:
        """Send places `start` to `stop` in one call; return the first place that has not gone."""
        assert wave.outbox is not None
        began = time.perf_counter_ns()
        try:
            gone = wave.outbox.send(start, stop)
        except OSError as problem:
            if problem.errno in _TRANSIENT:
                return start
            wave.errors[start] = problem.errno or errno.EIO
            self._settle(wave)
            return start + 1
        times = np.frombuffer(wave.sent_ns, np.int64)
        times[start : start + gone] = np.linspace(began, time.perf_counter_ns(), gone, dtype=np.int64)
        return start + gone

    def _packets(self, number: int, size: int) -> NDArray[np.uint8]:
        """Return the packets of all places, a row each."""
        first, checksum = self._packet(number)
        packets = np.repeat(np.frombuffer(first, _PACKET), size)
        places = np.arange(size)
        packets["place"], packets["sum"] = places, (checksum - places) % 0xFFFF
        return packets.view(np.uint8).reshape(size, _PACKET.itemsize)

    def _packet(self, number: int) -> tuple[bytearray, int]:
        """Return the packet and the checksum of place 0; that of others is less by the place, mod 65535."""
        kind = _REQUEST_V4 if self.family == socket.AF_INET else _REQUEST_V6
        packet = bytearray(_HEADER.pack(kind, 0, 0, self._ident, 0, self._token, number))
        return packet, -sum(struct.unpack(f"!{len(packet) // 2}H", packet)) % 0xFFFF

    def _drain(self) -> None:
        """Read the replies that are there, a bounded number, so that a flood can't hold the loop."""
        try:
            if self._inbox is not None:
                self._drain_many(self._inbox)
            elif self._has_ip_header:
                self._drain_raw()
            else:
                self._drain_plain()
        except BlockingIOError:
            return
        except OSError:
            return  # an error that the network reported about an earlier packet

    def _drain_many(self, inbox: bulk.Inbox) -> None:
        rows, sizes = inbox.receive()
        now = time.perf_counter_ns()
        if len(rows) < _FEW:
            for row, size in zip(rows, sizes, strict=True):
                self._take_long(bytearray(row), int(size), now)
            return
        replies = rows.view(_REPLY)[:, 0]
        for place in np.flatnonzero(replies["version"] != 0x45):
            self._take_long(bytearray(rows[place]), int(sizes[place]), now)
        is_ours = (replies["version"] == 0x45) & (replies["kind"] == _REPLY_V4) & (sizes >= _IP_AND_HEADER.size)
        ours = replies[is_ours & (replies["token"] == int.from_bytes(self._token, sys.byteorder))]
        for number in set(ours["wave"].tolist()):
            wave = self._waves.get(number)
            if wave is not None:
                self._credit_many(wave, ours[ours["wave"] == number], now)

    def _credit_many(self, wave: Wave, replies: NDArray[np.void], now: int) -> None:
        """Note the replies whose host had not answered yet, each once, where they come from that host."""
        places = replies["place"].astype(np.int64)
        inside = places < len(wave.hosts)
        places, sources = places[inside], replies["source"][inside]
        rtt_ns = np.frombuffer(wave.rtt_ns, np.int64)
        places = np.unique(places[(wave.sources[places] == sources) & (rtt_ns[places] < 0)])
        if len(places):
            rtt_ns[places] = now - np.frombuffer(wave.sent_ns, np.int64)[places]
            self._settle(wave, len(places))

    def _drain_raw(self) -> None:
        buffer, waves, token = self._buffer, self._waves, self._token
        receive, unpack, clock = self._socket.recv_into, _IP_AND_HEADER.unpack_from, time.perf_counter_ns
        for _ in range(_DRAIN_LIMIT):
            size = receive(buffer)
            now = clock()
            if size < _IP_AND_HEADER.size:
                continue
            version, source, kind, _, _, _, place, seen, number = unpack(buffer)
            if version != 0x45:
                self._take_long(buffer, size, now)
            elif seen == token and kind == _REPLY_V4 and (wave := waves.get(number)) is not None:
                self._credit(wave, place, source, now)

    def _take_long(self, buffer: bytearray, size: int, now: int) -> None:
        """Take a reply after its IP header, whose length may differ: it can carry options."""
        start = (buffer[0] & 15) * 4
        if size >= start + _HEADER.size:
            self._take(buffer, start, bytes(buffer[12:16]), now)

    def _drain_plain(self) -> None:
        """Read replies that come without their IP header (IPv6 and datagram sockets)."""
        for _ in range(_DRAIN_LIMIT):
            size, sender = self._socket.recvfrom_into(self._buffer)
            now = time.perf_counter_ns()
            if size >= _HEADER.size:
                source = socket.inet_pton(self.family, sender[0].partition("%")[0])
                self._take(self._buffer, 0, source, now)

    def _take(self, buffer: bytearray, start: int, source: bytes, now: int) -> None:
        kind, _, _, _, place, token, number = _HEADER.unpack_from(buffer, start)
        wave = self._waves.get(number)
        if wave is None or token != self._token or kind not in (_REPLY_V4, _REPLY_V6):
            return
        self._credit(wave, place, source, now)

    def _credit(self, wave: Wave, place: int, source: bytes, now: int) -> None:
        """Note the reply of the host at `place`, once, and only when it comes from that host."""
        if place < len(wave.packed) and wave.packed[place] == source and wave.rtt_ns[place] < 0:
            wave.rtt_ns[place] = now - wave.sent_ns[place]
            self._settle(wave)

    def _settle(self, wave: Wave, count: int = 1) -> None:
        wave.missing -= count
        if not wave.missing:
            wave.is_complete.set()


def _open(family: socket.AddressFamily) -> tuple[socket.socket, bool]:
    """Return a non-blocking ICMP socket and whether it is raw."""
    protocol = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    for kind in (socket.SOCK_RAW, socket.SOCK_DGRAM):
        try:
            opened = socket.socket(family, kind, protocol)
        except OSError:
            continue
        opened.setblocking(False)
        _make_room(opened)
        if kind == socket.SOCK_RAW and sys.platform == "linux":
            _only_replies(opened, family)
        return opened, kind == socket.SOCK_RAW
    raise Refused(forbidden())


def _make_room(opened: socket.socket) -> None:
    """Ask for a receive buffer of thousands of replies; with less, replies are read sooner, not lost."""
    for option in (_SO_RCVBUFFORCE, socket.SO_RCVBUF):
        with contextlib.suppress(OSError):
            opened.setsockopt(socket.SOL_SOCKET, option, _RECEIVE_BUFFER)
            return


def _only_replies(opened: socket.socket, family: socket.AddressFamily) -> None:
    """Let the kernel drop everything but echo replies: a raw socket sees all ICMP of the machine."""
    with contextlib.suppress(OSError):
        if family == socket.AF_INET:
            opened.setsockopt(_SOL_RAW, _ICMP_FILTER, struct.pack("I", 0xFFFFFFFF ^ (1 << _REPLY_V4)))
        else:
            blocked = bytearray(b"\xff" * 32)
            blocked[_REPLY_V6 // 32 * 4 + _REPLY_V6 % 32 // 8] ^= 1 << _REPLY_V6 % 8
            opened.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, bytes(blocked))


def forbidden() -> str:
    """Return the advice for a system that lets no program ping."""
    return tr(
        "This system lets no program of this account send pings. Install fping, or as administrator run: "
        "sysctl -w net.ipv4.ping_group_range='0 2147483647'"
    )
