"""The rules that no type checker knows: what is written in one place only, so that it stays true."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "ui", "models", "resources")
COLOUR = re.compile(r"#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6})\b")
SOMEBODYS_FOLDER = re.compile(r"(?:^|[\s\"'`(=])/work/")
PACKAGE_INDEX = re.compile(r"pypi\.org|pythonhosted\.org|registry\.npmjs|deb\.debian\.org")
TEXT_ENDINGS = {".py", ".md", ".toml", ".json", ".lock", ".qss", ".txt", ".yml"}
THREADS = {"Thread", "Timer", "ThreadPoolExecutor", "QThread", "QThreadPool"}

Rule = Callable[[ast.Module], Iterator[int]]


def names(*forbidden: str) -> Rule:
    """A rule against a name wherever it is imported or used."""

    def lines(tree: ast.Module) -> Iterator[int]:
        for node in ast.walk(tree):
            if isinstance(node, ast.alias) and node.name in forbidden:
                yield node.lineno
            if isinstance(node, ast.Name | ast.Attribute) and _last_name(node) in forbidden:
                yield node.lineno

    return lines


def imports(*forbidden: str) -> Rule:
    """A rule against importing a module or anything from it."""

    def lines(tree: ast.Module) -> Iterator[int]:
        for node in ast.walk(tree):
            modules: list[str] = []
            if isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                modules = [node.module or ""]
            if any(module.split(".")[0] in forbidden for module in modules):
                yield node.lineno

    return lines


def threads(tree: ast.Module) -> Iterator[int]:
    """A rule against starting a thread or a pool, or deriving from one."""
    for node in ast.walk(tree):
        made: list[ast.expr] = []
        if isinstance(node, ast.Call):
            made = [node.func]
        elif isinstance(node, ast.ClassDef):
            made = node.bases
        if any(_last_name(expression) in THREADS for expression in made):
            yield node.lineno


def colours(tree: ast.Module) -> Iterator[int]:
    """A rule against a colour in a string."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and COLOUR.search(node.value):
            yield node.lineno


def _last_name(expression: ast.expr) -> str:
    if isinstance(expression, ast.Attribute):
        return expression.attr
    return expression.id if isinstance(expression, ast.Name) else ""


def broken(rule: Rule, allowed: tuple[str, ...], rooms: tuple[str, ...] = ROOMS) -> list[str]:
    """Return "file:line" wherever `rule` is broken outside `allowed`."""
    found = []
    for room in rooms:
        for path in sorted((ROOT / room).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            if name not in allowed:
                found.extend(f"{name}:{line}" for line in rule(tree_of(path)))
    return found


@cache
def tree_of(path: Path) -> ast.Module:
    """Return a file's syntax, read once for all rules."""
    return ast.parse(path.read_text(encoding="utf-8"))


def test_labels_are_plain_text_everywhere() -> None:
    assert broken(names("QLabel"), allowed=("ui/labels.py",)) == []


def test_nothing_pumps_the_event_loop() -> None:
    assert broken(names("processEvents"), allowed=()) == []


def test_colours_are_written_in_resources_only() -> None:
    assert broken(colours, allowed=(), rooms=("app", "ui")) == []


def test_threads_start_in_few_places_only() -> None:
    assert broken(threads, allowed=("ui/work.py", "app/collector/runner.py", "app/trials/server.py")) == []


def test_excel_is_read_and_written_in_one_place() -> None:
    assert broken(imports("openpyxl"), allowed=("app/sheets.py",)) == []


def test_archives_are_opened_in_one_place() -> None:
    for rule in (names("ZipFile", "unpack_archive"), imports("tarfile")):
        assert broken(rule, allowed=("app/archives.py",)) == []


def texts() -> Iterator[Path]:
    """Every text that goes with the program, but this file, which has to name what it forbids."""
    folders = (*ROOMS, "installer", "tests", "docs", ".ci")
    for folder in folders:
        yield from (path for path in (ROOT / folder).rglob("*") if path.suffix in TEXT_ENDINGS)
    yield from (path for path in ROOT.iterdir() if path.suffix in TEXT_ENDINGS)


@pytest.mark.parametrize("pattern", [SOMEBODYS_FOLDER, PACKAGE_INDEX], ids=["folder", "package index"])
def test_no_file_names_a_place_of_the_machine_it_was_written_on(pattern: re.Pattern[str]) -> None:
    naming = [
        f"{path.relative_to(ROOT).as_posix()}: {found.group()}"
        for path in texts()
        if path != Path(__file__) and (found := pattern.search(path.read_text(encoding="utf-8")))
    ]
    assert naming == []


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (names("QLabel"), "from PySide6.QtWidgets import QLabel"),
        (names("QLabel"), "label = QtWidgets.QLabel('x')"),
        (names("processEvents"), "app.processEvents()"),
        (imports("openpyxl"), "from openpyxl.styles import Font"),
        (imports("tarfile"), "import os, tarfile"),
        (names("ZipFile"), "zipfile.ZipFile(path)"),
        (threads, "threading.Thread(target=f).start()"),
        (threads, "class Worker(QThread): pass"),
        (colours, "pen = '#12161B'"),
    ],
)
def test_each_rule_finds_what_it_is_against(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source))) == [1]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        (names("QLabel"), "from ui.labels import PlainLabel"),
        (names("ZipFile"), "zipfile.BadZipFile"),
        (threads, "QTimer(self)"),
        (threads, "QThread.currentThread()"),
        (colours, "title = 'Incident #1234'"),
    ],
)
def test_each_rule_lets_the_rest_be(rule: Rule, source: str) -> None:
    assert list(rule(ast.parse(source))) == []
