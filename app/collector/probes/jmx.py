"""Management beans as Tomcat's manager prints them: its `jmxproxy` answers in text for people."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from app.collector.probes.snmp.client import BadAnswer
from app.text import clean_line
from app.words import tr

MOST_BEANS: Final = 2_000
_KEY: Final = re.compile(r'([^,=]+)=("(?:\\.|[^"\\])*"|[^,]*)(?:,|$)')
_INNER: Final = re.compile(r"(\w+)=(-?\d+)")


@dataclass(frozen=True, slots=True)
class Bean:
    """One bean; `keys` are the parts of its name, `values` its attributes as text."""

    domain: str
    keys: Mapping[str, str]
    values: Mapping[str, str]

    def number(self, *names: str) -> float | None:
        """Return the first of these attributes that is a number; -1, "there is none", counts as one."""
        for name in names:
            try:
                return float(self.values[name])
            except (KeyError, ValueError):
                continue
        return None

    def inner(self, name: str, part: str) -> float | None:
        """Return a number within an attribute that holds several: {committed=1, init=2}."""
        found = dict(_INNER.findall(self.values.get(name, "")))
        return float(found[part]) if part in found else None


def beans(text: str) -> list[Bean]:
    """Return the beans of an answer, MOST_BEANS at most. Raises BadAnswer where it is none."""
    head, _, rest = text.replace("\r\n", "\n").partition("\n")
    if not head.startswith("OK"):
        raise BadAnswer(tr("Tomcat's manager answers: {detail}", detail=clean_line(head, 120)))
    blocks = (block for block in rest.split("\n\n") if block.strip())
    return [bean for bean, _ in zip(_beans(blocks), range(MOST_BEANS), strict=False)]


def _beans(blocks: Iterator[str]) -> Iterator[Bean]:
    for block in blocks:
        first, *lines = block.strip("\n").split("\n")
        domain, colon, keys = first.removeprefix("Name: ").partition(":")
        if colon:
            yield Bean(domain, {key: _bare(value) for key, value in _KEY.findall(keys)}, dict(_attributes(lines)))


def _attributes(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the attributes of one line; members of lists and what goes on over lines begin with a space or a tab."""
    for line in lines:
        name, colon, value = line.partition(":")
        if colon and not line.startswith((" ", "\t")):
            yield name, value.strip()


def _bare(value: str) -> str:
    return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else value
