"""The intake of one collector: opens the receivers that are set up, and moves the spool into the database."""

import asyncio
import contextlib
import re
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from app.collector.intake import moving, rules
from app.collector.intake.limits import Count, Limits
from app.collector.intake.moving import Known
from app.collector.intake.receivers import Inbox, SyslogDatagrams, SyslogStreams, TrapDatagrams
from app.collector.intake.set_up import SetUp, load
from app.collector.intake.spool import Mark, Spool
from app.collector.intake.usm import Engine
from app.collector.intake.web import Hooks
from app.database import Database, collector_identity
from app.errors import WatchroomError
from app.paths import data_dir
from app.words import tr

TURN_S = 1.0
FOLLOW_EVERY = 3
DROP_EVERY = 20
"""How often old messages are dropped: once in so many looks at the set-up."""
AT_ONCE = 5_000
ALLOWED_TO_ALL = {162: 1162, 514: 1514}
"""Where a receiver listens whose own port needs rights that the program does not have."""
_DATAGRAM_BUFFER = 8_000_000
InDatabase = Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class _Following:
    """What was read last: which set-up, and so which receivers."""

    set_up: SetUp = field(default_factory=SetUp)
    known: Known = field(default_factory=Known)
    opened: object = None
    times: int = 0


class Intake:
    """`run` belongs to the event loop; `move` and `follow` to the thread that owns the database."""

    def __init__(self, database: Database, name: str) -> None:
        self._name = name[:80]
        self._desk = database.desk(collector_identity(), socket.gethostname())
        self._box = database
        self._spool = Spool(data_dir() / "spool" / f"{database.uuid}-{_as_folder(self._name)}")
        self._mark = Mark()
        self._limits = Limits()
        self.inbox = Inbox(self._spool, self._limits)
        self._engine = Engine(b"\x80\x00\xc5\x1f\x04" + self._name.encode("utf-8")[:27])
        self._streams = SyslogStreams(self.inbox)
        self._hooks = Hooks(self.inbox, lambda: self._last.set_up.tokens)
        self._open: list[asyncio.BaseTransport | asyncio.Server] = []
        self._last = _Following()
        self._counts: dict[str, Count] = {}
        self._away = ""
        self._troubles: list[str] = []
        self.ports: dict[str, int] = {}

    @property
    def trouble(self) -> str:
        """What keeps messages away, or lets them come at another port than the one that is set up; "" for nothing."""
        return self._away or " ".join(self._troubles)

    async def run(self, in_database: InDatabase, executor: Executor | None, ending: asyncio.Event) -> None:
        """Receive and move until `ending`; what is spooled then stays for the next time."""
        stopped = asyncio.Event()
        writing: asyncio.Task[None] | None = None
        turn = 0
        while not ending.is_set():
            try:
                if writing is None:
                    self._spool.begin(await in_database(self._begin))
                    writing = asyncio.create_task(self._spool.keep_on(executor, stopped))
                if turn % FOLLOW_EVERY == 0:
                    await in_database(self.follow)
                    await self._reopen()
                await self._move_all(in_database)
                self._away = ""
            except WatchroomError as away:
                self._away = away.sentence()
            turn += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ending.wait(), TURN_S)
        await self._close()
        stopped.set()
        if writing is not None:
            await writing
            with contextlib.suppress(WatchroomError):
                await self._move_all(in_database)
        self._spool.close()

    def follow(self) -> None:
        """Read what people set up, and the devices that messages may come from."""
        set_up = self._desk.read(load, self._box)
        self._last.set_up = set_up
        self._engine.users = {user.name: user for user in set_up.users}
        if set_up.is_on or not self._last.times:
            self._last.known = Known(rules.in_force(set_up.rules), self._desk.read(moving.known_devices))
        if self._last.times % DROP_EVERY == 0 and set_up.is_on:
            self._desk.do(moving.drop_old, timedelta(days=set_up.keep_days))
        self._last.times += 1

    def move(self) -> bool:
        """Move a part of the spool into the database and tell whether there is more."""
        records, mark = self._spool.read(self._mark, AT_ONCE)
        counts = self._taken_counts()
        if records or counts:
            self._desk.do(moving.take_in, self._name, records, mark, counts, self._last.known)
            self._counts = {}
            self._mark = mark
            self._spool.forget(mark)
        return len(records) >= AT_ONCE

    async def _move_all(self, in_database: InDatabase) -> None:
        while await in_database(self.move):
            continue

    def _begin(self) -> Mark:
        self._mark = self._desk.read(moving.mark_of, self._name)
        return self._mark

    def _taken_counts(self) -> Mapping[str, Count]:
        for sender, count in self._limits.take_counts().items():
            kept = self._counts.setdefault(sender, Count())
            kept.received += count.received
            kept.dropped += count.dropped
        return self._counts

    async def _reopen(self) -> None:
        """Open the receivers anew when what is set up of them has changed."""
        set_up = self._last.set_up
        wanted = set_up.listening
        if wanted == self._last.opened:
            return
        await self._close()
        self._last.opened, self._troubles = wanted, []
        self._limits.set_rate(float(set_up.per_second))
        if not set_up.is_on:
            return
        loop = asyncio.get_running_loop()
        await self._listen("traps", set_up.trap_port, self._traps(loop))
        await self._listen("syslog", set_up.syslog_port, self._datagrams(loop))
        await self._listen("syslog over TCP", set_up.syslog_port, self._lines)
        await self._listen("webhooks", set_up.webhook_port, self._web)

    async def _listen(self, what: str, port: int, opening: Callable[[str, int], Awaitable[None]]) -> None:
        """Open one receiver, on its other port where its own needs rights; say what does not open."""
        if not port:
            return
        address = self._last.set_up.address
        try:
            try:
                await opening(address, port)
            except PermissionError:
                other = ALLOWED_TO_ALL.get(port, port)
                await opening(address, other)
                self._say(
                    tr("Port {port} for {what} needs rights: {other} is used.", port=port, what=what, other=other)
                )
                port = other
            self.ports[what] = port
        except (OSError, ssl.SSLError) as error:
            reason = error.strerror or str(error)
            self._say(tr("Port {port} for {what} can't be opened: {reason}", port=port, what=what, reason=reason))

    def _say(self, trouble: str) -> None:
        if trouble not in self._troubles:
            self._troubles.append(trouble)

    def _traps(self, loop: asyncio.AbstractEventLoop) -> Callable[[str, int], Awaitable[None]]:
        async def opening(address: str, port: int) -> None:
            made = await loop.create_datagram_endpoint(
                lambda: TrapDatagrams(self.inbox, self._engine), local_addr=(address, port)
            )
            self._keep_datagrams(made[0])

        return opening

    def _datagrams(self, loop: asyncio.AbstractEventLoop) -> Callable[[str, int], Awaitable[None]]:
        async def opening(address: str, port: int) -> None:
            made = await loop.create_datagram_endpoint(lambda: SyslogDatagrams(self.inbox), local_addr=(address, port))
            self._keep_datagrams(made[0])

        return opening

    async def _lines(self, address: str, port: int) -> None:
        self._open.append(await asyncio.start_server(self._streams.serve, address, port))

    async def _web(self, address: str, port: int) -> None:
        set_up = self._last.set_up
        await self._hooks.open(address, port, set_up.certificate, set_up.key)

    def _keep_datagrams(self, transport: asyncio.DatagramTransport) -> None:
        """Keep a transport whose buffer outlasts a short pause of this process."""
        raw = transport.get_extra_info("socket")
        with contextlib.suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _DATAGRAM_BUFFER)
        self._open.append(transport)

    async def _close(self) -> None:
        self.ports.clear()
        for each in self._open:
            each.close()
        self._open.clear()
        self._streams.close()
        await self._hooks.close()


def _as_folder(name: str) -> str:
    """Return a collector's name as the name of a folder on every system."""
    return re.sub(r"[^\w-]", "_", name)
