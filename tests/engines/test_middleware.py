"""Middleware without a server: the audit's rule, recorded answers, and answers that are none."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from app.collector import audits
from app.collector.probes import rabbitmq, weblogic
from app.collector.probes.gauges import Rates, audited
from app.collector.probes.jmx import Bean, beans
from app.collector.probes.polled import PolledProbe, Reader
from app.collector.probes.rabbitmq import RabbitReader
from app.collector.probes.snmp.client import BadAnswer
from app.collector.probes.snmp.reading import Reading, Sensor, System
from app.collector.probes.tomcat import QUERIES, TomcatReader, page, reading
from app.collector.probes.tomcat_pools import libraries, pools
from app.collector.probes.weblogic import WebLogicReader
from app.collector.samples import Metric, Outcome, Target
from models.enums import CheckKind
from tests.engines.watched import Watched, figures

READERS: dict[CheckKind, type[Reader]] = {
    CheckKind.TOMCAT: TomcatReader,
    CheckKind.RABBITMQ: RabbitReader,
    CheckKind.WEBLOGIC: WebLogicReader,
}
RECORDED = Path(__file__).with_name("weblogic")
NONSENSE = (
    *(b"", b"<html>", b"[]", b"{}", b'{"rabbitmq_version": 3}', b"[" * 100_000, b"\xff\xfe", b'{"items": 7}', b"null"),
    *(b'<!DOCTYPE a [<!ENTITY b "c">]><status>&b;</status>', b"<status/>", b"OK - \n\nName: x"),
)


def broken(pool: audits.Pool, threads: int | None) -> dict[str, str]:
    return {one.subject: one.says for one in audits.jdbc_pool(pool, threads) if one.is_broken}


def test_a_pool_that_keeps_both_rules_says_nothing() -> None:
    assert broken(audits.Pool("jdbc/a", 20, 20), 20) == {}
    assert broken(audits.Pool("jdbc/a", 20, 20), None) == {}


def test_each_broken_rule_is_named_with_its_figures() -> None:
    found = broken(audits.Pool("jdbc/a", 5, 15), 40)
    assert found.keys() == {"jdbc/a initial = maximum", "jdbc/a maximum >= threads"}
    assert "initial size 5 is not its maximum 15" in found["jdbc/a initial = maximum"]
    assert "at most 15 connections for 40 execute threads, so 25" in found["jdbc/a maximum >= threads"]


def test_a_pool_without_a_limit_breaks_only_the_first_rule() -> None:
    assert broken(audits.Pool("jdbc/a", 5, -1), 40).keys() == {"jdbc/a initial = maximum"}


def test_what_the_server_does_not_tell_breaks_no_rule() -> None:
    assert broken(audits.Pool("jdbc/a", None, None), 40) == {}
    assert broken(audits.Pool("jdbc/a", None, 50), 40) == {}


def test_a_rate_needs_two_readings_and_forgets_a_restart() -> None:
    now = [0.0]
    rates = Rates(lambda: now[0])
    assert rates.per_second(1, "a", 100) is None
    now[0] = 10
    assert rates.per_second(1, "a", 150) == 5
    now[0] = 20
    assert rates.per_second(1, "a", 3) is None
    assert rates.per_second(2, "a", 3) is None
    assert rates.per_second(1, "a", None) is None


def test_a_tomcats_recorded_page_and_beans_are_read(test_data: Path) -> None:
    folder = test_data / "payloads" / "tomcat"
    status = page((folder / "manager_status.xml").read_text(encoding="utf-8"))
    threads = beans((folder / "jmxproxy_threadpool.txt").read_text(encoding="utf-8"))
    found: dict[str, list[Bean]] = {name: [] for name in QUERIES}
    told = reading(status, {**found, "threads": threads}, [], lambda _name, _value: None)
    values = {(one.metric, one.descr): one.value for one in told.sensors}
    assert values[Metric.THREADS, "http-nio-127.0.0.1-28080"] == 0.5
    assert values[Metric.THREADS_IDLE, "http-nio-127.0.0.1-28080"] == 9
    assert values[Metric.HEAP, ""] == pytest.approx(100 * (406847488 - 285500880) / 6320816128, abs=0.01)
    assert beans((folder / "jmxproxy_datasource.txt").read_text(encoding="utf-8")) == []


def test_the_heap_of_one_bean_is_told_in_parts() -> None:
    text = "OK - x\n\nName: java.lang:type=Memory\nHeapMemoryUsage: {committed=4, init=2, max=-1, used=3}"
    (memory,) = beans(text)
    assert (memory.inner("HeapMemoryUsage", "used"), memory.inner("HeapMemoryUsage", "max")) == (3, -1)
    assert memory.inner("HeapMemoryUsage", "missing") is None


@pytest.mark.parametrize(
    ("query", "text"),
    [
        (
            "com.alibaba.druid:type=DruidDataSource,*",
            "Name: com.alibaba.druid:type=DruidDataSource,id=orders\n"
            "ActiveCount: 3\nPoolingCount: 1\nWaitThreadCount: 2\nInitialSize: 4\nMaxActive: 4",
        ),
        (
            "com.zaxxer.hikari:type=Pool*,*",
            "Name: com.zaxxer.hikari:type=Pool (orders)\n"
            "ActiveConnections: 3\nIdleConnections: 1\nThreadsAwaitingConnection: 2\n\n"
            "Name: com.zaxxer.hikari:type=PoolConfig (orders)\nMinimumIdle: 4\nMaximumPoolSize: 4",
        ),
    ],
)
def test_pools_of_other_libraries_are_known(query: str, text: str) -> None:
    library = next(one for one in libraries() if one.query == query)
    (pool,) = pools([(library, beans(f"OK - Number of results: 1\n\n{text}\n"))])
    assert pool.settings == audits.Pool("orders", 4, 4)
    assert (pool.active, pool.idle, pool.waiting) == (3, 1, 2)


def test_an_error_of_tomcats_manager_is_told() -> None:
    with pytest.raises(BadAnswer, match="MalformedObjectName"):
        beans("Error - javax.management.MalformedObjectNameException: Key properties cannot be empty\n\tat x")


def test_a_rabbitmqs_recorded_answers_are_read(test_data: Path) -> None:
    folder = test_data / "payloads" / "rabbitmq"
    documents = [json.loads((folder / f"{name}.json").read_bytes()) for name in ("overview", "nodes", "queues")]
    told = rabbitmq.reading(rabbitmq.told(*documents), ["amqp", "mqtt"])
    by_name = {(one.metric, one.descr): one for one in told.sensors}
    assert by_name[Metric.QUEUE_READY, "/orders"].value == 3
    assert by_name[Metric.LISTENER, "ops@localhost amqp"].level == 0
    assert "does not listen for mqtt" in by_name[Metric.LISTENER, "ops@localhost mqtt"].says
    assert told.system.version == "3.10.8"


def weblogic_sensors() -> dict[tuple[str, str], Sensor]:
    runtime, config = (json.loads((RECORDED / f"{name}.json").read_bytes()) for name in ("runtime", "config"))
    return {(one.metric, one.descr): one for one in weblogic.reading(runtime, config).sensors}


def test_weblogics_answers_are_read_in_the_documented_form() -> None:
    told = weblogic_sensors()
    assert told[Metric.HEAP, "ManagedServer1"].value == 91.0
    assert told[Metric.THREADS, "ManagedServer1"].value == 90.0
    assert told[Metric.THREADS_IDLE, "ManagedServer1"].value == 2
    assert told[Metric.QUEUED, "ManagedServer1"].value == 14
    assert told[Metric.POOL, "ManagedServer1 ordersDS"].value == 100
    assert told[Metric.POOL_WAITING, "ManagedServer1 ordersDS"].value == 6
    assert told[Metric.SESSIONS, "ManagedServer1 shop"].value == 42
    assert told[Metric.QUEUE_READY, "ManagedServer1 OrdersModule!OrdersQueue"].value == 1200
    assert told[Metric.ALARM, "ManagedServer1 threads"].says == "WebLogic's server ManagedServer1 has 3 stuck threads"
    assert "ThreadPool has stuck threads" in told[Metric.ALARM, "ManagedServer1 health"].says
    assert told[Metric.NODE, "ManagedServer2"].says == "WebLogic's server ManagedServer2 is SHUTDOWN"
    assert told[Metric.NODE, "AdminServer"].level == 0
    assert "initial size 5 is not" in told[Metric.AUDIT, "ManagedServer1 ordersDS initial = maximum"].says
    assert told[Metric.AUDIT, "ManagedServer1 stockDS maximum >= threads"].level == 0


@pytest.mark.parametrize("kind", READERS)
@pytest.mark.parametrize("answer", NONSENSE)
def test_an_answer_that_is_none_is_a_trouble_of_its_own_check(kind: CheckKind, answer: bytes) -> None:
    found = asyncio.run(_asked(kind, {}, answer))
    assert not found.ok
    assert found.is_reachable
    assert found.trouble


def test_weblogic_is_asked_by_its_two_searches_and_refuses_a_wrong_password() -> None:
    answers = {
        "/management/weblogic/latest/domainRuntime/search": (RECORDED / "runtime.json").read_bytes(),
        "/management/weblogic/latest/domainConfig/search": (RECORDED / "config.json").read_bytes(),
    }
    found = asyncio.run(_asked(CheckKind.WEBLOGIC, answers, b""))
    assert figures(found)[Metric.HEAP, "ManagedServer1"] == 91.0
    assert found.facts["service"] == "Oracle WebLogic 12.2.1.4.0"
    refused = asyncio.run(_asked(CheckKind.WEBLOGIC, answers, b"", secret="wrong"))
    assert (refused.ok, refused.is_reachable) == (False, True)
    assert "refused" in refused.trouble


def test_a_service_that_is_gone_is_an_alarm_and_its_return_clears_it() -> None:
    class Gone:
        is_gone = True

        async def read(self, target: Target) -> Any:
            if self.is_gone:
                raise ConnectionRefusedError
            node = {"name": "one", "running": True}
            return rabbitmq.reading(rabbitmq.told({"rabbitmq_version": "3.10.8"}, [node], []), wanted=())

    reader = Gone()
    watched = Watched(reader, Target(1, 1, CheckKind.RABBITMQ, "127.0.0.1", retries=0))
    watched.ask()
    assert list(watched.alarms.values()) == ["nothing listens on that port"]
    reader.is_gone = False
    watched.ask()
    assert watched.alarms == {}


def test_each_broken_rule_is_an_alarm_of_its_own_that_says_why() -> None:
    class TwoRules:
        async def read(self, target: Target) -> Reading:
            found = audits.jdbc_pool(audits.Pool("jdbc/a", 5, 15), 40)
            return Reading(System(), sensors=tuple(audited(found)))

    watched = Watched(TwoRules(), Target(1, 1, CheckKind.TOMCAT, "127.0.0.1", retries=0))
    watched.ask()
    assert sorted(title.partition(",")[0] for title in watched.alarms.values()) == [
        "JDBC pool jdbc/a: at most 15 connections for 40 execute threads",
        "JDBC pool jdbc/a: initial size 5 is not its maximum 15",
    ]


async def _asked(kind: CheckKind, answers: dict[str, bytes], other: bytes, secret: str = "word") -> Outcome:
    """Return what the probe makes of a service that answers so; each reader is asked through its real client."""

    async def answer(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Basic dXNlcjp3b3Jk":
            return web.Response(status=401)
        assert request.headers.get("X-Requested-By")
        return web.Response(body=answers.get(request.path, other))

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    try:
        await site.start()
        port = runner.addresses[0][1]
        target = Target(1, 1, kind, "127.0.0.1", port, {"user": "user"}, secret, timeout_s=20.0)
        return await PolledProbe(READERS[kind]()).ask(target)
    finally:
        await runner.cleanup()
