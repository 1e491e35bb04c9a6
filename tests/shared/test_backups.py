"""Watchroom's own backups: restored unattended to try them, and the record that each try leaves."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from app import backups, chores, copies, drills, settings
from app.database import Database, cli_identity, collector_identity, open_database
from app.desk import Desk
from app.drills.recovery import recover
from app.errors import BadInput, Refused
from tests.shared.debian_server import DebianServer, debian_server


@pytest.fixture
def embedded(home: Path, sqlite_template: bytes) -> Iterator[Database]:
    path = home / "desk.db"
    path.write_bytes(sqlite_template)
    opened = open_database(f"sqlite:///{path}")
    yield opened
    opened.engine.dispose()


@pytest.fixture
def desk(embedded: Database) -> Desk:
    return embedded.desk(cli_identity(), "A1")


@pytest.fixture
def service(embedded: Database) -> Desk:
    return embedded.desk(collector_identity(), "C1")


def copied(desk: Desk, folder: Path) -> Path:
    return copies.copy_now(desk, str(folder), 14)


def damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[8192:12288] = b"\x5a" * 4096
    path.write_bytes(content)


def test_the_newest_copy_is_restored_and_the_try_is_a_restore_test(
    embedded: Database, service: Desk, desk: Desk, tmp_path: Path
) -> None:
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    made = copied(service, tmp_path / "second")
    done = drills.drill(embedded, service, scratch=tmp_path)
    assert done.succeeded, done.note
    assert done.path == made
    (record,) = service.read(backups.restore_tests)
    assert record.succeeded
    assert "the trail whole" in record.note
    assert list(tmp_path.glob("watchroom-drill-*")) == []
    assert desk.read(settings.get, "unit.name") == "示例信息中心"


def test_a_damaged_copy_is_reported_as_failed(embedded: Database, service: Desk, desk: Desk, tmp_path: Path) -> None:
    damage(copied(service, tmp_path / "second"))
    done = drills.drill(embedded, service, scratch=tmp_path)
    assert not done.succeeded
    assert "can't be restored" in done.note
    assert [record.succeeded for record in service.read(backups.restore_tests)] == [False]
    assert service.read(drills.standing).is_red


def test_a_copy_that_somebody_altered_is_reported_as_failed(
    embedded: Database, service: Desk, desk: Desk, tmp_path: Path
) -> None:
    made = copied(service, tmp_path / "second")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(copies, "check_copy", lambda _path: "")  # as if it had been altered right after that look
        opened = open_database(f"sqlite:///{made}")
        with opened.engine.connect() as connection:
            connection.exec_driver_sql("DROP TRIGGER watch_audit_entry_fixed")
            connection.exec_driver_sql("UPDATE audit_entry SET reason = 'forged'")
            connection.commit()
        opened.engine.dispose()
        done = drills.drill(embedded, service, scratch=tmp_path)
    assert not done.succeeded
    assert "not whole" in done.note


def test_without_any_copy_there_is_nothing_to_try(embedded: Database, service: Desk, desk: Desk) -> None:
    assert not service.read(drills.is_due)
    assert not service.read(drills.standing).is_red
    with pytest.raises(Refused, match="no backup"):
        drills.drill(embedded, service)


def test_a_drill_is_due_every_week_and_red_after_eight_days(
    embedded: Database, service: Desk, desk: Desk, tmp_path: Path
) -> None:
    copied(service, tmp_path / "second")
    assert service.read(drills.is_due)
    drills.drill(embedded, service, scratch=tmp_path)
    for days, is_due, is_red in ((6, False, False), (7.5, True, False), (8.5, True, True)):
        later = embedded.desk(collector_identity(), "C1", clock_ahead=timedelta(days=days))
        assert (later.read(drills.is_due), later.read(drills.standing).is_red) == (is_due, is_red)


def test_the_collector_runs_it_beside_itself(embedded: Database, service: Desk, desk: Desk, tmp_path: Path) -> None:
    copied(service, tmp_path / "second")
    aside = chores.Aside(embedded, "drill")
    aside.start_if(False)
    assert aside.wait() is None
    aside.start_if(True)
    assert aside.wait(60) == 0
    assert len(service.read(backups.restore_tests)) == 1


def test_what_is_no_backup_archive_or_new_folder_is_told_before_anything_is_done(tmp_path: Path) -> None:
    backup, wal, target = tmp_path / "backup", tmp_path / "wal", tmp_path / "target"
    with pytest.raises(BadInput, match="no folder"):
        recover(backup, wal, target)
    wal.mkdir()
    with pytest.raises(BadInput, match="no base backup"):
        recover(backup, wal, target)
    target.mkdir()
    with pytest.raises(BadInput, match="there already"):
        recover(backup, wal, target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["target", "wal"]


@pytest.fixture(scope="module")
def server() -> Iterator[DebianServer]:
    with debian_server() as running:
        running.new_room("watchroom")
        yield running


@pytest.fixture
def room(server: DebianServer, home: Path) -> Iterator[Database]:
    opened = open_database(server.url(database="watchroom"))
    yield opened
    opened.engine.dispose()


def test_a_shared_database_is_backed_up_restored_on_a_socket_and_recorded(room: Database, tmp_path: Path) -> None:
    service = room.desk(collector_identity(), "C1")
    made = copied(service, tmp_path)
    assert (made / "backup_manifest").exists()
    done = drills.drill(room, service)
    assert done.succeeded, done.note
    assert "the trail whole" in done.note
    assert service.read(backups.restore_tests)[0].succeeded
    assert not service.read(drills.standing).is_red


@pytest.mark.parametrize("harm", ["a page", "a file"])
def test_a_damaged_base_backup_is_reported_as_failed(room: Database, tmp_path: Path, harm: str) -> None:
    service = room.desk(collector_identity(), "C1")
    made = copied(service, tmp_path)
    victim = max((made / "base").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    if harm == "a page":
        damage(victim)
    else:
        victim.unlink()
    done = drills.drill(room, service)
    assert not done.succeeded
    assert "not whole" in done.note
    assert not service.read(backups.restore_tests)[0].succeeded


def test_only_the_newest_base_backups_are_kept(room: Database, tmp_path: Path) -> None:
    service = room.desk(collector_identity(), "C1")
    second = tmp_path / "second"
    old = [second / f"watchroom-base-2026010{day}-021000" for day in (1, 2)]
    for folder in old:
        folder.mkdir(parents=True)
    made = copies.copy_now(service, str(second), 2)
    assert sorted(second.iterdir()) == [old[1], made]


def test_a_backup_that_cannot_be_made_is_said_and_recorded(
    room: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = room.desk(collector_identity(), "C1")
    monkeypatch.setenv("WATCHROOM_PG_BIN", str(tmp_path))
    monkeypatch.setattr("app.drills.server._PLACES", ())
    monkeypatch.setenv("PATH", "")
    with pytest.raises(Refused, match="programs of PostgreSQL"):
        copied(service, tmp_path)
    assert not service.read(copies.copies)[0].is_good
