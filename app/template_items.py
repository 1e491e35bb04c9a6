"""What an inspection template is made of; `app.templates` loads the shipped ones and judges by them."""

from dataclasses import dataclass
from enum import StrEnum

from app.words import language
from models.enums import Area, Frequency


@dataclass(frozen=True, slots=True)
class Texts:
    """A text in both languages of the program."""

    en: str
    zh: str

    def __str__(self) -> str:
        """Return the text in the process's language."""
        return self.zh if language() == "zh_CN" else self.en


class Kind(StrEnum):
    """What is entered at an item."""

    NUMBER = "number"
    NUMBERS = "numbers"
    COUNT = "count"
    CHOICE = "choice"
    TEXT = "text"


class Take(StrEnum):
    """Which of several devices' values fills an item; the worst lies farthest out or nearest to a limit."""

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
    """What is normal: a range per number, codes of choices, or that a count reaches its total (17 / 18)."""

    ranges: tuple[Range, ...] = ()
    allowed: tuple[str, ...] = ()
    all_of_total: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    code: str
    title: Texts


@dataclass(frozen=True, slots=True)
class Filling:
    """Where the value may come from: `metrics` of the room's CIs of a class, or a figure of the desk."""

    metrics: tuple[str, ...] = ()
    class_name: str = ""
    take: Take = Take.LATEST
    desk: str = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a form. `units` has an entry per number; `months` is empty but for a season's item."""

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


def _no_item(template_code: str, code: str) -> Item:
    raise KeyError(f"{template_code}: {code}")
