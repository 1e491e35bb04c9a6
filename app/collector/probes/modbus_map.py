"""Register maps: what stands in which Modbus register of a device. Data, one readable file a device."""

import re
import tomllib
from dataclasses import dataclass
from importlib import resources as packaged
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final

from app.errors import BadInput
from app.paths import config_dir
from app.words import tr

TABLES: Final = ("holding", "input", "coil", "discrete")
TYPES: Final = {
    "int16": 1, "uint16": 1, "int32": 2, "uint32": 2, "float32": 2, "int64": 4, "uint64": 4, "float64": 4,
}  # fmt: skip
"""The registers that each type takes."""

CLASSES: Final = {
    "temperature", "humidity", "fanspeed", "voltage", "current", "power", "frequency", "load", "charge", "runtime",
    "power_factor", "power_consumed", "percent", "count", "airflow", "waterflow", "pressure", "state",
}  # fmt: skip
_KEYS: Final = {
    "address", "table", "type", "words", "scale", "offset", "unit", "class", "descr", "missing", "levels", "on_battery",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Register:
    """One figure: where it stands, how its bits are read, and what it means.

    `missing` are raw values by which the device says that it does not know; `levels` gives the level (0 good,
    1 warning, 2 critical) of a state's raw values; `on_battery` are the raw values that mean the mains are away.
    """

    address: int
    descr: str
    sensor_class: str
    table: str = "holding"
    type: str = "uint16"
    words: str = "big"
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    missing: tuple[float, ...] = ()
    levels: tuple[tuple[int, int], ...] = ()
    on_battery: tuple[int, ...] = ()

    @property
    def length(self) -> int:
        return 1 if self.table in ("coil", "discrete") else TYPES[self.type]


@dataclass(frozen=True, slots=True)
class RegisterMap:
    name: str
    vendor: str
    model: str
    device_id: int
    registers: tuple[Register, ...]


def own_folder() -> Path:
    """Return where a site keeps maps of its own, beside its settings; it need not exist."""
    return config_dir() / "registers"


def names() -> list[str]:
    """Return the names of all maps, the program's and the site's."""
    own = own_folder()
    found = {entry.name for entry in _brought().iterdir()}
    found |= {path.name for path in own.iterdir()} if own.is_dir() else set()
    return sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))


def load(name: str) -> RegisterMap:
    """Return a map by its name; a site's own stands before the program's.

    Raises BadInput when there is none, or when it can't be understood.
    """
    if not re.fullmatch(r"[\w-]{1,60}", name):
        raise BadInput(tr("There is no register map “{name}”.", name=name), "map")
    own = own_folder() / f"{name}.toml"
    return _read(own if own.is_file() else _brought() / f"{name}.toml", name)


def load_file(path: Path) -> RegisterMap:
    """Return the map in a file. Raises BadInput as `load` does."""
    return _read(path, path.stem)


def parse(text: str, name: str) -> RegisterMap:
    """Return the map that a file says. Raises BadInput that names what is wrong."""
    try:
        found = tomllib.loads(text)
        rows = found.get("registers", [])
        registers = tuple(_register(row) for row in rows)
        device_id = int(found.get("device_id", 1))
    except (tomllib.TOMLDecodeError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadInput(tr("The register map {name} can't be read: {detail}", name=name, detail=str(error))) from error
    return RegisterMap(name, str(found.get("vendor", "")), str(found.get("model", "")), device_id, registers)


def _register(row: dict[str, Any]) -> Register:
    if unknown := row.keys() - _KEYS:
        raise ValueError(", ".join(sorted(unknown)))
    made = Register(
        address=int(row["address"]),
        descr=str(row["descr"]),
        sensor_class=str(row["class"]),
        table=str(row.get("table", "holding")),
        type=str(row.get("type", "uint16")),
        words=str(row.get("words", "big")),
        scale=float(row.get("scale", 1.0)),
        offset=float(row.get("offset", 0.0)),
        unit=str(row.get("unit", "")),
        missing=tuple(float(value) for value in row.get("missing", ())),
        levels=tuple((int(raw), int(level)) for raw, level in row.get("levels", {}).items()),
        on_battery=tuple(int(value) for value in row.get("on_battery", ())),
    )
    _check(made)
    return made


def _check(made: Register) -> None:
    if made.table not in TABLES or made.words not in ("big", "little"):
        raise ValueError(f"{made.table} {made.words}")
    if made.type not in TYPES or made.sensor_class not in CLASSES:
        raise ValueError(f"{made.type} {made.sensor_class}")
    if not 0 <= made.address <= 65_536 - made.length:
        raise ValueError(str(made.address))
    if any(level not in (0, 1, 2) for _, level in made.levels):
        raise ValueError(str(made.levels))


def _read(place: Traversable, name: str) -> RegisterMap:
    try:
        text = place.read_text(encoding="utf-8")
    except OSError as error:
        raise BadInput(tr("There is no register map “{name}”.", name=name), "map") from error
    except UnicodeDecodeError as error:
        raise BadInput(tr("The register map {name} can't be read: {detail}", name=name, detail=str(error))) from error
    return parse(text, name)


def _brought() -> Traversable:
    return packaged.files("resources") / "registers"
