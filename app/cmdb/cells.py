"""One row of somebody's device sheet: its cells become the fields of a draft, or the reason why not."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.ci_classes import OTHER, Attribute, catalogue, class_of
from app.cmdb.checking import attribute_value, day, number
from app.cmdb.known import Known
from app.cmdb.places import PATH_JOINT
from app.errors import BadInput
from app.importers.sheet_map import SheetMap
from app.sheets import Value, as_text
from app.text import clean_line
from app.words import label, tr
from models.enums import CiState

LINE_FIELDS = (
    "name",
    "code",
    "address",
    "maker",
    "model",
    "serial",
    "firmware",
    "supplier",
    "purpose",
    "persons_allowed",
    "note",
)
NUMBER_FIELDS = ("u_bottom", "u_height")
DATE_FIELDS = ("bought_on", "warranty_until")
PLACE_COLUMNS = ("site", "room", "rack")
OTHER_WORDS = {
    "使用中": CiState.IN_USE,
    "运行": CiState.IN_USE,
    "正常": CiState.IN_USE,
    "在用": CiState.IN_USE,
    "备用": CiState.STANDBY,
    "库存": CiState.IN_STOCK,
    "维修": CiState.REPAIR,
    "维修中": CiState.REPAIR,
    "报废": CiState.RETIRED,
    "已报废": CiState.RETIRED,
    "规划中": CiState.PLANNED,
    "active": CiState.IN_USE,
}


@dataclass(frozen=True, slots=True)
class Cells:
    """What one row says: fields of a draft, the place's names from the outside in, the parent's name, the record's key.

    An empty cell says nothing: what the record holds stays as it is.
    """

    fields: dict[str, Any]
    attributes: dict[str, Any]
    place: tuple[str, ...]
    parent: str
    key: UUID | None


def read_cells(row: Sequence[Value], sheet: SheetMap, known: Known) -> Cells:
    """Return what a row says. Raises BadInput with the field whose cell can't be read."""
    texts = {name: _text(row, place) for name, place in sheet.columns.items()}
    fields: dict[str, Any] = {name: texts[name] for name in LINE_FIELDS if texts.get(name)}
    for name in NUMBER_FIELDS:
        if texts.get(name):
            fields[name] = number(texts[name], name)
    for name in DATE_FIELDS:
        if texts.get(name):
            fields[name] = day(texts[name], name)
    if texts.get("class_name"):
        fields["class_name"] = class_named(texts["class_name"])
    if texts.get("state"):
        fields["state"] = state_named(texts["state"])
    _look_up(fields, texts, known)
    return Cells(
        fields=fields,
        attributes=_attributes(row, sheet, fields.get("class_name", "")),
        place=_place(texts),
        parent=texts.get("parent_id", ""),
        key=_key(row, sheet),
    )


def key_heading() -> str:
    """Return the heading of the column by which a sheet finds its records again."""
    return tr("Record key")


def attribute_heading(attribute: Attribute) -> str:
    """Return the heading of a class's own field: "Memory (GB)"."""
    return f"{attribute.label} ({attribute.unit})" if attribute.unit else attribute.label


def class_named(text: str) -> str:
    """Return the class that a sheet names in either language. Raises BadInput."""
    wanted = text.casefold()
    for kind in catalogue().classes.values():
        if wanted in (kind.name, kind.en.casefold(), kind.zh_cn.casefold()):
            return kind.name
    raise BadInput(tr("There is no class “{name}”.", name=clean_line(text, 40)), "class_name")


def state_named(text: str) -> CiState:
    """Return the life-cycle state that a sheet names. Raises BadInput."""
    wanted = text.casefold()
    for state in CiState:
        if wanted in (state.value, state.label.casefold(), label(state).casefold()):
            return state
    if wanted in OTHER_WORDS:
        return OTHER_WORDS[wanted]
    raise BadInput(tr("There is no life-cycle state “{name}”.", name=clean_line(text, 40)), "state")


def _text(row: Sequence[Value], place: int) -> str:
    return as_text(row[place]).strip() if place < len(row) else ""


def _look_up(fields: dict[str, Any], texts: Mapping[str, str], known: Known) -> None:
    if texts.get("owner_id"):
        fields["owner_id"] = known.people.find(texts["owner_id"], "owner_id")
    if texts.get("maintainer_id"):
        fields["maintainer_id"] = known.maintainers.find(texts["maintainer_id"], "maintainer_id")
    slug = texts.get("device_type_id", "")
    if slug:
        if slug not in known.device_types:
            raise BadInput(tr("There is no device type “{slug}”.", slug=slug[:60]), "device_type_id")
        fields["device_type_id"], height = known.device_types[slug]
        fields.setdefault("u_height", height)


def _place(texts: Mapping[str, str]) -> tuple[str, ...]:
    if texts.get("place_id"):
        parts = texts["place_id"].split(PATH_JOINT.strip())
    else:
        parts = [texts.get(name, "") for name in PLACE_COLUMNS]
    return tuple(part.strip() for part in parts if part.strip())


def _attributes(row: Sequence[Value], sheet: SheetMap, class_name: str) -> dict[str, Any]:
    """Return the class's own fields that have a column of their own and a value."""
    places = {heading.casefold(): place for heading, place in sheet.others.items()}
    found: dict[str, Any] = {}
    for attribute in class_of(class_name or OTHER).attributes:
        names = (attribute_heading(attribute), attribute.name, attribute.en, attribute.zh_cn)
        place = next((places[name.casefold()] for name in names if name.casefold() in places), None)
        if place is not None and _text(row, place):
            found[attribute.name] = attribute_value(attribute, _text(row, place))
    return found


def _key(row: Sequence[Value], sheet: SheetMap) -> UUID | None:
    place = next((p for heading, p in sheet.others.items() if heading.casefold() == key_heading().casefold()), None)
    text = _text(row, place) if place is not None else ""
    try:
        return UUID(text) if text else None
    except ValueError as error:
        raise BadInput(tr("“{text}” is no record key.", text=clean_line(text, 40))) from error
