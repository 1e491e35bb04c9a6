"""The graph of devices: links that devices tell, and connections of the record; where both agree, one line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from app.collector.history.fresh import newest
from app.collector.probes.snmp.neighbours import short_name
from app.collector.samples import Link, Metric
from app.desk import ReadTx
from app.topology.layout import placed
from models.cmdb import Ci, Relation
from models.enums import RelationKind, State
from models.history import series
from models.monitoring import DeviceState
from models.network import Neighbours

RECENT = timedelta(hours=1)
"""How far back an interface's last figure is looked for."""
LATE_S = 60
"""How much older than twice the device's interval that figure may be to say how the link stands."""
_PORT_NUMBER = re.compile(r"[\d/:.]+$")


@dataclass(frozen=True, slots=True)
class Node:
    """A device at its place (0..1 each way); `ci_id` None for a neighbour that no record names."""

    key: str
    ci_id: int | None
    name: str
    class_name: str
    state: State
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Edge:
    """A cable between two nodes. `is_up` None where nobody knows; seen by a device, recorded in the CMDB, or both."""

    a: str
    b: str
    a_port: str
    b_port: str
    is_up: bool | None
    is_seen: bool
    is_recorded: bool


@dataclass(frozen=True, slots=True)
class Topology:
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class _Device:
    id: int
    name: str
    class_name: str
    address: str
    state: State
    told_name: str
    interval_s: int


def topology(tx: ReadTx) -> Topology:
    """Return every device that a link or a recorded connection touches, each at a place that stays."""
    devices = _devices(tx)
    seen = {
        ci_id: [Link(*link) for link in links]
        for ci_id, links in tx.session.execute(select(Neighbours.ci_id, Neighbours.links).order_by(Neighbours.ci_id))
        if ci_id in devices
    }
    edges = _edges(devices, seen, _ports_up(tx, [devices[ci_id] for ci_id in seen]), _recorded(tx, devices))
    strangers = dict(_strangers(link for links in seen.values() for link in links))
    keys = sorted({key for edge in edges for key in (edge.a, edge.b)})
    spots = placed(tuple(keys), tuple((edge.a, edge.b) for edge in edges))
    by_key = {_key(device.id): device for device in devices.values()}
    nodes = []
    for key in keys:
        device, (x, y) = by_key.get(key), spots[key]
        if device is None:
            nodes.append(Node(key, None, strangers.get(key, key), "other", State.UNKNOWN, x, y))
        else:
            nodes.append(Node(key, device.id, device.name, device.class_name, device.state, x, y))
    return Topology(tuple(nodes), tuple(edges))


def _devices(tx: ReadTx) -> dict[int, _Device]:
    state = DeviceState
    query = (
        select(Ci.id, Ci.name, Ci.class_name, Ci.address, state.state, state.facts, state.interval_s)
        .outerjoin(DeviceState, DeviceState.ci_id == Ci.id)
        .where(Ci.voided_at.is_(None))
    )
    return {
        row.id: _Device(
            row.id,
            row.name,
            row.class_name,
            row.address,
            row.state or State.UNKNOWN,
            (row.facts or {}).get("name", ""),
            row.interval_s or LATE_S,
        )
        for row in tx.session.execute(query)
    }


def _edges(
    devices: Mapping[int, _Device],
    seen: Mapping[int, Iterable[Link]],
    ports_up: Mapping[tuple[int, str], bool],
    recorded: set[tuple[str, str]],
) -> list[Edge]:
    """Return one edge a cable: two devices that see each other over the same ports are one."""
    of = _finder(devices)
    found: dict[tuple[str, str], list[Edge]] = {}
    for ci_id, links in seen.items():
        for link in links:
            here, there = _key(ci_id), of(link)
            if here == there:
                continue
            is_up = ports_up.get((ci_id, link.port))
            pair = (min(here, there), max(here, there))
            cables = found.setdefault(pair, [])
            same = next((n for n, cable in enumerate(cables) if _is_same(cable, here, link)), None)
            if same is None:
                cables.append(Edge(here, there, link.port, link.far_port, is_up, True, pair in recorded))
            elif is_up is False or cables[same].is_up is None:
                old = cables[same]
                cables[same] = Edge(old.a, old.b, old.a_port, link.port, is_up, True, old.is_recorded)
    edges = [cable for cables in found.values() for cable in cables]
    edges += [Edge(a, b, "", "", None, False, True) for a, b in sorted(recorded - found.keys())]
    return edges


def _is_same(cable: Edge, here: str, link: Link) -> bool:
    """Tell whether the far end of a known cable is what this device tells from its own side."""
    if cable.b != here:
        return False
    if not cable.b_port or not link.far_port:
        return True
    return _number(cable.b_port) == _number(link.port) or _number(cable.a_port) == _number(link.far_port)


def _number(port: str) -> str:
    """Return what names a port in every spelling of its kind: "1/0/3" of Gi1/0/3 and GigabitEthernet1/0/3."""
    found = _PORT_NUMBER.search(port)
    return found.group() if found else port.casefold()


def _finder(devices: Mapping[int, _Device]) -> "_Finder":
    known: dict[str, int] = {}
    for device in devices.values():
        for name in (device.address, short_name(device.name), short_name(device.told_name)):
            if name:
                known.setdefault(name, device.id)
    return _Finder(known)


@dataclass(frozen=True, slots=True)
class _Finder:
    """Says which device a link leads to: by name, by the name that it tells itself, or by address."""

    known: Mapping[str, int]

    def __call__(self, link: Link) -> str:
        ci_id = self.known.get(short_name(link.name)) or self.known.get(link.address)
        return _key(ci_id) if ci_id is not None else f"? {short_name(link.name)}"


def _strangers(links: Iterable[Link]) -> Iterable[tuple[str, str]]:
    return ((f"? {short_name(link.name)}", link.name) for link in links)


def _recorded(tx: ReadTx, devices: Mapping[int, _Device]) -> set[tuple[str, str]]:
    query = select(Relation.source_id, Relation.target_id).where(
        Relation.kind == RelationKind.CONNECTS_TO, Relation.ended_at.is_(None)
    )
    pairs = [(_key(a), _key(b)) for a, b in tx.session.execute(query) if a in devices and b in devices]
    return {(min(pair), max(pair)) for pair in pairs}


def _ports_up(tx: ReadTx, devices: Iterable[_Device]) -> dict[tuple[int, str], bool]:
    """Return how the interfaces stand, by device and name; a device that does not answer tells of none."""
    answering = {device.id: device for device in devices if device.state is not State.UNREACHABLE}
    query = select(series.c.id, series.c.ci_id, series.c.instance).where(
        series.c.metric == Metric.IF_UP, series.c.ci_id.in_(answering)
    )
    rows = {row.id: (row.ci_id, row.instance) for row in tx.session.execute(query)}
    values = newest(tx.connection, list(rows), int((tx.now - RECENT).timestamp()))
    now_s = tx.now.timestamp()
    return {
        rows[one]: value > 0
        for one, (at, value) in values.items()
        if now_s - at <= 2 * answering[rows[one][0]].interval_s + LATE_S
    }


def _key(ci_id: int) -> str:
    return f"ci {ci_id:08d}"
