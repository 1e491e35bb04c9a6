"""`watchroom probe` against a real agent, and against nothing."""

import json
from pathlib import Path

import pytest

from tests.cli.runs import watchroom
from tests.collector.snmpsim_server import OWN, SnmpSim, packaged_recordings


@pytest.fixture(scope="module")
def agent(tmp_path_factory: pytest.TempPathFactory) -> SnmpSim:
    recordings = [*sorted(OWN.glob("*.snmprec")), *packaged_recordings().values()]
    if not recordings:
        pytest.skip("no test data: no SNMP recordings")
    return SnmpSim(tmp_path_factory.mktemp("agent"), recordings[:1], for_v3=True)


def test_a_device_tells_everything_as_json_and_as_tables(agent: SnmpSim, home: Path) -> None:
    with agent:
        host, name = f"127.0.0.1:{agent.port}", agent.names[0]
        told = watchroom(home, "probe", host, "--community", name, "--json")
        assert told.code == 0, told.err
        document = json.loads(told.out)
        assert document["system"]["descr"]
        assert {"ports", "processors", "memory", "storage", "sensors", "unknown"} <= document.keys()
        shown = watchroom(home, "probe", host, "--community", name)
        assert shown.code == 0
        assert document["system"]["descr"].splitlines()[0][:20] in shown.out
        v3 = watchroom(
            home, "probe", host, "--v3", "watcher", "--auth", "SHA:authentic8", "--priv", "AES128:confidential8",
            "--json",
        )  # fmt: skip
        assert v3.code == 0, v3.err
        assert json.loads(v3.out)["system"]["descr"] == document["system"]["descr"]


def test_nobody_there_is_one_line_and_exit_code_3(home: Path) -> None:
    ran = watchroom(home, "probe", "127.0.0.1:1")
    assert (ran.code, ran.out) == (3, "")
    assert len(ran.err.strip().splitlines()) == 1


def test_a_name_without_an_address_is_exit_code_3(home: Path) -> None:
    ran = watchroom(home, "probe", "no-such-host.invalid", language="zh_CN")
    assert ran.code == 3
    assert "连不上" in ran.err
