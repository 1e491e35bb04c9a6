"""Icinga 2, Prometheus with Alertmanager, and Zabbix of Debian's packages, set up as docs/senders.md says.

Each opens, updates and resolves one incident; a wrong token is refused, a replay changes nothing.
"""

import asyncio
import re
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import aiohttp.web
import pytest
from sqlalchemy import select

from app import intake
from app.database import Database
from app.desk import Desk
from models.enums import Severity
from models.incidents import Incident
from tests.intake.test_real_senders import TOKEN, free_port, program, serve, until
from tests.intake.test_real_senders import ports as ports  # a fixture
from tests.intake.zabbix_server import SENDERS, Zabbix, running

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Told(NamedTuple):
    title: str
    severity: Severity | None
    is_resolved: bool


def block(name: str, port: int) -> str:
    """Return a block of the page for senders with this collector's address and token."""
    found = re.search(rf"```{name}\n(.*?)```", SENDERS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None, name
    return found[1].replace("COLLECTOR:8162", f"127.0.0.1:{port}").replace("TOKEN", TOKEN)


def incidents(desk: Desk) -> list[Told]:
    query = select(Incident.title, Incident.severity, Incident.cleared_at).order_by(Incident.id)
    rows = desk.read(lambda tx: tx.session.execute(query).all())
    return [Told(title, severity, cleared is not None) for title, severity, cleared in rows]


def messages(desk: Desk) -> int:
    return len(desk.read(intake.page))


async def replay(port: int, system: str, body: Any) -> None:
    """Post what a sender posted once more, and with tokens that are none."""
    url = f"http://127.0.0.1:{port}/hooks/{system}"
    async with aiohttp.ClientSession() as session:
        for token, status in ((None, 401), ("Bearer wrong", 403), (f"Bearer {TOKEN}", 200)):
            headers = {"Authorization": token} if token else {}
            async with session.post(url, json=body, headers=headers) as answer:
                assert answer.status == status


ICINGA = """
include <itl>
object CheckerComponent "checker" {{ }}
object NotificationComponent "notification" {{ }}
object CheckCommand "told" {{ command = [ "{folder}/check" ] }}
object Host "core-sw" {{
  check_command = "passive"
  enable_active_checks = false
  address = "192.0.2.8"
}}
object Service "mains" {{
  host_name = "core-sw"
  check_command = "told"
  check_interval = 1s
  retry_interval = 1s
  max_check_attempts = 1
}}
{commands}
"""


def test_icinga_opens_updates_and_resolves_one_incident(
    database: Database, desk: Desk, ports: dict[str, int], tmp_path: Path
) -> None:
    icinga, curl = program("icinga2", "icinga2"), program("curl", "curl")
    folder = tmp_path / "icinga"
    for name in ("data", "log", "cache", "spool", "run"):
        (folder / name).mkdir(parents=True)
    commands = (
        block("icinga2", ports["webhook_port"]).replace("/etc/icinga2", str(folder)).replace("/usr/bin/curl", curl)
    )
    (folder / "watchroom.curl").write_text(f'header = "Authorization: Bearer {TOKEN}"\n')
    (folder / "icinga2.conf").write_text(ICINGA.format(folder=folder, commands=commands))
    (folder / "check").write_text(f'#!/bin/sh\nread code text < "{folder}/told"\necho "$text"\nexit "$code"\n')
    (folder / "check").chmod(0o755)
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    group = subprocess.run(["id", "-gn"], capture_output=True, text=True, check=True).stdout.strip()
    places = {"DataDir": "data", "LogDir": "log", "CacheDir": "cache", "SpoolDir": "spool", "InitRunDir": "run"}
    settings = [f"-DConfiguration.{name}={folder / place}" for name, place in places.items()]
    settings += [f"-DConfiguration.RunAsUser={user}", f"-DConfiguration.RunAsGroup={group}"]
    command = (icinga, "daemon", "-c", str(folder / "icinga2.conf"), *settings)

    def say(text: str) -> None:
        (folder / "told.new").write_text(text + "\n")
        (folder / "told.new").rename(folder / "told")

    async def send() -> None:
        say("0 OK")
        with running(*command, folder=folder):
            say("1 市电电压 251 V")
            await until(lambda: [one.severity for one in incidents(desk)] == [Severity.WARNING])
            say("2 市电中断")
            await until(lambda: incidents(desk)[0].severity is Severity.CRITICAL)
            assert "市电" in incidents(desk)[0].title
            say("0 OK")
            await until(lambda: incidents(desk)[0].is_resolved)
        seen = messages(desk)
        recovery = {"type": "RECOVERY", "host": "core-sw", "service": "mains", "state": "OK", "output": "OK"}
        await replay(ports["webhook_port"], "icinga2", {**recovery, "date": "2026-11-23 16:44:47 +0000"})
        await until(lambda: messages(desk) > seen)
        assert [one.is_resolved for one in incidents(desk)] == [True]

    serve(database, send)


PROMETHEUS = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{folder}/rules.yml]
scrape_configs:
  - job_name: shop
    scrape_timeout: 1s
    static_configs: [{{targets: ["127.0.0.1:{shop}"]}}]
"""
RULES = """
groups:
  - name: shop
    rules:
      - alert: ShopLoad
        expr: shop_load > 5
        labels: {severity: critical}
        annotations: {summary: "商店负载 {{ $value }}"}
"""


def test_a_rule_of_prometheus_is_one_incident_by_itself_and_by_alertmanager(
    database: Database, desk: Desk, ports: dict[str, int], tmp_path: Path
) -> None:
    prometheus = program("prometheus", "prometheus")
    alertmanager = program("prometheus-alertmanager", "prometheus-alertmanager")
    shop, between, own = free_port(), free_port(), free_port()
    load = [1.0]
    alone = block("yaml prometheus", ports["webhook_port"])
    alone += f'    - static_configs:\n        - targets: ["127.0.0.1:{between}"]\n'
    told = PROMETHEUS.format(folder=tmp_path, shop=shop) + alone
    (tmp_path / "prometheus.yml").write_text(told)
    (tmp_path / "rules.yml").write_text(RULES)
    route = "route: {receiver: watchroom, group_wait: 0s, group_interval: 1s, repeat_interval: 2s, group_by: ['...']}\n"
    (tmp_path / "alertmanager.yml").write_text(route + block("yaml alertmanager", ports["webhook_port"]))
    commands = (
        (prometheus, f"--config.file={tmp_path}/prometheus.yml", f"--storage.tsdb.path={tmp_path}/tsdb",
         f"--web.listen-address=127.0.0.1:{own}", "--rules.alert.resend-delay=1s", "--log.level=error"),
        (alertmanager, f"--config.file={tmp_path}/alertmanager.yml", f"--storage.path={tmp_path}/alerts",
         f"--web.listen-address=127.0.0.1:{between}", "--cluster.listen-address=", "--log.level=error"),
    )  # fmt: skip

    async def figures(_request: aiohttp.web.Request) -> aiohttp.web.Response:
        return aiohttp.web.Response(text=f"shop_load {load[0]}\n")

    async def send() -> None:
        app = aiohttp.web.Application()
        app.router.add_get("/metrics", figures)
        runner = aiohttp.web.AppRunner(app)
        await runner.setup()
        await aiohttp.web.TCPSite(runner, "127.0.0.1", shop).start()
        try:
            with ExitStack() as ending:
                for command in commands:
                    ending.enter_context(running(*command, folder=tmp_path))
                load[0] = 7.0
                await until(lambda: [one.is_resolved for one in incidents(desk)] == [False])
                load[0] = 9.0
                await until(lambda: any("商店负载 9" in row.text for row in desk.read(intake.page)))
                assert len(incidents(desk)) == 1
                load[0] = 1.0
                await until(lambda: [one.is_resolved for one in incidents(desk)] == [True])
            assert incidents(desk)[0].severity is Severity.CRITICAL
        finally:
            await runner.cleanup()

    serve(database, send)


def test_zabbix_opens_updates_and_resolves_one_incident(
    database: Database, desk: Desk, ports: dict[str, int], tmp_path: Path
) -> None:
    with Zabbix(tmp_path).served() as zabbix:
        zabbix.watch(f"127.0.0.1:{ports['webhook_port']}", TOKEN)
        zabbix.send(80)

        async def send() -> None:
            await asyncio.to_thread(zabbix.send, 18)
            await until(lambda: [one.severity for one in incidents(desk)] == [Severity.WARNING])
            assert incidents(desk)[0].title == "UPS 电池电量低 (ups-01)"
            await asyncio.to_thread(zabbix.worsen)
            await until(lambda: incidents(desk)[0].severity is Severity.CRITICAL)
            await asyncio.to_thread(zabbix.send, 95)
            await until(lambda: [one.is_resolved for one in incidents(desk)] == [True])

        serve(database, send)
        (problem,) = zabbix.ask("event.get", output="extend", value=1)
        event = {"event_id": problem["eventid"], "event_value": "1", "event_name": "UPS 电池电量低", "host": "ups-01"}

        async def again() -> None:
            await replay(ports["webhook_port"], "zabbix", {**event, "trigger_id": problem["objectid"]})
            seen = messages(desk)
            await until(lambda: messages(desk) >= seen)

        serve(database, again)
        assert [one.is_resolved for one in incidents(desk)] == [True]
