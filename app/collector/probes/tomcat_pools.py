"""The JDBC pools that a Tomcat's beans tell, by the libraries of `resources/middleware/tomcat-pools.toml`."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources as packaged

from app.collector.audits import Pool
from app.collector.probes.jmx import Bean

_IN_BRACKETS = re.compile(r"\((.+)\)$")


@dataclass(frozen=True, slots=True)
class Library:
    """Where one library of pools keeps its figures; the tuples are names of attributes, the first there counts."""

    query: str
    without: str
    name: str
    active: tuple[str, ...]
    idle: tuple[str, ...]
    waiting: tuple[str, ...]
    initial: tuple[str, ...]
    maximum: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UsedPool:
    """A pool as it is set up and used."""

    settings: Pool
    active: float | None
    idle: float | None
    waiting: float | None


@cache
def libraries() -> tuple[Library, ...]:
    """Return what the program brings; the file is part of it, so that a mistake there is a bug."""
    text = (packaged.files("resources") / "middleware" / "tomcat-pools.toml").read_text(encoding="utf-8")
    return tuple(
        Library(
            row["query"],
            row.get("without", ""),
            row["name"],
            *(tuple(row[key]) for key in ("active", "idle", "waiting", "initial", "maximum")),
        )
        for row in tomllib.loads(text)["pools"]
    )


def pools(found: Iterable[tuple[Library, Iterable[Bean]]]) -> list[UsedPool]:
    """Return each pool once, by name; one without a maximum is no pool."""
    told: dict[str, UsedPool] = {}
    for library, beans in found:
        for name, bean in _by_name(library, beans).items():
            maximum = bean.number(*library.maximum)
            if maximum is not None and name not in told:
                initial = bean.number(*library.initial)
                told[name] = UsedPool(
                    Pool(name, None if initial is None else int(initial), int(maximum)),
                    bean.number(*library.active),
                    bean.number(*library.idle),
                    bean.number(*library.waiting),
                )
    return [told[name] for name in sorted(told)]


def _by_name(library: Library, beans: Iterable[Bean]) -> Mapping[str, Bean]:
    """Return one bean for each pool, with the attributes of all that bear its name."""
    together: dict[str, Bean] = {}
    for bean in beans:
        name = bean.keys.get(library.name, "")
        within = _IN_BRACKETS.search(name)
        name = _name(bean, within[1] if within else name)
        if name and library.without not in bean.keys:
            before = together.get(name)
            values = {**bean.values, **before.values} if before else bean.values
            together[name] = Bean(bean.domain, bean.keys, values)
    return together


def _name(bean: Bean, name: str) -> str:
    """Return the pool's name with the application that it belongs to, where it is one's own."""
    context = bean.keys.get("context", "")
    return f"{context} {name}" if context and name else name
