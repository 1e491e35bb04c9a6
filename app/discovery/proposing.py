"""What a device seems to be, by what it says of itself; a person may know better."""

import json
import re
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources as packaged

from app.ci_classes import OTHER
from app.collector.probes.snmp.families import Family, known
from app.collector.probes.snmp.identity import identify
from app.collector.probes.snmp.reading import System


@dataclass(frozen=True, slots=True)
class Rule:
    class_name: str
    objects: tuple[str, ...]
    descr: re.Pattern[str]


def propose_class(object_id: str, descr: str) -> str:
    """Return the class of `app.ci_classes` whose words the description has, else the one of the longest object id.

    Words come first: of the makers that build everything, the object id names the maker alone.
    """
    for rule in rules():
        if rule.descr.search(descr):
            return rule.class_name
    fitting = [(len(one), rule.class_name) for rule in rules() for one in rule.objects if _is_below(object_id, one)]
    return max(fitting)[1] if fitting else OTHER


def identified(system: System) -> System:
    """Return `system` with maker, model and version, as far as its object id and description tell them."""
    fitting = [
        family for family in families() if not family.is_standard and family.fits(system.object_id, system.descr)
    ]
    return identify(system, fitting, {})


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """Return what `resources/families/classes.json` says, in its order."""
    text = (packaged.files("resources") / "families" / "classes.json").read_text(encoding="utf-8")
    return tuple(
        Rule(one["class"], tuple(one.get("objects", ())), re.compile(one["descr"], re.IGNORECASE))
        for one in json.loads(text)
    )


@lru_cache(maxsize=1)
def families() -> tuple[Family, ...]:
    return known().families


def _is_below(object_id: str, prefix: str) -> bool:
    return object_id == prefix or object_id.startswith(prefix + ".")
