"""A short set of real recordings, read from a real agent; the whole set: test_families_whole."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.collector.probe_report import report
from app.collector.probes.snmp.client import Credentials
from tests.collector.families import KINDS, expected, score, share
from tests.collector.snmpsim_server import SnmpSim

NAMES = (
    *("apc_smx750i", "comware_hpe5900", "datadomain", "dell-powervault_me4024", "eaton-mgeups_93ps"),
    *("f5_ve", "fortigate_100e", "huaweiups_ups2000", "raritan-pdu_px2-temp", "stoneos"),
)


@pytest.fixture(scope="module")
def agent(test_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SnmpSim]:
    recordings = [test_data / "public" / "snmprec" / f"{name}.snmprec" for name in NAMES]
    with SnmpSim(tmp_path_factory.mktemp("families"), recordings) as running:
        yield running


@pytest.fixture(scope="module")
def found(agent: SnmpSim) -> dict[str, dict[str, Any]]:
    async def one(name: str) -> dict[str, Any]:
        return dict(await report("127.0.0.1", agent.port, Credentials(community=name), timeout_s=10))

    async def everyone() -> list[dict[str, Any]]:
        return await asyncio.gather(*(one(name) for name in NAMES))

    return dict(zip(NAMES, asyncio.run(everyone()), strict=True))


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_device_is_read_as_the_acceptance_rule_asks(
    test_data: Path, found: dict[str, dict[str, Any]], name: str
) -> None:
    scores = score(name, expected(test_data, name), found[name], count_wrong=False)
    assert {kind: share(scores[kind]) for kind in KINDS} == dict.fromkeys(KINDS, 1.0)


def test_mains_that_an_agent_tells_in_its_own_scale_are_fifty_hertz(found: dict[str, dict[str, Any]]) -> None:
    sensors = found["huaweiups_ups2000"]["sensors"]
    assert {one["value"] for one in sensors if one["class"] == "frequency"} == {50.0}
    assert [one["value"] for one in sensors if one["descr"] == "Estimated battery time remaining"] == [None]


def test_figures_at_the_end_of_sentences_have_their_units(found: dict[str, dict[str, Any]]) -> None:
    told = {one["descr"]: (one["value"], one["unit"]) for one in found["dell-powervault_me4024"]["sensors"]}
    assert told["Current 12V Rail Loc: right-PSU"] == (9.68, "A")
    assert told["Capacitor Charge-Ctlr A"] == (100, "%")


def test_every_sensor_has_a_name_and_every_measured_one_its_unit(found: dict[str, dict[str, Any]]) -> None:
    sensors = [one for document in found.values() for one in document["sensors"]]
    assert all(one["descr"] for one in sensors)
    unitless = {one["class"] for one in sensors if not one["unit"]}
    assert unitless <= {"state", "count", "power_factor"}
