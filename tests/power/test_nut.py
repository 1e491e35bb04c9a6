"""NUT: its real server and dummy driver, and recordings of real devices."""

import asyncio
import dataclasses
from pathlib import Path

import pytest

from app.collector.probes import nut
from app.collector.probes.polled import PolledProbe
from app.collector.samples import Metric, Outcome, Target
from models.enums import CheckKind
from tests.power.nut_server import UPS, NutServer


def test_a_mains_failure_is_seen_and_timed_until_the_mains_are_back(tmp_path: Path) -> None:
    probe = PolledProbe(nut.NutReader())
    with NutServer(tmp_path) as server:
        target = Target(1, 1, CheckKind.NUT, "127.0.0.1", server.port, {"ups": UPS}, timeout_s=20.0)
        before = asyncio.run(probe.ask(target))
        server.set({"ups.status": "OB DISCHRG", "battery.runtime": "600", "input.voltage": "0.0"})
        failing = asyncio.run(probe.ask(target))
        later = asyncio.run(probe.ask(target))
        server.set({"ups.status": "OL CHRG"})
        after = asyncio.run(probe.ask(target))
        unknown = asyncio.run(probe.ask(dataclasses.replace(target, params={"ups": "other"})))
    assert (unknown.ok, unknown.is_reachable) == (False, True)
    assert "UNKNOWN-UPS" in unknown.trouble
    assert (before.facts["vendor"], before.facts["model"], before.facts["serial"]) == ("SANTAK", "C6K", "S2201")
    assert _value(before, Metric.UPS_ON_BATTERY_S) == 0.0
    assert _value(before, Metric.UPS_RUNTIME_MIN) == 30.0
    assert _value(failing, Metric.UPS_ON_BATTERY_S) >= 1.0
    assert _value(failing, Metric.UPS_RUNTIME_MIN) == 10.0
    assert _value(later, Metric.UPS_ON_BATTERY_S) >= _value(failing, Metric.UPS_ON_BATTERY_S)
    assert _value(after, Metric.UPS_ON_BATTERY_S) == 0.0


@pytest.mark.parametrize("name", ["apc", "dummy", "eaton", "huawei"])
def test_recordings_of_real_devices_give_figures_with_class_and_unit(test_data: Path, name: str) -> None:
    text = (test_data / "payloads" / "nut" / f"upsc_{name}.txt").read_text(encoding="utf-8")
    variables = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    found = {one.oid: one for one in nut.reading(variables).sensors if one.sensor_class != "state"}
    told = {name for name in ("input.voltage", "battery.charge", "battery.voltage", "ups.load") if name in variables}
    assert told
    assert {name: found[name].value for name in told} == {name: float(variables[name]) for name in told}
    assert all(one.unit for one in found.values())


def test_a_runtime_beyond_all_sense_is_a_hole() -> None:
    found = nut.reading({"battery.runtime": "257698037760.00", "ups.load": "n/a", "ups.status": "OL"})
    assert {one.oid: one.value for one in found.sensors} == {
        "battery.runtime": None,
        "ups.load": None,
        "ups.status": 0.0,
    }


@pytest.mark.parametrize("answer", [b"\xff\xfe\n", b"BEGIN LIST UPS\n", b"x" * 200_000, b"", b"ERR ACCESS-DENIED\n"])
def test_a_server_that_answers_nonsense_is_a_trouble_of_its_own_device(answer: bytes) -> None:
    found = asyncio.run(_nonsense(answer))
    assert not found.ok
    assert found.trouble


async def _nonsense(answer: bytes) -> Outcome:
    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        target = Target(1, 1, CheckKind.NUT, "127.0.0.1", port, timeout_s=20.0)
        return await PolledProbe(nut.NutReader()).ask(target)


def _value(found: Outcome, metric: str) -> float:
    values = [one.value for one in found.samples if one.metric == metric]
    assert len(values) == 1, found.trouble or found.samples
    assert values[0] is not None
    return values[0]
