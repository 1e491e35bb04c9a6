"""RabbitMQ by its management interface: nodes, listeners, alarms and queues (REQUIREMENTS A9)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from app.collector.probes.gauges import count, percent, state
from app.collector.probes.snmp.client import BadAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.probes.web_api import access_of, number, opened
from app.collector.samples import Metric, Target
from app.text import clean_line
from app.words import tr

RABBITMQ_PORT: Final = 15672
MOST_QUEUES: Final = 500
"""Queues told, the fullest first."""

_COLUMNS: Final = "name,vhost,messages,messages_ready,messages_unacknowledged,consumers,state"
_QUEUES: Final = f"/api/queues?page=1&page_size={MOST_QUEUES}&sort=messages&sort_reverse=true&columns={_COLUMNS}"
_WELL: Final = ("running", "idle", "flow")
"""States of a queue that works; "flow" only slows its senders down."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What the three documents hold; rows that are no objects are left out."""

    overview: Row
    nodes: tuple[Row, ...]
    queues: tuple[Row, ...]
    queue_count: int


class RabbitReader:
    """Params of a target: `user`, `scheme` (http when empty), `verify` and `listeners`, the protocols that each running
    node must listen for, with commas (amqp when empty). The secret is the password; the user's tag is "monitoring".
    """

    async def read(self, target: Target) -> Reading:
        async with opened(access_of(target, RABBITMQ_PORT)) as api:
            overview, nodes = await api.json("/api/overview"), await api.json("/api/nodes")
            queues = await api.json(_QUEUES)
        wanted = [name.strip() for name in (target.params.get("listeners") or "amqp").split(",") if name.strip()]
        return reading(told(overview, nodes, queues), wanted)


def told(overview: Any, nodes: Any, queues: Any) -> Told:
    """Return the documents. Raises BadAnswer where they are not RabbitMQ's."""
    if not isinstance(overview, Mapping) or "rabbitmq_version" not in overview or not _rows(nodes):
        raise BadAnswer(tr("this is no management interface of RabbitMQ"))
    listed = queues.get("items") if isinstance(queues, Mapping) else queues
    total = queues.get("total_count") if isinstance(queues, Mapping) else None
    found = _rows(listed)
    return Told(overview, _rows(nodes), found, total if isinstance(total, int) else len(found))


def reading(found: Told, wanted: Iterable[str] = ("amqp",)) -> Reading:
    """Return what RabbitMQ told as a reading; `wanted` are the protocols that each running node must listen for."""
    running = [node for node in found.nodes if node.get("running") is True]
    sensors = [
        *(one for node in found.nodes for one in _node(node)),
        *(one for node in running for one in _listeners(node, found.overview, wanted)),
        *(one for queue in found.queues[:MOST_QUEUES] for one in _queue(queue)),
        *_totals(found),
    ]
    troubles = []
    if found.queue_count > MOST_QUEUES:
        troubles.append(tr("of {n} queues only the fullest {most} are read", n=found.queue_count, most=MOST_QUEUES))
    uptimes = [told_ms for node in running if (told_ms := number(node, "uptime")) is not None]
    version = clean_line(str(found.overview.get("product_version") or found.overview["rabbitmq_version"]), 60)
    name = clean_line(str(found.overview.get("cluster_name", "")), 100)
    uptime_s = min(uptimes) / 1000 if uptimes else None
    system = System(name=name, vendor="", model="RabbitMQ", version=version, uptime_s=uptime_s)
    return Reading(system, sensors=tuple(sensors), troubles=tuple(troubles))


def _node(node: Row) -> Iterator[Sensor]:
    name = _name(node)
    if node.get("running") is not True:
        yield state(Metric.NODE, name, 2, tr("RabbitMQ's node {name} does not run", name=name))
        return
    apart = node.get("partitions")
    others = ", ".join(str(other) for other in apart) if isinstance(apart, list) else ""
    says = tr("RabbitMQ's node {name} is cut off from {others}: each side goes on by itself", name=name, others=others)
    yield state(Metric.NODE, name, 2 if others else 0, says)
    yield from _alarms(node, name)
    yield from percent(Metric.BROKER_MEMORY, name, number(node, "mem_used"), number(node, "mem_limit"))
    free = number(node, "disk_free")
    yield from count(Metric.BROKER_DISK_FREE, name, None if free is None else free / 1e9, "GB")
    yield from percent(Metric.HANDLES, f"{name} files", number(node, "fd_used"), number(node, "fd_total"))
    yield from percent(Metric.HANDLES, f"{name} sockets", number(node, "sockets_used"), number(node, "sockets_total"))
    yield from percent(Metric.HANDLES, f"{name} processes", number(node, "proc_used"), number(node, "proc_total"))


def _alarms(node: Row, name: str) -> Iterator[Sensor]:
    """Yield the broker's own two alarms: while one stands it takes no message from anybody."""
    says = tr("RabbitMQ's node {name} has its memory alarm: it takes no messages", name=name)
    yield state(Metric.ALARM, f"{name} memory", 2 if node.get("mem_alarm") is True else 0, says)
    says = tr("RabbitMQ's node {name} has its disk alarm: it takes no messages", name=name)
    yield state(Metric.ALARM, f"{name} disk", 2 if node.get("disk_free_alarm") is True else 0, says)


def _listeners(node: Row, overview: Row, wanted: Iterable[str]) -> Iterator[Sensor]:
    name = _name(node)
    open_ones = {str(one.get("protocol")) for one in _rows(overview.get("listeners")) if one.get("node") == name}
    for protocol in wanted:
        says = tr("RabbitMQ's node {name} does not listen for {protocol}", name=name, protocol=protocol)
        yield state(Metric.LISTENER, f"{name} {protocol}", 0 if protocol in open_ones else 2, says)


def _queue(queue: Row) -> Iterator[Sensor]:
    vhost = str(queue.get("vhost", "/"))
    name = clean_line(f"{'' if vhost == '/' else vhost}/{queue.get('name', '')}", 160)
    yield from count(Metric.QUEUE_READY, name, number(queue, "messages_ready"))
    yield from count(Metric.QUEUE_UNACKED, name, number(queue, "messages_unacknowledged"))
    yield from count(Metric.QUEUE_CONSUMERS, name, number(queue, "consumers"))
    told_state = str(queue.get("state", "running"))
    says = tr("The queue {name} is {state}", name=name, state=told_state)
    yield state(Metric.DEPLOYED, name, 0 if told_state in _WELL else 2, says)


def _totals(found: Told) -> Iterator[Sensor]:
    totals = found.overview.get("object_totals")
    if isinstance(totals, Mapping):
        yield from count(Metric.SESSIONS, "", number(totals, "connections"))


def _rows(found: Any) -> tuple[Row, ...]:
    return tuple(one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else ()


def _name(node: Row) -> str:
    return clean_line(str(node.get("name", "")), 100)
