"""A trap on its way: net-snmp, the collector's own process, the log, a rule, an incident, the window."""

import subprocess
import uuid
from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app import devices, intake
from app.desk import Desk
from app.intake import Rule
from models.enums import CheckKind, Severity
from tests.e2e.room import PATIENCE_MS, CollectorRun, Seat
from tests.intake.test_real_senders import free_port, program

FAILED = ("1.3.6.1.4.1.99999.0.7", "1.3.6.1.4.1.99999.1.1", "s")
RIGHT = ("1.3.6.1.4.1.99999.0.8", "1.3.6.1.4.1.99999.1.1", "s")


@pytest.mark.slow
def test_a_trap_becomes_an_incident_on_the_desk_and_its_end_clears_it(
    qtbot: QtBot, desk: Desk, collector: CollectorRun, sit_down: Callable[[], Seat]
) -> None:
    trap = program("snmptrap", "snmp")
    ports = {f"{name}_port": free_port() for name in ("trap", "syslog", "webhook")}
    desk.do(intake.set_up, {"on": True, "address": "127.0.0.1", **ports}, {})
    ci_id = desk.do(devices.add_device, uuid.uuid4(), "精密空调-1", "air_conditioner", "127.0.0.1", [CheckKind.ICMP])
    rule = Rule("compressor", FAILED[0], "", RIGHT[0], "", "", Severity.CRITICAL, "Compressor failed: {text}")
    desk.do(intake.save_rule, uuid.uuid4(), None, 0, rule)
    seat = sit_down()

    def send(words: tuple[str, ...], says: str) -> None:
        command = [trap, "-v2c", "-cpublic", f"127.0.0.1:{ports['trap_port']}", "1", *words, says]
        subprocess.run(command, check=True, timeout=60)

    def shown() -> list[str]:
        return [row.title for row in seat.queue.table.rows.rows if row.title.startswith("Compressor")]

    def is_shown() -> bool:
        send(FAILED, "high pressure")  # a datagram that comes before the port is open is lost
        return bool(shown())

    with collector:
        qtbot.waitUntil(is_shown, timeout=PATIENCE_MS)
        assert len(shown()) == 1
        (told, *_) = [row for row in desk.read(intake.page) if "high pressure" in row.text]
        assert (told.ci_id, told.device, told.source) == (ci_id, "精密空调-1", "127.0.0.1")
        send(RIGHT, "high pressure")
        qtbot.waitUntil(lambda: any(row.cleared_at for row in seat.queue.table.rows.rows), timeout=PATIENCE_MS)
    assert collector.said == ""
