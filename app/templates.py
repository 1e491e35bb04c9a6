"""The shipped inspection templates: what a round looks at, what is normal, and how a value is judged.

Their form is described in `resources/templates/README.md`. A site's own limits replace an item's with
`dataclasses.replace(item, limits=limits_from(...))`; items never change otherwise, so that last time's value
stands beside this time's.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources as packaged
from typing import Any

from app.errors import BadInput
from app.template_data import Reader, TemplateError, Texts
from app.words import tr
from models.enums import Area, Frequency

__all__ = ["TemplateError", "Texts"]

MONTHS = range(1, 13)


class Kind(StrEnum):
    """What is entered at an item."""

    NUMBER = "number"
    NUMBERS = "numbers"
    COUNT = "count"
    CHOICE = "choice"
    TEXT = "text"


class Take(StrEnum):
    """Which of several devices' values fills an item; the worst is the one farthest outside or nearest a limit."""

    LATEST = "latest"
    MIN = "min"
    MAX = "max"
    WORST = "worst"


@dataclass(frozen=True, slots=True)
class Range:
    """A closed range; None leaves an end open."""

    low: float | None = None
    high: float | None = None

    def holds(self, value: float) -> bool:
        return (self.low is None or value >= self.low) and (self.high is None or value <= self.high)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is normal: a range per number, the codes of choices, or that a count reaches its total ("17 / 18")."""

    ranges: tuple[Range, ...] = ()
    allowed: tuple[str, ...] = ()
    all_of_total: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    title: Texts


@dataclass(frozen=True, slots=True)
class Filling:
    """Where the program may have the value: `metrics` of the room's CIs of a class, or a figure of the desk."""

    metrics: tuple[str, ...] = ()
    class_name: str = ""
    take: Take = Take.LATEST
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a form. `units` has one entry, or one per number; `months` is empty but for a season's item."""

    code: str
    title: Texts
    area: Area
    kind: Kind
    units: tuple[str, ...]
    limits: Limits
    choices: tuple[Choice, ...]
    standard: Texts | None
    filling: Filling | None
    months: tuple[int, ...]
    requirements: tuple[str, ...]

    def is_in_season(self, month: int) -> bool:
        """Return whether a round in `month` (1 to 12) looks at this item."""
        return not self.months or month in self.months


@dataclass(frozen=True, slots=True)
class Section:
    title: Texts
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Template:
    """A fixed check sheet. `form` and `version` stand at the head of its paper, `signers` under it."""

    code: str
    form: str
    version: int
    title: Texts
    frequency: Frequency
    basis: Texts
    signers: tuple[Texts, ...]
    sections: tuple[Section, ...]

    @property
    def items(self) -> tuple[Item, ...]:
        """Every item in the form's order."""
        return tuple(item for section in self.sections for item in section.items)

    def item(self, code: str) -> Item:
        """Return the item `code`. Raises KeyError for one that the form has not got."""
        return next((item for item in self.items if item.code == code), None) or _no_item(self.code, code)


@cache
def load_templates() -> tuple[Template, ...]:
    """Return the shipped templates from daily to yearly, read once. Raises TemplateError naming file and place."""
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


def read_template(name: str, text: str, choices: Mapping[str, Any]) -> Template:
    """Return the template in `text`; `choices` are the named lists that its items may use.

    Raises TemplateError, which names the file `name`, the place in it and what was expected, for anything unknown,
    missing or contradictory.
    """
    try:
        data = json.loads(text)
    except ValueError as error:
        raise TemplateError(name, f"not JSON: {error}") from error
    reader = Reader(name, data)
    read = Template(
        code=reader.text("code"),
        form=reader.text("form"),
        version=reader.whole("version"),
        title=reader.texts("title"),
        frequency=reader.member("frequency", Frequency),
        basis=reader.texts("basis"),
        signers=tuple(Texts(one.text("en"), one.text("zh_CN")) for one in reader.parts("signers")),
        sections=tuple(_section(part, choices) for part in reader.parts("sections")),
    )
    reader.nothing_else()
    codes = [item.code for item in read.items]
    for code in codes:
        if codes.count(code) > 1:
            raise TemplateError(name, f"the item {code} is there twice")
    return read


def limits_from(data: Mapping[str, Any], numbers: int = 1) -> Limits:
    """Return the limits in `data` (the form of a template's "normal") for an item of that many `numbers`.

    Raises TemplateError.
    """
    return _limits(Reader("limits", dict(data)), numbers)


def limits_data(limits: Limits) -> dict[str, Any]:
    """Return `limits` as `limits_from` reads them."""
    if limits.all_of_total:
        return {"all": True}
    if limits.allowed:
        return {"allowed": list(limits.allowed)}
    ranges = [
        {key: value for key, value in (("low", one.low), ("high", one.high)) if value is not None}
        for one in limits.ranges
    ]
    return {"parts": ranges} if len(ranges) > 1 else (ranges[0] if ranges else {})


def _no_item(template_code: str, code: str) -> Item:
    raise KeyError(f"{template_code}: {code}")


def _section(reader: Reader, choices: Mapping[str, Any]) -> Section:
    section = Section(reader.texts("title"), tuple(_item(part, choices) for part in reader.parts("items")))
    reader.nothing_else()
    return section


def _item(reader: Reader, choices: Mapping[str, Any]) -> Item:
    kind = reader.member("kind", Kind)
    units = tuple(reader.text_list("unit"))
    numbers = max(1, len(units))
    item = Item(
        code=reader.text("code"),
        title=reader.texts("title"),
        area=reader.member("area", Area),
        kind=kind,
        units=units,
        limits=_limits(reader.part("normal"), numbers),
        choices=_choices(reader, choices) if kind is Kind.CHOICE else (),
        standard=reader.texts("standard") if reader.has("standard") else None,
        filling=_filling(reader.part("filled_by")) if reader.has("filled_by") else None,
        months=tuple(reader.numbers("months")),
        requirements=tuple(reader.text_list("requirements")),
    )
    reader.nothing_else()
    _check(reader, item)
    return item


def _check(reader: Reader, item: Item) -> None:
    """Raise TemplateError when what the item says does not go together."""
    limits = item.limits
    if not item.requirements:
        reader.refuse("requirements", "the IDs of the duties that it serves")
    if any(month not in MONTHS for month in item.months):
        reader.refuse("months", "months from 1 to 12")
    if item.kind is Kind.NUMBERS and len(item.units) not in (2, 3):
        reader.refuse("unit", "two or three units")
    if item.kind is Kind.CHOICE:
        codes = {choice.code for choice in item.choices}
        if not limits.allowed or not set(limits.allowed) <= codes:
            reader.refuse("normal", f"allowed choices out of {', '.join(sorted(codes))}")
    elif limits.allowed:
        reader.refuse("normal", "a range: only a choice has allowed ones")
    if limits.all_of_total and item.kind is not Kind.COUNT:
        reader.refuse("normal", "a range: only a count has a total")
    if not limits.ranges and item.standard is None:
        reader.refuse("standard", "words, because there is no range to show")


def _limits(reader: Reader, numbers: int) -> Limits:
    if reader.has("parts"):
        ranges = tuple(_range(part) for part in reader.parts("parts"))
    elif reader.has("low") or reader.has("high"):
        ranges = (_range(reader),) * numbers
    else:
        ranges = ()
    if ranges and len(ranges) != numbers:
        reader.refuse("parts", f"{numbers} ranges, one for each unit")
    allowed = tuple(reader.text_list("allowed"))
    all_of_total = reader.flag("all")
    reader.nothing_else()
    return Limits(ranges, allowed, all_of_total)


def _range(reader: Reader) -> Range:
    low, high = reader.number("low"), reader.number("high")
    if low is not None and high is not None and low > high:
        reader.refuse("low", "a lower end that is not above the upper one")
    return Range(low, high)


def _choices(reader: Reader, known: Mapping[str, Any]) -> tuple[Choice, ...]:
    name = reader.text("choices")
    if name not in known:
        reader.refuse("choices", f"one of {', '.join(known)}")
    listed = Reader("choices.json", {name: known[name]})
    return tuple(Choice(part.text("code"), part.texts("title")) for part in listed.parts(name))


def _filling(reader: Reader) -> Filling:
    if reader.has("desk"):
        filling = Filling(desk=reader.text("desk"))
    else:
        metrics = tuple(reader.text("metric").split())
        filling = Filling(metrics, reader.text("class"), reader.member("take", Take))
    reader.nothing_else()
    return filling
