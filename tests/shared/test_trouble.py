"""Every trouble with a server is one clear sentence in both languages, provoked on a real one (issue: bad input)."""

import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from app import server_trouble
from app.cli import main
from app.database import open_database
from app.errors import WatchroomError
from app.trouble import worded
from app.words import set_language
from models.schema import HEAD
from tests.shared.certificates import Authority
from tests.shared.debian_server import DebianServer, binaries, debian_server, wait_until

SETTINGS = "max_connections = 12\nsuperuser_reserved_connections = 2\n"
DATABASE = "room"


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    """One server with TLS for all of these, with a database of Watchroom and a person who has no rights in it."""
    with debian_server(tls=True, settings=SETTINGS) as started:
        started.new_room(DATABASE)
        started.sql("CREATE ROLE guest LOGIN PASSWORD 'guest-2026-x'")
        yield started


def said(url: str, exit_code: int, capsys: pytest.CaptureFixture[str]) -> str:
    """Run `watchroom verify` on `url` in both languages and return the English line."""
    lines = []
    for language in ("zh_CN", "en"):
        set_language(language)
        code = main(["verify", "--lang", language, "--db", url])
        line = capsys.readouterr().err
        assert (code, line.count("\n")) == (exit_code, 1), line
        lines.append(line)
    chinese, english = lines
    assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese)
    assert "Traceback" not in english and "psycopg" not in english
    return english


def test_a_wrong_password(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "name or the password is wrong" in said(server.url(password="wrong-1"), 2, capsys)


def test_a_name_that_nobody_has_reads_the_same(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "name or the password is wrong" in said(server.url("nobody-at-all"), 2, capsys)


def test_an_expired_certificate_of_the_seat(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.url(**server.seat_options("A1", days=-1))
    assert "this seat's certificate has expired" in said(url, 3, capsys)


def test_an_expired_certificate_of_the_server(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    present = (server.folder / "server.crt").read_bytes(), (server.folder / "server.key").read_bytes()
    expired = server.authority.issue("127.0.0.1", server=True, days=-1)
    try:
        _show(server, expired.certificate.read_bytes(), expired.key.read_bytes())
        assert "or it has expired" in said(server.url(), 3, capsys)  # libpq does not tell which
    finally:
        _show(server, *present)


def _show(server: DebianServer, certificate: bytes, key: bytes) -> None:
    """Let the server show this certificate from now on; its files keep their owner and mode."""
    (server.folder / "server.crt").write_bytes(certificate)
    (server.folder / "server.key").write_bytes(key)
    server.restart()


def test_an_authority_that_this_seat_does_not_know(
    server: DebianServer, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = Authority(tmp_path / "other", "Somebody else")
    assert "not signed by the authority" in said(server.url(sslrootcert=str(other.certificate)), 3, capsys)


def test_a_seat_certificate_of_an_authority_that_the_server_does_not_know(
    server: DebianServer, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    forged = Authority(tmp_path / "other", "Somebody else").issue("A1")
    url = server.url(sslcert=str(forged.certificate), sslkey=str(forged.key))
    assert "does not know who signed" in said(url, 3, capsys)


def test_a_certificate_for_another_name(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    url = server.url().replace("@127.0.0.1", "@localhost")
    assert "for another name" in said(url, 3, capsys)


def test_a_missing_file_of_the_authority(
    server: DebianServer, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "nowhere.crt" in said(server.url(sslrootcert=str(tmp_path / "nowhere.crt")), 2, capsys)


def test_a_wrong_name_of_the_database(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no such database" in said(server.url(database="rooom"), 2, capsys)


def test_no_line_for_this_machine(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "pg_hba.conf" in said(server.url(sslmode="disable", sslrootcert=""), 3, capsys)


def test_nobody_there(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"postgresql://a:b@127.0.0.1:{closed.getsockname()[1]}/room"
        assert "no server answers" in said(url, 3, capsys)


def test_the_first_connection_past_the_most(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with ExitStack() as held:
        with pytest.raises(psycopg.OperationalError, match="connection slots"):
            for _ in range(13):
                held.enter_context(server.connect("guest", "guest-2026-x"))
        url = server.url("guest", "guest-2026-x", DATABASE)
        assert "max_connections" in said(url, 3, capsys)


def test_a_right_that_is_missing(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "permission denied" in said(server.url("guest", "guest-2026-x", DATABASE), 2, capsys)


def test_tables_of_a_newer_program(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with _revision(server, "9999"):
        assert "newer Watchroom" in said(server.url(database=DATABASE), 2, capsys)


def test_tables_of_an_older_program(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server.sql("GRANT watchroom_clerk TO guest")
    try:
        with _revision(server, "0001"):
            assert "older Watchroom" in said(server.url("guest", "guest-2026-x", DATABASE), 2, capsys)
    finally:
        server.sql("REVOKE watchroom_clerk FROM guest")


def test_an_empty_database_that_this_person_may_not_fill(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = server.url("guest", "guest-2026-x", "postgres")
    assert "holds no Watchroom yet" in said(url, 2, capsys)


def test_a_server_of_a_version_that_is_too_old(
    server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    server.allow("host all all 127.0.0.1/32 scram-sha-256\n")
    server.reload()
    try:
        with _older(server.port) as port:
            url = server.url(database=DATABASE, sslmode="disable", sslrootcert="")
            assert "needs 15 or later" in said(url.replace(f":{server.port}/", f":{port}/"), 2, capsys)
    finally:
        server.allow("hostssl all all 127.0.0.1/32 scram-sha-256\n")
        server.reload()


def test_a_standby_of_another_server(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where only a standby answers, the database is away: what is entered waits for the server that takes it."""
    signal = server.data / "standby.signal"
    signal.touch()
    server.restart()
    try:
        assert "standby" in _told_by_writing(server, INSERT)
        url = server.url(database=DATABASE)
        url += ("&" if "?" in url else "?") + "target_session_attrs=read-write"
        assert "only a standby answers" in said(url, 3, capsys)
    finally:
        signal.unlink()
        server.restart()


def test_a_full_disk_of_the_server(server: DebianServer, home: Path) -> None:
    """The limit of a file's size cuts a write short, which the server takes for a full disk."""
    filled = "CREATE TABLE filler AS SELECT repeat(md5(n::text), 30) AS text FROM generate_series(1, 6000) AS n"
    assert "disk is full" in _told_by_writing(server, filled, file_bytes=3 * 2**20 + 4096)


def test_a_server_that_shuts_down(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with server.connect():
        server.run("pg_ctl", "-D", str(server.data), "-W", "-m", "smart", "stop")
        url = server.url(database=DATABASE)
        wait_until(lambda: _refusal(server) == "shutting down")
        assert "shutting down" in said(url, 3, capsys)
    wait_until(lambda: not (server.data / "postmaster.pid").exists())
    server.start()


def test_a_server_that_is_starting(server: DebianServer, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    go = server.folder / "go"
    waits = f"restore_command = 'until [ -e {go} ]; do sleep 0.05; done; false'\n"
    server.stop()
    server.configure(SETTINGS + waits)
    (server.data / "recovery.signal").touch()
    server.run("pg_ctl", "-D", str(server.data), "-W", "-l", str(server.folder / "start.log"), "start")
    try:
        wait_until(lambda: _refusal(server) == "starting up")
        assert "just starting" in said(server.url(database=DATABASE), 3, capsys)
    finally:
        go.touch()
    wait_until(lambda: _refusal(server) == "")


def test_a_server_that_speaks_chinese() -> None:
    wrong = psycopg.OperationalError('connection failed: 致命错误:  用户 "jia" 的密码认证失败')
    full = psycopg.OperationalError("connection failed: 致命错误:  客户端连接过多")
    sentences = [str(server_trouble.told(error)) for error in (wrong, full)]
    assert "password is wrong" in sentences[0] and "max_connections" in sentences[1]


INSERT = "INSERT INTO act (kind, text, at) VALUES ('export', '', now())"


def _told_by_writing(server: DebianServer, statement: str, file_bytes: int = 0) -> str:
    """Run a statement as the program does, with files of at most `file_bytes`, and return what it says."""
    opened = open_database(server.url(database=DATABASE))
    try:
        with pytest.raises(WatchroomError) as caught, worded(), opened.engine.connect() as connection:
            if file_bytes:
                pid = connection.scalar(text("SELECT pg_backend_pid()"))
                assert pid is not None
                server.run("/usr/bin/prlimit", "--pid", str(pid), f"--fsize={file_bytes}")
            connection.exec_driver_sql(statement)
        return caught.value.sentence()
    finally:
        opened.engine.dispose()


def _refusal(server: DebianServer) -> str:
    """Return why the server lets nobody in just now, empty when it does."""
    try:
        server.connect().close()
    except psycopg.OperationalError as error:
        return str(error).rsplit("system is ", 1)[-1].strip()
    return ""


@contextmanager
def _revision(server: DebianServer, number: str) -> Iterator[None]:
    """Let the database say inside the block that its tables are of another revision."""
    server.sql(f"UPDATE alembic_version SET version_num = '{number}'", DATABASE)
    try:
        yield
    finally:
        server.sql(f"UPDATE alembic_version SET version_num = '{HEAD}'", DATABASE)


@contextmanager
def _older(port: int) -> Iterator[int]:
    """A relay to the server that lets it say it is PostgreSQL 14."""
    version = next(part for part in binaries().parts if part.isdigit()) if binaries() else ""
    with socket.create_server(("127.0.0.1", 0)) as listening, ExitStack() as held:
        threads: list[threading.Thread] = []

        def relay(source: socket.socket, sink: socket.socket, is_answer: bool) -> None:
            with suppress(OSError):
                while data := source.recv(65536):
                    sink.sendall(data.replace(f"{version}.".encode(), b"14.") if is_answer else data)
            with suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

        def serve() -> None:
            with suppress(OSError):
                while True:
                    client = held.enter_context(listening.accept()[0])
                    upstream = held.enter_context(socket.create_connection(("127.0.0.1", port)))
                    for pair in ((client, upstream, False), (upstream, client, True)):
                        threads.append(threading.Thread(target=relay, args=pair))
                        threads[-1].start()

        server = threading.Thread(target=serve)
        server.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        server.join()
        for thread in threads:
            thread.join()
