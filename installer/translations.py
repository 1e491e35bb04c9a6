"""Compares the texts that people see with their translations: nothing missing, nothing left over.

Reads the sources without importing them.
"""

from __future__ import annotations

import ast
import json
import string
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("app", "ui", "models")
LANGUAGE = "zh_CN"
ARGUMENTS = {"tr": 1, "trn": 2}
"""The calls that translate, and how many texts each takes; the catalogue holds the last."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the sources: its key in the catalogue, and where it stands."""

    key: str
    place: str


@dataclass(slots=True)
class Found:
    """What the sources say, and the calls that no catalogue could follow."""

    texts: list[Text] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def faults(root: Path = ROOT) -> list[str]:
    """Return one line for each fault, first those of the sources and then those of the catalogue."""
    found = Found()
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            read_source(path.read_text(encoding="utf-8"), str(path.relative_to(root)), found)
    catalogue, doubled = read_catalogue(root / "resources" / "translations" / LANGUAGE)
    return [*found.faults, *doubled, *compare(found.texts, catalogue)]


def read_source(source: str, name: str, found: Found) -> None:
    """Add the texts of `source`: those of its `tr` and `trn` calls, and the labels of its closed lists."""
    tree = ast.parse(source)
    late = {id(node) for function in ast.walk(tree) for node in _run_later(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node.func) in ARGUMENTS:
            place = f"{name}:{node.lineno}"
            if id(node) not in late:
                found.faults.append(f"{place}: {_called(node.func)}() at import, before the language is known")
            _read_call(node, place, found)
        elif isinstance(node, ast.ClassDef) and "Word" in map(_called, node.bases):
            _read_words(node, name, found)


def _read_call(call: ast.Call, place: str, found: Found) -> None:
    called = _called(call.func)
    texts = [text for text in map(_literal, call.args[: ARGUMENTS[called]]) if text is not None]
    context = _context(call)
    if len(texts) != ARGUMENTS[called] or context is None:
        found.faults.append(f"{place}: {called}() wants its text written out, not computed")
        return
    found.faults.extend(_unfilled(call, texts, called, place))
    found.texts.append(Text(f"{context}|{texts[-1]}" if context else texts[-1], place))


def _read_words(kind: ast.ClassDef, name: str, found: Found) -> None:
    """Add the label of each member of a closed list: `CRITICAL = "critical", "Critical"` is "State|Critical"."""
    for statement in kind.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Tuple):
            label = _literal(statement.value.elts[-1])
            if label is None:
                found.faults.append(f"{name}:{statement.lineno}: a label of {kind.name} is not written out")
            else:
                found.texts.append(Text(f"{kind.name}|{label}", f"{name}:{statement.lineno}"))


def read_catalogue(folder: Path) -> tuple[dict[str, str], list[str]]:
    """Return the folder's entries as one, and a fault for each key that is given two meanings."""
    catalogue: dict[str, str] = {}
    doubled: list[str] = []
    for path in sorted(folder.glob("*.json")):
        pairs = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=list)
        for key, value in pairs:
            if catalogue.setdefault(key, value) != value:
                doubled.append(f"{path.name}: {key!r} is {value!r} here and {catalogue[key]!r} elsewhere")
    return catalogue, doubled


def compare(texts: Iterable[Text], catalogue: dict[str, str]) -> list[str]:
    """Return a line for each text without translation, differing placeholders, entry without text."""
    first_places: dict[str, str] = {}
    for text in texts:
        first_places.setdefault(text.key, text.place)
    missing = [f"{at}: no translation: {key!r}" for key, at in first_places.items() if not catalogue.get(key)]
    differing = [
        f"{LANGUAGE}: the placeholders differ: {key!r} and {value!r}"
        for key, value in catalogue.items()
        if _placeholders(key) != _placeholders(value)
    ]
    orphans = [f"{LANGUAGE}: nothing says this any more: {key!r}" for key in catalogue.keys() - first_places]
    return [*missing, *differing, *sorted(orphans)]


def _run_later(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what `node`, if it is a function, runs only when it is called."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        for statement in node.body:
            yield from ast.walk(statement)
    elif isinstance(node, ast.Lambda):
        yield from ast.walk(node.body)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Name):
        return function.id
    return function.attr if isinstance(function, ast.Attribute) else ""


def _literal(argument: ast.expr) -> str | None:
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
        return argument.value
    return None


def _context(call: ast.Call) -> str | None:
    """Return the call's context, empty without one, None when it is computed."""
    for keyword in call.keywords:
        if keyword.arg == "context":
            return _literal(keyword.value)
    return ""


def _unfilled(call: ast.Call, texts: list[str], called: str, place: str) -> Iterator[str]:
    """Yield a fault when the call's values are not the text's placeholders."""
    names = {keyword.arg for keyword in call.keywords}
    if None in names:
        return
    given = (names - {"context"}) | ({"n"} if called == "trn" else set())
    for text in texts:
        wanted = _placeholders(text)
        surplus = set() if called == "trn" else given - wanted
        if (wanted - given and (given or called == "trn")) or surplus:
            yield f"{place}: the values {sorted(map(str, given))} do not fill {text!r}"


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}
    except ValueError:
        return set()


if __name__ == "__main__":
    lines = faults()
    print("\n".join(lines) if lines else "Every text has its translation.")
    sys.exit(1 if lines else 0)
