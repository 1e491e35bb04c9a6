"""What databases are asked: `resources/databases/*.toml` and a site's own (the format: its README.md)."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources as packaged
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from app.errors import BadInput
from app.paths import config_dir
from app.words import tr

PERIODS: Final = {"": 0.0, "second": 1.0, "hour": 3_600.0, "day": 86_400.0}
_KEYS: Final = {
    "name", "metric", "unit", "sql", "since", "until", "every_s", "is_optional", "is_state", "is_quota", "is_most",
    "per", "expected", "value", "instance", "detail", "levels", "factor",
}  # fmt: skip
_READS: Final = re.compile(r"\s*(SELECT|WITH|SHOW)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Item:
    """One question and what its rows mean: which column holds the figure, whose it is, and what to say beside it.

    `per` makes a counter the increase in that time; `is_quota` a number of bytes the share of what the check's own
    setting allows; `expected` names the setting that says how many there should be; `is_most` keeps the greatest.
    """

    name: str
    metric: str
    sql: str
    unit: str = ""
    since: float = 0.0
    until: float = float("inf")
    every_s: float = 0.0
    is_optional: bool = False
    is_state: bool = False
    is_quota: bool = False
    is_most: bool = False
    per: str = ""
    expected: str = ""
    value: str = "value"
    instance: str = "instance"
    detail: str = "detail"
    levels: Mapping[str, int] = field(default_factory=dict)
    factor: float = 1.0

    def fits(self, version: float) -> bool:
        return self.since <= version < self.until


def own_folder() -> Path:
    """Return where a site keeps questions of its own, beside its settings; it need not exist."""
    return config_dir() / "databases"


def load(engine: str) -> tuple[Item, ...]:
    """Return the items of an engine; one of a site's file stands instead of the program's of the same name.

    Raises BadInput when a file can't be understood.
    """
    found = {one.name: one for one in _shipped(engine)}
    own = own_folder() / f"{engine}.toml"
    if own.is_file():
        found |= {one.name: one for one in _read(own, engine)}
    return tuple(found.values())


@cache
def _shipped(engine: str) -> tuple[Item, ...]:
    return _read(packaged.files("resources") / "databases" / f"{engine}.toml", engine)


def parse(text: str, name: str) -> tuple[Item, ...]:
    """Return the items that a file says. Raises BadInput that names what is wrong."""
    try:
        return tuple(_item(row) for row in tomllib.loads(text).get("item", []))
    except (tomllib.TOMLDecodeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(
            tr("The questions for {name} can't be read: {detail}", name=name, detail=str(error)), "databases"
        ) from error


def sizes(text: str) -> dict[str, float]:
    """Return bytes by name of "USERS=20G, pg_default=500M". Raises BadInput."""
    found: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in re.split(r"[,;，；]", text))):
        told = re.fullmatch(r"(.+?)\s*[=:＝：]\s*(\d+(?:\.\d+)?)\s*([KMGT]?)i?B?", part, re.IGNORECASE)
        if told is None:
            raise BadInput(tr("A size reads like pg_default=500G: {text}", text=part), "space")
        found[told[1]] = float(told[2]) * 1024 ** " KMGT".index(told[3].upper() or " ")
    return found


def _read(place: Traversable, name: str) -> tuple[Item, ...]:
    try:
        return parse(place.read_text(encoding="utf-8"), name)
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            tr("The questions for {name} can't be read: {detail}", name=name, detail=str(error)), "databases"
        ) from error


def _item(row: Mapping[str, Any]) -> Item:
    if unknown := row.keys() - _KEYS:
        raise ValueError(", ".join(sorted(unknown)))
    made = Item(**{**row, "sql": str(row["sql"]).strip()})
    _check(made, (made.name, made.metric, made.unit, made.value, made.instance, made.detail))
    return made


def _check(made: Item, texts: Iterable[object]) -> None:
    if not all(isinstance(text, str) for text in texts) or not made.name or not made.metric:
        raise ValueError(str(made.name))
    if made.per not in PERIODS or any(level not in (0, 1, 2) for level in made.levels.values()):
        raise ValueError(f"{made.name}: {made.per} {dict(made.levels)}")
    if not _READS.match(made.sql) or ";" in made.sql:
        raise ValueError(tr("{name}: one SELECT, WITH or SHOW is allowed", name=made.name))
