"""Sites, rooms, rows and racks: their paths and the commands that make and change them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select

from app.cmdb.checking import checked_place
from app.cmdb.rows import Choice, PlaceDetail, PlaceDraft
from app.desk import ReadTx, Tx, command
from app.errors import BadInput, Conflict, NotFound, Refused
from app.permissions import Permission
from app.pinyin import search_text
from app.text import clean_line
from app.words import label, tr
from models.cmdb import Ci, Place
from models.enums import PlaceKind

PATH_JOINT = " / "
INSIDE: Mapping[PlaceKind, tuple[PlaceKind | None, ...]] = {
    PlaceKind.SITE: (None,),
    PlaceKind.ROOM: (None, PlaceKind.SITE),
    PlaceKind.OFFICE: (None, PlaceKind.SITE),
    PlaceKind.ROW: (PlaceKind.ROOM,),
    PlaceKind.RACK: (PlaceKind.ROOM, PlaceKind.ROW, PlaceKind.OFFICE),
}
"""What each kind of place may stand in; None is the top of the tree."""


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """A place as the tree needs it."""

    id: int
    parent_id: int | None
    kind: PlaceKind
    name: str
    height_u: float | None
    search: str


def every_place(tx: ReadTx) -> dict[int, PlaceRow]:
    """Return all places that are not void, by id, in the order of their names."""
    columns = (Place.id, Place.parent_id, Place.kind, Place.name, Place.height_u, Place.search)
    rows = tx.session.execute(select(*columns).where(Place.voided_at.is_(None)).order_by(Place.name, Place.id))
    return {row.id: PlaceRow(*row) for row in rows}


def chain(places: Mapping[int, PlaceRow], place_id: int | None) -> list[PlaceRow]:
    """Return a place and what it stands in, the outermost first; empty for no place."""
    found: list[PlaceRow] = []
    while place_id is not None and place_id in places and len(found) < len(places):
        found.append(places[place_id])
        place_id = found[-1].parent_id
    return found[::-1]


def path_of(places: Mapping[int, PlaceRow], place_id: int | None) -> str:
    """Return "site / room / row / rack"."""
    return PATH_JOINT.join(place.name for place in chain(places, place_id))


def place_choices(tx: ReadTx) -> list[Choice]:
    """Return every place for a picker, by path."""
    places = every_place(tx)
    choices = [Choice(p.id, path_of(places, p.id), label(p.kind), p.search) for p in places.values()]
    return sorted(choices, key=lambda choice: choice.title)


def place(tx: ReadTx, place_id: int) -> PlaceDetail:
    """Return one place. Raises NotFound."""
    row = tx.session.get(Place, place_id)
    if row is None:
        raise NotFound(tr("place"), place_id)
    return PlaceDetail(row.id, row.version, _draft(row), path_of(every_place(tx), place_id))


@command(Permission.CMDB_EDIT)
def create_place(tx: Tx, key: UUID, draft: PlaceDraft) -> int:
    """Make a place and return its id; the same key again returns the place that is there."""
    present = tx.already(Place, key)
    if present is not None:
        return present.id
    draft = checked_place(draft)
    _check_standing(tx, draft, None)
    row = Place(key=key, search=search_text(draft.name, limit=250), **_columns(draft))
    return tx.add(row).id


@command(Permission.CMDB_EDIT)
def edit_place(tx: Tx, place_id: int, version: int, draft: PlaceDraft) -> None:
    """Change a place. Raises Conflict, and Refused when a rack would become too low for what hangs in it."""
    draft = checked_place(draft)
    present = tx.find(Place, place_id)
    if present.version != version:
        raise _conflict(tx, present, version, draft)
    if draft.kind is not present.kind and _is_holding(tx, place_id):
        raise BadInput(tr("The kind of a place that holds something can't change."), "kind")
    _check_standing(tx, draft, place_id)
    _check_height(tx, place_id, draft)
    row = tx.get(Place, place_id, version)
    for name, value in _columns(draft).items():
        setattr(row, name, value)
    row.search = search_text(draft.name, limit=250)


@command(Permission.CMDB_EDIT)
def void_place(tx: Tx, place_id: int, version: int, reason: str) -> None:
    """Strike out an empty place. Raises Refused while anything stands in it."""
    reason = clean_line(reason, 250)
    if not reason:
        raise BadInput(tr("Say why it is voided."), "void_reason")
    row = tx.get(Place, place_id, version)
    if _is_holding(tx, place_id):
        raise Refused(tr("“{name}” still holds something. Move that first; nothing was changed.", name=row.name))
    row.voided_at, row.void_reason = tx.now, reason


def _is_holding(tx: ReadTx, place_id: int) -> bool:
    places = exists().where(Place.parent_id == place_id, Place.voided_at.is_(None))
    items = exists().where(Ci.place_id == place_id, Ci.voided_at.is_(None))
    return bool(tx.session.scalar(select(places | items)))


def _check_standing(tx: Tx, draft: PlaceDraft, place_id: int | None) -> None:
    places = every_place(tx)
    parent = places.get(draft.parent_id) if draft.parent_id is not None else None
    if draft.parent_id is not None and parent is None:
        raise BadInput(tr("The place around it is gone."), "parent_id")
    if (parent.kind if parent else None) not in INSIDE[draft.kind]:
        where = ", ".join(label(kind) if kind else tr("top of the tree") for kind in INSIDE[draft.kind])
        raise BadInput(
            tr("A place of the kind {kind} stands in: {where}.", kind=label(draft.kind), where=where), "parent_id"
        )
    if place_id is not None and any(above.id == place_id for above in chain(places, draft.parent_id)):
        raise BadInput(tr("A place can't stand in itself."), "parent_id")
    for other in places.values():
        if other.id != place_id and (other.parent_id, other.name) == (draft.parent_id, draft.name):
            raise BadInput(tr("There is already a “{name}” here.", name=draft.name), "name")


def _check_height(tx: Tx, place_id: int, draft: PlaceDraft) -> None:
    if draft.height_u is None:
        return
    rows = tx.session.execute(
        select(Ci.name, Ci.u_bottom, Ci.u_height).where(
            Ci.place_id == place_id, Ci.voided_at.is_(None), Ci.u_bottom.is_not(None)
        )
    )
    for name, bottom, height in rows:
        if (bottom or 0) + (height or 0) - 1 > draft.height_u:
            raise BadInput(tr("“{name}” hangs higher than that.", name=name), "height_u")


def _columns(draft: PlaceDraft) -> dict[str, Any]:
    return {each.name: getattr(draft, each.name) for each in fields(draft)}


def _draft(row: Place) -> PlaceDraft:
    return PlaceDraft(**{each.name: getattr(row, each.name) for each in fields(PlaceDraft)})


def _conflict(tx: Tx, row: Place, version: int, draft: PlaceDraft) -> Conflict:
    theirs, yours = _columns(_draft(row)), _columns(draft)
    differing = [name for name in yours if theirs[name] != yours[name]]
    try:
        tx.get(Place, row.id, version)
    except Conflict as conflict:
        return Conflict(
            conflict.what, conflict.who, {n: theirs[n] for n in differing}, {n: yours[n] for n in differing}
        )
    raise AssertionError("a conflict was expected")
