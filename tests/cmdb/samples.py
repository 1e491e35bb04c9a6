"""A small site for the tests of the CMDB."""

import uuid
from dataclasses import dataclass
from typing import Any

from app import cmdb
from app.desk import Desk
from models.enums import PlaceKind


@dataclass(frozen=True, slots=True)
class Site:
    site: int
    room: int
    row: int
    rack: int


def place(desk: Desk, kind: PlaceKind, name: str, parent: int | None = None, **values: Any) -> int:
    return desk.do(cmdb.create_place, uuid.uuid4(), cmdb.PlaceDraft(kind, name, parent, **values))


def site(desk: Desk) -> Site:
    """Make 示例信息中心 / 一号机房 / A 列 / A01 机柜 of 42 U."""
    top = place(desk, PlaceKind.SITE, "示例信息中心")
    room = place(desk, PlaceKind.ROOM, "一号机房", top, room_class="C")
    row = place(desk, PlaceKind.ROW, "A 列", room)
    return Site(top, room, row, place(desk, PlaceKind.RACK, "A01 机柜", row, height_u=42))


def ci(desk: Desk, name: str, class_name: str = "server", **values: Any) -> int:
    return desk.do(cmdb.create, uuid.uuid4(), cmdb.CiDraft(class_name, name, **values))
