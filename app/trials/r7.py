"""R7: a storm of damaged messages kills nothing, stays within its memory, and the good ones between them are kept."""

import asyncio
import json
import random
import resource
import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import aiohttp
from sqlalchemy import func, select

from app import intake
from app.collector.intake import ber, traps
from app.collector.intake.receivers import Inbox, SyslogDatagrams, TrapDatagrams
from app.collector.intake.service import Intake
from app.collector.intake.usm import Engine
from app.database import Database, cli_identity
from models.intake import DeviceLog

SYSLOG, TRAPS, WEBHOOKS = 1_000_000, 100_000, 100_000
RATE, SECONDS = 2_000, 600
GOOD_EVERY = 100
MOST_MB = 300
AT_ONCE = 2_000
TOKEN = "a-token-for-the-trial-only"
SENDERS = 8
_SEED = 7


@dataclass(frozen=True, slots=True)
class Storm:
    """How much of each is sent."""

    syslog: int = SYSLOG
    traps: int = TRAPS
    webhooks: int = WEBHOOKS
    seconds: int = SECONDS
    rate: int = RATE


@dataclass(frozen=True, slots=True)
class Outcome:
    """One kind of storm: what was sent, how many good ones there were, and how many of these are in the log."""

    name: str
    sent: int
    good: int
    kept: int
    seconds: float
    peak_mb: int

    @property
    def passed(self) -> bool:
        return self.kept == self.good and self.peak_mb <= MOST_MB


def trial(
    database: Database, storm: Storm, progress: Callable[[Outcome], None] = lambda _outcome: None
) -> list[Outcome]:
    """Run all storms against the intake of one collector over an empty database."""
    desk = database.desk(cli_identity(), "R7")
    values = {"on": True, "address": "127.0.0.1", "trap_port": _free_port(), "syslog_port": _free_port()}
    desk.do(intake.set_up, {**values, "webhook_port": _free_port(), "per_second": 100_000}, {})
    desk.do(intake.add_token, uuid.uuid4(), "R7", TOKEN)
    return asyncio.run(_Trial(database, storm, progress).run())


class _Trial:
    def __init__(self, database: Database, storm: Storm, progress: Callable[[Outcome], None]) -> None:
        self._desk = database.desk(cli_identity(), "R7")
        self._service = Intake(database, "R7")
        self._storm, self._progress = storm, progress
        self._random = random.Random(_SEED)
        self._outcomes: list[Outcome] = []

    async def run(self) -> list[Outcome]:
        """Send storm after storm while the intake runs; each ends when its good messages are in the log."""
        ending = asyncio.Event()
        running = asyncio.create_task(self._service.run(self._in_database, None, ending))
        while len(self._service.ports) < 4 and not running.done():
            await asyncio.sleep(0.05)
        inbox, storm = self._service.inbox, self._storm
        datagrams = {"syslog": SyslogDatagrams(inbox), "traps": TrapDatagrams(inbox, Engine(b"\x80\0\0\0\1"))}
        try:
            await self._judge("syslog", storm.syslog, lambda: self._flood(datagrams["syslog"], inbox, self._lines()))
            await self._judge("traps", storm.traps, lambda: self._flood(datagrams["traps"], inbox, self._packets()))
            await self._judge("webhooks", storm.webhooks, self._post)
            await self._judge("rate", storm.rate * storm.seconds, self._stream)
        finally:
            ending.set()
            await running
        return self._outcomes

    async def _in_database(self, what: Callable[..., Any], *args: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(None, what, *args)

    async def _judge(self, name: str, sent: int, send: Callable[[], Any]) -> None:
        """Send a storm, and wait until its good messages are in the log or nothing comes any more."""
        began = time.monotonic()
        good = await send()
        kept, last = -1, time.monotonic()
        while kept < good and time.monotonic() - last < 20:
            found = await self._in_database(self._count, f"good {name} %")
            kept, last = (found, time.monotonic()) if found != kept else (kept, last)
            await asyncio.sleep(0.2)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        outcome = Outcome(name, sent, good, kept, time.monotonic() - began, peak)
        self._outcomes.append(outcome)
        self._progress(outcome)

    def _count(self, pattern: str) -> int:
        query = select(func.count()).select_from(DeviceLog).where(DeviceLog.text.like(f"%{pattern}"))
        return self._desk.read(lambda tx: tx.session.scalar(query)) or 0

    async def _flood(self, receiver: Any, inbox: Inbox, packets: Iterator[tuple[bytes, bool]]) -> int:
        """Hand packets to a receiver as the loop does, no faster than the disk takes them."""
        good = 0
        for place, (packet, is_good) in enumerate(packets):
            receiver.datagram_received(packet, (f"192.0.2.{place % SENDERS}", 514))
            good += is_good
            if place % AT_ONCE == 0:
                await inbox.settle()
        return good

    def _lines(self) -> Iterator[tuple[bytes, bool]]:
        sound = '<13>1 2026-11-23T16:30:41Z sw-1 ups - - [a b="c"] 温度过高 31.5℃'.encode()
        for place in range(self._storm.syslog):
            is_good = place % GOOD_EVERY == 0
            yield b"<13>good syslog %d" % place if is_good else self._damaged(sound), is_good

    def _packets(self) -> Iterator[tuple[bytes, bool]]:
        sound = _trap(b"interface")
        for place in range(self._storm.traps):
            is_good = place % GOOD_EVERY == 0
            yield _trap(b"good traps %d" % place) if is_good else self._damaged(sound), is_good

    async def _post(self) -> int:
        """Post bodies as other monitors do, damaged ones between good ones."""
        url = f"http://127.0.0.1:{self._service.ports['webhooks']}/hooks/zabbix"
        header, good = {"Authorization": f"Bearer {TOKEN}"}, 0
        async with aiohttp.ClientSession(headers=header) as session:
            for place in range(self._storm.webhooks):
                is_good = place % GOOD_EVERY == 0
                event = {"event_id": str(place), "event_value": "1", "host": "h", "trigger_id": "1", "event_name": "e"}
                body = json.dumps({**event, "message": f"good webhooks {place}"}).encode()
                async with session.post(
                    url, data=body if is_good else self._damaged(body.replace(b"good", b"bad"))
                ) as answer:
                    good += is_good and answer.status == 200
        return good

    async def _stream(self) -> int:
        """Send good lines by datagrams at the rate, for as long as asked."""
        port, storm, sent = self._service.ports["syslog"], self._storm, 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            began = time.monotonic()
            while sent < storm.rate * storm.seconds:
                due = min(int((time.monotonic() - began) * storm.rate) + 1, storm.rate * storm.seconds)
                for number in range(sent, due):
                    sender.sendto(b"<13>good rate %d" % number, ("127.0.0.1", port))
                sent = due
                await asyncio.sleep(0.01)
        return sent

    def _damaged(self, sound: bytes) -> bytes:
        """Return bytes of which some are changed, cut off or doubled."""
        made = bytearray(sound)
        for _ in range(self._random.randrange(1, 6)):
            made[self._random.randrange(len(made))] = self._random.randrange(256)
        cut = self._random.randrange(len(made) * 2)
        return bytes(made[:cut] if cut < len(made) else made)


def _trap(text: bytes) -> bytes:
    values = ((traps.TRAP_OID, ber.oid("1.3.6.1.4.1.2011.5.25")), ("1.3.6.1.4.1.2011.1", ber.element(ber.OCTETS, text)))
    pairs = ber.sequence([ber.sequence((ber.oid(name), value)) for name, value in values])
    pdu = ber.sequence((*(ber.integer(number) for number in (1, 0, 0)), pairs), traps.TRAP_V2)
    return ber.sequence((ber.integer(traps.V2C), ber.element(ber.OCTETS, b"public"), pdu))


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", one.getsockname()[1]))
        return int(one.getsockname()[1])
