"""Every text that people see is in both languages, and the comparison finds what is not."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def translations(installer: Callable[[str], ModuleType]) -> ModuleType:
    return installer("translations")


def faults_of(translations: ModuleType, source: str) -> list[str]:
    found = translations.Found()
    translations.read_source(source, "source.py", found)
    return list(found.faults)


def test_every_text_has_its_translation_and_none_is_left_over(translations: ModuleType) -> None:
    assert "\n".join(translations.faults()) == ""


def test_a_text_is_known_by_its_context(translations: ModuleType) -> None:
    found = translations.Found()
    translations.read_source('def f(): return tr("Open", context="verb")', "source.py", found)
    assert [text.key for text in found.texts] == ["verb|Open"]


def test_of_two_numbers_the_catalogue_holds_the_many(translations: ModuleType) -> None:
    found = translations.Found()
    translations.read_source('def f(): return trn("{n} row", "{n} rows", 3)', "source.py", found)
    assert [text.key for text in found.texts] == ["{n} rows"]
    assert found.faults == []


def test_the_labels_of_a_closed_list_are_texts(translations: ModuleType) -> None:
    found = translations.Found()
    translations.read_source('class Post(Word):\n    CLERK = "clerk", "Clerk"', "source.py", found)
    assert [text.key for text in found.texts] == ["Post|Clerk"]


@pytest.mark.parametrize(
    "source",
    [
        'def f(): return tr(f"Disk {name} is full")',
        "def f(): return tr(title)",
        'def f(): return tr("a" + b)',
        'def f(): return trn("{n} row", rows, 3)',
        'def f(): return tr("Open", context=kind)',
    ],
)
def test_a_computed_text_is_a_fault(translations: ModuleType, source: str) -> None:
    assert "written out" in faults_of(translations, source)[0]


def test_a_text_looked_up_at_import_is_a_fault(translations: ModuleType) -> None:
    assert "at import" in faults_of(translations, 'TITLE = tr("Board")')[0]


@pytest.mark.parametrize(
    "call", ['tr("{name} is full", nmae=1)', 'tr("Full", name=1)', 'trn("{n} of {m}", "{n} of {m}", 1)']
)
def test_values_that_do_not_fill_the_text_are_a_fault(translations: ModuleType, call: str) -> None:
    assert "do not fill" in faults_of(translations, f"def f(): return {call}")[0]


def test_a_missing_entry_a_differing_placeholder_and_an_orphan_are_faults(translations: ModuleType) -> None:
    texts = [translations.Text("Board", "ui/board.py:1"), translations.Text("{n} s", "ui/board.py:2")]
    missing, differing, orphan = translations.compare(texts, {"{n} s": "{m} 秒", "Gone": "没有了"})
    assert missing == "ui/board.py:1: no translation: 'Board'"
    assert "placeholders differ" in differing
    assert orphan == "zh_CN: nothing says this any more: 'Gone'"


def test_one_key_with_two_meanings_is_a_fault(translations: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{"Open": "打开", "Close": "关闭"}', encoding="utf-8")
    (tmp_path / "b.json").write_text('{"Open": "未结", "Close": "关闭"}', encoding="utf-8")
    catalogue, doubled = translations.read_catalogue(tmp_path)
    assert catalogue == {"Open": "打开", "Close": "关闭"}
    assert doubled == ["b.json: 'Open' is '未结' here and '打开' elsewhere"]
