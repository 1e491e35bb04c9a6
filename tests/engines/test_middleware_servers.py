"""Tomcat and RabbitMQ of Debian's packages: what A9 names is provoked at the real server, seen and alarmed."""

import asyncio
import base64
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from app.collector.limits import Threshold
from app.collector.probes.polled import PolledProbe
from app.collector.probes.rabbitmq import RabbitReader
from app.collector.probes.tomcat import TomcatReader
from app.collector.samples import Metric, Target
from models.enums import CheckKind
from tests.engines.rabbit_server import Holder, Names, RabbitNode
from tests.engines.tomcat_server import DRIVER, MOST_THREADS, PASSWORD, USER, TomcatServer
from tests.engines.watched import Watched, figures
from tests.shared.debian_server import SUPERUSER, SUPERUSER_PASSWORD, DebianServer, debian_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

CLERK = base64.b64encode(b"anna:word").decode()
REALM = (
    '<Realm className="org.apache.catalina.realm.DataSourceRealm" dataSourceName="jdbc/orders" userTable="clerks" '
    'userNameCol="name" userCredCol="word" userRoleTable="roles" roleNameCol="role"/>'
)


@pytest.fixture
def database() -> Iterator[DebianServer]:
    """A PostgreSQL with the accounts that the shop signs its clerks in with."""
    if not DRIVER.exists():
        pytest.skip("NOT TESTED against Tomcat's pools: Debian's libpostgresql-jdbc-java is not installed")
    with debian_server() as server:
        server.sql("CREATE TABLE clerks (name text, word text)")
        server.sql("CREATE TABLE roles (name text, role text)")
        server.sql("INSERT INTO clerks VALUES ('anna', 'word')")
        server.sql("INSERT INTO roles VALUES ('anna', 'clerk')")
        yield server


def resource(database: DebianServer, name: str, settings: str) -> str:
    return (
        f'<Resource name="{name}" type="javax.sql.DataSource" driverClassName="org.postgresql.Driver" '
        f'url="jdbc:postgresql://127.0.0.1:{database.port}/postgres" username="{SUPERUSER}" '
        f'password="{SUPERUSER_PASSWORD}" {settings}/>'
    )


@contextmanager
def requests(port: int, count: int, head: str, body: str = "") -> Iterator[None]:
    """Send requests without reading any answer, and go away at the end."""
    with ExitStack() as held:
        for _ in range(count):
            one = held.enter_context(socket.create_connection(("127.0.0.1", port), timeout=30))
            one.sendall(f"{head} HTTP/1.1\r\nHost: shop\r\n{body}\r\n".encode())
        yield


def test_what_a_tomcat_suffers_is_seen_and_alarmed(database: DebianServer, tmp_path: Path) -> None:
    own = "org.apache.tomcat.jdbc.pool.DataSourceFactory"
    pools = resource(database, "jdbc/orders", f'factory="{own}" initialSize="2" maxActive="4" maxWait="60000"')
    pools += resource(database, "jdbc/second", f'initialSize="{MOST_THREADS}" maxTotal="{MOST_THREADS}"')
    limits = [Threshold(Metric.HEAP, warning_high=1, unit="%", ci_id=1), Threshold(Metric.AUDIT, "", ci_id=1)]
    with TomcatServer(tmp_path / "tomcat", pools=pools, realm=REALM) as server:
        target = Target(1, 1, CheckKind.TOMCAT, "127.0.0.1", server.port, {"user": USER}, PASSWORD, 60, 30.0, 0)
        shipped = Watched(TomcatReader(), target)
        shipped.ask()
        assert "initial size 2 is not its maximum 4" in shipped.alarms[f"{Metric.AUDIT}:jdbc/orders initial = maximum"]
        watched = Watched(TomcatReader(), target, limits)
        watched.ask()
        before = figures(watched.ask())
        thread_pool = next(instance for metric, instance in before if metric == Metric.THREADS)
        assert before[Metric.THREADS_IDLE, thread_pool] == 9  # of the ten that it starts with
        assert before[Metric.GC, "Copy"] is not None
        assert before[Metric.AUDIT, "jdbc/second initial = maximum"] == 0
        assert before[Metric.AUDIT, "jdbc/orders maximum >= threads"] == 1
        assert "JVM heap" in watched.alarms[Metric.HEAP]
        del watched.alarms[Metric.HEAP]
        assert watched.alarms == {}

        with requests(server.port, MOST_THREADS - 4, "PUT /shop/page", "Content-Length: 9\r\n"):
            watched.ask_until(lambda alarms: "Busy threads" in alarms.get(Metric.THREADS, ""))
        watched.ask_until(lambda alarms: not alarms)

        with database.connect() as blocking:
            blocking.autocommit = False
            blocking.execute("LOCK TABLE clerks IN ACCESS EXCLUSIVE MODE")
            with requests(server.port, 6, "GET /shop/in/page", f"Authorization: Basic {CLERK}\r\n"):
                outcome = watched.ask_until(lambda alarms: {Metric.POOL, Metric.POOL_WAITING} <= alarms.keys())
                assert figures(outcome)[Metric.POOL, "jdbc/orders"] == 100
            blocking.rollback()
        watched.ask_until(lambda alarms: not alarms)

        for _ in range(30):
            with suppress(OSError):
                server.get("/shop/nothing-here")
        watched.ask_until(lambda alarms: "Requests failed" in alarms.get(Metric.REQUEST_ERRORS, ""))
        server.get("/manager/html")
        assert (figures(watched.ask())[Metric.SESSIONS, "localhost/manager"] or 0) >= 1
        server.get("/manager/text/stop?path=/shop")
        watched.ask_until(lambda alarms: "The application localhost/shop is STOPPED" in alarms.get(Metric.DEPLOYED, ""))
        server.get("/manager/text/start?path=/shop")
        watched.ask_until(lambda alarms: Metric.DEPLOYED not in alarms)

        for user, password, path in (("page", "page", "jmxproxy"), (USER, "wrong", "status")):
            refused = asyncio.run(
                PolledProbe(TomcatReader()).ask(replace(target, params={"user": user}, secret=password))
            )
            assert (refused.ok, refused.is_reachable) == (False, True)
            assert path in refused.trouble
        server.stop()
        assert "nothing listens" in watched.ask().trouble
        assert any("nothing listens" in title for title in watched.alarms.values())


def test_what_a_rabbitmq_suffers_is_seen_and_alarmed(tmp_path: Path) -> None:
    with Names() as names, ExitStack() as ending:
        one, two = (
            RabbitNode(tmp_path / "one", "one", names),
            RabbitNode(tmp_path / "two", "two", names, "listeners.tcp = none\ndisk_free_limit.absolute = 900000GB\n"),
        )
        for node in (one, two):
            ending.callback(node.stop)
            node.start()
        target = Target(1, 1, CheckKind.RABBITMQ, "127.0.0.1", one.port, {"user": "guest"}, "guest", 60, 30.0, 0)
        limits = [Threshold(Metric.QUEUE_READY, "/orders", warning_high=5, ci_id=1)]
        limits.append(Threshold(Metric.QUEUE_UNACKED, warning_high=1, ci_id=1))
        watched = Watched(RabbitReader(), target, limits)
        outcome = watched.ask()
        assert watched.alarms == {}
        assert outcome.facts["service"].startswith("RabbitMQ 3.")

        one.fill("orders", 7)
        holder = Holder(one.amqp_port, "orders")
        outcome = watched.ask_until(lambda alarms: {Metric.QUEUE_READY, Metric.QUEUE_UNACKED} <= alarms.keys())
        assert figures(outcome)[Metric.QUEUE_READY, "/orders"] == 6
        assert figures(outcome)[Metric.QUEUE_UNACKED, "/orders"] == 1
        assert watched.alarms[Metric.QUEUE_READY].startswith("Messages waiting /orders 6")
        holder.close()
        one.ask("queues/%2F/orders/contents", method="DELETE")
        watched.ask_until(lambda alarms: not alarms)

        one.control("set_vm_memory_high_watermark", "absolute", "1MB")
        watched.ask_until(lambda alarms: "memory alarm" in alarms.get(Metric.ALARM, ""))
        assert Metric.BROKER_MEMORY in watched.alarms
        one.control("set_vm_memory_high_watermark", "absolute", "1GB")
        watched.ask_until(lambda alarms: not alarms)

        two.control("stop_app")
        two.control("join_cluster", one.name)
        two.control("start_app")
        watched.ask_until(lambda alarms: "disk alarm" in alarms.get(Metric.ALARM, ""))
        assert watched.alarms[Metric.LISTENER] == f"RabbitMQ's node {two.name} does not listen for amqp"
        two.hold()
        watched.ask_until(lambda alarms: alarms.get(Metric.NODE) == f"RabbitMQ's node {two.name} does not run")
        two.go_on()
        apart = f"RabbitMQ's node {one.name} is cut off from {two.name}"
        watched.ask_until(lambda alarms: apart in alarms.get(Metric.NODE, ""))
        two.stop()
        watched.ask_until(lambda alarms: f"{two.name} does not run" in alarms.get(Metric.NODE, ""))
        one.stop()
        assert "nothing listens" in watched.ask().trouble
