"""The two languages: English source strings, each other language one JSON file per subject.

`tr("Disk {name} is full", name=x)` looks the literal up and fills it in afterwards, so the literal is what a
translator sees. The language is a property of the process, set once by the entry point.
"""

import json
import os

from models.enums import Word
from resources import SHIPPED

LANGUAGES = ("zh_CN", "en")

_catalog: dict[str, str] = {}
_language = ["en"]


def set_language(language: str) -> None:
    """Make `tr` answer in `language` from now on (called once, at start).

    Raises LookupError for a language that is not shipped.
    """
    if language not in LANGUAGES:
        raise LookupError(language)
    _language[0] = language
    _catalog.clear()
    if language == "en":
        return
    for path in (SHIPPED / "translations" / language).iterdir():
        if path.name.endswith(".json"):
            _catalog.update(json.loads(path.read_text(encoding="utf-8")))


def language() -> str:
    return _language[0]


def system_language() -> str:
    """Return zh_CN when the environment's locale is Chinese, else en."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh_CN" if value.startswith("zh") else "en"
    return "en"


def tr(text: str, /, context: str = "", **values: object) -> str:
    """Return `text` in the process's language with `{name}` filled in from `values`.

    `context` tells two uses of one English word apart; the catalogue's key is then `context|text`.
    """
    found = _catalog.get(f"{context}|{text}" if context else text, text)
    return found.format(**values) if values else found


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """Return `one` or `many` by `n` (as `{n}`); the catalogue holds only `many` where the language has no plural."""
    if _language[0] == "en" and n == 1:
        return one.format(n=n, **values)
    return _catalog.get(many, many).format(n=n, **values)


def label(word: Word) -> str:
    """Return the label of an enum's member in the process's language; its context is the enum's name."""
    return _catalog.get(f"{type(word).__name__}|{word.label}", word.label)
