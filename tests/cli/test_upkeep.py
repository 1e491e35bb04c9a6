"""`watchroom init --demo`, `verify`, `doctor`, and what every command line has in common."""

from pathlib import Path

import pytest

from app.version import VERSION
from tests.cli.runs import run_here, watchroom


@pytest.mark.slow
def test_the_demo_is_whole_when_it_is_verified(home: Path) -> None:
    made = run_here(home, "init", "--demo")
    assert made.code == 0, made.err
    assert "300 devices" in made.out
    verified = run_here(home, "verify")
    assert (verified.code, verified.err) == (0, "")
    assert "is whole" in verified.out
    assert " 0 not sealed yet" in verified.out


def test_the_demo_is_refused_where_devices_are(demo_home: Path) -> None:
    ran = run_here(demo_home, "init", "--demo")
    assert ran.code == 2
    assert len(ran.err.splitlines()) == 1


def test_the_version_is_told(home: Path) -> None:
    assert watchroom(home, "--version").out.split() == ["watchroom", VERSION]


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("import", "furniture", "x.csv"),
        ("stats", "--from", "2026-01-01"),
        ("stats", "--from", "yesterday", "--to", "2026-01-01"),
        ("init", "--demo", "--until", "2099-01-01"),
        ("probe", "127.0.0.1:x"),
        ("probe", "127.0.0.1", "--auth", "SHA:secret88"),
        ("probe", "127.0.0.1", "--v3", "someone", "--auth", "secret88"),
        ("--db", "oracle://x", "verify"),
    ],
)
@pytest.mark.parametrize("language", ["en", "zh_CN"])
def test_wrong_input_is_one_line_and_exit_code_2(empty: Path, arguments: tuple[str, ...], language: str) -> None:
    ran = run_here(empty, *arguments, language=language)
    assert ran.code == 2
    assert len(ran.err.strip().splitlines()) == 1
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("command", [("verify",), ("stats", "--from", "2026-01-01", "--to", "2026-01-31")])
def test_a_database_that_is_not_there_is_exit_code_3(home: Path, command: tuple[str, ...]) -> None:
    ran = run_here(home, *command)
    assert ran.code == 3
    assert "watchroom init" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_the_doctor_looks_at_machine_and_database(demo_home: Path) -> None:
    ran = run_here(demo_home, "doctor")
    lines = ran.out.splitlines()
    for what in ("Python", "Qt", "Ping", "Fonts for paper", "Data folder", "Audit triggers", "Collector"):
        assert any(what in line for line in lines), what
    assert all(line.startswith(("OK  ", "NOTE  ", "MISSING  ")) for line in lines[:-1])
    # the demo's collector stopped long ago, and that is missing
    assert ran.code == 1
    assert any(line.startswith("MISSING  Collector") and "watchroom collect" in line for line in lines)


def test_the_doctor_says_how_to_get_a_database(home: Path) -> None:
    ran = run_here(home, "doctor", language="zh_CN")
    assert ran.code == 1
    assert "缺少  数据库" in ran.out
