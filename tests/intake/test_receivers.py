"""How the receivers listen: behind TLS, and at another port where their own is refused."""

import asyncio
import os
import ssl
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from app import intake
from app.collector.batch import Batch, Beat
from app.collector.intake import service
from app.collector.intake.service import Intake
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk
from tests.intake.test_real_senders import TOKEN, free_port, serve

PASSWORD = b"quiet-room-7"
ALERT = {"event_id": "1", "event_value": "1", "trigger_id": "7", "event_name": "Disk full", "host": "srv-1"}


def certificate(folder: Path, password: bytes = b"") -> tuple[Path, Path]:
    """Make a certificate of this machine's own name and return it and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=2))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    sealed = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    paths = folder / "hook.crt", folder / "hook.key"
    paths[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    kind = serialization.PrivateFormat.PKCS8
    paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, kind, sealed))
    return paths


def set_up(desk: Desk, **values: object) -> dict[str, int]:
    ports = {f"{name}_port": free_port() for name in ("trap", "syslog", "webhook")}
    desk.do(intake.set_up, {"on": True, "address": "127.0.0.1", **ports, **values}, {})
    return ports


async def reopened(receivers: Intake) -> None:
    receivers.follow()
    await receivers._reopen()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_webhooks_come_behind_tls_and_never_in_the_clear(database: Database, desk: Desk, tmp_path: Path) -> None:
    shown, key = certificate(tmp_path)
    ports = set_up(desk, certificate=str(shown), key=str(key))
    desk.do(intake.add_token, uuid.uuid4(), "zabbix", TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    place = f"://localhost:{ports['webhook_port']}/hooks/zabbix"

    async def send() -> None:
        async with aiohttp.ClientSession(headers=headers) as session:
            trusted = ssl.create_default_context(cafile=str(shown))
            async with session.post(f"https{place}", json=ALERT, ssl=trusted) as answer:
                assert answer.status == 200
            with pytest.raises(aiohttp.ClientError):
                await session.post(f"http{place}", json=ALERT)
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.post(f"https{place}", json=ALERT)

    serve(database, send)
    assert [row.tag for row in desk.read(intake.page)] == ["7"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("trouble", ["password", "absent", "nonsense"])
def test_a_certificate_that_can_not_be_used_is_said_and_the_rest_listens(
    database: Database, desk: Desk, tmp_path: Path, trouble: str
) -> None:
    shown, key = certificate(tmp_path, PASSWORD if trouble == "password" else b"")
    if trouble == "nonsense":
        shown.write_text("no certificate")
    set_up(desk, certificate=str(tmp_path / "none" if trouble == "absent" else shown), key=str(key))

    async def open_all() -> tuple[str, set[str]]:
        receivers = Intake(database, "C1")
        await reopened(receivers)
        found = receivers.trouble, set(receivers.ports)
        await receivers._close()
        return found

    said, open_ones = asyncio.run(open_all())
    assert "webhooks" in said and "can't be opened" in said
    assert open_ones == {"traps", "syslog", "syslog over TCP"}


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="ports that need rights are a matter of Unix")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_port_that_needs_rights_is_replaced_and_that_is_said(
    database: Database, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports = set_up(desk)
    other = free_port()
    monkeypatch.setattr(service, "ALLOWED_TO_ALL", {ports["trap_port"]: other})
    opened = service.Intake._traps

    def refusing(receivers: Intake, loop: asyncio.AbstractEventLoop) -> object:
        really = opened(receivers, loop)

        async def opening(address: str, port: int) -> None:
            if port == ports["trap_port"]:
                raise PermissionError(13, "Permission denied")
            await really(address, port)

        return opening

    monkeypatch.setattr(service.Intake, "_traps", refusing)

    async def open_all() -> tuple[str, int]:
        receivers = Intake(database, "C1")
        await reopened(receivers)
        found = receivers.trouble, receivers.ports["traps"]
        await receivers._close()
        return found

    said, port = asyncio.run(open_all())
    assert port == other
    assert said == f"Port {ports['trap_port']} for traps needs rights: {other} is used."
    now = datetime.now(UTC)
    DeskStore(database).write(Batch(), Beat(now, now, 0, 0, said))
    assert desk.read(intake.troubles) == [said]
