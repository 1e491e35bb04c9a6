"""The real programs' messages go from the spool into the device log, and make one incident per cause."""

import json
from pathlib import Path

from sqlalchemy import select

from app.collector.intake import ber, moving, rules, traps
from app.collector.intake.ber import Reader
from app.collector.intake.limits import Count
from app.collector.intake.spool import SYSLOG, TRAP, WEBHOOK, Mark, Record
from app.database import Database, collector_identity
from app.desk import Desk, ReadTx
from models.enums import MessageKind
from models.incidents import Incident
from models.intake import DeviceLog, IntakeSource

AT = 1_795_452_275.0


def pdu(packet: bytes) -> bytes:
    whole = Reader.of(packet).enter()
    whole.integer()
    whole.octets()
    return packet[whole.place : whole.end]


def take(database: Database, *records: Record, counts: dict[str, Count] | None = None, place: int = 1) -> None:
    desk = database.desk(collector_identity(), "C1")
    known = moving.Known(rules.in_force(()), desk.read(moving.known_devices))
    desk.do(moving.take_in, "C1", records, Mark(1, place), counts or {}, known)
    assert desk.read(moving.mark_of, "C1") == Mark(1, place)


def webhook(system: str, body: bytes) -> Record:
    return Record(WEBHOOK, AT, "192.0.2.9", system.encode() + b"\n" + body)


def incidents(desk: Desk) -> list[tuple[str, bool]]:
    def query(tx: ReadTx) -> list[tuple[str, bool]]:
        rows = tx.session.execute(select(Incident.title, Incident.cleared_at).order_by(Incident.id))
        return [(title, cleared is not None) for title, cleared in rows]

    return desk.read(query)


def logged(desk: Desk) -> list[tuple[MessageKind, str, str]]:
    def query(tx: ReadTx) -> list[tuple[MessageKind, str, str]]:
        found = tx.session.execute(select(DeviceLog.kind, DeviceLog.tag, DeviceLog.text).order_by(DeviceLog.id))
        return [tuple(row) for row in found]

    return desk.read(query)


def test_traps_syslog_and_webhooks_reach_the_device_log_and_open_one_incident_per_cause(
    database: Database, desk: Desk, test_data: Path
) -> None:
    payloads = test_data / "payloads"
    link_down = pdu((payloads / "snmptrap" / "trap_02.bin").read_bytes())
    line = (payloads / "syslog" / "udp_05.bin").read_bytes()
    firing = (payloads / "alertmanager" / "alertmanager_002.body").read_bytes()
    records = [
        Record(TRAP, AT, "127.0.0.1", link_down),
        Record(TRAP, AT, "127.0.0.1", link_down),
        Record(SYSLOG, AT, "127.0.0.1", line),
        webhook("alertmanager", firing),
    ]
    take(database, *records, counts={"127.0.0.1": Count(9, 6)})
    assert [title for title, _ in incidents(desk)] == [
        "Interface down: GigabitEthernet1/0/1",
        "TcpServiceDown: 业务端口不可达 127.0.0.1:29998",
    ]
    assert [kind for kind, _, _ in logged(desk)] == [MessageKind.TRAP] * 2 + [MessageKind.SYSLOG, MessageKind.WEBHOOK]
    assert any("精密空调1回风温度过高 31.5℃" in text for _, _, text in logged(desk))
    counted = desk.read(lambda tx: tx.session.execute(select(IntakeSource.received, IntakeSource.dropped)).all())
    assert [tuple(row) for row in counted] == [(9, 6)]


def test_a_webhook_opens_updates_and_resolves_its_incident_and_replays_change_nothing(
    database: Database, desk: Desk, test_data: Path
) -> None:
    folder = test_data / "payloads" / "alertmanager"
    firing, resolved = ((folder / f"alertmanager_{name}.body").read_bytes() for name in ("002", "003"))
    said = "TcpServiceDown: 业务端口不可达 127.0.0.1:29998"
    take(database, webhook("alertmanager", firing))
    assert incidents(desk) == [(said, False)]
    worse = firing.replace("业务端口不可达".encode(), "业务端口仍不可达".encode())
    take(database, webhook("alertmanager", worse), place=2)
    assert incidents(desk) == [("TcpServiceDown: 业务端口仍不可达 127.0.0.1:29998", False)]
    take(database, webhook("alertmanager", resolved), place=3)
    take(database, webhook("alertmanager", firing), webhook("alertmanager", resolved), place=4)
    assert [is_cleared for _, is_cleared in incidents(desk)] == [True]


def test_zabbix_and_icinga_open_and_resolve_one_incident_each(database: Database, desk: Desk, test_data: Path) -> None:
    zabbix = [(test_data / "payloads" / "zabbix" / f"zabbix_00{n}.body").read_bytes() for n in (4, 5)]
    text = (test_data / "payloads" / "icinga2" / "notification_env.txt").read_text(encoding="utf-8")
    icinga = [json.dumps(icinga_body(part)).encode() for part in text.split("--\n") if part.strip()]
    assert len(icinga) == 2
    take(database, webhook("zabbix", zabbix[0]), webhook("icinga2", icinga[0]))
    assert [is_cleared for _, is_cleared in incidents(desk)] == [False, False]
    take(database, webhook("zabbix", zabbix[1]), webhook("icinga2", icinga[1]), place=2)
    take(database, webhook("zabbix", zabbix[0]), webhook("icinga2", icinga[0]), place=3)
    assert [is_cleared for _, is_cleared in incidents(desk)] == [True, True]


def icinga_body(part: str) -> dict[str, str]:
    """Return what the manual's notification script makes of Icinga's own variables."""
    said = dict(line.split("=", 1) for line in part.strip().splitlines())
    names = {"type": "NTYPE", "host": "HOST", "service": "SVC", "state": "STATE", "output": "OUTPUT", "date": "LDT"}
    return {name: said[variable] for name, variable in names.items()}


def test_what_cannot_be_read_is_said_and_stops_nothing(database: Database, desk: Desk) -> None:
    broken = [Record(TRAP, AT, "192.0.2.1", b"\x30\x80"), webhook("zabbix", b"[]"), webhook("nobody", b"{}")]
    take(database, *broken, Record(SYSLOG, AT, "192.0.2.1", b"<13>good"))
    assert [text for _, _, text in logged(desk)][-1] == "good"
    assert len(logged(desk)) == 4


def test_link_up_clears_the_incident_of_its_own_interface_only(database: Database, desk: Desk) -> None:
    down = [Record(TRAP, AT, "192.0.2.1", link_trap(index, is_up=False)) for index in (7, 8)]
    take(database, *down)
    take(database, Record(TRAP, AT, "192.0.2.1", link_trap(7, is_up=True)), place=2)
    assert incidents(desk) == [("Interface down: eth7", True), ("Interface down: eth8", False)]


def link_trap(index: int, *, is_up: bool) -> bytes:
    values = (
        (traps.TRAP_OID, ber.oid(f"1.3.6.1.6.3.1.1.5.{4 if is_up else 3}")),
        (f"1.3.6.1.2.1.2.2.1.1.{index}", ber.integer(index)),
        (f"1.3.6.1.2.1.31.1.1.1.1.{index}", ber.element(ber.OCTETS, b"eth%d" % index)),
    )
    pairs = ber.sequence([ber.sequence((ber.oid(name), value)) for name, value in values])
    return ber.sequence((*(ber.integer(number) for number in (1, 0, 0)), pairs), traps.TRAP_V2)
