"""The classes of configuration items and the attributes of each, as they stand in `resources/ci_classes.json`.

Loads no database layer, so that forms and trees can name classes before it is there.
"""

import json
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.words import language
from resources import SHIPPED

OTHER = "other"
SERVICE = "service"


class AttributeKind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    CHOICE = "choice"


@dataclass(frozen=True, slots=True)
class Named:
    """A stored name and what people read in each language."""

    name: str
    en: str
    zh_cn: str

    @property
    def label(self) -> str:
        """The name in the process's language."""
        return self.zh_cn if language() == "zh_CN" else self.en


@dataclass(frozen=True, slots=True)
class Attribute(Named):
    """One of a class's own fields (REQUIREMENTS D1); `choices` holds a choice's values, `unit` a number's."""

    kind: AttributeKind
    unit: str = ""
    choices: tuple[Named, ...] = ()

    def choice_label(self, value: str) -> str:
        return next((choice.label for choice in self.choices if choice.name == value), value)


@dataclass(frozen=True, slots=True)
class CiClass(Named):
    """A class of the board's group `group`, drawn with `icon`."""

    group: str
    icon: str
    goes_in_racks: bool
    attributes: tuple[Attribute, ...]


class Catalogue(NamedTuple):
    """Groups in the board's order, classes in their group's order, by name."""

    groups: dict[str, Named]
    classes: dict[str, CiClass]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return everything that `ci_classes.json` says."""
    text = (SHIPPED / "ci_classes.json").read_text(encoding="utf-8")
    read = json.loads(text)
    attributes = {name: _attribute(name, facts) for name, facts in read["attributes"].items()}
    return Catalogue(
        groups={facts["name"]: _named(facts["name"], facts) for facts in read["groups"]},
        classes={facts["name"]: _ci_class(facts, attributes) for facts in read["classes"]},
    )


def class_of(name: str) -> CiClass:
    """Return the class `name`; a name that this program does not know is the class OTHER."""
    classes = catalogue().classes
    return classes.get(name) or classes[OTHER]


def classes_in(group: str) -> tuple[CiClass, ...]:
    """Return the classes of a group, in the file's order."""
    return tuple(each for each in catalogue().classes.values() if each.group == group)


def _named(name: str, facts: dict[str, str]) -> Named:
    return Named(name, facts["en"], facts["zh_CN"])


def _attribute(name: str, facts: dict[str, object]) -> Attribute:
    choices = facts.get("choices", [])
    assert isinstance(choices, list)
    return Attribute(
        name=name,
        en=str(facts["en"]),
        zh_cn=str(facts["zh_CN"]),
        kind=AttributeKind(str(facts["kind"])),
        unit=str(facts.get("unit", "")),
        choices=tuple(_named(choice["value"], choice) for choice in choices),
    )


def _ci_class(facts: dict[str, object], attributes: dict[str, Attribute]) -> CiClass:
    names = facts["attributes"]
    assert isinstance(names, list)
    return CiClass(
        name=str(facts["name"]),
        en=str(facts["en"]),
        zh_cn=str(facts["zh_CN"]),
        group=str(facts["group"]),
        icon=str(facts["icon"]),
        goes_in_racks=bool(facts["goes_in_racks"]),
        attributes=tuple(attributes[name] for name in names),
    )
