"""What `watchroom probe` prints for people: one aligned table for each kind of thing that a device told."""

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from app.collector.figures import metric_name, sensor_class_name
from app.words import tr

_BYTES = ("B", "KB", "MB", "GB", "TB", "PB")
_BITS = ("bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s")


def table(found: dict[str, Any]) -> str:
    """Return the probe's document as text; what a device has none of is left out."""
    system = found["system"]
    parts = [_facts(system), *_sections(found)]
    if found["troubles"]:
        parts.append("\n".join([tr("Troubles"), *(f"  {trouble}" for trouble in found["troubles"])]))
    return "\n\n".join(part for part in parts if part)


def _facts(system: dict[str, Any]) -> str:
    names = {
        "name": tr("Name", context="probe"),
        "descr": tr("Description"),
        "vendor": tr("Maker"),
        "model": tr("Model"),
        "version": tr("Version"),
        "serial": tr("Serial number"),
        "uptime_s": tr("Running for (s)"),
    }
    rows = [(title, _text(system[key])) for key, title in names.items() if system.get(key) not in (None, "")]
    return _aligned(rows, indent="")


def _sections(found: dict[str, Any]) -> list[str]:
    return [
        _section(
            tr("Ports"),
            (tr("Port"), tr("State", context="probe"), tr("Speed"), tr("Alias"), tr("Errors in / out")),
            [
                (p["name"] or p["descr"], f"{p['oper']}/{p['admin']}", _scaled(p["speed_bps"], _BITS, 1000),
                 p["alias"], f"{_text(p['in_errors'])} / {_text(p['out_errors'])}")
                for p in found["ports"]
            ],
        ),
        _section(
            tr("Processors"),
            (tr("Processor"), tr("Usage")),
            [(p["descr"] or p["index"], _percent(p["usage_percent"])) for p in found["processors"]],
        ),
        _spaces(tr("Memory"), found["memory"]),
        _spaces(tr("Storage"), found["storage"]),
        _section(
            tr("Sensors"),
            (tr("Sensor"), tr("Kind", context="probe"), tr("Value", context="probe")),
            [(s["descr"] or s["oid"], _kind(s), _told(s)) for s in found["sensors"]],
        ),
        _section(
            tr("Supplies"),
            (tr("Supply"), tr("Colour"), tr("Left", context="probe")),
            [(s["descr"], s["colour"], _percent(s["percent"])) for s in found["supplies"]],
        ),
        _section(
            tr("Not understood"), ("OID", tr("Value", context="probe")),
            [(u["oid"], u["value"]) for u in found["unknown"]],
        ),
    ]  # fmt: skip


def _kind(sensor: dict[str, Any]) -> str:
    return metric_name(sensor["metric"]) if "metric" in sensor else sensor_class_name(sensor["class"])


def _told(sensor: dict[str, Any]) -> str:
    return f"{_text(sensor['value'])} {sensor.get('says') or sensor['unit']}"


def _spaces(title: str, spaces: list[dict[str, Any]]) -> str:
    rows = [
        (
            space["descr"],
            _scaled(space["used_bytes"], _BYTES, 1024),
            _scaled(space["total_bytes"], _BYTES, 1024),
            _percent(space["used_percent"]),
        )
        for space in spaces
    ]
    return _section(title, (tr("What", context="probe"), tr("Used"), tr("Size"), tr("Usage")), rows)


def _section(title: str, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    if not rows:
        return ""
    return f"{title} ({len(rows)})\n" + _aligned([heads, *rows], indent="  ")


def _aligned(rows: Sequence[Sequence[str]], indent: str) -> str:
    """Return rows with their columns under each other; a hanzi is two cells wide."""
    widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
        lines.append(indent + "  ".join(cells).rstrip())
    return "\n".join(lines)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(char) in "WF" else 1 for char in text)


def _text(value: Any) -> str:
    if value is None:
        return "—"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _percent(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}%"


def _scaled(value: float | None, units: Sequence[str], step: int) -> str:
    """Return a quantity in the greatest unit that leaves something before the point."""
    if value is None:
        return "—"
    place = 0
    while value >= step and place < len(units) - 1:
        value, place = value / step, place + 1
    return f"{value:.4g} {units[place]}"
