"""The documents keep step with the program: commands, keys, labels, clauses, links, pictures, version."""

import argparse
import json
import re
import tomllib
from pathlib import Path

import pytest

from app.cli.parser import EXPORTS, FORMATS, IMPORTS, PERSPECTIVES, _parser
from app.version import VERSION
from ui.menus import standard_commands

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
MANUALS = {name: DOCS / f"manual.{name}.md" for name in ("zh", "en")}
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted(DOCS.rglob("*.md"))]
TRANSLATIONS = ROOT / "resources" / "translations" / "zh_CN"
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
CLAUSES = "## 21."


@pytest.fixture(params=MANUALS)
def manual(request: pytest.FixtureRequest) -> str:
    return MANUALS[request.param].read_text(encoding="utf-8")


def commands() -> dict[str, argparse.ArgumentParser]:
    """Return the command line's commands by name."""
    (verbs,) = [action.choices for action in _parser()._actions if action.dest == "command"]
    assert isinstance(verbs, dict)
    return verbs


def clauses(text: str) -> list[str]:
    """Return the first column of the table of clauses, its head left out."""
    lines = text.partition(CLAUSES)[2].splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("| ")]
    return [cell for cell in cells[1:] if not cell.startswith("---")]


def catalogue() -> dict[str, str]:
    """Return what people read in English and in Chinese, contexts taken off."""
    words: dict[str, str] = {}
    for file in sorted(TRANSLATIONS.glob("*.json")):
        for text, chinese in json.loads(file.read_text(encoding="utf-8")).items():
            words[text.rpartition("|")[2]] = chinese
            words[text] = chinese
    return words


def test_the_manual_explains_every_command(manual: str) -> None:
    assert commands()
    assert [name for name in commands() if f"`watchroom {name}" not in manual] == []


def test_the_manual_names_every_choice_of_the_command_line(manual: str) -> None:
    choices = (*PERSPECTIVES, *IMPORTS, *EXPORTS, *FORMATS)
    assert [choice for choice in choices if choice not in manual.lower()] == []


@pytest.mark.parametrize("name", commands())
def test_the_manual_lists_every_option(manual: str, name: str) -> None:
    shown = [action for action in commands()[name]._actions if action.help != argparse.SUPPRESS]
    options = {option for action in shown for option in action.option_strings} - {"-h"}
    assert [option for option in sorted(options) if option not in manual] == []


def test_the_manual_lists_every_key(manual: str) -> None:
    keys = [command.keys for command in standard_commands() if command.keys]
    assert keys
    assert [key for key in keys if not re.search(rf"(?<![\w+]){re.escape(key)}(?![\w+])", manual)] == []


def test_the_chinese_manual_uses_the_programs_own_words() -> None:
    known = set(catalogue().values())
    labels = set(re.findall(r"【([^】]+)】", MANUALS["zh"].read_text(encoding="utf-8")))
    assert labels
    assert sorted(labels - known) == []


def test_the_english_manual_uses_the_programs_own_words() -> None:
    known = set(catalogue())
    labels = set(re.findall(r"\*\*([^*]+…)\*\*", MANUALS["en"].read_text(encoding="utf-8")))
    assert labels
    assert sorted(labels - known) == []


def test_the_manual_names_clauses_by_letter_and_number(manual: str) -> None:
    found = clauses(manual)
    assert {clause[:1] for clause in found} == set("ABCDEFGHI")
    assert [clause for clause in found if not re.fullmatch(r"[A-I]\d+", clause)] == []
    assert len(set(found)) == len(found)


def test_both_manuals_tell_the_same_clauses() -> None:
    chinese, english = (path.read_text(encoding="utf-8") for path in MANUALS.values())
    assert clauses(chinese) == clauses(english)


def test_the_manuals_have_the_same_chapters() -> None:
    chapters = {
        name: re.findall(r"^## (\d+)\.", path.read_text(encoding="utf-8"), re.MULTILINE)
        for name, path in MANUALS.items()
    }
    assert chapters["zh"] == chapters["en"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_and_pictures_are_there(page: Path) -> None:
    targets = [t.partition("#")[0] for t in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in t]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_the_pictures_are_light() -> None:
    pictures = list((DOCS / "pictures").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 400_000] == []


def test_the_newest_change_is_of_this_version() -> None:
    newest = re.search(r"^## \[([^\]]+)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert newest is not None
    assert newest.group(1) == VERSION == project["version"]
