"""What is known about devices: `resources/families/*.toml` and a site's own (the format: its README.md)."""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import resources as packaged
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from app import paths
from app.words import tr

CLASSES: Final = frozenset(
    {"temperature", "humidity", "fanspeed", "voltage", "current", "power", "frequency", "load", "charge", "runtime"}
    | {"dbm", "state", "count", "percent", "airflow", "waterflow", "pressure", "signal", "snr", "delay"}
    | {"power_factor", "power_consumed"}
)
"""What a sensor can measure (DESIGN 7), and what a power strip measures beside."""


class Kind(StrEnum):
    """What a row of a table is."""

    PORT = "port"
    PROCESSOR = "processor"
    MEMORY = "memory"
    STORAGE = "storage"
    SENSOR = "sensor"
    SUPPLY = "supply"


class FamilyError(Exception):
    """A family's file can't be used; the text names the file and the key."""


@dataclass(frozen=True, slots=True)
class Ref:
    """Where a cell is: column `name` in the row itself, or in the row that part of the index or another cell names.

    Without a `name` it is the part of the index itself: `first` to `last`, counted from 1, -1 the last part; a `last`
    of 0 is the end.
    """

    name: str = ""
    by: str = ""
    first: int = 0
    last: int = 0

    def columns(self) -> set[str]:
        return {self.name, self.by} - {""}


@dataclass(frozen=True, slots=True)
class Lookup:
    """A word that a cell tells: by its value, else by the first pattern found in it, else `other`."""

    ref: Ref | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    patterns: tuple[tuple[re.Pattern[str], str], ...] = ()
    other: str = ""

    def columns(self) -> set[str]:
        return self.ref.columns() if self.ref else set()

    def every_word(self) -> set[str]:
        return {*self.words.values(), *(word for _, word in self.patterns), self.other} - {""}

    def of(self, told: str) -> str:
        if told in self.words:
            return self.words[told]
        return next((word for pattern, word in self.patterns if pattern.search(told)), self.other)


@dataclass(frozen=True, slots=True)
class Condition:
    """What a cell has to be: one of `values`, found by `pattern`, or a figure from `low` to `high`."""

    ref: Ref
    values: frozenset[str] = frozenset()
    pattern: re.Pattern[str] | None = None
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Scale:
    """What a raw figure is multiplied with, and what is added then; columns of exponents as ENTITY-SENSOR has them."""

    factor: float = 1.0
    offset: float = 0.0
    units: Ref | None = None
    precision: Ref | None = None
    by: Ref | None = None
    divisor: Ref | None = None
    signed: Ref | None = None
    """a column whose negative figures divide"""
    lookup: Lookup | None = None
    convert: str = ""
    """what is done to the scaled figure: a name of `reading.CONVERSIONS`"""

    def columns(self) -> set[str]:
        refs = (self.units, self.precision, self.by, self.divisor, self.signed)
        found = {name for ref in refs if ref for name in ref.columns()}
        return found | (self.lookup.columns() if self.lookup else set())


@dataclass(frozen=True, slots=True)
class Template:
    """Text with cells in it: literal parts and, between them, cells of which the first that has something counts."""

    parts: tuple[str | tuple[Ref, ...], ...]

    def columns(self) -> set[str]:
        return {name for part in self.parts if not isinstance(part, str) for ref in part for name in ref.columns()}


@dataclass(frozen=True, slots=True)
class Rows:
    """One table of a family: which rows count, what they are, which columns hold what."""

    kind: Kind
    rows: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    descr: Template
    sensor_class: Lookup
    unit: Lookup
    scale: Scale
    where: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    match: re.Pattern[str] | None
    figure: re.Pattern[str] | None
    numbers: Mapping[str, float]
    is_unsigned: bool
    """figures below zero are large ones that the agent's 32 bits made negative"""
    is_bits: bool
    """octets whose bits are the figure"""
    absent: frozenset[str]
    not_available: frozenset[str]
    low: float | None
    high: float | None
    state: Mapping[str, int]
    less: re.Pattern[str] | None
    is_fallback: bool
    metric: str

    def names(self) -> set[str]:
        """Return every column that the table needs."""
        found = {*self.rows} | self.descr.columns() | self.sensor_class.columns() | self.unit.columns()
        found |= self.scale.columns() | {name for names in self.fields.values() for name in names}
        for condition in (*self.where, *self.unless):
            found |= condition.ref.columns()
        return found

    def fast_names(self) -> set[str]:
        """Return the columns that change from poll to poll; everything else is read again only now and then."""
        return {name for key, names in self.fields.items() if key not in _SLOW_FIELDS for name in names}


_SLOW_FIELDS: Final = frozenset({"name", "alias", "mac", "colour", "max"})


@dataclass(frozen=True, slots=True)
class Source:
    """Where a word of the identity may be: a column (the first fitting row), else sysDescr.

    With `match` it is `show` with the groups put in, else the groups joined, else the whole of what was found.
    """

    column: str = ""
    where: tuple[Condition, ...] = ()
    match: re.Pattern[str] | None = None
    show: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    """what the device says, as people say it; with any, a word that isn't among them counts for nothing"""

    def columns(self) -> set[str]:
        found = {name for condition in self.where for name in condition.ref.columns()} | {self.column}
        return (found | set(_NAMES_IN_SHOW.findall(self.show))) - {""}


_BY_NAME: Final = 1000
_NAMES_IN_SHOW: Final = re.compile(r"\{([A-Za-z]\w*)(?:\.[\d.]+)?\}")


@dataclass(frozen=True, slots=True)
class Family:
    """One file: a MIB, or the devices of a maker."""

    name: str
    objects: tuple[str, ...]
    descr: re.Pattern[str] | None
    exists: tuple[str, ...]
    columns: Mapping[str, str]
    scalars: frozenset[str]
    """names of the columns that are a single object, asked for by name"""
    tables: tuple[Rows, ...]
    instead_of: frozenset[Kind]
    vendor: str
    identity: Mapping[str, tuple[Source, ...]]

    @property
    def is_standard(self) -> bool:
        """True for what is tried on every device."""
        return not self.objects and self.descr is None

    def fits(self, object_id: str, descr: str) -> bool:
        if self.is_standard:
            return True
        dotted = object_id + "."
        return any(dotted.startswith(prefix + ".") for prefix in self.objects) or bool(
            self.descr and self.descr.search(descr)
        )

    def closeness(self, object_id: str, descr: str) -> int:
        """Return how exactly the family is meant for a device: the nearer one's words count first.

        One that sysDescr names means a product, not a maker, and is nearest.
        """
        if self.descr is not None and self.descr.search(descr):
            return _BY_NAME
        dotted = object_id + "."
        return max((len(prefix) for prefix in self.objects if dotted.startswith(prefix + ".")), default=0)

    def identity_names(self) -> set[str]:
        return {name for sources in self.identity.values() for source in sources for name in source.columns()}

    def names(self) -> set[str]:
        return {name for table in self.tables for name in table.names()} | self.identity_names()

    def fast_names(self) -> set[str]:
        return {name for table in self.tables for name in table.fast_names()}


@dataclass(frozen=True, slots=True)
class Knowledge:
    """All families of a machine, and a sentence for each of the site's files that can't be used."""

    families: tuple[Family, ...]
    troubles: tuple[str, ...] = ()


def own_folder() -> Path:
    """Return where a site keeps families of its own, beside its settings; it need not exist."""
    return paths.config_dir() / "families"


def known(own: Path | None = None) -> Knowledge:
    """Return the program's families with the site's of folder `own` (else `own_folder()`).

    A file of the site stands instead of the program's of the same name, or family of the same name; one that can't be
    used is left out and said, so that it costs no device its watching.
    """
    folder = own or own_folder()
    if not folder.is_dir():
        return Knowledge(load())
    usable: dict[str, Family] = {}
    troubles = []
    for name, file in sorted(_files(folder).items()):
        try:
            usable[name] = _read(file)
        except FamilyError as error:
            troubles.append(
                tr("The device family {file} can't be used: {detail}", file=folder / name, detail=str(error))
            )
    names = {family.name for family in usable.values()}
    packaged_files = _files(packaged.files("resources") / "families")
    rest = [_read(file) for name, file in sorted(packaged_files.items()) if name not in usable]
    kept = [family for family in rest if family.name not in names]
    return Knowledge(_standard_first([*kept, *usable.values()]), tuple(troubles))


def load(folder: Traversable | None = None) -> tuple[Family, ...]:
    """Return the families of `folder` (else the program's), standard MIBs first, then by file name.

    Raises FamilyError.
    """
    files = _files(folder if folder is not None else packaged.files("resources") / "families")
    families = [_read(files[name]) for name in sorted(files)]
    _refuse_twins(families, sorted(files))
    return _standard_first(families)


def _standard_first(families: Iterable[Family]) -> tuple[Family, ...]:
    return tuple(sorted(families, key=lambda family: not family.is_standard))


def _files(root: Traversable) -> dict[str, Traversable]:
    return {file.name: file for file in root.iterdir() if file.name.endswith(".toml")}


def _refuse_twins(families: Sequence[Family], files: Iterable[str]) -> None:
    names: dict[str, str] = {}
    for family, file in zip(families, files, strict=True):
        if family.name in names:
            raise FamilyError(f"{file}: the name {family.name!r} is taken by {names[family.name]}")
        names[family.name] = file


def _read(file: Traversable) -> Family:
    from app.collector.probes.snmp.grammar import family_of

    try:
        return family_of(tomllib.loads(file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, FamilyError) as error:
        raise FamilyError(f"{file.name}: {error}") from error
    except (KeyError, ValueError, TypeError, AttributeError, re.error) as error:
        raise FamilyError(f"{file.name}: {error!r}") from error
