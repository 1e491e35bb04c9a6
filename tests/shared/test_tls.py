"""TLS, a certificate per seat and the doctor's lines about a server; the certificates are made as the manual says."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from app.cli import main
from tests.shared.debian_server import DebianServer, debian_server

ROOM = "room"
SETTINGS = "archive_mode = on\narchive_command = '/bin/true'\nfull_page_writes = on\nfsync = on\n"
GOOD = ("TLS to the server", "Server's certificate verified", "Channel binding", "Certificate of this seat")


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    """A server that lets nobody in without TLS, a password and a seat's certificate."""
    with debian_server(tls=True, clientcert=True, settings=SETTINGS) as started:
        started.new_room(ROOM)
        yield started


def lines(capsys: pytest.CaptureFixture[str], url: str, seat: str) -> dict[str, str]:
    """Return the doctor's lines by their subject, as "OK detail" or "MISSING detail -> advice"."""
    main(["doctor", "--lang", "en", "--db", url, "--seat", seat])
    found = {}
    for line in capsys.readouterr().out.splitlines():
        mark, _, rest = line.partition("  ")
        what, _, detail = rest.partition(": ")
        found[what] = f"{mark} {detail}"
    return found


def test_a_seat_signs_in_by_certificate_and_password_and_the_server_knows_it(server: DebianServer) -> None:
    with server.connect(**server.seat_options("A1"), channel_binding="require") as seat:
        row = seat.execute("SELECT ssl, client_dn FROM pg_stat_ssl WHERE pid = pg_backend_pid()").fetchone()
    assert row == (True, "/CN=A1")


def test_without_a_seats_certificate_nobody_gets_in(server: DebianServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="client certificate"):
        server.connect()


def test_without_tls_nobody_gets_in(server: DebianServer) -> None:
    with pytest.raises(psycopg.OperationalError, match="no encryption"):
        server.connect(**server.seat_options("A1"), sslmode="disable")


def test_the_trail_names_the_seat_of_the_certificate_whatever_the_program_says(server: DebianServer) -> None:
    with server.connect(database=ROOM, **server.seat_options("A7")) as raw:
        raw.execute("SET watchroom.seat = 'B2'")
        raw.execute("INSERT INTO act (kind, text, at) VALUES ('export', 'x', now())")
    assert server.sql("SELECT seat FROM audit_entry ORDER BY id DESC LIMIT 1", ROOM) == [("A7",)]


def test_the_doctor_finds_what_holds(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = server.url(database=ROOM, channel_binding="require", **server.seat_options("A1", days=90))
    found = lines(capsys, url, "A1")
    assert {what: found[what].split()[0] for what in GOOD} == dict.fromkeys(GOOD, "OK")
    assert found["Certificate of this seat"].endswith(("A1, 89 days left", "A1, 90 days left"))
    for what in (
        "Passwords kept as",
        "Ways to sign in",
        "JSON log",
        "Connections",
        "WAL archive",
        "Survives a power cut",
    ):
        assert found[what].startswith("OK"), found[what]
    assert found["Rules of the database"].startswith("OK")
    assert found["Superuser"].startswith("NOTE")


def test_the_doctor_says_what_does_not_hold_and_the_command_that_mends_it(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.configure(
        "password_encryption = 'md5'\nlog_destination = 'stderr'\nfsync = off\nlog_parameter_max_length_on_error = -1\n"
    )
    server.reload()
    server.sql("GRANT TRUNCATE ON incident TO watchroom_clerk", ROOM)
    try:
        url = server.url(database=ROOM, **{**server.seat_options("A2", days=5), "sslmode": "require"})
        found = lines(capsys, url, "A2")
        other = lines(capsys, url, "A3")
    finally:
        server.sql("REVOKE TRUNCATE ON incident FROM watchroom_clerk", ROOM)
        server.configure(SETTINGS)
        server.reload()
    assert "sslmode=verify-full" in found["Server's certificate verified"]
    assert "channel_binding=require" in found["Channel binding"]
    assert found["Certificate of this seat"].startswith("MISSING A2, ")
    assert "it says A2, this seat is A3" in other["Certificate of this seat"]
    assert "ALTER SYSTEM SET password_encryption = 'scram-sha-256'" in found["Passwords kept as"]
    assert "ALTER SYSTEM SET log_destination = 'jsonlog'" in found["JSON log"]
    assert "ALTER SYSTEM SET fsync = 'on'" in found["Survives a power cut"]
    assert "incident" in found["Rules of the database"]
