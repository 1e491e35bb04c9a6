"""The log of a management controller, from its recorded documents into the device log."""

import asyncio
import copy
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app import devices, intake
from app.collector.batch import Batch, Beat
from app.collector.probes.polled import PolledProbe
from app.collector.probes.redfish.reader import LOGS_EVERY_S, RedfishReader
from app.collector.samples import Outcome, Target
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk
from app.intake import Rule
from models.enums import CheckKind, MessageKind, Severity
from models.incidents import Incident
from tests.power.redfish_server import PASSWORD, USER, serving, trees

PLACE = "/redfish/v1/Systems/437XR1138R2/LogServices/Log1/Entries"
FAILED = "Fan 2 failed"


@pytest.fixture
def tree(test_data: Path) -> dict[str, Any]:
    """A recorded server whose log has an entry of years ago, as recorded, and one of an hour ago."""
    found = copy.deepcopy(trees(test_data / "redfish_mockups.tar.xz")["public-rackmount1"])
    an_hour_ago = datetime.now(UTC) - timedelta(hours=1)
    found[PLACE]["Members"].append(entry("77", FAILED, "Critical", an_hour_ago))
    return found


def entry(number: str, message: str, severity: str, at: datetime) -> dict[str, str]:
    return {"Id": number, "Message": message, "Severity": severity, "Created": at.isoformat()}


def polled(tree: dict[str, Any], ci_id: int, times: int = 1) -> list[Outcome]:
    """Ask a controller that serves `tree`, each time when its logs are due again."""
    now_s = [0.0]

    async def ask() -> list[Outcome]:
        probe = PolledProbe(RedfishReader(lambda: now_s[0]))
        async with serving(tree) as port:
            target = Target(1, ci_id, CheckKind.REDFISH, "127.0.0.1", port, {"user": USER, "scheme": "http"}, PASSWORD)
            found = []
            for _ in range(times):
                found.append(await probe.ask(target))
                now_s[0] += LOGS_EVERY_S
            return found

    return asyncio.run(ask())


def stored(database: Database, outcome: Outcome) -> None:
    now = datetime.now(UTC)
    DeskStore(database).write(Batch(outcomes=[outcome]), Beat(now, now, 1, 1))


def test_an_entry_is_told_once(tree: dict[str, Any]) -> None:
    first, second = polled(tree, 1, times=2)
    assert first.ok and FAILED in [one.text for one in first.log]
    (told,) = [one for one in first.log if one.text == FAILED]
    assert (told.level, told.tag) == (2, "Log1 77")
    assert second.ok and second.log == ()


def test_recent_entries_are_in_the_device_log_once_and_rules_hold_for_them(
    database: Database, desk: Desk, tree: dict[str, Any]
) -> None:
    ci_id = desk.do(devices.add_device, uuid.uuid4(), "srv-1", "server", "127.0.0.1", [CheckKind.ICMP])
    rule = Rule("fans", "", "fan * failed", "", "fan * restored", "1", Severity.WARNING, "{text}")
    desk.do(intake.save_rule, uuid.uuid4(), None, 0, rule)
    (outcome,) = polled(tree, ci_id)
    stored(database, outcome)
    stored(database, outcome)  # as after a restart of the collector, which remembers nothing
    (row,) = [row for row in desk.read(intake.page, ci_id) if row.kind is MessageKind.REDFISH]
    assert (row.text, row.level, row.source, row.device) == (FAILED, 2, "127.0.0.1", "srv-1")
    assert timedelta(minutes=50) < datetime.now(UTC) - row.received_at < timedelta(minutes=90)
    titles = desk.read(lambda tx: tx.session.scalars(select(Incident.title)).all())
    assert list(titles) == [FAILED]
