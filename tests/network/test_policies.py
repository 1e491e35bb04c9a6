"""Policies: what must be reachable and what must not; a breach is an incident that names the policy."""

import asyncio
import socket
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from app import devices, policies
from app.collector import judge
from app.collector.judge import Surroundings
from app.collector.limits import DEFAULTS, Rulebook
from app.collector.memory import Judgement
from app.collector.probes.reach import ReachProbe
from app.collector.process import all_probes
from app.collector.runner import Collector
from app.collector.samples import Outcome, Target
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk
from app.errors import BadInput
from app.policies import PolicyDraft
from models.enums import CheckKind, State
from tests.e2e.room import alarms

TARGET = Target(1, 2, CheckKind.MUST_REACH, "127.0.0.1", timeout_s=2.0, params={"name": "办公区到核心"})


@pytest.fixture
def listening() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def closed() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def asked(target: Target) -> Outcome:
    return asyncio.run(ReachProbe().ask(target))


def test_what_answers_keeps_one_policy_and_breaks_the_other(listening: int) -> None:
    open_port = replace(TARGET, port=listening)
    assert asked(open_port).trouble == ""
    broken = asked(replace(open_port, kind=CheckKind.MUST_NOT_REACH))
    assert broken.ok and f"办公区到核心” is broken: 127.0.0.1:{listening} must not" in broken.trouble


def test_what_is_silent_breaks_one_policy_and_keeps_the_other(closed: int) -> None:
    shut = replace(TARGET, port=closed)
    assert "must be reachable, but is not" in asked(shut).trouble
    assert asked(replace(shut, kind=CheckKind.MUST_NOT_REACH)).trouble == ""


def test_without_a_port_a_policy_pings() -> None:
    assert asked(TARGET).trouble == ""
    assert "127.0.0.1 must not be reachable" in asked(replace(TARGET, kind=CheckKind.MUST_NOT_REACH)).trouble


def test_what_could_not_be_tried_proves_nothing() -> None:
    seen = asked(replace(TARGET, kind=CheckKind.MUST_NOT_REACH, address="no-such-host.invalid", port=22))
    assert not seen.ok


@pytest.mark.slow
def test_a_breach_is_an_incident_that_names_the_policy_and_clears(
    database: Database, desk: Desk, listening: int, closed: int
) -> None:
    server = desk.do(devices.add_device, uuid.uuid4(), "db", "server", "127.0.0.1", [CheckKind.ICMP])
    draft = PolicyDraft("数据库不对外", CheckKind.MUST_NOT_REACH, "127.0.0.1", listening, interval_s=5)
    policy = desk.do(policies.add, uuid.uuid4(), server, draft)
    assert desk.read(policies.policies)[0].holds is None
    watched(database, desk, lambda: bool(desk.read(alarms)))
    (alarm,) = desk.read(alarms)
    assert "数据库不对外" in alarm.title and alarm.ci_id == server
    (row,) = desk.read(policies.policies)
    assert (row.id, row.holds) == (policy, False) and "数据库不对外" in row.trouble
    desk.do(policies.edit, policy, 1, replace(draft, port=closed))
    watched(database, desk, lambda: desk.read(alarms)[0].is_cleared)
    assert desk.read(policies.policies)[0].holds is True


def test_a_policy_that_holds_does_not_make_a_silent_device_look_alive() -> None:
    now = datetime.now(UTC)
    ping = replace(TARGET, kind=CheckKind.ICMP, retries=0)
    policy = replace(TARGET, check_id=2, kind=CheckKind.MUST_NOT_REACH, retries=0)
    silent = Outcome(1, 2, now, False, trouble="No answer", is_reachable=False)
    limits = Rulebook(DEFAULTS).of(2, "server")
    judged = judge.take(Judgement(2), ping, silent, limits, Surroundings(now)).judgement
    verdict = judge.take(judged, policy, Outcome(2, 2, now, True), limits, Surroundings(now))
    assert (verdict.judgement.state, verdict.judgement.is_down) == (State.UNREACHABLE, True)


@pytest.mark.parametrize("wrong", [{"name": " "}, {"kind": CheckKind.TCP}, {"port": 70_000}, {"address": ""}])
def test_a_policy_that_says_too_little_is_refused(desk: Desk, wrong: dict[str, Any]) -> None:
    server = desk.do(devices.add_device, uuid.uuid4(), "db", "server", "127.0.0.1", [CheckKind.ICMP])
    draft = PolicyDraft("p", CheckKind.MUST_REACH, "127.0.0.1", 22)
    with pytest.raises(BadInput):
        desk.do(policies.add, uuid.uuid4(), server, replace(draft, **wrong))


def watched(database: Database, desk: Desk, until: Callable[[], bool]) -> None:
    """Let a collector watch until something holds."""

    async def watch() -> None:
        store = DeskStore(database)
        collector = Collector(store, all_probes())
        running = asyncio.create_task(collector.run())
        for _ in range(600):
            if until():
                break
            await asyncio.sleep(0.1)
        collector.stop()
        await running

    asyncio.run(watch())
