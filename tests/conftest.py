"""What every test starts from: its own folders, English, no screen, and no thread left behind."""

import importlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pytestqt.qtbot import QtBot

from app.words import set_language

pytest_plugins = ["tests.databases", "tests.tidy"]

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

ROOT = Path(__file__).resolve().parent.parent
NO_TEST_DATA = "no test data: set WATCHROOM_TEST_DATA, or put it into ../shared/data"
THREADS_END_WITHIN_S = 30.0
PATIENCE_MS = 30_000


class PatientBot(QtBot):
    """Waits at least PATIENCE_MS for what should come: a busy machine is no failure."""

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = PATIENCE_MS) -> None:
        super().waitUntil(callback, timeout=max(timeout, PATIENCE_MS))

    def waitSignal(self, signal: Any, *, timeout: int = PATIENCE_MS, **kept: Any) -> Any:
        return super().waitSignal(signal, timeout=max(timeout, PATIENCE_MS), **kept)

    def waitSignals(self, signals: list[Any], *, timeout: int = PATIENCE_MS, **kept: Any) -> Any:
        return super().waitSignals(signals, timeout=max(timeout, PATIENCE_MS), **kept)


@pytest.fixture
def qtbot(qapp: object, request: pytest.FixtureRequest) -> QtBot:
    """pytest-qt's driver of windows, with patience."""
    return PatientBot(request)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty WATCHROOM_HOME, so that data, settings and keys of this test are its own."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("WATCHROOM_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of recordings, payloads and device types; the test is skipped where it is absent."""
    folder = Path(os.environ.get("WATCHROOM_TEST_DATA") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip(NO_TEST_DATA)
    return folder


@pytest.fixture(scope="session")
def installer() -> Callable[[str], ModuleType]:
    """Loads a module of installer/, which is no package, by its name."""

    def load(name: str) -> ModuleType:
        folder = str(ROOT / "installer")
        if folder not in sys.path:
            sys.path.append(folder)
        return importlib.import_module(name)

    return load


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Every test begins in English, whatever the last one chose."""
    set_language("en")
    yield
    set_language("en")


@pytest.fixture(autouse=True)
def threads_end() -> Iterator[None]:
    """Fail a test that leaves a thread running which would keep the program alive."""
    before = set(threading.enumerate())
    yield
    left = [thread for thread in threading.enumerate() if thread not in before and not thread.daemon]
    for thread in left:
        thread.join(THREADS_END_WITHIN_S)
    running = [thread.name for thread in left if thread.is_alive()]
    if running:
        pytest.fail(f"left running: {', '.join(running)}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much was not tested for want of data."""
    skipped = [report for report in terminalreporter.stats.get("skipped", []) if "test data" in str(report.longrepr)]
    if skipped:
        terminalreporter.write_line(f"{len(skipped)} tests skipped: {NO_TEST_DATA}")
