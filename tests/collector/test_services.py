"""TCP and web checks against real servers on loopback."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app.collector.probes.http import BODY_LIMIT, HttpProbe
from app.collector.probes.local import LocalProbe
from app.collector.probes.tcp import TcpProbe, port_test
from app.collector.samples import Metric, Outcome, Target
from models.enums import CheckKind

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def certificate(folder: Path, days: int) -> ssl.SSLContext:
    """Return a server's context with a self-signed certificate that has `days` left."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "page.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=400))
        .not_valid_after(now + timedelta(days=days, minutes=1))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file = folder / "server.pem"
    file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@asynccontextmanager
async def page(
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]], tls: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    server = web.Application()
    server.router.add_get("/{tail:.*}", answer)
    runner = web.AppRunner(server, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def service(serve: Serve) -> AsyncIterator[int]:
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def text(request: web.Request) -> web.Response:
    return web.Response(text="all is 正常 here")


def web_target(port: int, **params: str) -> Target:
    return Target(1, 2, CheckKind.HTTP, "127.0.0.1", port, params, timeout_s=1.0)


async def ask_page(target: Target) -> Outcome:
    probe = HttpProbe()
    try:
        return await probe.ask(target)
    finally:
        await probe.close()


def values(outcome: Outcome) -> dict[str, float | None]:
    return {sample.metric: sample.value for sample in outcome.samples}


async def _fetch(answer: Callable[[web.Request], Awaitable[web.StreamResponse]], **params: str) -> Outcome:
    async with page(answer) as port:
        return await ask_page(web_target(port, **params))


def test_a_page_gives_its_status_and_time() -> None:
    outcome = asyncio.run(_fetch(text, text="正常"))
    assert outcome.ok
    assert outcome.trouble == ""
    assert values(outcome)[Metric.HTTP_STATUS] == 200
    assert (values(outcome)[Metric.HTTP_TIME_MS] or 0) > 0


def test_a_page_without_the_expected_text_is_a_finding() -> None:
    outcome = asyncio.run(_fetch(text, text="故障"))
    assert outcome.ok
    assert outcome.trouble == "The page lacks the text “故障”"


def test_a_page_that_fails_is_a_finding_with_its_status() -> None:
    async def fail(request: web.Request) -> web.Response:
        raise web.HTTPServiceUnavailable

    outcome = asyncio.run(_fetch(fail))
    assert outcome.ok
    assert "503" in outcome.trouble
    assert asyncio.run(_fetch(fail, status="503")).trouble == ""


def test_a_page_without_end_is_read_up_to_the_limit() -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse()
        await answer.prepare(request)
        while True:
            await answer.write(b"x" * 65_536)

    outcome = asyncio.run(_fetch(endless, text="x" * 10))
    assert outcome.ok
    assert outcome.trouble == ""
    assert BODY_LIMIT < 10_000_000


def test_a_page_that_never_comes_ends_with_its_timeout() -> None:
    async def never(request: web.Request) -> web.Response:
        await asyncio.sleep(60)
        return web.Response()

    outcome = asyncio.run(_fetch(never))
    assert not outcome.ok
    assert not outcome.is_reachable


def test_a_self_signed_certificate_is_a_finding_with_its_days(tmp_path: Path) -> None:
    async def run(verify: str) -> Outcome:
        async with page(text, certificate(tmp_path, 20)) as port:
            return await ask_page(web_target(port, scheme="https", verify=verify))

    outcome = asyncio.run(run("1"))
    assert outcome.ok
    assert outcome.trouble.startswith("The certificate is not trusted")
    days = values(outcome)[Metric.HTTP_CERTIFICATE_DAYS]
    assert days is not None
    assert 19.9 < days < 20.1
    assert "page.example" in outcome.facts["certificate"]
    assert asyncio.run(run("0")).trouble == ""


def test_an_expired_certificate_has_negative_days(tmp_path: Path) -> None:
    async def run() -> Outcome:
        async with page(text, certificate(tmp_path, -3)) as port:
            return await ask_page(web_target(port, scheme="https"))

    days = values(asyncio.run(run()))[Metric.HTTP_CERTIFICATE_DAYS]
    assert days is not None
    assert days < -2.9


@pytest.mark.parametrize(
    "bytes_sent", [b"", b"\x00\xff garbage\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\nshort"]
)
def test_garbage_instead_of_a_page_is_a_finding(bytes_sent: bytes) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes_sent)
        await writer.drain()
        writer.close()

    async def run() -> Outcome:
        async with service(serve) as port:
            return await ask_page(web_target(port))

    assert asyncio.run(run()).trouble


def test_an_address_that_is_no_web_address_is_said() -> None:
    outcome = asyncio.run(ask_page(web_target(80, url="http://[::1")))
    assert not outcome.ok
    assert outcome.is_reachable
    assert "not a web address" in outcome.trouble


def test_an_open_port_gives_its_time_and_greeting() -> None:
    async def greet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail \x00ready\r\n")
        await writer.drain()
        writer.close()

    async def run() -> Outcome:
        async with service(greet) as port:
            return await port_test("127.0.0.1", port)

    outcome = asyncio.run(run())
    assert outcome.ok
    assert outcome.facts == {"banner": "220 mail ready"}
    assert (values(outcome)[Metric.TCP_CONNECT_MS] or -1) > 0


def test_a_closed_port_is_a_finding_about_a_device_that_answers() -> None:
    async def closed_port() -> int:
        async with service(lambda r, w: asyncio.sleep(0)) as port:
            return port

    async def run() -> Outcome:
        target = Target(1, 2, CheckKind.TCP, "127.0.0.1", await closed_port(), timeout_s=1.0)
        return await TcpProbe().ask(target)

    outcome = asyncio.run(run())
    assert outcome.ok
    assert "is closed" in outcome.trouble


@pytest.mark.parametrize("address", ["", "\x00", "no-such-host.invalid", "a" * 300])
def test_garbage_as_an_address_of_a_port_is_a_trouble(address: str) -> None:
    outcome = asyncio.run(TcpProbe().ask(Target(1, 2, CheckKind.TCP, address, 80, timeout_s=1.0)))
    assert outcome.trouble


def test_this_machine_gives_its_figures() -> None:
    async def run() -> tuple[Outcome, Outcome]:
        probe, target = LocalProbe(), Target(1, 2, CheckKind.LOCAL, "localhost", timeout_s=10.0)
        first = await probe.ask(target)
        second = await probe.ask(target)
        await probe.close()
        return first, second

    first, second = asyncio.run(run())
    figures = values(second)
    assert {Metric.CPU, Metric.MEMORY, Metric.UPTIME_S} <= set(figures)
    assert 0 < (figures[Metric.MEMORY] or 0) < 100
    assert first.facts["name"]
    assert Metric.IF_IN not in values(first)
