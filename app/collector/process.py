"""The collector as a process: its lock, its probes, its end. What `watchroom collect` calls."""

import asyncio
import contextlib
import socket
import sys
from collections.abc import Sequence
from typing import IO

from app.collector.history.sending import Sender
from app.collector.intake.service import Intake
from app.collector.leases import LEASE_S, Lease
from app.collector.probes import mysql, oracle, postgresql
from app.collector.probes.http import HttpProbe
from app.collector.probes.icmp import IcmpProbe
from app.collector.probes.ipmi import IpmiReader
from app.collector.probes.local import LocalProbe
from app.collector.probes.modbus import ModbusReader
from app.collector.probes.nut import NutReader
from app.collector.probes.polled import PolledProbe
from app.collector.probes.rabbitmq import RabbitReader
from app.collector.probes.reach import ReachProbe
from app.collector.probes.redfish.reader import RedfishReader
from app.collector.probes.snmp.probe import SnmpProbe
from app.collector.probes.sql import SqlReader
from app.collector.probes.tcp import TcpProbe
from app.collector.probes.tomcat import TomcatReader
from app.collector.probes.weblogic import WebLogicReader
from app.collector.runner import Collector, Probes, stop_on_signals
from app.collector.sharing import SharedStore
from app.collector.store import Chore, DeskStore
from app.database import Database
from app.paths import lock_file
from app.words import tr
from models.enums import CheckKind


def collect(
    database: Database,
    *,
    seconds: float | None = None,
    once: bool = False,
    chores: Sequence[Chore] = (),
    parent: IO[bytes] | None = None,
    name: str = "",
    lease_s: float = LEASE_S,
) -> None:
    """Watch everything in `database` until a signal, for `seconds`, or until each check ran `once`.

    On a shared database the devices are shared with the collectors of other names; `lease_s` is how long this one
    keeps its share without writing.

    `parent` is the pipe of the desktop that started this process: its end is the desktop's, and ends the watch.
    Raises Refused when another collector watches the same embedded database.
    """
    with contextlib.ExitStack() as held:
        path = database.path  # an embedded database needs no lease: its lock file lets one collector in
        if path is not None:
            lock = path.with_name(f"{path.name}.collector")
            held.enter_context(lock_file(lock, tr("The collector of {path}", path=path)))
        store = DeskStore(database, chores) if path is not None else SharedStore(database, chores, Lease(name, lease_s))
        intake = Intake(database, name or socket.gethostname())
        sender = Sender(database, store)
        asyncio.run(_watch(store, seconds, once, parent, intake, sender))
        store.close()


def all_probes() -> Probes:
    """Return a probe of every kind; to be called in the event loop that uses them."""
    return Probes(
        {
            CheckKind.LOCAL: LocalProbe(),
            CheckKind.TCP: TcpProbe(),
            CheckKind.HTTP: HttpProbe(),
            CheckKind.SNMP: SnmpProbe(),
            CheckKind.REDFISH: PolledProbe(RedfishReader()),
            CheckKind.IPMI: PolledProbe(IpmiReader()),
            CheckKind.NUT: PolledProbe(NutReader()),
            CheckKind.MODBUS: PolledProbe(ModbusReader()),
            CheckKind.POSTGRESQL: PolledProbe(SqlReader(postgresql.connect)),
            CheckKind.MYSQL: PolledProbe(SqlReader(mysql.connect)),
            CheckKind.ORACLE: PolledProbe(SqlReader(oracle.connect)),
            CheckKind.TOMCAT: PolledProbe(TomcatReader()),
            CheckKind.RABBITMQ: PolledProbe(RabbitReader()),
            CheckKind.WEBLOGIC: PolledProbe(WebLogicReader()),
            CheckKind.MUST_REACH: ReachProbe(),
            CheckKind.MUST_NOT_REACH: ReachProbe(),
        },
        IcmpProbe(),
    )


async def _watch(
    store: DeskStore, seconds: float | None, once: bool, parent: IO[bytes] | None, intake: Intake, sender: Sender
) -> None:
    collector = Collector(store, all_probes(), intake=intake, sender=sender)
    stop_on_signals(collector)
    if parent is not None:
        _stop_with(parent, collector)
    await collector.run(seconds, once=once)


def _stop_with(parent: IO[bytes], collector: Collector) -> None:
    """Stop when the other end of the pipe closes, however the desktop died; Windows ends its children itself."""
    if sys.platform == "win32":
        return
    loop = asyncio.get_running_loop()

    def read() -> None:
        if not parent.read1(1024):  # type: ignore[attr-defined]
            loop.remove_reader(parent.fileno())
            collector.stop()

    loop.add_reader(parent.fileno(), read)
