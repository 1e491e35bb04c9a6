"""Starting at log-in and staying awake are options of this account and this system."""

import shlex
import stat
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app import autostart
from app.errors import NotSaved
from ui.awake import Awake

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="desktop entries are Linux's")


def test_start_at_log_in_is_turned_on_and_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert not autostart.is_on()
    autostart.turn(True)
    entry = (tmp_path / "autostart" / "watchroom.desktop").read_text()
    (line,) = [line for line in entry.splitlines() if line.startswith("Exec=")]
    assert shlex.split(line.removeprefix("Exec=")) == autostart.command()
    autostart.turn(False)
    assert not autostart.is_on()


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "autostart").write_text("a file where the folder should be")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(NotSaved):
        autostart.turn(True)


def test_the_system_is_kept_awake_until_it_is_released(qtbot: QtBot, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    inhibitor = tmp_path / "inhibitor"
    inhibitor.write_text(f'#!/bin/sh\necho "$@" > {asked}\nexec sleep 60\n')
    inhibitor.chmod(inhibitor.stat().st_mode | stat.S_IXUSR)
    awake = Awake(inhibitor=str(inhibitor))
    awake.hold()
    qtbot.waitUntil(asked.exists)
    assert awake.is_held and "--what=sleep:idle" in asked.read_text()
    awake.release()
    qtbot.waitUntil(lambda: not awake.is_held)
