"""What else answers at an address: real servers of each kind, greeted and nothing more."""

import asyncio
import json
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import cmdb, devices, discovery
from app.desk import Desk
from app.discovery import Choice, Search
from app.discovery.knocking import Knock, knock
from models.enums import CheckKind
from tests.power import modbus_server
from tests.power.nut_server import NutServer
from tests.power.ports import free_port
from tests.power.redfish_server import serving, trees
from tests.test_discovery import Teller


def refused(kind: CheckKind, port: int) -> Knock:
    return asyncio.run(knock("127.0.0.1", {kind: port}))


@pytest.fixture
def modbus_port() -> Iterator[int]:
    port = free_port()
    command = [sys.executable, modbus_server.__file__, str(port), json.dumps({0: 1})]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        server.stdout.readline()
        yield port
        server.terminate()


def test_a_redfish_service_tells_its_maker_before_anybody_signs_in(test_data: Path) -> None:
    tree = dict(trees(test_data / "redfish_mockups.tar.xz")["public-rackmount1"])
    tree["/redfish/v1"] = {**tree["/redfish/v1"], "Vendor": "Contoso", "Product": "Rack server"}

    async def ask() -> Knock:
        async with serving(tree, has_open_root=True) as port:
            return await knock("127.0.0.1", {CheckKind.REDFISH: port})

    found = asyncio.run(ask())
    assert (found.kinds, found.maker, found.model) == ((CheckKind.REDFISH,), "Contoso", "Rack server")
    assert found.class_name == "server" and found.params == {CheckKind.REDFISH: {"scheme": "http"}}


def test_a_modbus_device_is_known_by_how_it_answers(modbus_port: int) -> None:
    found = refused(CheckKind.MODBUS, modbus_port)
    assert (found.kinds, found.class_name) == ((CheckKind.MODBUS,), "sensor")


@pytest.mark.parametrize("kind", list(discovery.PORTS))
def test_where_nothing_listens_nothing_is_proposed(kind: CheckKind) -> None:
    assert refused(kind, free_port()) == Knock()


@pytest.mark.parametrize("kind", [CheckKind.NUT, CheckKind.MODBUS, CheckKind.REDFISH])
def test_a_service_that_says_something_else_is_none_of_them(kind: CheckKind) -> None:
    async def greet(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.com ESMTP ready\r\n")
        writer.close()

    async def ask() -> Knock:
        server = await asyncio.start_server(greet, "127.0.0.1", 0)
        async with server:
            return await knock("127.0.0.1", {kind: server.sockets[0].getsockname()[1]})

    assert asyncio.run(ask()) == Knock()


@pytest.mark.parametrize("body", [b"[" * 60_000, b" " * 1_000_000 + b'{"RedfishVersion": "1.6.0"}'])
def test_a_document_that_is_too_deep_or_too_long_is_no_redfish_service(body: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body)
        writer.close()

    async def ask() -> Knock:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        async with server:
            return await knock("127.0.0.1", {CheckKind.REDFISH: server.sockets[0].getsockname()[1]})

    assert asyncio.run(ask()) == Knock()


def test_a_management_controller_answers_the_greeting_of_rmcp() -> None:
    """By a socket that answers as the standard says (ASF 2.0, 3.2.4.3)."""
    pong = bytes.fromhex("0600ff06000011be4000001000000000000000008100000000000000")

    async def ask() -> Knock:
        loop = asyncio.get_running_loop()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as controller:
            controller.setblocking(False)
            controller.bind(("127.0.0.1", 0))

            async def answer() -> None:
                _, who = await loop.sock_recvfrom(controller, 100)
                await loop.sock_sendto(controller, pong, who)

            answering = asyncio.create_task(answer())
            found = await knock("127.0.0.1", {CheckKind.IPMI: controller.getsockname()[1]})
            await answering
            return found

    assert asyncio.run(ask()).kinds == (CheckKind.IPMI,)


@pytest.mark.slow
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_ups_behind_a_nut_server_is_proposed_with_its_check(desk: Desk, tmp_path: Path) -> None:
    with NutServer(tmp_path) as server:
        found: list[discovery.Found] = []
        search = Search(["127.0.0.1"], asks_names=False, knocks={CheckKind.NUT: server.port})
        discovery.sweep(desk, Teller(), search, found.extend)
        assert [(one.name, one.class_name, one.kinds) for one in found] == [
            ("room", "ups", (CheckKind.ICMP, CheckKind.NUT))
        ]
    assert desk.read(devices.board) == []


def test_checks_that_need_a_password_are_entered_switched_off(desk: Desk) -> None:
    others = (CheckKind.REDFISH, CheckKind.IPMI, CheckKind.NUT, CheckKind.MODBUS)
    choice = Choice(
        uuid.uuid4(), "192.0.2.9", "srv-9", "server", others=others, ports={CheckKind.NUT: 3493},
        params={CheckKind.REDFISH: {"scheme": "https"}},
    )  # fmt: skip
    assert desk.do(discovery.add, [choice]) == 1
    ((ci_id),) = (row.ci_id for row in desk.read(devices.board))
    checks = {check.kind: check for check in desk.read(devices.checks_of, ci_id)}
    assert set(checks) == {CheckKind.ICMP, *others}
    assert [kind for kind in others if checks[kind].is_enabled] == [CheckKind.NUT]
    assert (checks[CheckKind.NUT].port, checks[CheckKind.REDFISH].params) == (3493, {"scheme": "https"})
    assert desk.read(cmdb.detail, ci_id).draft.name == "srv-9"
