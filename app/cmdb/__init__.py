"""Configuration items, their places, racks, relations and device types (REQUIREMENTS D1, D2)."""

from typing import TYPE_CHECKING

from app.cmdb.checking import checked, checked_place
from app.cmdb.commands import create, edit, end_relation, move, relate, void
from app.cmdb.places import create_place, edit_place, place, place_choices, void_place
from app.cmdb.queries import (
    detail,
    device_types,
    history,
    maintainer_choices,
    person_choices,
    relations,
    search,
)
from app.cmdb.racks import rack
from app.cmdb.rows import CiDraft, PlaceDraft
from app.cmdb.tree import find, levels, path_to, size
from app.late import late
from app.tree_node import TreeView

if TYPE_CHECKING:
    from app.cmdb.exporting import export_devices
    from app.cmdb.importing import import_devices, keep_sheet, preview, read_sheet, save_refused
    from app.cmdb.library import import_device_types
else:
    __getattr__ = late(
        "app.cmdb",
        exporting=("export_devices",),
        importing=("import_devices", "keep_sheet", "preview", "read_sheet", "save_refused"),
        library=("import_device_types",),
    )

__all__ = [
    "CiDraft",
    "PlaceDraft",
    "TreeView",
    "checked",
    "checked_place",
    "create",
    "create_place",
    "detail",
    "device_types",
    "edit",
    "edit_place",
    "end_relation",
    "export_devices",
    "find",
    "history",
    "import_device_types",
    "import_devices",
    "keep_sheet",
    "levels",
    "maintainer_choices",
    "move",
    "path_to",
    "person_choices",
    "place",
    "place_choices",
    "preview",
    "rack",
    "read_sheet",
    "relate",
    "relations",
    "save_refused",
    "search",
    "size",
    "void",
    "void_place",
]
