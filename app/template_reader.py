"""One JSON object read strictly: a mistake is named with its place and what was expected."""

from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from app.template_items import Texts

MemberT = TypeVar("MemberT", bound=StrEnum)


class TemplateError(Exception):
    """A shipped template or a site's own limits can't be used: a mistake of their author."""

    def __init__(self, place: str, expected: str) -> None:
        super().__init__(f"{place}: {expected}")


class Reader:
    """One JSON object, read field by field; `nothing_else` then refuses what nobody asked for."""

    def __init__(self, place: str, data: object) -> None:
        if not isinstance(data, dict):
            raise TemplateError(place, "an object is expected here")
        self.place = place
        self._data: dict[str, Any] = data
        self._asked: set[str] = set()

    def has(self, name: str) -> bool:
        return name in self._data

    def text(self, name: str) -> str:
        value = self._take(name)
        if not isinstance(value, str) or not value.strip():
            self.refuse(name, "a text")
        return value

    def texts(self, name: str) -> Texts:
        part = self.part(name)
        texts = Texts(part.text("en"), part.text("zh_CN"))
        part.nothing_else()
        return texts

    def text_list(self, name: str) -> list[str]:
        """Return a list of texts; one text alone counts as a list of one, a missing one as none."""
        value = self._take(name)
        if value is None:
            return []
        listed = value if isinstance(value, list) else [value]
        if not all(isinstance(one, str) and one for one in listed):
            self.refuse(name, "a text or a list of texts")
        return listed

    def whole(self, name: str) -> int:
        value = self._take(name)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            self.refuse(name, "a whole number from 1")
        return value

    def number(self, name: str) -> float | None:
        value = self._take(name)
        if value is None:
            return None
        if not isinstance(value, int | float) or isinstance(value, bool):
            self.refuse(name, "a number")
        return value

    def numbers(self, name: str) -> list[int]:
        value = self._take(name)
        if value is None:
            return []
        if not isinstance(value, list) or not all(type(one) is int for one in value):
            self.refuse(name, "a list of whole numbers")
        return value

    def flag(self, name: str) -> bool:
        value = self._take(name)
        if value not in (None, True, False):
            self.refuse(name, "true or false")
        return bool(value)

    def member(self, name: str, words: type[MemberT]) -> MemberT:
        try:
            return words(self.text(name))
        except ValueError:
            self.refuse(name, f"one of {', '.join(words)}")

    def part(self, name: str) -> "Reader":
        """Return the object under `name`, an empty one when it is missing."""
        return Reader(f"{self.place}: {name}", self._take(name) or {})

    def parts(self, name: str) -> list["Reader"]:
        value = self._take(name)
        if not isinstance(value, list) or not value:
            self.refuse(name, "a list with something in it")
        return [Reader(f"{self.place}: {name} {number}", one) for number, one in enumerate(value, 1)]

    def nothing_else(self) -> None:
        """Raise TemplateError when there are fields that were never asked for."""
        unknown = set(self._data) - self._asked
        if unknown:
            raise TemplateError(self.place, f"unknown: {', '.join(sorted(unknown))}")

    def refuse(self, name: str, expected: str) -> NoReturn:
        raise TemplateError(f"{self.place}: {name}", f"expected {expected}, found {self._data.get(name)!r}")

    def _take(self, name: str) -> Any:
        self._asked.add(name)
        return self._data.get(name)
