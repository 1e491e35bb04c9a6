"""`watchroom probe` by other ways than SNMP."""

import json
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from app.cli import main
from tests.power.nut_server import UPS, NutServer
from tests.power.ports import free_port


def test_a_ups_is_told_as_one_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with NutServer(tmp_path) as server:
        assert main(["probe", f"127.0.0.1:{server.port}", "--nut", UPS, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["system"]["model"] == "C6K"
    told = {one["oid"]: (one["class"], one["value"], one["unit"]) for one in found["sensors"]}
    assert told["battery.charge"] == ("charge", 100.0, "%")
    assert told["battery.runtime"] == ("runtime", 30.0, "min")


def test_registers_are_told_by_a_map_in_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    here = tmp_path / "mine.toml"
    here.write_text(
        '[[registers]]\naddress = 4\ntype = "float32"\nclass = "voltage"\nunit = "V"\ndescr = "L1"\n', encoding="utf-8"
    )
    high, low = struct.unpack(">HH", struct.pack(">f", 230.5))
    port = free_port()
    command = [sys.executable, "-m", "tests.power.modbus_server", str(port), json.dumps({4: high, 5: low})]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2]) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            assert main(["probe", f"127.0.0.1:{port}", "--modbus", str(here), "--json"]) == 0
        finally:
            server.terminate()
    sensors = json.loads(capsys.readouterr().out)["sensors"]
    assert [(one["class"], one["value"], one["unit"]) for one in sensors] == [("voltage", 230.5, "V")]


def test_nothing_there_is_said_with_code_3(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["probe", f"127.0.0.1:{free_port()}", "--redfish", "--http", "--json"]) == 3
    assert "127.0.0.1" in capsys.readouterr().err
