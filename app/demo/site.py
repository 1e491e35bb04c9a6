"""The demo's rooms, racks and devices, its services and suppliers, and how they hang together."""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from string import ascii_uppercase
from typing import Any

from app.cmdb.checking import attributes
from app.demo.people import People
from app.demo.scene import Row, Scene, words
from app.pinyin import search_text
from models.cmdb import Ci, Place, Relation
from models.enums import CiState, PlaceKind, RelationKind

RACK_U = 42
OWN_CLASSES = ("service", "website", "supplier")
UNANSWERED = "127.255.255.255"
"""The loopback net's broadcast address: inside 127.0.0.0/8, and nothing answers there."""

_ROWS = (("一号机房", "A 列", "A", 8), ("一号机房", "B 列", "B", 6), ("二号机房", "C 列", "C", 6))
_OFFICE = "办公区"


@dataclass(frozen=True, slots=True)
class Device:
    """A watched device: what its spec said of it, and where it ended up."""

    ci_id: int
    name: str
    class_name: str
    address: str
    room: str
    spec: Row = field(repr=False)


@dataclass(frozen=True, slots=True)
class Site:
    """What the other rooms need of the site: devices by name, places by name, all CIs by name."""

    devices: dict[str, Device]
    rooms: dict[str, int]
    cis: dict[str, int]

    def of_class(self, name: str) -> list[Device]:
        return [device for device in self.devices.values() if device.class_name == name]


@dataclass(slots=True)
class _Rack:
    """A rack being filled: from below with servers, from above with what has many cables."""

    place_id: int
    room: str
    name: str
    low: int = 2
    high: int = RACK_U

    def take(self, height: int, from_top: bool) -> int | None:
        """Return the lowest U for something of that height, None when the rack is full."""
        if self.high - self.low + 1 < height:
            return None
        if from_top:
            self.high -= height
            return self.high + 1
        self.low += height
        return self.low - height


def build(scene: Scene, people: People) -> Site:
    """Write places, devices, services, suppliers and relations."""
    places = _places(scene)
    racks = [_Rack(places[name], room, name) for room, _, letter, n in _ROWS for name in _rack_names(letter, n)]
    drafts = _drafts(scene, people, racks, places)
    rows = [row for _, row in drafts]
    ids = scene.add_keyed(Ci, rows)
    cis = {row["name"]: ci_id for row, ci_id in zip(rows, ids, strict=True)}
    devices = {
        row["name"]: Device(cis[row["name"]], row["name"], row["class_name"], row["address"], spec["room"], spec)
        for spec, row in drafts
        if row["class_name"] not in OWN_CLASSES
    }
    _hang(scene, devices, cis)
    _relate(scene, devices, cis)
    return Site(devices, {name: places[name] for name in ("一号机房", "二号机房")}, cis)


def _rack_names(letter: str, count: int) -> list[str]:
    return [f"{letter}{n:02} 机柜" for n in range(1, count + 1)]


def _places(scene: Scene) -> dict[str, int]:
    """Write the tree of places, outer ones first; return ids by name."""
    ids: dict[str, int] = {}

    def write(kind: PlaceKind, named: list[tuple[str, str]]) -> None:
        rows = [_place_row(scene, kind, name, ids.get(parent)) for name, parent in named]
        ids.update(zip((name for name, _ in named), scene.add_keyed(Place, rows), strict=True))

    site = words("words")["unit"]["name"]
    write(PlaceKind.SITE, [(site, "")])
    write(PlaceKind.ROOM, [("一号机房", site), ("二号机房", site)])
    write(PlaceKind.OFFICE, [(_OFFICE, site)])
    write(PlaceKind.ROW, [(row, room) for room, row, _, _ in _ROWS])
    write(PlaceKind.RACK, [(name, row) for _, row, letter, n in _ROWS for name in _rack_names(letter, n)])
    return ids


def _place_row(scene: Scene, kind: PlaceKind, name: str, parent: int | None) -> Row:
    return {
        "key": scene.key("place", name),
        "parent_id": parent,
        "kind": kind,
        "name": name,
        "height_u": float(RACK_U) if kind is PlaceKind.RACK else None,
        "room_class": {"一号机房": "A", "二号机房": "B"}.get(name, ""),
        "search": search_text(name, limit=250),
    }


def _drafts(scene: Scene, people: People, racks: list[_Rack], places: dict[str, int]) -> list[tuple[Row, Row]]:
    """Return (spec, row) of every CI; a spec gains the room that its device stands in."""
    draw = scene.draw("site")
    drafts: list[tuple[Row, Row]] = []
    for group, spec in enumerate(words("devices"), 1):
        for n in range(1, spec["count"] + 1):
            own = {**spec, "n": n, "m": (n - 1) % spec.get("modulo", 1) + 1, "room": "一号机房"}
            row = _ci_row(scene, people, draw, own, f"127.0.{group}.{n + 9}")
            _put(own, row, racks, places, turn=n + group)
            drafts.append((own, row))
    drafts += [_service(scene, people, draw, *told) for told in words("words")["services"]]
    drafts += [_supplier(scene, people, *told) for told in words("words")["suppliers"]]
    return drafts


def _put(spec: Row, row: Row, racks: list[_Rack], places: dict[str, int], turn: int) -> None:
    """Give a device its place: a rack and U, a room, or the office."""
    if spec.get("office"):
        spec["room"], row["place_id"] = _OFFICE, places[_OFFICE]
    elif "u" not in spec:
        spec["room"] = "二号机房" if spec["n"] % 3 == 0 else "一号机房"
        row["place_id"] = places[spec["room"]]
    else:
        wanted = [rack for rack in racks if rack.name.startswith(spec.get("rack", ""))]
        shifted = [*wanted[turn % len(wanted) :], *wanted[: turn % len(wanted)], *racks]
        for rack in shifted:
            lowest = rack.take(spec["u"], bool(spec.get("top")))
            if lowest is not None:
                spec["room"], row["place_id"] = rack.room, rack.place_id
                row["u_bottom"], row["u_height"] = float(lowest), float(spec["u"])
                return
        raise AssertionError("the racks are full")


def _ci_row(scene: Scene, people: People, draw: random.Random, spec: Row, address: str) -> Row:
    name = spec["name"].format(n=spec["n"], letter=ascii_uppercase[spec["n"] - 1 if spec["n"] <= 26 else 0])
    bought = scene.last_day - timedelta(days=draw.randint(300, 2200))
    serial = f"SL{draw.randrange(16**8):08X}"
    return _plain(scene, name, spec["class"]) | {
        "code": f"ZC-{bought:%Y}-{address.split('.')[2]:0>2}{spec['n']:02}",
        "maker": spec.get("maker", ""),
        "model": spec.get("model", ""),
        "serial": serial if spec.get("maker") else "",
        "firmware": spec.get("firmware", ""),
        "address": UNANSWERED if name == "备份服务器-1" else address,
        "owner_id": people.ids[spec["owner"]],
        "maintainer_id": people.contacts[spec["unit"]],
        "supplier": spec["unit"],
        "bought_on": bought,
        "warranty_until": bought + timedelta(days=365 * draw.choice((3, 5, 5, 7))),
        "purpose": "、".join(spec["services"]),
        "attributes": attributes(spec["class"], _attributes(spec, draw)),
        "search": search_text(name, address, serial, spec.get("model", "")),
    }


def _plain(scene: Scene, name: str, class_name: str) -> Row:
    """Return a CI's row with all its columns, empty but for the name."""
    empty = dict.fromkeys(("code", "maker", "model", "serial", "firmware", "address", "supplier", "purpose"), "")
    nothing: dict[str, Any] = dict.fromkeys(
        ("place_id", "u_bottom", "u_height", "owner_id", "maintainer_id", "bought_on", "warranty_until")
    )
    return {
        "key": scene.key("ci", class_name, name),
        "class_name": class_name,
        "name": name,
        "state": CiState.IN_USE,
        "attributes": {},
        "search": search_text(name),
        **empty,
        **nothing,
    }


def _attributes(spec: Row, draw: random.Random) -> dict[str, Any]:
    match spec["class"]:
        case "switch" | "router":
            return {"ports": draw.choice((24, 48)), "uplink": "XGE0/0/1", "power_supplies": 2}
        case "server" | "backup_server":
            return {"os": "Linux", "cpu": "2 × 32", "memory_gb": draw.choice((128, 256, 512)), "raid": "RAID 5"}
        case "virtual_machine":
            return {"os": "Linux", "vcpu": draw.choice((4, 8, 16)), "memory_gb": draw.choice((8, 16, 32))}
        case "storage":
            return {"capacity_tb": draw.choice((40, 80, 120)), "controllers": 2, "hot_spares": draw.choice((1, 2))}
        case "ups":
            return {"rated_kva": 120, "batteries": 32, "backup_minutes": 42}
        case _:
            return {}


def _service(
    scene: Scene, people: People, draw: random.Random, name: str, kind: str, weight: str, level: str, department: str
) -> tuple[Row, Row]:
    facts: dict[str, Any] = {"protection_level": level}
    if kind == "service":
        facts |= {"importance": weight, "hours": "7×24", "department": department, "users": draw.randint(40, 1800)}
    row = _plain(scene, name, kind) | {"owner_id": people.ids["demo-app"], "attributes": facts}
    return {"room": "", "services": []}, row


def _supplier(scene: Scene, people: People, name: str, scope: str) -> tuple[Row, Row]:
    facts = {"scope": scope, "contract_until": f"{scene.last_day.year + 1}-03-31"}
    row = _plain(scene, name, "supplier") | {"maintainer_id": people.contacts[name], "attributes": facts}
    return {"room": "", "services": []}, row


def _hang(scene: Scene, devices: dict[str, Device], cis: dict[str, int]) -> None:
    """Set the device through which each one is reached."""
    table = Ci.__table__
    for device in devices.values():
        parent = cis.get(_parent_name(device))
        if parent is not None:
            changed = table.update().where(table.c.id == device.ci_id).values(parent_id=parent)  # type: ignore[attr-defined]
            scene.tx.connection.execute(changed)


def _parent_name(device: Device) -> str:
    return str(device.spec.get("parent", "")).format(m=device.spec["m"])


def _relate(scene: Scene, devices: dict[str, Device], cis: dict[str, int]) -> None:
    held: set[tuple[RelationKind, int, int]] = set()
    for device in devices.values():
        for service in device.spec["services"]:
            held.add((RelationKind.PART_OF, device.ci_id, cis[service]))
        parent = cis.get(_parent_name(device))
        if parent is not None:
            is_guest = device.class_name == "virtual_machine"
            held.add((RelationKind.RUNS_ON if is_guest else RelationKind.CONNECTS_TO, device.ci_id, parent))
        if "database" in device.spec:
            held.add((RelationKind.DEPENDS_ON, device.ci_id, cis[device.spec["database"]]))
        if "u" in device.spec:
            held.add((RelationKind.POWERED_BY, device.ci_id, cis[f"UPS-{2 if device.room == '二号机房' else 1}"]))
        if "数据库" in device.name:
            held.add((RelationKind.BACKED_UP_BY, device.ci_id, cis["备份服务器-2"]))
    rows = [
        {"key": scene.key("relation", kind, source, target), "kind": kind, "source_id": source, "target_id": target}
        for kind, source, target in sorted(held)
    ]
    scene.add(Relation, rows)
