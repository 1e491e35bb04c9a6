"""The graph of devices from what real ones tell of their neighbours, beside the record."""

import asyncio
import bz2
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import update

from app import cmdb, devices
from app.collector.batch import Batch, Beat
from app.collector.probes.snmp.client import Column, Value
from app.collector.probes.snmp.neighbours import Around, look_around, short_name
from app.collector.probes.snmp.reading import Port
from app.collector.samples import Link, Metric, Outcome, Sample
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk, Tx, command
from app.permissions import Permission
from app.topology import Edge, topology
from app.topology.layout import placed
from models.enums import CheckKind, RelationKind, State
from models.monitoring import DeviceState
from tests.collector.snmpsim_server import packaged_recordings


def port(index: str, name: str) -> Port:
    return Port(index, name, name, "", "up", "up", 1e9, 0, 0, 0, 0, 0, 0, 64)


IF_NAME = "1.3.6.1.2.1.31.1.1.1.1"
PORTS = (port("10149", "Gi0/49"), port("10150", "Gi0/50"))


def recorded(path: Path) -> dict[str, Value]:
    """Return what a recording answers, by object id, as a client hands it over."""
    raw = bz2.decompress(path.read_bytes()) if path.suffix == ".bz2" else path.read_bytes()
    found: dict[str, Value] = {}
    for line in raw.decode("utf-8", "replace").splitlines():
        oid, _, rest = line.partition("|")
        tag, _, value = rest.partition("|")
        kind = tag.rstrip("x")
        is_number = kind in ("2", "65", "66", "67", "70") and not tag.endswith("x")
        found[oid] = int(value) if is_number else bytes.fromhex(value) if tag.endswith("x") else value.encode()
    return found


def around_of(name: str, *ports: Port) -> Around:
    path = packaged_recordings().get(name)
    if path is None:
        pytest.skip("the package snmpsim-data is not installed")
    values = recorded(path)

    async def walk(oid: str) -> Column:
        below = {key.removeprefix(oid + "."): value for key, value in values.items() if key.startswith(oid + ".")}
        return Column(below)

    names = asyncio.run(walk(IF_NAME)).rows
    told = [port(index, name.decode()) for index, name in names.items() if isinstance(name, bytes)]
    return asyncio.run(look_around(walk, ports or told))


def test_cdp_of_a_real_switch_names_ports_and_neighbours() -> None:
    found = around_of("cisco-c3560", *PORTS)
    assert len(found.links) == 9
    assert found.links[0] == Link(
        "Gi0/49", "OLD-ShiTang-WIRELESS", "GigabitEthernet0/2", "10.1.100.181", "cisco WS-C3560-24PS", "cdp"
    )
    told = found.facts()
    assert (told["addresses"], told["ports"]) == ("10.1.100.148 10.110.148.1", "52")
    assert told["interface Gi0/49"] == "— · 1 Gb/s · —"


def test_lldp_and_cdp_of_one_cable_are_one_link() -> None:
    found = around_of("cisco-n5000")
    assert len({(link.port, short_name(link.name)) for link in found.links}) == len(found.links) == 9
    assert found.links[0].address == "10.40.1.20"


def test_a_name_is_known_with_its_domain_and_its_serial_number() -> None:
    assert short_name("Core-1.example.com") == short_name("core-1(FOC1234)") == "core-1"
    assert short_name("10.0.0.1") == "10.0.0.1"


def add(desk: Desk, name: str, address: str = "127.0.0.1") -> int:
    return desk.do(devices.add_device, uuid.uuid4(), name, "switch", address, [CheckKind.SNMP])


def told(
    database: Database, ci_id: int, *links: Link, up: dict[str, float] | None = None, ago: timedelta = timedelta()
) -> None:
    """Let the collector's store write what a device told."""
    now = datetime.now(UTC)
    samples = tuple(Sample(Metric.IF_UP, value, "", name, name) for name, value in (up or {}).items())
    outcome = Outcome(1, ci_id, now - ago, True, samples=samples, links=links)
    DeskStore(database).write(Batch(outcomes=[outcome]), Beat(now, now, 1, 1))


def test_what_two_devices_tell_of_their_cable_is_one_line_that_shows_its_state(database: Database, desk: Desk) -> None:
    core, access = add(desk, "core", "10.0.0.1"), add(desk, "access", "10.0.0.2")
    desk.do(cmdb.relate, uuid.uuid4(), core, RelationKind.CONNECTS_TO, access)
    told(database, core, Link("Gi1/0/1", "ACCESS.example.com", "GigabitEthernet0/48"), up={"Gi1/0/1": 1.0})
    told(database, access, Link("Gi0/48", "core(FOC1)", "GigabitEthernet1/0/1"))
    graph = desk.read(topology)
    assert [node.ci_id for node in graph.nodes] == [core, access]
    assert [(edge.is_up, edge.is_seen, edge.is_recorded) for edge in graph.edges] == [(True, True, True)]
    told(database, access, Link("Gi0/48", "core", "Gi1/0/1"), up={"Gi0/48": 0.0})
    (edge,) = desk.read(topology).edges
    assert edge.is_up is False


def test_neighbours_without_a_record_and_records_that_nobody_sees_are_shown_as_such(
    database: Database, desk: Desk
) -> None:
    core, other = add(desk, "core"), add(desk, "other", "10.0.0.3")
    desk.do(cmdb.relate, uuid.uuid4(), core, RelationKind.CONNECTS_TO, other)
    told(database, core, Link("Gi1/0/2", "stranger"))
    graph = desk.read(topology)
    assert [(node.name, node.ci_id) for node in graph.nodes if node.ci_id is None] == [("stranger", None)]
    standing = {(edge.is_seen, edge.is_recorded) for edge in graph.edges}
    assert standing == {(True, False), (False, True)}
    assert isinstance(graph.edges[0], Edge)


def test_a_neighbour_is_kept_while_its_port_is_down_and_forgotten_when_it_is_up_without_one(
    database: Database, desk: Desk
) -> None:
    core, access = add(desk, "core", "10.0.0.1"), add(desk, "access", "10.0.0.2")
    link = Link("Gi1", "access", "Gi48")
    told(database, core, link, up={"Gi1": 1.0})
    told(database, core, up={"Gi1": 0.0})
    (edge,) = desk.read(topology).edges
    assert (edge.a, edge.b, edge.is_up) == (f"ci {core:08d}", f"ci {access:08d}", False)
    told(database, core, up={"Gi1": 1.0})
    assert desk.read(topology).edges == ()


@command(Permission.CMDB_EDIT)
def stand(tx: Tx, ci_id: int, state: State) -> None:
    """Say how a device stands, as the collector does."""
    if tx.session.get(DeviceState, ci_id) is None:
        tx.add(DeviceState(ci_id=ci_id))
    tx.session.execute(update(DeviceState).where(DeviceState.ci_id == ci_id).values(state=state))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_device_that_does_not_answer_says_nothing_of_its_links(database: Database, desk: Desk) -> None:
    core, access = add(desk, "core", "10.0.0.1"), add(desk, "access", "10.0.0.2")
    told(database, core, Link("Gi1", "access", "Gi48"), up={"Gi1": 1.0})
    desk.do(stand, core, State.UNREACHABLE)
    assert [edge.is_up for edge in desk.read(topology).edges] == [None]
    told(database, access, Link("Gi48", "core", "Gi1"), up={"Gi48": 0.0})
    assert [edge.is_up for edge in desk.read(topology).edges] == [False]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_figure_older_than_two_intervals_says_nothing_of_a_link(database: Database, desk: Desk) -> None:
    core, _ = add(desk, "core", "10.0.0.1"), add(desk, "access", "10.0.0.2")
    told(database, core, Link("Gi1", "access", "Gi48"), up={"Gi1": 1.0}, ago=timedelta(minutes=10))
    assert [edge.is_up for edge in desk.read(topology).edges] == [None]


@pytest.mark.parametrize("count", [3, 30, 300, 3_000])
def test_devices_do_not_lie_upon_each_other(count: int) -> None:
    """On a page of 960 by 500 pixels the marks of up to 300 devices, 20 pixels wide, stand free."""
    keys = tuple(f"ci {number:08d}" for number in range(count))
    spots = placed(keys, tuple((keys[number], keys[number // 6]) for number in range(1, count)))
    at = np.array([spots[key] for key in keys]) * (960, 500)
    assert at.min() >= 0 and (at.max(axis=0) <= (960.1, 500.1)).all()
    if count <= 300:
        apart = np.sqrt(((at[:, None] - at[None, :]) ** 2).sum(axis=2)) + np.eye(count) * 1e6
        assert (apart.min(axis=1) > 20).mean() > 0.95 and apart.min() > 12
    assert len({(round(x), round(y)) for x, y in at.tolist()}) > count * 0.9


def test_the_same_graph_always_lies_the_same_and_five_hundred_nodes_are_placed_soon() -> None:
    keys = tuple(f"ci {number:08d}" for number in range(500))
    edges = tuple((keys[number], keys[number // 8]) for number in range(1, 500))
    began = time.process_time()
    first = placed(keys, edges)
    assert time.process_time() - began < 20
    placed.cache_clear()
    assert first == placed(keys, edges)
    assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in first.values())
    assert len({(round(x, 4), round(y, 4)) for x, y in first.values()}) > 490
