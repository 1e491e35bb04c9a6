"""The shipped inspection templates, and how a value entered at one of their items is judged.

A site's own limits replace an item's: `dataclasses.replace(item, limits=limits_from(data))`. Items never
change otherwise, so that last time's value can stand beside this time's.
"""

import json
import re
import unicodedata
from functools import cache
from importlib import resources as packaged

from app.errors import BadInput
from app.template_data import limits_data, limits_from, read_template
from app.template_items import Choice, Filling, Item, Kind, Limits, Range, Section, Take, Template, Texts
from app.template_reader import TemplateError
from app.text import clean_line
from app.words import tr
from models.enums import Frequency, ItemResult

__all__ = [
    "Choice",
    "Filling",
    "Item",
    "Kind",
    "Limits",
    "Range",
    "Section",
    "Take",
    "Template",
    "TemplateError",
    "Texts",
    "judge_value",
    "limits_data",
    "limits_from",
    "load_templates",
    "shown",
    "standard",
    "template",
]

NOT_APPLICABLE = frozenset({"n/a", "na", "-", "--", "—", "/", "不适用", "无此项", "not applicable"})

_NUMBER = re.compile(r"([+-]?\d{1,12}(?:\.\d{1,6})?)\s*(\D*)")
_SEPARATORS = re.compile(r"\s*[/、,;|]\s*")


@cache
def load_templates() -> tuple[Template, ...]:
    """Return the shipped templates from daily to yearly, read once. Raises TemplateError."""
    folder = packaged.files("resources") / "templates"
    choices = json.loads((folder / "choices.json").read_text(encoding="utf-8"))
    files = [file for file in (folder / "inspections").iterdir() if file.name.endswith(".json")]
    templates = [read_template(file.name, file.read_text(encoding="utf-8"), choices) for file in files]
    order = list(Frequency)
    return tuple(sorted(templates, key=lambda one: (order.index(one.frequency), one.form)))


def template(code: str) -> Template:
    """Return the template `code`. Raises BadInput for one that is not shipped."""
    for one in load_templates():
        if one.code == code:
            return one
    raise BadInput(tr("There is no inspection template “{code}”.", code=code), "template")


def judge_value(item: Item, text: str) -> ItemResult:
    """Return what `text` means at `item`: numbers against its ranges, a choice against the allowed ones.

    Units behind numbers are allowed, so are full-width digits, "226 / 226 / 228" for three phases and
    "17 / 18" for a count. Raises BadInput (field: the item's code) for what the item's kind can't be.
    """
    entered = unicodedata.normalize("NFKC", clean_line(text))
    if not entered:
        raise BadInput(tr("Nothing is entered at “{item}”.", item=item.title), item.code)
    if entered.lower() in NOT_APPLICABLE:
        return ItemResult.NOT_APPLICABLE
    if item.kind is Kind.TEXT:
        return ItemResult.NORMAL
    if item.kind is Kind.CHOICE:
        return _result(_choice(item, entered) in item.limits.allowed)
    if item.kind is Kind.COUNT:
        return _judge_count(item, entered)
    return _result(_hold(item.limits.ranges, _numbers(item, entered)))


def standard(item: Item) -> str:
    """Return what is normal in words: the item's own, else its ranges with their units."""
    if item.standard is not None:
        return str(item.standard)
    ranges, units = item.limits.ranges, item.units or ("",)
    if item.kind is Kind.COUNT and ranges == (Range(high=0),):
        return "0"
    if len(set(ranges)) == 1 and len(set(units)) == 1:
        return _worded(ranges[0], units[0])
    return tr(", ", context="list").join(_worded(one, unit) for one, unit in zip(ranges, units, strict=True))


def shown(item: Item, text: str) -> str:
    """Return an entered value as it is shown: a choice by its title, a number with its unit."""
    if item.kind is Kind.CHOICE:
        for choice in item.choices:
            if choice.code == text:
                return str(choice.title)
    if item.kind is Kind.NUMBER and item.units and _NUMBER.fullmatch(text) and text[-1:].isdigit():
        return f"{text} {item.units[0]}"
    return text


def _judge_count(item: Item, entered: str) -> ItemResult:
    counts = [_number(item, part) for part in _SEPARATORS.split(entered)]
    if len(counts) > 2 or any(count < 0 or count != int(count) for count in counts):
        raise _unreadable(item, entered, tr("a count, or a count of a total such as 17 / 18"))
    if item.limits.all_of_total:
        if len(counts) != 2 or counts[0] > counts[1]:
            raise _unreadable(item, entered, tr("a count of a total such as 17 / 18"))
        return _result(counts[0] == counts[1])
    return _result(_hold(item.limits.ranges[:1], tuple(counts[:1])))


def _numbers(item: Item, entered: str) -> tuple[float, ...]:
    expected = len(item.units) if item.kind is Kind.NUMBERS else 1
    parts = _SEPARATORS.split(entered)
    if len(parts) != expected:
        example = " / ".join(["…"] * expected) if expected > 1 else "23.1"
        raise _unreadable(item, entered, tr("{n} numbers: {example}", n=expected, example=example))
    return tuple(_number(item, part) for part in parts)


def _number(item: Item, text: str) -> float:
    match = _NUMBER.fullmatch(text.strip())
    if match is None:
        raise _unreadable(item, text, tr("a number"))
    return float(match[1])


def _choice(item: Item, entered: str) -> str:
    for choice in item.choices:
        if entered in (choice.code, choice.title.en, choice.title.zh):
            return choice.code
    titles = tr(", ", context="list").join(str(choice.title) for choice in item.choices)
    raise _unreadable(item, entered, tr("one of {choices}", choices=titles))


def _hold(ranges: tuple[Range, ...], values: tuple[float, ...]) -> bool:
    return all(one.holds(value) for one, value in zip(ranges, values, strict=False))


def _result(is_normal: bool) -> ItemResult:
    return ItemResult.NORMAL if is_normal else ItemResult.ABNORMAL


def _worded(limits: Range, unit: str) -> str:
    behind = f" {unit}" if unit else ""
    if limits.low is None and limits.high is None:
        return tr("no limit")
    if limits.low is None:
        return f"≤ {limits.high:g}{behind}"
    if limits.high is None:
        return f"≥ {limits.low:g}{behind}"
    if limits.low == limits.high:
        return f"{limits.low:g}{behind}"
    return f"{limits.low:g}–{limits.high:g}{behind}"


def _unreadable(item: Item, entered: str, expected: str) -> BadInput:
    return BadInput(
        tr(
            "“{value}” can't be read at “{item}”: expected {expected}.",
            value=clean_line(entered, 40),
            item=item.title,
            expected=expected,
        ),
        item.code,
    )
