"""A node of the CMDB tree; loads no database layer, so that the tree can be shown before it is there."""

from dataclasses import dataclass
from enum import StrEnum

from models.enums import PlaceKind, State

TOP = ""
NOWHERE = "nowhere"
PLACE_ICONS = {
    PlaceKind.SITE: "map-marker",
    PlaceKind.ROOM: "door",
    PlaceKind.ROW: "view-grid",
    PlaceKind.RACK: "table",
    PlaceKind.OFFICE: "account-group",
}


class NodeKind(StrEnum):
    """What a node of the tree stands for."""

    PLACE = "place"
    NOWHERE = "nowhere"
    GROUP = "group"
    CLASS = "class"
    CI = "ci"


class TreeView(StrEnum):
    """The three ways to look at the CMDB."""

    PLACE = "place"
    CLASS = "class"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class TreeNode:
    """One node under its parent. `key` is unique among its siblings and tells what is under it.

    `count` is how many configuration items are under it (0 for a leaf), `state` the worst of them, or None when
    none of them is watched; `is_stale` when the look at one of them is too old.
    """

    key: str
    kind: NodeKind
    title: str
    id: int = 0
    icon: str = ""
    count: int = 0
    state: State | None = None
    is_stale: bool = False
    has_children: bool = False
    u_bottom: float | None = None
    place_kind: PlaceKind | None = None
