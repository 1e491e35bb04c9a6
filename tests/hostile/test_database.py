"""What a disk, a file or a key can do to the embedded database: one sentence, nothing half saved, and on it goes."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, func, select

from app import audit, incidents, people
from app.cli import main
from app.database import Database, audit_key, cli_identity, collector_identity, open_database
from app.desk import Desk, ReadTx
from app.errors import DatabaseAway, NotSaved, Refused, WatchroomError
from app.paths import lock_file
from models.enums import Post, Severity
from models.people import Person

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65_534


@pytest.fixture
def url(home: Path, sqlite_template: bytes) -> str:
    (home / "room.db").write_bytes(sqlite_template)
    return f"sqlite:///{home / 'room.db'}"


@pytest.fixture
def room(url: str) -> Iterator[Database]:
    opened = open_database(url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def desk(room: Database) -> Desk:
    return room.desk(cli_identity(), "A1")


def add(desk: Desk, name: str, key: uuid.UUID | None = None) -> int:
    return desk.do(people.add_person, key or uuid.uuid4(), name, f"l{uuid.uuid4().hex[:10]}", frozenset({Post.CLERK}))


def count(tx: ReadTx) -> int:
    return tx.session.scalar(select(func.count(Person.id))) or 0


def pages_at_most(room: Database, desk: Desk, spare: int) -> Callable[[], None]:
    """Let the file grow by `spare` pages at most, as a disk that is nearly full; what is returned makes room."""
    with room.engine.connect() as connection:
        size = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    limit = {"pages": size + spare}

    def hold(connection: object, record: object, proxy: object) -> None:
        connection.execute(f"PRAGMA max_page_count = {limit['pages']}")  # type: ignore[attr-defined]

    event.listen(room.engine, "checkout", hold)
    return lambda: limit.update(pages=1_000_000)


def test_a_full_disk_is_said_and_nothing_is_half_saved_and_work_goes_on_without_a_restart(
    room: Database, desk: Desk
) -> None:
    make_room = pages_at_most(room, desk, 3)
    saved = 0
    with pytest.raises(NotSaved, match="write it on paper: the disk is full") as caught:
        for number in range(5_000):
            add(desk, f"人员 {number} " + "长" * 90)
            saved += 1
    assert caught.value.exit_code == 3
    assert desk.read(count) == saved
    make_room()
    add(desk, "afterwards")
    assert desk.read(count) == saved + 1
    assert desk.read(audit.verify).is_whole


def test_a_disk_that_refuses_more_bytes_is_said_in_one_line(url: str, home: Path) -> None:
    """The real thing: the system refuses the write (a quota of the process stands in for the disk)."""
    pytest.importorskip("resource")
    with open_database(url).engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    script = (
        "import resource, signal, sys, uuid\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "from app import people; from app.database import *; from app.errors import *\n"
        f"db = open_database({url!r}); desk = db.desk(cli_identity(), 'A1')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))\n"
        "try:\n"
        "    for n in range(2000): desk.do(people.add_person, uuid.uuid4(), f'p{n}', f'l{n}', frozenset())\n"
        "except NotSaved as error: print(error)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "desk.do(people.add_person, uuid.uuid4(), 'afterwards', 'afterwards', frozenset())\n"
    )
    ran = run([sys.executable, "-c", script])
    assert ran.stderr == ""
    assert ran.stdout.startswith("NOT saved, write it on paper: the disk")
    again = open_database(url)
    with again.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
    assert again.desk(cli_identity(), "A1").read(audit.verify).is_whole
    again.engine.dispose()


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of an account without rights, as which the test's body runs."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become somebody else")
    with tempfile.TemporaryDirectory() as name:
        os.chown(name, NOBODY, NOBODY)
        os.seteuid(NOBODY)
        try:
            yield Path(name)
        finally:
            os.seteuid(0)


@pytest.mark.parametrize("is_folder", [True, False])
def test_a_read_only_folder_or_file_is_said_and_works_again_when_it_is_writable(
    as_nobody: Path, monkeypatch: pytest.MonkeyPatch, sqlite_template: bytes, is_folder: bool
) -> None:
    monkeypatch.setenv("WATCHROOM_HOME", str(as_nobody / "home"))
    folder = as_nobody / "data"
    folder.mkdir()
    path = folder / "room.db"
    path.write_bytes(sqlite_template)
    open_database(f"sqlite:///{path}").engine.dispose()
    shut = folder if is_folder else path
    shut.chmod(0o500 if is_folder else 0o400)
    with pytest.raises((NotSaved, DatabaseAway), match=r"can only be read|can't be opened"):
        _add_to(path)
    for each in (folder, *folder.iterdir()):
        each.chmod(0o700)
    _add_to(path)


def _add_to(path: Path) -> None:
    opened = open_database(f"sqlite:///{path}")
    try:
        add(opened.desk(cli_identity(), "A1"), "甲")
    finally:
        opened.engine.dispose()


def test_a_lock_that_cannot_be_made_is_said_in_words(as_nobody: Path) -> None:
    as_nobody.chmod(0o500)
    with pytest.raises(NotSaved, match="can't be written"), lock_file(as_nobody / "lock", "The collector"):
        pass


def test_a_database_of_a_newer_program_is_left_as_it_is(url: str, home: Path) -> None:
    open_database(url).engine.dispose()
    path = Path(url.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Refused, match="belongs to a newer Watchroom") as caught:
        open_database(url)
    assert "Nothing was changed" in caught.value.sentence()


@pytest.mark.parametrize("damage", ["noise", "cut", "other"])
def test_a_damaged_file_says_that_a_copy_is_to_be_restored(url: str, damage: str) -> None:
    open_database(url).engine.dispose()
    path = Path(url.removeprefix("sqlite:///"))
    content = path.read_bytes()
    noise = bytes(range(256)) * 160
    path.write_bytes(
        {"noise": content[:8192] + noise + content[8192 + len(noise) :], "cut": content[:50_000], "other": noise}[
            damage
        ]
    )
    with pytest.raises(DatabaseAway, match="restore the last good copy"):
        _use(url)


def _use(url: str) -> None:
    opened = open_database(url)
    try:
        opened.desk(cli_identity(), "A1").read(audit.verify)
    finally:
        opened.engine.dispose()


def test_a_lost_key_is_one_clear_finding_and_the_desk_works_on(
    room: Database, desk: Desk, url: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add(desk, "甲")
    shutil.move(home / "config" / "keys", home / "kept")
    reopened = open_database(url)
    later = reopened.desk(cli_identity(), "A1")
    add(later, "乙")
    (finding,) = later.read(audit.verify).findings
    assert finding.what == audit.key_lost()
    assert main(["verify", "--db", url]) == 1
    assert "put it back from a copy" in capsys.readouterr().out
    reopened.engine.dispose()


def test_the_trail_is_whole_again_when_the_key_is_back(room: Database, desk: Desk, url: str, home: Path) -> None:
    add(desk, "甲")
    shutil.move(home / "config" / "keys", home / "kept")
    _use(url)
    shutil.rmtree(home / "config" / "keys")
    shutil.move(home / "kept", home / "config" / "keys")
    reopened = open_database(url)
    assert reopened.desk(cli_identity(), "A1").read(audit.verify).is_whole
    reopened.engine.dispose()


@pytest.mark.parametrize("content", [b"", b"zz", b"ab" * 31, b"\xff\xfe\x00"])
def test_a_damaged_key_is_refused_in_words(room: Database, url: str, home: Path, content: bytes) -> None:
    (key,) = (home / "config" / "keys").iterdir()
    key.write_bytes(content)
    with pytest.raises(Refused, match="is damaged"):
        open_database(url)


def test_two_programs_that_make_the_key_at_once_get_the_same_one(home: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            assert len(set(pool.map(audit_key, [f"{number:032x}"] * 8))) == 1


@pytest.mark.parametrize("years", [-40, 90])
def test_a_clock_outside_this_century_is_said_and_nothing_is_saved(room: Database, desk: Desk, years: int) -> None:
    wrong = room.desk(collector_identity(), "A1", clock_ahead=timedelta(days=366 * years))
    with pytest.raises(Refused, match="clock"):
        wrong.do(incidents.open_alarm, "ci:1:x", None, Severity.CRITICAL, "title")
    assert desk.read(incidents.count, "open", "") == 0
    room.desk(collector_identity(), "A1").do(incidents.open_alarm, "ci:1:x", None, Severity.CRITICAL, "title")


@pytest.mark.parametrize("bad", ["foo:bar", "mysql://x/y", "", "sqlite://", "postgresql://nobody@127.0.0.1:1/none"])
def test_a_url_that_leads_nowhere_is_said_in_one_line(home: Path, bad: str) -> None:
    with pytest.raises(WatchroomError):
        open_database(bad)


def run(command: list[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with 3 MB, unmounted afterwards."""
    if not sys.platform.startswith("linux") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("only root on Linux can mount a small file system")
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this system lets nobody mount")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_real_disk_that_runs_full_is_said_and_what_was_saved_stays(small_disk: Path, sqlite_template: bytes) -> None:
    path = small_disk / "room.db"
    path.write_bytes(sqlite_template)
    ballast = small_disk / "ballast"
    room = open_database(f"sqlite:///{path}")
    desk = room.desk(cli_identity(), "A1")
    add(desk, "before")
    free = shutil.disk_usage(small_disk).free
    ballast.write_bytes(b"\0" * max(0, free - 120_000))
    saved = 1
    with pytest.raises(NotSaved, match="NOT saved, write it on paper: the disk is full"):
        for number in range(5_000):
            add(desk, f"人员 {number} " + "长" * 90)
            saved += 1
    assert desk.read(count) == saved
    ballast.unlink()
    add(desk, "afterwards")
    assert desk.read(count) == saved + 1
    assert desk.read(audit.verify).is_whole
    room.engine.dispose()
