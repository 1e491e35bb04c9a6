"""Online copies of the embedded database and restoring them (issue: nothing lost on one machine)."""

import uuid
from datetime import timedelta
from pathlib import Path

import pytest

from app import audit, copies, devices, feed, settings
from app.collector.store import DeskStore
from app.database import Database, open_database
from app.desk import Desk
from app.errors import BadInput, NotSaved
from models.enums import CheckKind


@pytest.fixture
def embedded(database: Database) -> Database:
    if not database.is_embedded:
        pytest.skip("a shared database is copied by its own server")
    return database


def test_a_copy_made_while_somebody_writes_is_whole(embedded: Database, desk: Desk, tmp_path: Path) -> None:
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    desk.do(audit.seal)
    made = copies.make_copy(embedded, tmp_path, desk.read(lambda tx: tx.now))
    assert copies.check_copy(made) == ""
    copied = open_database(f"sqlite:///{made}")
    assert copied.desk(desk.identity, "A1").read(settings.get, "unit.name") == "示例信息中心"
    copied.engine.dispose()


def test_only_the_newest_copies_are_kept(embedded: Database, desk: Desk, tmp_path: Path) -> None:
    now = desk.read(lambda tx: tx.now)
    for day in range(4):
        copies.make_copy(embedded, tmp_path, now + timedelta(days=day), keep=2)
    assert len(list(tmp_path.glob("*.db"))) == len(list(tmp_path.glob("*.key"))) == 2


def test_a_damaged_copy_is_refused_and_the_database_untouched(embedded: Database, desk: Desk, tmp_path: Path) -> None:
    made = copies.make_copy(embedded, tmp_path, desk.read(lambda tx: tx.now))
    content = bytearray(made.read_bytes())
    content[8192:12288] = b"\x5a" * 4096
    made.write_bytes(content)
    assert embedded.path is not None
    before = embedded.path.read_bytes()
    with pytest.raises(BadInput, match="can't be restored"):
        copies.restore(made, embedded.path)
    assert embedded.path.read_bytes() == before


def test_restoring_brings_the_copy_back_and_keeps_the_database_that_was(
    embedded: Database, desk: Desk, tmp_path: Path
) -> None:
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    made = copies.make_copy(embedded, tmp_path, desk.read(lambda tx: tx.now))
    desk.do(settings.put, "unit.name", "后来的名字", 1)
    kept = desk.read(feed.here)
    embedded.engine.dispose()
    assert embedded.path is not None
    aside = copies.restore(made, embedded.path)
    restored, old = open_database(embedded.url), open_database(f"sqlite:///{aside}")
    try:
        assert restored.desk(desk.identity, "A1").read(settings.get, "unit.name") == "示例信息中心"
        assert old.desk(desk.identity, "A1").read(settings.get, "unit.name") == "后来的名字"
        assert restored.epoch != old.epoch
        changes, place = restored.desk(desk.identity, "A1").read(feed.since, kept)
        assert changes.is_reset, "whoever followed it before loads anew"
        assert not restored.desk(desk.identity, "A1").read(feed.since, place)[0]
    finally:
        restored.engine.dispose()
        old.engine.dispose()


def test_a_copy_goes_to_a_machine_that_never_saw_the_database(
    embedded: Database, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(settings.put, "unit.name", "示例信息中心", 0)
    made = copies.make_copy(embedded, tmp_path / "usb", desk.read(lambda tx: tx.now))
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path / "another"))
    copies.restore(made, tmp_path / "another.db")
    restored = open_database(f"sqlite:///{tmp_path / 'another.db'}")
    assert restored.desk(desk.identity, "B1").read(audit.verify).is_whole
    restored.engine.dispose()


def test_devices_secrets_open_on_the_machine_that_restores_a_copy(
    embedded: Database, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.do(devices.add_device, uuid.uuid4(), "交换机", "switch", "127.0.0.1", [CheckKind.SNMP], secret="口令 secret")
    made = copies.make_copy(embedded, tmp_path / "usb", desk.read(lambda tx: tx.now))
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path / "another"))
    copies.restore(made, tmp_path / "another.db")
    restored = open_database(f"sqlite:///{tmp_path / 'another.db'}")
    (target,) = DeskStore(restored).load().targets
    assert target.secret == "口令 secret"
    restored.engine.dispose()


def test_a_folder_that_cannot_be_written_is_said(embedded: Database, desk: Desk, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(NotSaved, match="no copy in"):
        copies.make_copy(embedded, blocked, desk.read(lambda tx: tx.now))


def test_an_old_copy_turns_the_banner_red(desk: Desk) -> None:
    assert desk.read(copies.health).is_stale
    desk.do(copies.record_copy, "/srv/x.db", 1, True, "")
    assert not desk.read(copies.health).is_stale
    desk.clock_ahead = timedelta(hours=27)
    assert desk.read(copies.health).is_stale
