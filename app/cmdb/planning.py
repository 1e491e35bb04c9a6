"""What an import of configuration items will do, planned in memory before anything is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID, uuid4

from app.ci_classes import OTHER
from app.ci_words import field_label
from app.cmdb.cells import Cells, read_cells
from app.cmdb.checking import checked
from app.cmdb.known import Item, Known
from app.cmdb.places import PlaceRow, chain
from app.cmdb.racks import Span, check_room, span
from app.cmdb.rows import CiDraft
from app.errors import BadInput
from app.importers.report import Progress, Refusal
from app.importers.sheet_map import SheetMap
from app.sheets import Value
from app.words import tr
from models.enums import PlaceKind

NEW_RACK_U = 42.0
TELL_EVERY = 500
Path = tuple[str, ...]


class Action(StrEnum):
    ADD = "add"
    CHANGE = "change"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row that can be taken; `new_place` is the path of a place still to be made, `parent` its parent's key."""

    row: int
    action: Action
    key: UUID
    draft: CiDraft
    item: Item | None
    new_place: Path = ()
    parent: UUID | None = None
    changed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be added, changed and left, what is refused, the places to be made, and headings nobody knows."""

    rows: int
    entries: tuple[Entry, ...]
    refusals: tuple[Refusal, ...]
    new_places: tuple[tuple[Path, PlaceKind], ...]
    unknown_headings: tuple[str, ...] = ()


def plan(rows: Sequence[Sequence[Value]], sheet: SheetMap, known: Known, progress: Progress) -> Plan:
    """Return the plan for the rows below the headings; row numbers are the sheet's own, from 1."""
    planner = _Planner(sheet, known)
    begin = sheet.row + 1
    for place, row in enumerate(rows[begin:], begin):
        if place % TELL_EVERY == 0:
            progress.progress(place / len(rows), tr("{done} of {of} rows checked", done=place, of=len(rows)))
        if row:
            planner.take(place + 1, row)
    return planner.finished()


@dataclass(slots=True)
class _Planner:
    sheet: SheetMap
    known: Known
    entries: dict[UUID, Entry] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    parents: dict[UUID, str] = field(default_factory=dict)
    taken: dict[int | Path, dict[UUID, Span]] = field(default_factory=dict)
    new_places: dict[Path, PlaceKind] = field(default_factory=dict)
    found_places: dict[Path, int | None] = field(default_factory=dict)
    codes: dict[str, UUID] = field(default_factory=dict)
    rows: int = 0

    def __post_init__(self) -> None:
        self.codes = dict(self.known.by_code)
        for key, item in self.known.items.items():
            draft = item.draft
            if draft.place_id is not None and draft.u_bottom is not None:
                self._hang(draft.place_id, key, span(item.id, draft.name, draft.u_bottom, draft.u_height))

    def take(self, number: int, row: Sequence[Value]) -> None:
        """Plan one row, or keep why it is refused."""
        self.rows += 1
        try:
            self._take(number, read_cells(row, self.sheet, self.known))
        except BadInput as error:
            self._refuse(number, error, row)

    def finished(self) -> Plan:
        keys = self._keys_by_name()
        for key, name in self.parents.items():
            self._set_parent(self.entries[key], name, keys)
        entries = tuple(self.entries.values())
        wanted = {entry.new_place[:depth] for entry in entries for depth in range(1, len(entry.new_place) + 1)}
        places = tuple((path, kind) for path, kind in self.new_places.items() if path in wanted)
        refusals = tuple(sorted(self.refusals, key=lambda refusal: refusal.row))
        return Plan(self.rows, entries, refusals, places)

    def _take(self, number: int, cells: Cells) -> None:
        item = self._find(cells)
        key = item.key if item else cells.key or uuid4()
        if key in self.entries:
            raise BadInput(tr("This is the same record as row {row}.", row=self.entries[key].row))
        entry = self._entry(number, cells, item, key)
        owner = self.codes.get(entry.draft.code.casefold()) if entry.draft.code else None
        if owner not in (None, key):
            raise BadInput(tr("The asset code {code} is there already.", code=entry.draft.code), "code")
        self._reserve(entry)
        if entry.draft.code:
            self.codes[entry.draft.code.casefold()] = key
        self.entries[key] = entry
        if cells.parent:
            self.parents[key] = cells.parent

    def _find(self, cells: Cells) -> Item | None:
        """Return the record that a row is about: by its key, else its asset code, else class and name."""
        if cells.key is not None and cells.key in self.known.items:
            return self.known.items[cells.key]
        code = str(cells.fields.get("code", "")).casefold()
        if code and code in self.known.by_code:
            return self.known.items[self.known.by_code[code]]
        name = str(cells.fields.get("name", "")).casefold()
        same = self.known.by_name.get((cells.fields.get("class_name", OTHER), name), [])
        same = [key for key in same if not (code and self.known.items[key].draft.code)]
        if len(same) > 1:
            raise BadInput(tr("More than one is called “{name}”: give the asset code.", name=name[:60]), "name")
        return self.known.items[same[0]] if same else None

    def _entry(self, number: int, cells: Cells, item: Item | None, key: UUID) -> Entry:
        base = item.draft if item else CiDraft(OTHER, "")
        fields, new_place = dict(cells.fields), Path()
        if cells.place:
            fields["place_id"], new_place = self._place(cells.place, "u_bottom" in fields)
        draft = replace(base, **fields, attributes={**base.attributes, **cells.attributes})
        draft = checked(draft)
        changed = _differing(base, draft) if item else ()
        action = Action.ADD if item is None else Action.CHANGE if changed or new_place else Action.KEEP
        return Entry(number, action, key, draft, item, new_place, None, changed)

    def _place(self, names: Path, hangs: bool) -> tuple[int | None, Path]:
        """Return the place of these names, or the path of one to be made."""
        found = self._cached(names)
        if found is not None:
            return found, ()
        around = self._deepest(names)
        above = self.known.places[around].kind if around is not None else None
        depth = len(names) - self._missing(names)
        for kind in _kinds(names[depth:], above, hangs):
            depth += 1
            self.new_places.setdefault(names[:depth], kind)
        return None, names

    def _missing(self, names: Path) -> int:
        """Return how many of the innermost names are not there yet."""
        return next((n for n in range(len(names)) if self._cached(names[: len(names) - n]) is not None), len(names))

    def _deepest(self, names: Path) -> int | None:
        """Return the innermost place that is there already."""
        return self._cached(names[: len(names) - self._missing(names)])

    def _cached(self, names: Path) -> int | None:
        if names and names not in self.found_places:
            self.found_places[names] = known_place(self.known.places, names)
        return self.found_places[names] if names else None

    def _reserve(self, entry: Entry) -> None:
        """Hold the units that an entry fills, so that the next row can't have them."""
        draft = entry.draft
        if entry.item and entry.item.draft.place_id is not None:
            self.taken.get(entry.item.draft.place_id, {}).pop(entry.key, None)
        where: int | Path | None = draft.place_id if not entry.new_place else entry.new_place
        if draft.u_bottom is None or where is None:
            return
        wanted = span(-1, draft.name, draft.u_bottom, draft.u_height)
        try:
            check_room(self._height(where), self.taken.get(where, {}).values(), wanted)
        except BadInput:
            self._give_back(entry)
            raise
        self._hang(where, entry.key, wanted)

    def _give_back(self, entry: Entry) -> None:
        if entry.item:
            old = entry.item.draft
            if old.place_id is not None and old.u_bottom is not None:
                self._hang(old.place_id, entry.key, span(entry.item.id, old.name, old.u_bottom, old.u_height))

    def _height(self, where: int | Path) -> float:
        if isinstance(where, tuple):
            return NEW_RACK_U
        place = self.known.places.get(where)
        if place is None or place.kind is not PlaceKind.RACK or place.height_u is None:
            raise BadInput(tr("Only a rack has units: choose a rack, or leave the lowest U empty."), "u_bottom")
        return place.height_u

    def _hang(self, where: int | Path, key: UUID, what: Span) -> None:
        self.taken.setdefault(where, {})[key] = what

    def _keys_by_name(self) -> dict[str, set[UUID]]:
        drafts = {key: item.draft for key, item in self.known.items.items()}
        drafts |= {key: entry.draft for key, entry in self.entries.items()}
        found: dict[str, set[UUID]] = {}
        for key, draft in drafts.items():
            for name in (draft.name, draft.code, str(key)):
                if name:
                    found.setdefault(name.casefold(), set()).add(key)
        return found

    def _set_parent(self, entry: Entry, name: str, keys: Mapping[str, set[UUID]]) -> None:
        """Find the parent among the records and the rows of this sheet."""
        found = keys.get(name.casefold(), set())
        if len(found) != 1 or entry.key in found:
            del self.entries[entry.key]
            reason = tr("{n} things are called “{name}”.", n=len(found - {entry.key}), name=name[:60])
            self.refusals.append(Refusal(entry.row, f"{field_label('parent_id')}: {reason}", entry.draft.name))
            return
        (parent,) = found
        known = self.known.items.get(parent)
        before = entry.item.draft.parent_id if entry.item else None
        if known is None or known.id != before:
            action = Action.CHANGE if entry.action is Action.KEEP else entry.action
            entry = replace(entry, action=action, parent=parent, changed=(*entry.changed, "parent_id"))
        self.entries[entry.key] = entry

    def _refuse(self, number: int, error: BadInput, row: Sequence[Value]) -> None:
        class_column = self.sheet.columns.get("class_name", -1)
        class_name = str(row[class_column]) if 0 <= class_column < len(row) else ""
        where = field_label(error.field, class_name) if error.field else ""
        reason = f"{where}: {error.sentence()}" if where else error.sentence()
        name_column = self.sheet.columns.get("name", 0)
        what = str(row[name_column]) if name_column < len(row) and row[name_column] is not None else ""
        self.refusals.append(Refusal(number, reason, what[:120]))


def known_place(places: Mapping[int, PlaceRow], names: Path) -> int | None:
    """Return the one place whose chain of names ends in `names`, with other places between them allowed.

    Raises BadInput when there is more than one.
    """
    found = [
        place_id
        for place_id, place in places.items()
        if place.name == names[-1] and _is_within(names, [each.name for each in chain(places, place_id)])
    ]
    if len(found) > 1:
        raise BadInput(tr("More than one place is called “{name}”.", name=names[-1][:60]), "place_id")
    return found[0] if found else None


def _kinds(names: Path, above: PlaceKind | None, hangs: bool) -> list[PlaceKind]:
    """Guess what places still to be made are, by what they stand in and by how many there are."""
    site, room, row, rack = PlaceKind.SITE, PlaceKind.ROOM, PlaceKind.ROW, PlaceKind.RACK
    guesses: dict[tuple[PlaceKind | None, int], list[PlaceKind]] = {
        (None, 1): [room],
        (None, 2): [room, rack] if hangs else [site, room],
        (None, 3): [site, room, rack],
        (None, 4): [site, room, row, rack],
        (site, 1): [room],
        (site, 2): [room, rack],
        (site, 3): [room, row, rack],
        (room, 1): [rack],
        (room, 2): [row, rack],
        (row, 1): [rack],
    }
    if (above, len(names)) not in guesses:
        raise BadInput(tr("A place is written as site / room / row / rack."), "place_id")
    return guesses[above, len(names)]


def _is_within(names: Path, whole: Sequence[str]) -> bool:
    """Tell whether `names` come in this order in `whole`."""
    rest = iter(whole)
    return all(name in rest for name in names)


def _differing(before: CiDraft, after: CiDraft) -> tuple[str, ...]:
    names = [n for n in before.__dataclass_fields__ if n != "attributes" and getattr(before, n) != getattr(after, n)]
    keys = sorted(before.attributes.keys() | after.attributes.keys())
    return (*names, *(key for key in keys if before.attributes.get(key) != after.attributes.get(key)))
