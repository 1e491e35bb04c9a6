"""What the CMDB hands out and takes in: frozen rows and drafts."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.tree_node import TreeNode
from models.enums import CiState, PlaceKind, RelationKind, State


@dataclass(frozen=True, slots=True)
class CiDraft:
    """Everything a person can say of a configuration item; `attributes` are its class's own fields by name.

    In `attributes` a number is a float, a date an ISO text, a choice its value; what is empty is left out.
    """

    class_name: str
    name: str
    code: str = ""
    state: CiState = CiState.IN_USE
    maker: str = ""
    model: str = ""
    device_type_id: int | None = None
    serial: str = ""
    firmware: str = ""
    address: str = ""
    place_id: int | None = None
    u_bottom: float | None = None
    u_height: float | None = None
    parent_id: int | None = None
    owner_id: int | None = None
    maintainer_id: int | None = None
    supplier: str = ""
    bought_on: date | None = None
    warranty_until: date | None = None
    purpose: str = ""
    persons_allowed: str = ""
    note: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CiDetail:
    """A configuration item with the names behind its keys; `watch` is None while nothing watches it."""

    id: int
    version: int
    draft: CiDraft
    place_path: str
    parent_name: str
    device_type_name: str
    owner_name: str
    maintainer_name: str
    maintainer_telephone: str
    watch: State | None
    voided_at: datetime | None
    void_reason: str


@dataclass(frozen=True, slots=True)
class PlaceDraft:
    """A place as a form gives it; only a rack has `height_u`, only a room `room_class` (A, B or C of GB 50174)."""

    kind: PlaceKind
    name: str
    parent_id: int | None = None
    height_u: float | None = None
    room_class: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PlaceDetail:
    id: int
    version: int
    draft: PlaceDraft
    path: str


@dataclass(frozen=True, slots=True)
class Found:
    """A tree cut down to what a search found: the nodes under each key ("" is the top)."""

    levels: dict[str, tuple[TreeNode, ...]]
    count: int
    has_more: bool


@dataclass(frozen=True, slots=True)
class RelationRow:
    """A relation seen from one of its ends: `is_outgoing` when that end is the source."""

    id: int
    kind: RelationKind
    is_outgoing: bool
    other_id: int
    other_name: str
    other_class: str
    note: str
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One field's change: who made it, when, from what to what, already worded."""

    id: int
    entry_id: int
    at: datetime
    who: str
    field: str
    old: str
    new: str
    reason: str


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that a picker offers; `detail` tells it from others of the same name."""

    id: int
    title: str
    detail: str = ""
    search: str = ""


@dataclass(frozen=True, slots=True)
class DeviceTypeRow:
    """A maker's model: what the picker fills in."""

    id: int
    maker: str
    model: str
    u_height: float
    is_full_depth: bool
    part_number: str


@dataclass(frozen=True, slots=True)
class RackUnit:
    """What hangs in a rack: from `u_bottom` on, `u_height` high; state None when nothing watches it."""

    ci_id: int
    version: int
    name: str
    class_name: str
    u_bottom: float | None
    u_height: float
    state: State | None
    is_stale: bool


@dataclass(frozen=True, slots=True)
class RackRow:
    """A rack from the top down, and what stands in it without a U of its own (`loose`)."""

    id: int
    version: int
    name: str
    path: str
    height_u: float
    units: tuple[RackUnit, ...]
    loose: tuple[RackUnit, ...]
