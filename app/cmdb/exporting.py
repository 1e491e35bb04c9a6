"""All configuration items as a sheet that the import reads back unchanged."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from app.ci_classes import Attribute, AttributeKind, class_of
from app.ci_words import field_label
from app.cmdb.cells import attribute_heading, key_heading
from app.cmdb.known import Item, maintainer_title, read_known
from app.cmdb.places import path_of
from app.desk import Desk, ReadTx, Tx, command
from app.errors import BadInput
from app.importers.report import Progress
from app.permissions import Permission
from app.sheets import Value, write_csv, write_xlsx
from app.words import label, tr
from models.people import Contact, Person

FIELDS = (
    "class_name",
    "name",
    "code",
    "state",
    "address",
    "maker",
    "model",
    "device_type_id",
    "serial",
    "firmware",
    "place_id",
    "u_bottom",
    "u_height",
    "parent_id",
    "owner_id",
    "maintainer_id",
    "supplier",
    "bought_on",
    "warranty_until",
    "purpose",
    "persons_allowed",
    "note",
)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet's headings and rows."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def export_devices(desk: Desk, progress: Progress, path: Path) -> int:
    """Write every configuration item to `path`, .xlsx or .csv, and return how many; the trail keeps it."""
    write = {".xlsx": _write_xlsx, ".csv": write_csv}.get(path.suffix.lower())
    if write is None:
        raise BadInput(tr("Name a file that ends in .xlsx or .csv."))
    progress.progress(0.0, tr("Reading the configuration items"))
    table = desk.read(device_table)
    progress.progress(0.5, tr("Writing the sheet"))
    write(path, table.columns, table.rows)
    desk.do(note_export, len(table.rows), path.name)
    return len(table.rows)


def device_table(tx: ReadTx) -> Table:
    """Return all configuration items by class and name, with every field of every class that occurs."""
    known = read_known(tx)
    items = sorted(known.items.values(), key=lambda item: (item.draft.class_name, item.draft.name, item.id))
    attributes: dict[str, Attribute] = {}
    for name in dict.fromkeys(item.draft.class_name for item in items):
        attributes |= {attribute.name: attribute for attribute in class_of(name).attributes}
    names = _Written(
        _told_apart(items),
        {row.id: row.name for row in tx.session.execute(select(Person.id, Person.name))},
        {
            row_id: maintainer_title(unit, name)
            for row_id, unit, name in tx.session.execute(select(Contact.id, Contact.unit, Contact.name))
        },
        known.slugs,
        {place_id: path_of(known.places, place_id) for place_id in known.places},
    )
    columns = (*map(field_label, FIELDS), *map(attribute_heading, attributes.values()), key_heading())
    return Table(columns, tuple(names.row(item, tuple(attributes.values())) for item in items))


@command(Permission.EXPORT)
def note_export(tx: Tx, rows: int, name: str) -> None:
    """Leave in the trail that the configuration items were exported."""
    tx.act("export", f"devices: {rows} -> {name}")


@dataclass(frozen=True, slots=True)
class _Written:
    """The words that stand for keys in a sheet, by id."""

    parents: dict[int, str]
    people: dict[int, str]
    maintainers: dict[int, str]
    slugs: dict[int, str]
    places: dict[int, str]

    def row(self, item: Item, attributes: Sequence[Attribute]) -> tuple[Value, ...]:
        own = (_attribute(item, attribute) for attribute in attributes)
        return (*self._fields(item), *own, str(item.key))

    def _fields(self, item: Item) -> Iterator[Value]:
        draft = item.draft
        words: dict[str, Value] = {
            "class_name": class_of(draft.class_name).label,
            "state": label(draft.state),
            "device_type_id": self.slugs.get(draft.device_type_id or 0),
            "place_id": self.places.get(draft.place_id or 0),
            "parent_id": self.parents.get(draft.parent_id or 0),
            "owner_id": self.people.get(draft.owner_id or 0),
            "maintainer_id": self.maintainers.get(draft.maintainer_id or 0),
        }
        for name in FIELDS:
            value: Value = words[name] if name in words else getattr(draft, name)
            yield None if value == "" else value


def _told_apart(items: Sequence[Item]) -> dict[int, str]:
    """Return the name by which each item is found again: its own, or its record key where others bear it too."""
    many = Counter(name.casefold() for item in items for name in {item.draft.name, item.draft.code} if name)
    return {item.id: item.draft.name if many[item.draft.name.casefold()] == 1 else str(item.key) for item in items}


def _attribute(item: Item, attribute: Attribute) -> Value:
    value: Value = item.draft.attributes.get(attribute.name)
    return attribute.choice_label(str(value)) if attribute.kind is AttributeKind.CHOICE and value else value


def _write_xlsx(path: Path, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> object:
    return write_xlsx(path, tr("Configuration items"), columns, rows)
