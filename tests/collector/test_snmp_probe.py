"""The SNMP check against a real agent, with a recording of invented values."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.collector.probe_report import report
from app.collector.probes.snmp.client import Credentials
from app.collector.probes.snmp.probe import SnmpProbe
from app.collector.samples import Metric, Outcome, Target
from models.enums import CheckKind
from tests.collector.snmpsim_server import OWN, SnmpSim


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpSim]:
    with SnmpSim(tmp_path_factory.mktemp("agent"), [OWN / "sample.snmprec"]) as running:
        yield running


class Steps:
    """A clock that moves ten seconds at each look."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 10
        return self.now


def target(agent: SnmpSim, secret: str = "sample", **more: str) -> Target:
    return Target(1, 1, CheckKind.SNMP, "127.0.0.1", agent.port, more, secret, timeout_s=0.4, retries=1)


def ask(probe: SnmpProbe, *targets: Target) -> list[Outcome]:
    async def all_of_them() -> list[Outcome]:
        return [await probe.ask(one) for one in targets]

    return asyncio.run(all_of_them())


def figures(outcome: Outcome) -> dict[tuple[str, str], float | None]:
    return {(sample.metric, sample.instance): sample.value for sample in outcome.samples}


def test_a_switch_is_read_through_the_standard_mibs(agent: SnmpSim) -> None:
    document = asyncio.run(report("127.0.0.1", agent.port, Credentials(community="sample")))
    system, ports, sensors = document["system"], document["ports"], document["sensors"]
    assert isinstance(system, dict) and isinstance(ports, list) and isinstance(sensors, list)
    assert system["descr"] == "核心交换机 样机"
    assert (system["model"], system["version"], system["serial"]) == ("SAMPLE-48", "1.2.3", "SN0001")
    assert [port["name"] for port in ports] == ["GE1/0/1", "GE1/0/2", "GE1/0/3", "XGE1/0/1"]
    assert ports[3]["speed_bps"] == 10e9 and ports[3]["in_octets"] == 20_000_000_000
    assert [port["oper"] for port in ports] == ["up", "down", "down", "up"]
    by_name = {(one["class"], one["descr"]): one["value"] for one in sensors}
    assert by_name["temperature", "Inlet temperature"] == 23.5
    assert by_name["fanspeed", "Fan 1"] == 4200
    assert ("temperature", "Outlet temperature") not in by_name
    assert by_name["voltage", "Battery"] == pytest.approx(270.7)


def test_what_a_device_marks_as_not_available_is_null(agent: SnmpSim) -> None:
    outcome = ask(SnmpProbe(), target(agent))[0]
    assert figures(outcome)[Metric.UPS_RUNTIME_MIN, "Estimated battery time remaining"] is None


def test_samples_say_what_the_board_shows(agent: SnmpSim) -> None:
    outcome = ask(SnmpProbe(), target(agent))[0]
    found = figures(outcome)
    assert outcome.ok and outcome.facts["serial"] == "SN0001"
    assert found[Metric.CPU, ""] == 40
    assert found[Metric.MEMORY, ""] == 50  # buffers and caches can be had back
    assert found[Metric.SWAP, ""] == 10
    assert found[Metric.DISK, "/"] == 80
    assert found[Metric.IF_UP, "GE1/0/1"] == 1
    assert found[Metric.IF_UP, "GE1/0/2"] == 0
    assert (Metric.IF_UP, "GE1/0/3") not in found  # switched off by a person
    assert found[Metric.SENSOR_STATE, "Output source"] == 2
    assert found[Metric.UPS_ON_BATTERY_S, ""] == pytest.approx(90)


def test_the_first_poll_gives_no_rate_and_the_second_one_does(agent: SnmpSim) -> None:
    probe = SnmpProbe(clock=Steps())
    first = ask(probe, target(agent))[0]
    assert not any(metric == Metric.IF_IN for metric, _ in figures(first))
    agent.edit("sample", "1.3.6.1.2.1.31.1.1.1.6.1", "70|5001250000")
    second = wait_for_change(probe, agent, (Metric.IF_IN, "GE1/0/1"))
    assert (second[Metric.IF_IN, "GE1/0/1"] or 0) > 0
    assert second[Metric.IF_OUT, "GE1/0/1"] == 0


def wait_for_change(probe: SnmpProbe, agent: SnmpSim, key: tuple[str, str]) -> dict[tuple[str, str], float | None]:
    for _ in range(50):
        found = figures(ask(probe, target(agent))[0])
        if found.get(key):
            return found
    raise AssertionError("the edited recording was not seen")


def test_a_wrong_community_is_said_and_is_not_a_crash(agent: SnmpSim) -> None:
    outcome = ask(SnmpProbe(), target(agent, "not-this-one"))[0]
    assert not outcome.ok and not outcome.samples
    assert "community" in outcome.trouble


def test_a_closed_port_is_told_from_a_silent_device(tmp_path: Path) -> None:
    closed = Target(1, 1, CheckKind.SNMP, "127.0.0.1", 9, {}, "x", timeout_s=0.2, retries=0)
    outcome = ask(SnmpProbe(), closed)[0]
    assert outcome.is_reachable and "nothing listens" in outcome.trouble


def test_an_address_that_does_not_exist_is_said() -> None:
    nowhere = Target(1, 1, CheckKind.SNMP, "no-such-host.invalid", 161, {}, "x")
    outcome = ask(SnmpProbe(), nowhere)[0]
    assert not outcome.ok and outcome.trouble


def v3_target(agent: SnmpSim, auth_key: str) -> Target:
    keys = json.dumps({"auth_key": auth_key, "priv_key": "confidential8"})
    return target(agent, keys, version="3", user="watcher", auth="SHA", priv="AES")


def test_version_3_reads_with_authentication_and_privacy(tmp_path: Path) -> None:
    with SnmpSim(tmp_path, [OWN / "sample.snmprec"], for_v3=True) as agent:
        right, wrong = ask(SnmpProbe(), v3_target(agent, "authentic8"), v3_target(agent, "not the key"))
    assert right.ok and figures(right)[Metric.CPU, ""] == 40
    assert not wrong.ok and wrong.trouble


@pytest.mark.parametrize("keys", ["not json", "[]", '{"auth_key": "short"}'])
def test_impossible_v3_settings_are_said(agent: SnmpSim, keys: str) -> None:
    outcome = ask(SnmpProbe(), target(agent, keys, version="3", user="watcher", auth="ROT13"))[0]
    assert not outcome.ok and outcome.trouble
