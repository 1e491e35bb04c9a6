"""IPMI: OpenIPMI's own simulator of a management controller."""

import asyncio
import contextlib
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.collector.probes.ipmi import IpmiReader, reading
from app.collector.probes.polled import PolledProbe
from app.collector.samples import Metric, Outcome, Target
from app.discovery.knocking import Knock, knock
from models.enums import CheckKind

PATIENCE_S = 30.0
_INLET = (
    "0 0 0x51 1 52 0x20 0 1 0x03 0x01 0x67 0x40 0x01 0x01 0 0 0 0 0 0 0 0x01 0 0 1 0 0 0 0 0 0 "
    "0 0 0 0xff 0 0 0 0 0 0 0 0 0 0 0 0 0xc9 "
)
"""A full sensor record (IPMI 2.0, 43.1) of a linear temperature in whole degrees, up to its name."""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, test_data: Path) -> Iterator[int]:
    program = shutil.which("ipmi_sim")
    if program is None:
        pytest.skip("ipmi_sim is not here: install Debian's openipmi")
    folder = tmp_path_factory.mktemp("ipmi")
    chosen = _free_udp_port()
    recorded = test_data / "payloads" / "ipmi"
    lan = (recorded / "lan.conf").read_text(encoding="ascii")
    (folder / "lan.conf").write_text(re.sub(r"addr 127\.0\.0\.1 \d+", f"addr 127.0.0.1 {chosen}", lan))
    name = " ".join(hex(byte) for byte in b"Inlet air")
    commands = (recorded / "sim2.emu").read_text(encoding="ascii").rstrip().splitlines()
    more = [
        "sensor_add 0x20 0 1 1 1",
        f"main_sdr_add 0x20 {_INLET}{name}",
        f"sensor_set_event_support 0x20 0 1 enable scanning per-state {' '.join(['000000000000000'] * 4)}",
        "sensor_set_value 0x20 0 1 0x1a 0",
    ]
    (folder / "sim.emu").write_text("\n".join([*commands[:-1], *more, commands[-1], ""]), encoding="ascii")
    (folder / "state").mkdir()
    command = [
        program,
        "-c",
        str(folder / "lan.conf"),
        "-f",
        str(folder / "sim.emu"),
        "-s",
        str(folder / "state"),
        "-n",
    ]
    with (
        (folder / "log").open("wb") as log,
        subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log) as sim,
    ):
        yield chosen
        sim.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            sim.wait(10)
        sim.kill()


def test_the_simulator_is_found_by_a_greeting(port: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    found = Knock()
    while not found.kinds and time.monotonic() < deadline:  # it may be starting
        found = asyncio.run(knock("127.0.0.1", {CheckKind.IPMI: port}))
    assert (found.kinds, found.class_name) == ((CheckKind.IPMI,), "server")


def test_the_simulator_gives_a_temperature_and_its_state(port: int) -> None:
    found = _asked(port, "test")
    assert found.ok, found.trouble
    figures = [(one.metric, one.value, one.unit) for one in found.samples if one.instance == "Inlet air"]
    assert (Metric.TEMPERATURE, 26.0, "°C") in figures
    assert (Metric.SENSOR_STATE, 0.0, "") in figures


def test_a_wrong_password_is_said_and_the_controller_counts_as_there(port: int) -> None:
    found = _asked(port, "wrong")
    assert (found.ok, found.is_reachable) == (False, True)
    assert "assword" in found.trouble


def test_sensors_without_a_figure_give_their_state_and_absent_ones_nothing() -> None:
    rows = [
        {"name": "PSU 1", "value": None, "unit": "", "health": 2, "states": ["failed"], "unavailable": False},
        {"name": "FAN 3", "value": 4200.0, "unit": "RPM", "health": 0, "states": [], "unavailable": False},
        {"name": "FAN 4", "value": None, "unit": "RPM", "health": 0, "states": [], "unavailable": True},
    ]
    found = reading({"system": {"Manufacturer": "Dell"}, "sensors": rows}).sensors
    told = [(one.sensor_class, one.descr, one.value, one.unit) for one in found]
    assert told == [("state", "PSU 1", 2.0, ""), ("fanspeed", "FAN 3", 4200.0, "rpm"), ("state", "FAN 3", 0.0, "")]


def _asked(port: int, password: str) -> Outcome:
    target = Target(1, 1, CheckKind.IPMI, "127.0.0.1", port, {"user": "ipmiusr"}, password, timeout_s=20.0)
    return asyncio.run(PolledProbe(IpmiReader()).ask(target))


def _free_udp_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
