"""The receivers of SNMP notifications and of syslog: from the wire into the spool, within each sender's limit."""

import asyncio
import contextlib
import time
from collections.abc import Callable
from typing import cast

from app.collector.intake import traps
from app.collector.intake.ber import BadBer
from app.collector.intake.limits import Limits
from app.collector.intake.spool import SYSLOG, TRAP, Record, Spool
from app.collector.intake.syslog import Frames
from app.collector.intake.usm import Engine, is_v3

MOST_STREAMS = 500
IDLE_S = 3_600.0
_CHUNK = 65_536


class Inbox:
    """What all receivers hand their messages to."""

    def __init__(self, spool: Spool, limits: Limits, clock: Callable[[], float] = time.time) -> None:
        self.spool, self.limits, self._clock = spool, limits, clock

    def admits(self, sender: str) -> bool:
        return self.limits.allows(sender, time.monotonic())

    def keep(self, kind: bytes, sender: str, body: bytes) -> bool:
        """Keep a message, on disk after `settle`; return whether there was room."""
        is_kept = self.spool.append(Record(kind, self._clock(), sender, body))
        if not is_kept:
            self.limits.drop(sender)
        return is_kept

    async def settle(self) -> bool:
        """Return, when it is decided, whether all that was kept is on disk."""
        try:
            await self.spool.settle()
        except OSError:
            return False
        return True


class SyslogDatagrams(asyncio.DatagramProtocol):
    """Syslog over UDP: a datagram a message."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        if self._inbox.admits(address[0]):
            self._inbox.keep(SYSLOG, address[0], data)


class TrapDatagrams(asyncio.DatagramProtocol):
    """Traps and informs over UDP; an inform is answered when it is on disk."""

    def __init__(self, inbox: Inbox, engine: Engine) -> None:
        self._inbox, self._engine = inbox, engine
        self._transport: asyncio.DatagramTransport | None = None
        self._answering: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        sender = address[0]
        if not self._inbox.admits(sender):
            return
        try:
            pdu, answer = self._engine.parse(data) if is_v3(data) else traps.parse(data)
        except BadBer:
            self._inbox.limits.drop(sender)
            return
        if not pdu:
            self._send(answer, address)
        elif self._inbox.keep(TRAP, sender, pdu) and answer:
            task = asyncio.get_running_loop().create_task(self._answer(answer, address))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, answer: bytes, address: tuple[str, int]) -> None:
        if await self._inbox.settle():
            self._send(answer, address)

    def _send(self, answer: bytes, address: tuple[str, int]) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(answer, address)


class SyslogStreams:
    """Syslog over TCP, lines or counted frames; what comes too fast from one sender is dropped, not waited for."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._open: set[asyncio.StreamWriter] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._open) >= MOST_STREAMS:
            writer.close()
            return
        self._open.add(writer)
        sender = (writer.get_extra_info("peername") or ("?",))[0]
        frames = Frames()
        try:
            with contextlib.suppress(OSError, TimeoutError):
                while data := await asyncio.wait_for(reader.read(_CHUNK), IDLE_S):
                    for frame in frames.take(data):
                        self._take(sender, frame)
            rest = frames.rest()
            if rest.strip(b"\r\n\0 "):
                self._take(sender, rest)
        finally:
            self._open.discard(writer)
            writer.close()

    def close(self) -> None:
        """End every stream that is open."""
        for writer in self._open:
            writer.close()

    def _take(self, sender: str, frame: bytes) -> None:
        if self._inbox.admits(sender):
            self._inbox.keep(SYSLOG, sender, frame)
