"""Device types from an unpacked netbox device-type library: DIR/device-types/MAKER/MODEL.yaml."""

import hashlib
import re
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.errors import BadInput
from app.text import clean, clean_line, decode
from app.words import tr

LARGEST_FILE = 2_000_000
PROGRESS_EVERY = 50

_ANCHOR = re.compile(rb"(?:^|[\s\[{,:?-])&\S", re.MULTILINE)
_KILOGRAMS = {"kg": 1.0, "g": 0.001, "lb": 0.45359237, "oz": 0.028349523125}
_TALLEST = 100.0
_LONGEST_NUMBER_BITS = 256
_ENDINGS = {".yaml", ".yml"}
_MORE_PARTS = ("front-ports", "rear-ports", "device-bays", "module-bays", "inventory-items")


@dataclass(frozen=True, slots=True)
class PortRecord:
    """A port as the library names it; `kind` is its type ("1000base-t", "iec-60320-c14")."""

    name: str
    kind: str
    is_management: bool = False


@dataclass(frozen=True, slots=True)
class DeviceTypeRecord:
    """A maker's model. `content_hash` is over the file's bytes: the same content again changes nothing."""

    maker: str
    model: str
    slug: str
    part_number: str
    u_height: float
    is_full_depth: bool
    weight_kg: float | None
    airflow: str
    comments: str
    interfaces: tuple[PortRecord, ...]
    power_ports: tuple[PortRecord, ...]
    power_outlets: tuple[PortRecord, ...]
    console_ports: tuple[PortRecord, ...]
    other_parts: tuple[tuple[str, int], ...]
    content_hash: str


@dataclass(frozen=True, slots=True)
class UnchangedType:
    """A file whose content is known already; it was not even parsed."""

    file: str
    content_hash: str


@dataclass(frozen=True, slots=True)
class RefusedType:
    """A file of the library that could not be used, as `maker/file`, and why."""

    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Library:
    """Where the device types of a folder lie, and how many module types were left alone."""

    files: tuple[Path, ...]
    module_types: int


def find(folder: Path) -> Library:
    """Return the device-type files below `folder`, sorted. Raises BadInput when it is no such library."""
    types = folder / "device-types"
    if not types.is_dir():
        raise BadInput(
            tr("{folder} holds no folder “device-types”: unpack the library and name its folder.", folder=folder)
        )
    return Library(tuple(_files(types)), sum(1 for _ in _files(folder / "module-types")))


def read(
    library: Library,
    known_hashes: Container[str] = frozenset(),
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[DeviceTypeRecord | UnchangedType | RefusedType]:
    """Yield a record for each new file, else that it is unchanged or why it is refused.

    `progress(done, all)` is called now and then and may raise to stop.
    """
    seen: dict[str, str] = {}
    for done, path in enumerate(library.files):
        if progress and done % PROGRESS_EVERY == 0:
            progress(done, len(library.files))
        yield _read(path, known_hashes, seen)
    if progress:
        progress(len(library.files), len(library.files))


def _read(
    path: Path, known_hashes: Container[str], seen: dict[str, str]
) -> DeviceTypeRecord | UnchangedType | RefusedType:
    """Return what a file holds; `seen` maps the slugs that came before to their files."""
    name = f"{path.parent.name}/{path.name}"
    try:
        data = _content(path)
        digest = hashlib.sha256(data).hexdigest()
        if digest in known_hashes:
            return UnchangedType(name, digest)
        record = parse(data)
    except BadInput as error:
        return RefusedType(name, error.sentence())
    first = seen.setdefault(record.slug, name)
    if first == name:
        return record
    return RefusedType(name, tr("The slug “{slug}” is taken by {file}.", slug=record.slug, file=first))


def parse(data: bytes) -> DeviceTypeRecord:
    """Return the device type in one YAML file. Raises BadInput with the reason."""
    values = _mapping(data)
    return DeviceTypeRecord(
        maker=_required(values, "manufacturer", 120),
        model=_required(values, "model", 200),
        slug=_required(values, "slug", 200),
        part_number=_line(values, "part_number"),
        u_height=_number(values, "u_height", 1.0, _TALLEST),
        is_full_depth=values.get("is_full_depth", True) is not False,
        weight_kg=_weight(values),
        airflow=_line(values, "airflow"),
        comments=clean(values["comments"], 2_000) if isinstance(values.get("comments"), str) else "",
        interfaces=_ports(values, "interfaces"),
        power_ports=_ports(values, "power-ports"),
        power_outlets=_ports(values, "power-outlets"),
        console_ports=_ports(values, "console-ports") + _ports(values, "console-server-ports"),
        other_parts=tuple((part, len(values[part])) for part in _MORE_PARTS if _is_filled(values.get(part))),
        content_hash=hashlib.sha256(data).hexdigest(),
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*/*") if path.suffix.lower() in _ENDINGS)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise BadInput(error.strerror or str(error)) from error
    if len(data) > LARGEST_FILE:
        raise BadInput(tr("The file is larger than {most} MB.", most=LARGEST_FILE // 1_000_000))
    return data


def _mapping(data: bytes) -> dict[str, Any]:
    try:
        values = None if _has_alias(data) else yaml.load(decode(data), Loader=yaml.CSafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise BadInput(tr("Line {line}: {what}", line=line, what=error.problem or tr("this is no YAML"))) from error
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        raise BadInput(tr("this is no YAML")) from error
    if not isinstance(values, dict):
        raise BadInput(tr("this is no YAML"))
    return {key: value for key, value in values.items() if isinstance(key, str)}


def _has_alias(data: bytes) -> bool:
    """Return whether the file refers back to itself, by which a small one can grow without bounds."""
    return bool(_ANCHOR.search(data)) and any(
        isinstance(event, yaml.AliasEvent) for event in yaml.parse(data, Loader=yaml.CSafeLoader)
    )


def _line(values: dict[str, Any], name: str) -> str:
    """Return a text as one line; YAML reads a part number such as 1756 as a number."""
    value = values.get(name)
    if isinstance(value, int) and value.bit_length() > _LONGEST_NUMBER_BITS:
        return ""
    return clean_line(str(value)) if isinstance(value, str | int | float) else ""


def _required(values: dict[str, Any], name: str, longest: int) -> str:
    value = _line(values, name)
    if not value or len(value) > longest:
        raise BadInput(tr("The field “{name}” is missing or too long.", name=name))
    return value


def _number(values: dict[str, Any], name: str, missing: float, most: float) -> float:
    value = values.get(name, missing)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadInput(tr("The field “{name}” is no number from 0 to {most}.", name=name, most=f"{most:g}"))
    return float(value)


def _weight(values: dict[str, Any]) -> float | None:
    if values.get("weight") is None:
        return None
    factor = _KILOGRAMS.get(str(values.get("weight_unit", "kg")), 1.0)
    return round(_number(values, "weight", 0.0, 100_000.0) * factor, 3)


def _is_filled(value: object) -> bool:
    return isinstance(value, list) and bool(value)


def _ports(values: dict[str, Any], part: str) -> tuple[PortRecord, ...]:
    ports = values.get(part) or []
    if not isinstance(ports, list) or not all(isinstance(port, dict) for port in ports):
        raise BadInput(tr("The field “{name}” is no list of ports.", name=part))
    return tuple(PortRecord(_line(port, "name"), _line(port, "type"), port.get("mgmt_only") is True) for port in ports)
