"""WebLogic by its administration server's REST interface, all of a domain in two questions (REQUIREMENTS A9).

Written for the interface of 12.2.1 and later as Oracle documents it; it has been tried with answers in that form only.
"""

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources as packaged
from typing import Any, Final

from app.collector import audits
from app.collector.probes.gauges import audited, count, percent, state
from app.collector.probes.snmp.client import BadAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.probes.web_api import access_of, number, opened
from app.collector.samples import Metric, Target
from app.text import clean_line
from app.words import tr

WEBLOGIC_PORT: Final = 7001
_ROOT: Final = "/management/weblogic/latest"
_RUNS: Final = "RUNNING"
_ON_PURPOSE: Final = ("ADMIN", "STANDBY", "STARTING", "RESUMING")
"""States of a server that somebody put it into, or that pass."""

_LEVELS: Final = {"ok": 0, "warn": 1, "warning": 1}

Row = Mapping[str, Any]


class WebLogicReader:
    """Params of a target: `user`, `scheme` (http when empty) and `verify`. The secret is the password; the user is of
    the role Monitor. The address is the administration server's.
    """

    async def read(self, target: Target) -> Reading:
        async with opened(access_of(target, WEBLOGIC_PORT)) as api:
            runtime = await api.json(f"{_ROOT}/domainRuntime/search", _question("runtime"))
            config = await api.json(f"{_ROOT}/domainConfig/search", _question("config"))
        return reading(runtime, config)


def reading(runtime: Any, config: Any) -> Reading:
    """Return what the domain told as a reading. Raises BadAnswer where it is none."""
    if not isinstance(runtime, Mapping) or "serverRuntimes" not in runtime:
        raise BadAnswer(tr("this is no administration server of WebLogic"))
    servers = _items(runtime.get("serverRuntimes"))
    settings = {_name(one): _pool_settings(one) for one in _items(_row(config).get("JDBCSystemResources"))}
    sensors = [
        *_nodes(runtime, servers),
        *(one for server in servers for one in _server(server, settings)),
    ]
    uptimes = [ms for server in servers if (ms := number(_row(server.get("JVMRuntime")), "uptime")) is not None]
    system = System(
        name=_name(runtime),
        vendor="Oracle",
        model="WebLogic",
        version=_version(servers),
        uptime_s=min(uptimes) / 1000 if uptimes else None,
    )
    return Reading(system, sensors=tuple(sensors))


@cache
def _question(name: str) -> Row:
    text = (packaged.files("resources") / "middleware" / f"weblogic-{name}.json").read_text(encoding="utf-8")
    return _row(json.loads(text))


def _nodes(runtime: Row, servers: list[Row]) -> Iterator[Sensor]:
    """Yield the state of each server of the domain; those that don't run are told by their life cycle only."""
    cycles = {_name(one): str(one.get("state", "")) for one in _items(runtime.get("serverLifeCycleRuntimes"))}
    told = cycles | {_name(one): str(one.get("state", "")) for one in servers}
    for name, word in told.items():
        level = 0 if word == _RUNS else 1 if word in _ON_PURPOSE else 2
        yield state(Metric.NODE, name, level, tr("WebLogic's server {name} is {state}", name=name, state=word))


def _server(server: Row, settings: Mapping[str, audits.Pool]) -> Iterator[Sensor]:
    name, jvm, threads = _name(server), _row(server.get("JVMRuntime")), _row(server.get("threadPoolRuntime"))
    yield from _health(server, name)
    current, free = number(jvm, "heapSizeCurrent"), number(jvm, "heapFreeCurrent")
    if current is not None and free is not None:
        yield from percent(Metric.HEAP, name, current - free, number(jvm, "heapSizeMax") or current)
    yield from _threads(threads, name)
    for pool in _items(_row(server.get("JDBCServiceRuntime")).get("JDBCDataSourceRuntimeMBeans")):
        yield from _pool(pool, name, settings, number(threads, "executeThreadTotalCount"))
    for application in _items(server.get("applicationRuntimes")):
        yield from _application(application, name)
    for jms in _items(_row(server.get("JMSRuntime")).get("JMSServers")):
        yield from _health(jms, f"{name} {_name(jms)}")
        for queue in _items(jms.get("destinations")):
            yield from _queue(queue, name)


def _threads(threads: Row, name: str) -> Iterator[Sensor]:
    """Yield the threads that answer requests; those on standby are neither busy nor idle."""
    total, idle = number(threads, "executeThreadTotalCount"), number(threads, "executeThreadIdleCount")
    if total is not None and idle is not None:
        ready = total - (number(threads, "standbyThreadCount") or 0.0)
        yield from percent(Metric.THREADS, name, max(0.0, ready - idle), ready)
        yield from count(Metric.THREADS_IDLE, name, idle)
    yield from count(Metric.QUEUED, name, number(threads, "queueLength"))
    stuck = number(threads, "stuckThreadCount")
    if stuck is not None:
        says = tr("WebLogic's server {name} has {n} stuck threads", name=name, n=int(stuck))
        yield state(Metric.ALARM, f"{name} threads", 2 if stuck > 0 else 0, says)


def _pool(
    pool: Row, server: str, settings: Mapping[str, audits.Pool], execute_threads: float | None
) -> Iterator[Sensor]:
    name = f"{server} {_name(pool)}"
    set_up = settings.get(_name(pool), audits.Pool("", None, None))
    most = set_up.maximum if set_up.maximum is not None else number(pool, "currCapacity")
    yield from percent(Metric.POOL, name, number(pool, "activeConnectionsCurrentCount"), most)
    yield from count(Metric.POOL_WAITING, name, number(pool, "waitingForConnectionCurrentCount"))
    word = str(pool.get("state", "Running"))
    says = tr("The data source {name} is {state}", name=name, state=word)
    yield state(Metric.DEPLOYED, name, 0 if word.lower() == "running" else 2, says)
    threads = None if execute_threads is None else int(execute_threads)
    yield from audited(audits.jdbc_pool(audits.Pool(name, set_up.initial, set_up.maximum), threads))


def _application(application: Row, server: str) -> Iterator[Sensor]:
    name = f"{server} {_name(application)}"
    yield from _health(application, name)
    opened_sessions = [
        told
        for part in _items(application.get("componentRuntimes"))
        if (told := number(part, "openSessionsCurrentCount")) is not None
    ]
    if opened_sessions:
        yield from count(Metric.SESSIONS, name, sum(opened_sessions))


def _queue(queue: Row, server: str) -> Iterator[Sensor]:
    name = f"{server} {_name(queue)}"
    yield from count(Metric.QUEUE_READY, name, number(queue, "messagesCurrentCount"))
    yield from count(Metric.QUEUE_UNACKED, name, number(queue, "messagesPendingCount"))
    yield from count(Metric.QUEUE_CONSUMERS, name, number(queue, "consumersCurrentCount"))


def _health(part: Row, name: str) -> Iterator[Sensor]:
    """Yield what a part says of its own health, with the symptoms it names."""
    health = _row(part.get("healthState"))
    word = health.get("state")
    if not isinstance(word, str):
        return
    symptoms = health.get("symptoms")
    why = "; ".join(_symptom(one) for one in symptoms) if isinstance(symptoms, list) else ""
    says = tr("WebLogic: {name} says of its health “{state}” {why}", name=name, state=word, why=clean_line(why, 160))
    yield state(Metric.ALARM, f"{name} health", _LEVELS.get(word.lower(), 2), says.strip())


def _symptom(told: Any) -> str:
    return str(told.get("info") or told.get("type") or "") if isinstance(told, Mapping) else str(told)


def _pool_settings(resource: Row) -> audits.Pool:
    params = _row(_row(resource.get("JDBCResource")).get("JDBCConnectionPoolParams"))
    initial, most = number(params, "initialCapacity"), number(params, "maxCapacity")
    return audits.Pool(_name(resource), None if initial is None else int(initial), None if most is None else int(most))


def _version(servers: list[Row]) -> str:
    """Return "12.2.1.4.0" of "WebLogic Server 12.2.1.4.0 Thu Sep 12 …"."""
    words = str(next((one.get("weblogicVersion") for one in servers if one.get("weblogicVersion")), "")).split()
    return clean_line(next((word for word in words if word[0].isdigit() and "." in word), ""), 60)


def _items(found: Any) -> list[Row]:
    listed = _row(found).get("items")
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _row(found: Any) -> Row:
    return found if isinstance(found, Mapping) else {}


def _name(row: Row) -> str:
    return clean_line(str(row.get("name", "")), 100)
