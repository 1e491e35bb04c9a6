"""Templates from JSON and limits to and from JSON, strictly (form: `resources/templates/README.md`)."""

import json
from collections.abc import Mapping
from typing import Any

from app.template_items import Choice, Filling, Item, Kind, Limits, Range, Section, Take, Template, Texts
from app.template_reader import Reader, TemplateError
from models.enums import Area, Frequency

MONTHS = range(1, 13)


def read_template(name: str, text: str, choices: Mapping[str, Any]) -> Template:
    """Return the template in `text`; `choices` are the named lists that its items may use.

    Raises TemplateError, which names the file `name`, the place in it and what was expected, for anything
    unknown, missing or contradictory.
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
