"""What the desk can do with configuration items and their relations."""

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from app.ci_classes import class_of
from app.cmdb.checking import checked
from app.cmdb.racks import check_placement
from app.cmdb.rows import CiDraft
from app.desk import Tx, command
from app.errors import BadInput, Conflict, Refused
from app.permissions import Permission
from app.pinyin import SEARCH_LIMIT, search_text
from app.text import clean_line
from app.words import label, tr
from models.cmdb import Ci, DeviceType, Place, Relation
from models.enums import RelationKind
from models.monitoring import Check
from models.people import Contact, Person

FIELDS = tuple(each.name for each in fields(CiDraft))
CHAIN_LIMIT = 64


@command(Permission.CMDB_EDIT)
def create(tx: Tx, key: UUID, draft: CiDraft) -> int:
    """Make a configuration item and return its id; the same key again returns the one that is there."""
    present = tx.already(Ci, key)
    return present.id if present else add(tx, key, draft)


@command(Permission.CMDB_EDIT)
def edit(tx: Tx, ci_id: int, version: int, draft: CiDraft) -> None:
    """Make a configuration item what `draft` says. Raises Conflict with what differs, or BadInput."""
    present = tx.find(Ci, ci_id)
    draft = checked(draft)
    try:
        row = tx.get(Ci, ci_id, version)
    except Conflict as conflict:
        raise _differing(conflict, draft_of(present), draft) from conflict
    change(tx, row, draft)


@command(Permission.CMDB_EDIT)
def move(tx: Tx, ci_id: int, version: int, place_id: int | None, u_bottom: float | None = None) -> None:
    """Put a configuration item somewhere else, at a U when that is a rack. Raises BadInput where it does not fit."""
    row = tx.get(Ci, ci_id, version)
    _refuse_void(row)
    change(tx, row, checked(replace(draft_of(row), place_id=place_id, u_bottom=u_bottom)))


@command(Permission.CMDB_EDIT)
def void(tx: Tx, ci_id: int, version: int, reason: str) -> None:
    """Strike out a configuration item: it leaves the tree and its rack, and is watched no more.

    Raises Refused while others are reached through it.
    """
    reason = clean_line(reason, 250)
    if not reason:
        raise BadInput(tr("Say why it is voided."), "void_reason")
    row = tx.get(Ci, ci_id, version)
    _refuse_void(row)
    child = tx.session.scalars(select(Ci.name).where(Ci.parent_id == ci_id, Ci.voided_at.is_(None)).limit(1)).first()
    if child is not None:
        raise Refused(
            tr(
                "“{child}” is reached through “{name}”. Change that first; nothing was voided.",
                child=child,
                name=row.name,
            )
        )
    row.voided_at, row.void_reason = tx.now, reason
    tx.session.execute(
        update(Check).where(Check.ci_id == ci_id, Check.is_enabled).values(is_enabled=False, version=Check.version + 1)
    )
    tx.session.execute(
        update(Relation)
        .where(or_(Relation.source_id == ci_id, Relation.target_id == ci_id), Relation.ended_at.is_(None))
        .values(ended_at=tx.now)
    )


@command(Permission.CMDB_EDIT)
def relate(tx: Tx, key: UUID, source_id: int, kind: RelationKind, target_id: int, note: str = "") -> int:
    """Add a relation and return its id. Raises BadInput for itself, for one that is there, and for a loop of parts."""
    present = tx.already(Relation, key)
    if present is not None:
        return present.id
    if source_id == target_id:
        raise BadInput(tr("A thing has no relation to itself."), "target_id")
    for ci_id in (source_id, target_id):
        _refuse_void(tx.find(Ci, ci_id))
    if _held(tx, kind, source_id, target_id):
        raise BadInput(tr("This relation is already recorded."), "target_id")
    if kind is not RelationKind.CONNECTS_TO and _reaches(tx, kind, target_id, source_id):
        raise BadInput(tr("That would close a loop of “{kind}”.", kind=label(kind)), "target_id")
    row = Relation(key=key, kind=kind, source_id=source_id, target_id=target_id, note=clean_line(note, 250))
    return tx.add(row).id


@command(Permission.CMDB_EDIT)
def end_relation(tx: Tx, relation_id: int) -> None:
    """End a relation; it stays in the history. Ending it twice changes nothing."""
    row = tx.find(Relation, relation_id)
    if row.ended_at is None:
        row.ended_at = tx.now


def add(tx: Tx, key: UUID, draft: CiDraft) -> int:
    """Insert a configuration item inside a command's transaction and return its id."""
    draft = checked(draft)
    row = Ci(key=key)
    _fill(row, draft)
    _check(tx, row, frozenset(FIELDS))
    return tx.add(row).id


def change(tx: Tx, row: Ci, draft: CiDraft) -> None:
    """Make a loaded row what a checked draft says, inside a command's transaction."""
    _refuse_void(row)
    before = draft_of(row)
    changed = frozenset(name for name in FIELDS if getattr(before, name) != getattr(draft, name))
    with tx.session.no_autoflush:
        _fill(row, draft)
        _check(tx, row, changed)
    tx.session.flush()


def draft_of(row: Ci) -> CiDraft:
    """Return what a row says as a draft."""
    values: dict[str, Any] = {name: getattr(row, name) for name in FIELDS}
    return CiDraft(**{**values, "attributes": dict(row.attributes)})


def searched(draft: CiDraft) -> str:
    """Return what a search by name looks at; address, serial and model have columns of their own."""
    return search_text(draft.name, draft.code, limit=SEARCH_LIMIT)


def _fill(row: Ci, draft: CiDraft) -> None:
    for name in FIELDS:
        value = getattr(draft, name)
        if getattr(row, name) != value:
            setattr(row, name, value)
    row.search = searched(draft)


def _check(tx: Tx, row: Ci, changed: frozenset[str]) -> None:
    if "code" in changed and row.code:
        _check_code(tx, row)
    if "place_id" in changed and row.place_id is not None:
        place = tx.session.get(Place, row.place_id)
        if place is None or place.voided_at is not None:
            raise BadInput(tr("That place is gone."), "place_id")
    if "parent_id" in changed and row.parent_id is not None:
        _check_parent(tx, row)
    _check_targets(tx, row, changed)
    if "device_type_id" in changed or row.u_height is None:
        _take_height(tx, row)
    if changed & {"place_id", "u_bottom", "u_height"}:
        _check_rackable(row)
        check_placement(tx, row)


def _check_code(tx: Tx, row: Ci) -> None:
    other = tx.session.scalars(
        select(Ci.name).where(Ci.code == row.code, Ci.voided_at.is_(None), Ci.id != (row.id or 0)).limit(1)
    ).first()
    if other is not None:
        raise BadInput(tr("The asset code {code} belongs to “{name}”.", code=row.code, name=other), "code")


def _check_parent(tx: Tx, row: Ci) -> None:
    """Refuse a parent that is itself reached through this one; the chain's rows are locked on the way up."""
    at: int | None = row.parent_id
    for _ in range(CHAIN_LIMIT):
        if at is None:
            return
        if at == row.id:
            raise BadInput(tr("That is a loop: each would be reached through the other."), "parent_id")
        found = tx.session.execute(select(Ci.parent_id, Ci.voided_at).where(Ci.id == at).with_for_update()).first()
        if found is None or (at == row.parent_id and found.voided_at is not None):
            raise BadInput(tr("The device through which it is reached is gone."), "parent_id")
        at = found.parent_id
    raise BadInput(tr("The chain of devices is longer than {n}.", n=CHAIN_LIMIT), "parent_id")


def _check_targets(tx: Tx, row: Ci, changed: frozenset[str]) -> None:
    targets: Mapping[str, type[Any]] = {
        "device_type_id": DeviceType,
        "owner_id": Person,
        "maintainer_id": Contact,
    }
    for name, model in targets.items():
        wanted = getattr(row, name)
        if name in changed and wanted is not None and tx.session.get(model, wanted) is None:
            raise BadInput(tr("That entry is gone."), name)


def _take_height(tx: Tx, row: Ci) -> None:
    """Let a device type fill in the height that nobody gave."""
    if row.u_height is None and row.device_type_id is not None:
        device_type = tx.session.get(DeviceType, row.device_type_id)
        row.u_height = device_type.u_height if device_type else None


def _check_rackable(row: Ci) -> None:
    if row.u_bottom is not None and not class_of(row.class_name).goes_in_racks:
        raise BadInput(tr("The class {name} does not hang in racks.", name=class_of(row.class_name).label), "u_bottom")


def _refuse_void(row: Ci) -> None:
    if row.voided_at is not None:
        raise Refused(tr("“{name}” is void and can't be changed.", name=row.name))


def _held(tx: Tx, kind: RelationKind, source_id: int, target_id: int) -> bool:
    """Tell whether the relation is recorded; a connection counts in both directions."""
    ends = [(source_id, target_id)]
    if kind is RelationKind.CONNECTS_TO:
        ends.append((target_id, source_id))
    for source, target in ends:
        query = select(Relation.id).where(
            Relation.kind == kind,
            Relation.source_id == source,
            Relation.target_id == target,
            Relation.ended_at.is_(None),
        )
        if tx.session.scalars(query).first() is not None:
            return True
    return False


def _reaches(tx: Tx, kind: RelationKind, start: int, goal: int) -> bool:
    """Tell whether `goal` is reached from `start` over relations of one kind."""
    seen: set[int] = set()
    edge = {start}
    while edge:
        if goal in edge:
            return True
        seen |= edge
        found = tx.session.scalars(
            select(Relation.target_id).where(
                Relation.kind == kind, Relation.source_id.in_(edge), Relation.ended_at.is_(None)
            )
        )
        edge = set(found) - seen
    return False


def _differing(conflict: Conflict, theirs: CiDraft, yours: CiDraft) -> Conflict:
    """Return the conflict with the fields that differ; a class's own fields are named one by one."""
    plain = [n for n in FIELDS if n != "attributes" and getattr(theirs, n) != getattr(yours, n)]
    their_fields: dict[str, object] = {name: getattr(theirs, name) for name in plain}
    your_fields: dict[str, object] = {name: getattr(yours, name) for name in plain}
    for name in sorted(theirs.attributes.keys() | yours.attributes.keys()):
        if theirs.attributes.get(name) != yours.attributes.get(name):
            their_fields[name] = theirs.attributes.get(name)
            your_fields[name] = yours.attributes.get(name)
    return Conflict(conflict.what, conflict.who, their_fields, your_fields)
