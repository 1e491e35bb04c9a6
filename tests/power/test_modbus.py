"""Modbus TCP: pymodbus' server, and mbpoll as a second reader of the same registers."""

import asyncio
import contextlib
import itertools
import json
import re
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.collector.probes import modbus, modbus_map
from app.collector.probes.polled import PolledProbe
from app.collector.samples import Metric, Target
from app.errors import BadInput
from models.enums import CheckKind
from tests.power.ports import free_port

MAP = """
vendor = "Acme"
model = "TH-1"
[[registers]]
address = 0
type = "int16"
scale = 0.1
class = "temperature"
unit = "°C"
descr = "Cold aisle"
[[registers]]
address = 1
scale = 0.1
class = "humidity"
unit = "%"
descr = "Humidity"
[[registers]]
address = 2
type = "int16"
class = "temperature"
unit = "°C"
descr = "Outside"
[[registers]]
address = 10
type = "float32"
class = "temperature"
unit = "°C"
descr = "Supply air"
[[registers]]
address = 12
type = "float32"
words = "little"
class = "power"
unit = "W"
descr = "Load"
[[registers]]
address = 20
class = "state"
descr = "Mains"
levels = { 0 = 0, 1 = 2 }
on_battery = [1]
[[registers]]
address = 30
class = "temperature"
unit = "°C"
descr = "Broken"
missing = [32767]
[[registers]]
address = 900
class = "voltage"
unit = "V"
descr = "Not there"
"""
REGISTERS = {0: 235, 1: 478, 2: 65436, 20: 1, 30: 32767}


def _float_words(value: float) -> tuple[int, int]:
    high, low = struct.unpack(">HH", struct.pack(">f", value))
    return int(high), int(low)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    high, low = _float_words(23.5)
    load_high, load_low = _float_words(-1234.25)
    registers = REGISTERS | {10: high, 11: low, 12: load_low, 13: load_high}
    chosen = free_port()
    command = [sys.executable, "-m", "tests.power.modbus_server", str(chosen), json.dumps(registers)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as server:
        assert server.stdout is not None
        assert server.stdout.readline() == b"listening\n"
        yield chosen
        server.terminate()


@pytest.fixture
def own_maps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acme.toml").write_text(MAP, encoding="utf-8")
    monkeypatch.setattr(modbus_map, "own_folder", lambda: tmp_path)


@pytest.mark.usefixtures("own_maps")
def test_signed_unsigned_and_float_registers_of_both_word_orders_are_read(port: int) -> None:
    found = asyncio.run(PolledProbe(modbus.ModbusReader()).ask(_target(port)))
    assert found.ok, found.trouble
    told = {one.instance: (one.value, one.unit) for one in found.samples if one.metric != Metric.UPS_ON_BATTERY_S}
    assert told["Cold aisle"] == (23.5, "°C")
    assert told["Humidity"] == (47.8, "%")
    assert told["Outside"] == (-100.0, "°C")
    assert told["Supply air"] == (23.5, "°C")
    assert told["Load"] == (-1234.25, "W")
    assert told["Broken"] == (None, "°C")
    assert told["Mains"] == (2.0, "")
    assert "900" in found.facts["trouble"]
    assert "Not there" not in told


@pytest.mark.usefixtures("own_maps")
def test_a_register_that_means_no_mains_gives_the_time_on_battery(port: int) -> None:
    found = asyncio.run(PolledProbe(modbus.ModbusReader()).ask(_target(port)))
    values = [one.value for one in found.samples if one.metric == Metric.UPS_ON_BATTERY_S]
    assert len(values) == 1
    assert values[0] is not None
    assert values[0] >= 1.0


@pytest.mark.usefixtures("own_maps")
def test_another_reader_sees_the_same_values(port: int) -> None:
    if shutil.which("mbpoll") is None:
        pytest.skip("mbpoll is not here: install Debian's mbpoll")
    found = asyncio.run(PolledProbe(modbus.ModbusReader()).ask(_target(port)))
    told = {one.instance: one.value for one in found.samples}
    assert _polled(port, "4:float", 10, "-B") == [told["Supply air"]]
    assert _polled(port, "4:float", 12) == [told["Load"]]
    assert _polled(port, "4", 0, count=3) == [235, 478, -100]


def test_nothing_at_the_port_is_a_device_that_does_not_answer() -> None:
    found = asyncio.run(PolledProbe(modbus.ModbusReader()).ask(_target(free_port(), "room-sensor")))
    assert (found.ok, found.is_reachable) == (False, False)


def test_an_unknown_map_is_said() -> None:
    found = asyncio.run(PolledProbe(modbus.ModbusReader()).ask(_target(1, "../../secret")))
    assert (found.ok, found.is_reachable) == (False, True)


def test_every_map_of_the_program_is_understood() -> None:
    for name in modbus_map.names():
        known = modbus_map.load(name)
        assert known.registers
        assert all(one.unit or one.sensor_class == "state" for one in known.registers)


@pytest.mark.parametrize(
    "text",
    ["[[registers]]\naddress = 1", "registers = 7", "x = [", '[[registers]]\naddress=1\ndescr="a"\nclass="heat"',
     '[[registers]]\naddress=70000\ndescr="a"\nclass="voltage"',
     '[[registers]]\naddress=1\ndescr="a"\nclass="voltage"\nscael=2'],
)  # fmt: skip
def test_a_map_that_is_wrong_says_so(text: str) -> None:
    with pytest.raises(BadInput):
        modbus_map.parse(text, "mine")


@given(st.floats(width=32), st.sampled_from(["big", "little"]))
def test_every_float_comes_back_and_what_is_no_number_is_a_hole(value: float, order: str) -> None:
    high, low = _float_words(value)
    one = modbus_map.Register(0, "a", "voltage", type="float32", words=order)
    found = modbus.raw_value(one, [high, low] if order == "big" else [low, high])
    assert found == (value if abs(value) < float("inf") else None)


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(list(modbus_map.TYPES))), max_size=40))
def test_blocks_hold_every_register_once_without_holes(rows: list[tuple[int, str]]) -> None:
    registers = [modbus_map.Register(address, "a", "count", type=kind) for address, kind in rows]
    found = list(modbus.blocks(registers))
    assert sorted(map(repr, registers)) == sorted(repr(one) for block in found for one in block)
    for block in found:
        assert all(left.address + left.length == right.address for left, right in itertools.pairwise(block))
        assert block[-1].address + block[-1].length - block[0].address <= modbus.MOST_AT_ONCE


def _target(port: int, name: str = "acme") -> Target:
    return Target(1, 1, CheckKind.MODBUS, "127.0.0.1", port, {"map": name}, timeout_s=20.0)


def _polled(port: int, kind: str, address: int, *options: str, count: int = 1) -> list[float]:
    command = ["mbpoll", "-m", "tcp", "-p", str(port), "-0", "-1", "-q", "-a", "1", "-t", kind, "-r", str(address)]
    with contextlib.suppress(subprocess.TimeoutExpired):
        ran = subprocess.run(
            [*command, "-c", str(count), *options, "127.0.0.1"], capture_output=True, text=True, timeout=30, check=False
        )
        lines = re.findall(r"^\[\d+\]:\s*(\S+)(?:\s*\((-?\d+)\))?", ran.stdout, re.MULTILINE)
        return [float(signed or plain) for plain, signed in lines]
    return []
