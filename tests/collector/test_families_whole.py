"""All recordings of the test data and of the package snmpsim-data. Takes minutes: run with WATCHROOM_WHOLE=1.

The table that docs/families.md shows is left in the first test's folder (`--basetemp`) as table.md.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.collector.probe_report import report
from app.collector.probes.snmp.client import Credentials
from tests.collector.families import KINDS, Score, expected, score, share, total
from tests.collector.snmpsim_server import SnmpSim, packaged_recordings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(3600),
    pytest.mark.skipif(not os.environ.get("WATCHROOM_WHOLE"), reason="takes minutes: WATCHROOM_WHOLE=1"),
]

IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
AT_ONCE = 10
"""Recordings of one simulator, which answers the sooner the fewer it has."""

LARGEST_BYTES = 150_000
"""Packed size: the simulator indexes larger walks (of up to 240 MB) for many minutes."""

LEAST = {"ports": 0.99, "processors": 0.98, "memory": 0.98, "storage": 0.95, "sensors": 0.95, "identity": 0.90}
POSSIBLE = {
    "temperature": (-50, 200),
    "humidity": (0, 100),
    "frequency": (0, 400),
    "voltage": (-60, 1000),
    "dbm": (-60, 30),
    "charge": (0, 110),
    "load": (0, 300),
    "fanspeed": (0, 60_000),
}


@dataclass(frozen=True, slots=True)
class Read:
    """What one recording gave, and how many interfaces it lists."""

    found: dict[str, Any]
    interfaces: int


def read(folder: Path, recordings: Sequence[Path]) -> dict[str, Read]:
    async def one(port: int, name: str) -> dict[str, Any]:
        return dict(await report("127.0.0.1", port, Credentials(community=name)))

    found: dict[str, Read] = {}
    for start in range(0, len(recordings), AT_ONCE):
        with SnmpSim(folder / str(start), recordings[start : start + AT_ONCE], patience_s=900) as agent:
            for name in agent.names:
                found[name] = Read(asyncio.run(one(agent.port, name)), len(agent.below(name, IF_DESCR)))
    return found


def test_the_recordings_with_known_answers_reach_the_acceptance_rule(test_data: Path, tmp_path: Path) -> None:
    recordings = sorted((test_data / "public" / "snmprec").glob("*.snmprec"))
    scores = {
        name: score(name, expected(test_data, name), one.found) for name, one in read(tmp_path, recordings).items()
    }
    (tmp_path / "table.md").write_text(table(scores), encoding="utf-8")
    assert {kind: share(pair) for kind, pair in total(scores.values()).items() if share(pair) < LEAST[kind]} == {}


def test_full_walks_of_many_makers_give_every_port_and_nothing_impossible(tmp_path: Path) -> None:
    recordings = [path for path in packaged_recordings().values() if path.stat().st_size <= LARGEST_BYTES]
    if not recordings:
        pytest.skip("snmpsim-data is not installed")
    for name, one in read(tmp_path, recordings).items():
        assert len(one.found["ports"]) >= one.interfaces, name
        assert not [sensor for sensor in one.found["sensors"] if _is_impossible(sensor)], name


def _is_impossible(sensor: dict[str, Any]) -> bool:
    low, high = POSSIBLE.get(sensor["class"], (float("-inf"), float("inf")))
    return sensor["value"] is not None and not low <= sensor["value"] <= high


def table(scores: dict[str, Score]) -> str:
    """Return one line a recording, in Markdown."""
    lines = [f"| recording | {' | '.join(KINDS)} |", "| --- " * (len(KINDS) + 1) + "|"]
    for name, one in [*sorted(scores.items()), ("all", total(scores.values()))]:
        cells = (f"{have}/{want}" if want else "" for have, want in (one[kind] for kind in KINDS))
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
