"""What recordings of real devices must give, scored kind by kind as the acceptance rule has it."""

import gzip
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Score = dict[str, tuple[int, int]]
"""Found and expected by kind."""

KINDS = ("ports", "processors", "memory", "storage", "sensors", "identity")
_UNKNOWN = (None, 4294967295, 65535, 2147483647)

WRONG: Mapping[str, tuple[str, ...]] = {
    "akcp_serverprobe8": ("1.3.6.1.4.1.3854.1.2.2.1.17.1.13.",),
    "apc_emu": ("1.3.6.1.4.1.318.1.1.10.4.2.3.1.6.0.",),
    "apc_inrow-dx": ("1.3.6.1.4.1.318.1.1.27.1.4.1.2.1.3.1.",),
    "huaweiups_ups2000": (
        *("1.3.6.1.2.1.33.1.3.3.1.2.", "1.3.6.1.2.1.33.1.4.2."),
        *("1.3.6.1.2.1.33.1.4.4.1.4.", "1.3.6.1.2.1.33.1.5.1."),
    ),
    "linux_lsi": ("1.3.6.1.4.1.3582.4.1.4.1.6.2.1.20.", "1.3.6.1.4.1.3582.4.1.4.1.6.2.1.27."),
    "panos": ("1.3.6.1.4.1.25461.2.3.30.1.1.",),
    "quantum_scalari6000": ("1.3.6.1.4.1.3764.1.1.200.20.80.110.1.26.",),
}
"""Sensors whose expected answers are wrong, by the beginning of their object ids; why: docs/families.md."""


def expected(data: Path, name: str) -> Row:
    folder = data / "public" / "expected"
    plain = folder / f"{name}.json"
    text = plain.read_bytes() if plain.exists() else gzip.decompress((folder / f"{name}.json.gz").read_bytes())
    found: Row = json.loads(text)
    return found


def score(name: str, wanted: Row, found: Mapping[str, Any], count_wrong: bool = True) -> Score:
    """Return what of the expected answers `found` has; without `count_wrong` those known to be wrong are left out."""
    return {
        "ports": _ports(wanted, found),
        "processors": _paired(_rows(wanted, "processors", "processors"), found["processors"], _same_usage),
        "memory": _paired(
            [one for one in _rows(wanted, "mempools", "mempools") if not one.get("mempool_deleted")],
            found["memory"],
            _same_memory,
        ),
        "storage": _paired(_rows(wanted, "storage", "storage"), found["storage"], _same_storage),
        "sensors": _sensors(name, wanted, found, count_wrong),
        "identity": _identity(wanted, found),
    }


def total(scores: Iterable[Score]) -> Score:
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for one in scores:
        for kind, (have, want) in one.items():
            found[kind] += have
            asked[kind] += want
    return {kind: (found[kind], asked[kind]) for kind in KINDS}


def share(pair: tuple[int, int]) -> float:
    return pair[0] / pair[1] if pair[1] else 1.0


def _rows(wanted: Row, module: str, table: str) -> list[Row]:
    return ((wanted.get(module) or {}).get("discovery") or {}).get(table) or []


def _close(one: object, other: object, relative: float, absolute: float) -> bool:
    if not isinstance(one, int | float | str) or not isinstance(other, int | float | str):
        return False
    try:
        return abs(float(one) - float(other)) <= max(absolute, relative * abs(float(other)))
    except ValueError:
        return False


def _paired(wanted: list[Row], have: list[Row], is_same: Callable[[Row, Row], bool]) -> tuple[int, int]:
    left, found = list(have), 0
    for want in wanted:
        hit = next((one for one in left if is_same(want, one)), None)
        if hit is not None:
            left.remove(hit)
            found += 1
    return found, len(wanted)


def _same_usage(want: Row, have: Row) -> bool:
    return _close(have["usage_percent"], want["processor_usage"], 0, 2)


def _same_memory(want: Row, have: Row) -> bool:
    is_share = _close(have["used_percent"], want["mempool_perc"], 0, 2)
    return is_share or (bool(want.get("mempool_used")) and _close(have["used_bytes"], want["mempool_used"], 0.02, 0))


def _same_storage(want: Row, have: Row) -> bool:
    return _close(have["total_bytes"], want.get("storage_size"), 0.02, 0)


def _ports(wanted: Row, found: Mapping[str, Any]) -> tuple[int, int]:
    ports = [one for one in _rows(wanted, "ports", "ports") if not one.get("deleted") and not one.get("disabled")]
    names = {str(one[key] or "").strip() for one in found["ports"] for key in ("name", "descr")} - {""}
    return sum(bool({str(one.get(key) or "").strip() for key in ("ifName", "ifDescr")} & names) for one in ports), len(
        ports
    )


def _sensors(name: str, wanted: Row, found: Mapping[str, Any], count_wrong: bool) -> tuple[int, int]:
    asked = [one for one in _rows(wanted, "sensors", "sensors") if not one.get("sensor_deleted")]
    if not count_wrong:
        asked = [one for one in asked if not str(one["sensor_oid"]).lstrip(".").startswith(WRONG.get(name, ("x",)))]
    return sum(any(_same_sensor(want, have) for have in found["sensors"]) for want in asked), len(asked)


def _same_sensor(want: Row, have: Row) -> bool:
    if have["class"] != want["sensor_class"] or have["oid"] != str(want["sensor_oid"]).lstrip("."):
        return False
    if want["sensor_current"] in _UNKNOWN:
        return have["value"] is None
    return _close(have["value"], want["sensor_current"], 0.01, 0.05)


def _identity(wanted: Row, found: Mapping[str, Any]) -> tuple[int, int]:
    told = next(iter(_rows(wanted, "os", "devices")), {})
    keys = {"model": "hardware", "version": "version", "serial": "serial"}
    asked = {key: str(told[name]).lower() for key, name in keys.items() if told.get(name)}
    have = {key: str(found["system"][key] or "").lower() for key in asked}
    return sum(bool(have[key]) and (have[key] in want or want in have[key]) for key, want in asked.items()), len(asked)
