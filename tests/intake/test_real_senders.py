"""net-snmp, logger and Alertmanager send to our receivers on loopback ports, and what they say is in the device log."""

import asyncio
import json
import shutil
import socket
import uuid
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from sqlalchemy import select

from app import intake, settings
from app.collector.intake.service import Intake
from app.database import Database
from app.desk import Desk
from models.enums import MessageKind
from models.incidents import Incident

TOKEN = "a-token-of-twenty-letters"
WITHIN_S = 60.0
PASSWORDS = ("authpassword", "privpassword")


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", one.getsockname()[1]))
        return int(one.getsockname()[1])


def program(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"NOT TESTED against {name}: Debian's package {package} is not installed")
    return found


@pytest.fixture
def ports(desk: Desk) -> dict[str, int]:
    """The receivers' ports, set up and on."""
    chosen = {f"{name}_port": free_port() for name in ("trap", "syslog", "webhook")}
    desk.do(intake.set_up, {"on": True, "address": "127.0.0.1", **chosen}, {})
    desk.do(intake.add_token, uuid.uuid4(), "alertmanager", TOKEN)
    return chosen


def serve(database: Database, body: Callable[[], Awaitable[None]]) -> None:
    """Run the intake of one collector while `body` sends."""

    async def whole() -> None:
        service = Intake(database, "C1")
        ending = asyncio.Event()

        async def in_database(what: Callable[..., Any], *args: object) -> Any:
            return what(*args)

        running = asyncio.create_task(service.run(in_database, executor, ending))
        try:
            async with asyncio.timeout(WITHIN_S):
                while len(service.ports) < 4 and not running.done():
                    await asyncio.sleep(0.05)
                await body()
        finally:
            ending.set()
            await running
        assert service.trouble == ""

    with ThreadPoolExecutor(1) as executor:
        asyncio.run(whole())


async def run(*command: str) -> None:
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    _, said = await process.communicate()
    assert process.returncode == 0, said.decode()


async def until_logged(desk: Desk, wanted: set[str]) -> list[intake.LogRow]:
    """Return the log when each wanted text is somewhere in it."""
    while True:
        rows = desk.read(intake.page)
        if all(any(each in f"{row.tag} {row.text}" for row in rows) for each in wanted):
            return rows
        await asyncio.sleep(0.1)


def test_net_snmps_traps_and_informs_of_all_versions_arrive(
    database: Database, desk: Desk, ports: dict[str, int]
) -> None:
    trap, inform = program("snmptrap", "snmp"), program("snmpinform", "snmp")
    auth, priv = PASSWORDS
    for name, auth_name, priv_name in (("md5des", "MD5", "DES"), ("shaaes", "SHA", "AES")):
        desk.do(intake.add_user, uuid.uuid4(), name, auth_name, auth, priv_name, priv)
    desk.do(intake.add_user, uuid.uuid4(), "sha256", "SHA256", auth)
    to = f"127.0.0.1:{ports['trap_port']}"
    name = ("1.3.6.1.2.1.31.1.1.1.1.7", "s")
    link = ("1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7")

    def v3(user: str, auth_name: str, priv_name: str = "") -> tuple[str, ...]:
        level = "authPriv" if priv_name else "authNoPriv"
        secured = ("-v3", "-l", level, "-u", user, "-a", auth_name, "-A", auth)
        return (*secured, "-x", priv_name, "-X", priv) if priv_name else secured

    async def send() -> None:
        await run(trap, "-v1", "-cpublic", to, "1.3.6.1.4.1.318", "192.0.2.10", "6", "5", "1", *name, "one")
        await run(trap, "-v2c", "-cpublic", to, "1", *link, *name, "two")
        await run(trap, *v3("md5des", "MD5", "DES"), "-e", "0x8000000001020304", to, "1", *link, *name, "three")
        await run(trap, *v3("shaaes", "SHA", "AES"), "-e", "0x8000000001020305", to, "1", *link, *name, "four")
        await run(inform, "-v2c", "-cpublic", to, "1", *link, *name, "five")
        await run(inform, *v3("shaaes", "SHA", "AES"), to, "1", *link, *name, "six")
        await run(inform, *v3("sha256", "SHA-256"), to, "1", *link, *name, "seven")
        await run(inform, *v3("md5des", "MD5", "DES"), to, "1", *link, *name, "eight")
        rows = await until_logged(desk, {"one", "two", "three", "four", "five", "six", "seven", "eight"})
        assert sum(row.kind is MessageKind.INFORM for row in rows) == 4
        assert len(rows) == 8

    serve(database, send)
    titles = desk.read(lambda tx: tx.session.scalars(select(Incident.title)).all())
    assert "UPS on battery" in titles
    assert sum(title.startswith("Interface down") for title in titles) == 1


def test_loggers_lines_arrive_by_datagram_and_by_stream(database: Database, desk: Desk, ports: dict[str, int]) -> None:
    logger = program("logger", "bsdutils")
    to = ("-n", "127.0.0.1", "-P", str(ports["syslog_port"]), "-t", "ups", "-p", "daemon.err")

    async def send() -> None:
        await run(logger, *to, "-d", "--rfc3164", "空调一 old datagram")
        await run(logger, *to, "-d", "--rfc5424", "空调二 new datagram")
        await run(logger, *to, "-T", "--rfc3164", "line by line")
        await run(logger, *to, "-T", "--rfc5424", "--octet-count", "counted")
        rows = await until_logged(desk, {"空调一 old datagram", "空调二 new datagram", "line by line", "counted"})
        assert {(row.tag, row.level, row.kind) for row in rows} == {("ups", 3, MessageKind.SYSLOG)}

    serve(database, send)
    assert len(desk.read(intake.page, None, "空调")) == 2


def test_alertmanager_opens_and_resolves_an_incident_with_its_token_only(
    database: Database, desk: Desk, ports: dict[str, int], tmp_path: Path
) -> None:
    alertmanager = program("prometheus-alertmanager", "prometheus-alertmanager")
    url, own = f"http://127.0.0.1:{ports['webhook_port']}", free_port()
    configuration = tmp_path / "alertmanager.yml"
    configuration.write_text(
        "route: {receiver: app, group_wait: 0s, group_interval: 1s, repeat_interval: 1h, group_by: ['...']}\n"
        f"receivers:\n- name: app\n  webhook_configs:\n  - url: {url}/hooks/alertmanager\n"
        f"    send_resolved: true\n    http_config: {{authorization: {{credentials: {TOKEN}}}}}\n"
    )
    labels = {"alertname": "TcpServiceDown", "instance": "127.0.0.1:29998", "severity": "critical"}
    alert = {"labels": labels, "annotations": {"summary": "业务端口不可达"}}

    async def send() -> None:
        async with aiohttp.ClientSession() as session:
            for header, status in (({}, 401), ({"Authorization": "Bearer wrong"}, 403)):
                async with session.post(f"{url}/hooks/alertmanager", data=b"{}", headers=header) as refused:
                    assert refused.status == status
            process = await asyncio.create_subprocess_exec(
                alertmanager, f"--config.file={configuration}", f"--storage.path={tmp_path}/data",
                f"--web.listen-address=127.0.0.1:{own}", "--cluster.listen-address=", "--log.level=error",
            )  # fmt: skip
            try:
                await tell(session, own, [alert])
                await until(lambda: standing() == [False])
                over = datetime.now(UTC).isoformat()
                await tell(session, own, [{**alert, "endsAt": over}])
                await until(lambda: standing() == [True])
            finally:
                process.terminate()
                await process.wait()

    def standing() -> list[bool]:
        query = select(Incident.cleared_at)
        return [cleared is not None for cleared in desk.read(lambda tx: tx.session.scalars(query).all())]

    serve(database, send)
    assert standing() == [True]


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.1)


async def tell(session: aiohttp.ClientSession, port: int, alerts: list[dict[str, Any]]) -> None:
    """Give alerts to Alertmanager as Prometheus does, as soon as it listens."""
    while True:
        try:
            async with session.post(f"http://127.0.0.1:{port}/api/v2/alerts", json=alerts) as answer:
                assert answer.status == 200, json.dumps(alerts)
                return
        except aiohttp.ClientConnectorError:
            await asyncio.sleep(0.1)


def test_the_receivers_are_off_until_somebody_turns_them_on(desk: Desk) -> None:
    assert desk.read(settings.get, "intake.on") is False
