"""Tomcat: its manager's status page and what its management beans tell (REQUIREMENTS A9)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final
from urllib.parse import quote
from xml.etree import ElementTree

from app.collector import audits
from app.collector.probes.gauges import Rate, Rates, audited, count, percent, state
from app.collector.probes.jmx import Bean, beans
from app.collector.probes.snmp.client import BadAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.probes.tomcat_pools import UsedPool, libraries, pools
from app.collector.probes.web_api import WebApi, access_of, opened
from app.collector.samples import Metric, Target
from app.text import clean_line
from app.words import tr

TOMCAT_PORT: Final = 8080
MANAGER: Final = "/manager"
QUERIES: Final = {
    "runtime": "java.lang:type=Runtime",
    "system": "java.lang:type=OperatingSystem",
    "collectors": "java.lang:type=GarbageCollector,*",
    "server": "*:type=Server",
    "threads": "*:type=ThreadPool,*",
    "executors": "*:type=Executor,*",
    "connectors": "*:type=Connector,*",
    "managers": "*:type=Manager,*",
    "applications": "*:j2eeType=WebModule,*",
    "members": "*:type=Cluster,component=Member,*",
}
_RUNS: Final = "STARTED"

Beans = Mapping[str, list[Bean]]


class TomcatReader:
    """Params of a target: `user`, `scheme` (http when empty), `verify` and `manager`, the path of the manager
    (`/manager` when empty). The secret is the password; the user needs the roles manager-status and manager-jmx.
    """

    def __init__(self, rates: Rates | None = None) -> None:
        self._rates = rates or Rates()

    async def read(self, target: Target) -> Reading:
        manager = "/" + (target.params.get("manager") or MANAGER).strip("/")
        async with opened(access_of(target, TOMCAT_PORT)) as api:
            status = page(await api.text(f"{manager}/status?XML=true"))
            found = {name: await _ask(api, manager, query) for name, query in QUERIES.items()}
            used = pools([(each, await _ask(api, manager, each.query)) for each in libraries()])
        return reading(status, found, used, lambda name, value: self._rates.per_second(target.check_id, name, value))


async def _ask(api: WebApi, manager: str, query: str) -> list[Bean]:
    return beans(await api.text(f"{manager}/jmxproxy/?qry={quote(query)}"))


def page(text: str) -> ElementTree.Element:
    """Return the status page's document. Raises BadAnswer where it is none, or declares entities of its own."""
    try:
        if "<!" in text:
            raise BadAnswer(tr("this is no status page of Tomcat's manager"))
        found = ElementTree.fromstring(text)
    except (ElementTree.ParseError, RecursionError) as error:
        raise BadAnswer(tr("this is no status page of Tomcat's manager")) from error
    if found.tag != "status":
        raise BadAnswer(tr("this is no status page of Tomcat's manager"))
    return found


def reading(status: ElementTree.Element, found: Beans, used: Iterable[UsedPool], rate: Rate) -> Reading:
    """Return what page and beans tell as a reading; `rate` gives how fast a counter rises each second."""
    used = list(used)
    runtime = found["runtime"][0] if found["runtime"] else Bean("", {}, {})
    uptime_ms = runtime.number("Uptime")
    threads = [*_threads(found)]
    sensors = [
        *_jvm(status, found, rate),
        *_requests(status, rate),
        *(one for name, busy, most, total in threads for one in _thread_figures(name, busy, most, total)),
        *_connectors(found),
        *_applications(found),
        *_members(found),
        *(one for pool in used for one in _pool(pool, sum(int(most) for _, _, most, _ in threads))),
    ]
    system = System(
        name=runtime.values.get("Name", ""),
        vendor="Apache",
        model="Tomcat",
        version=_version(found["server"]),
        uptime_s=None if uptime_ms is None else uptime_ms / 1000,
    )
    return Reading(system, sensors=tuple(sensors))


def _version(servers: Iterable[Bean]) -> str:
    """Return "10.1.60" of "Apache Tomcat/10.1.60 (Debian)"."""
    info = next((bean.values.get("serverInfo", "") for bean in servers), "")
    return clean_line(info.partition("/")[2].partition(" ")[0] or info, 60)


def _jvm(status: ElementTree.Element, found: Beans, rate: Rate) -> Iterator[Sensor]:
    memory = status.find("jvm/memory")
    if memory is not None:
        free, total, most = (_number(memory, name) for name in ("free", "total", "max"))
        if free is not None and total is not None:
            yield from percent(Metric.HEAP, "", total - free, most if most and most > 0 else total)
    for pool in status.iterfind("jvm/memorypool"):
        yield from percent(Metric.JVM_POOL, pool.get("name", ""), _number(pool, "usageUsed"), _number(pool, "usageMax"))
    for bean in found["collectors"]:
        spent_ms = rate(f"gc {bean.keys.get('name', '')}", bean.number("CollectionTime"))
        if spent_ms is not None:
            yield from percent(Metric.GC, bean.keys.get("name", ""), min(spent_ms, 1000.0), 1000.0)
    for bean in found["system"]:
        yield from percent(
            Metric.HANDLES, "", bean.number("OpenFileDescriptorCount"), bean.number("MaxFileDescriptorCount")
        )


def _requests(status: ElementTree.Element, rate: Rate) -> Iterator[Sensor]:
    """Yield how many requests of each connector were answered with an error (status 400 and above), a minute."""
    for connector in status.iterfind("connector"):
        name, told = connector.get("name", "").strip('"'), connector.find("requestInfo")
        failed = None if told is None else rate(f"errors {name}", _number(told, "errorCount"))
        yield from count(Metric.REQUEST_ERRORS, name, None if failed is None else failed * 60, "/min")


def _threads(found: Beans) -> Iterator[tuple[str, float, float, float]]:
    """Yield the name, the busy, the most and the present threads of each pool that answers requests.

    A connector with a shared executor tells -1 for its own: the executor's figures count then.
    """
    for bean in found["threads"]:
        busy, most = bean.number("currentThreadsBusy"), bean.number("maxThreads")
        if busy is not None and most is not None and busy >= 0 and most > 0:
            yield bean.keys.get("name", ""), busy, most, bean.number("currentThreadCount") or busy
    for bean in found["executors"]:
        busy, most = bean.number("activeCount"), bean.number("maxThreads")
        if busy is not None and most is not None and most > 0:
            yield bean.keys.get("name", ""), busy, most, bean.number("poolSize") or busy


def _thread_figures(name: str, busy: float, most: float, total: float) -> Iterator[Sensor]:
    yield from percent(Metric.THREADS, name, busy, most)
    yield from count(Metric.THREADS_IDLE, name, max(0.0, total - busy))


def _connectors(found: Beans) -> Iterator[Sensor]:
    for bean in found["threads"]:
        yield from percent(
            Metric.CONNECTIONS, bean.keys.get("name", ""), bean.number("connectionCount"), bean.number("maxConnections")
        )
    for bean in found["connectors"]:
        name, told = bean.keys.get("port", ""), bean.values.get("stateName", _RUNS)
        says = tr("Tomcat's connector on port {port} is {state}, not started", port=name, state=told)
        yield state(Metric.LISTENER, name, 0 if told == _RUNS else 2, says)


def _applications(found: Beans) -> Iterator[Sensor]:
    for bean in found["applications"]:
        name, told = bean.keys.get("name", "").removeprefix("//"), bean.values.get("stateName", _RUNS)
        says = tr("The application {name} is {state}, not started", name=name, state=told)
        yield state(Metric.DEPLOYED, name, 0 if told == _RUNS else 2, says)
    for bean in found["managers"]:
        name = bean.keys.get("host", "") + bean.keys.get("context", "")
        yield from count(Metric.SESSIONS, name, bean.number("activeSessions"))


def _members(found: Beans) -> Iterator[Sensor]:
    """Yield the state of each other member of a session cluster."""
    for bean in found["members"]:
        name = f"{bean.values.get('hostname', '')}:{bean.values.get('port', '')}"
        fails, suspected = (bean.values.get(key) == "true" for key in ("failing", "suspect"))
        says = tr("The cluster's member {name} is failing or suspected", name=name)
        yield state(Metric.NODE, name, 2 if fails else 1 if suspected else 0, says)


def _pool(pool: UsedPool, execute_threads: int) -> Iterator[Sensor]:
    yield from percent(Metric.POOL, pool.settings.name, pool.active, pool.settings.maximum)
    yield from count(Metric.POOL_WAITING, pool.settings.name, pool.waiting)
    yield from audited(audits.jdbc_pool(pool.settings, execute_threads))


def _number(element: ElementTree.Element, name: str) -> float | None:
    try:
        return float(element.get(name, ""))
    except ValueError:
        return None
