"""What the database knows when a sheet is planned: items, places and people by the names that sheets use."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select

from app.cmdb.commands import draft_of
from app.cmdb.places import PlaceRow, every_place
from app.cmdb.rows import CiDraft
from app.desk import ReadTx
from app.errors import BadInput
from app.words import tr
from models.cmdb import Ci, DeviceType
from models.people import Contact, Person


@dataclass(frozen=True, slots=True)
class Item:
    """A configuration item as it is; `draft` holds the keys of this database."""

    id: int
    version: int
    key: UUID
    draft: CiDraft


@dataclass(slots=True)
class Names:
    """Ids by name; a name that several bear is known as ambiguous."""

    ids: dict[str, list[int]] = field(default_factory=dict)

    def add(self, row_id: int, *names: str) -> None:
        for name in {name.casefold() for name in names if name}:
            self.ids.setdefault(name, []).append(row_id)

    def find(self, name: str, column: str) -> int:
        """Return the id of `name`. Raises BadInput when nobody or more than one bears it."""
        found = self.ids.get(name.casefold(), [])
        if len(found) == 1:
            return found[0]
        if found:
            raise BadInput(tr("More than one is called “{name}”.", name=name[:60]), column)
        raise BadInput(tr("Nobody and nothing here is called “{name}”.", name=name[:60]), column)


@dataclass(slots=True)
class Known:
    """Everything that a plan is held against, read in one transaction."""

    items: dict[UUID, Item]
    by_code: dict[str, UUID]
    by_name: dict[tuple[str, str], list[UUID]]
    places: dict[int, PlaceRow]
    people: Names
    maintainers: Names
    device_types: dict[str, tuple[int, float]]
    slugs: dict[int, str]


def read_known(tx: ReadTx) -> Known:
    """Return what a plan is held against."""
    rows = tx.session.scalars(select(Ci).where(Ci.voided_at.is_(None)))
    items = {row.key: Item(row.id, row.version, row.key, draft_of(row)) for row in rows}
    types = tx.session.execute(select(DeviceType.slug, DeviceType.id, DeviceType.u_height)).all()
    return Known(
        items=items,
        by_code={item.draft.code.casefold(): key for key, item in items.items() if item.draft.code},
        by_name=_by_name(items.values()),
        places=every_place(tx),
        people=_people(tx),
        maintainers=_maintainers(tx),
        device_types={slug: (row_id, height) for slug, row_id, height in types},
        slugs={row_id: slug for slug, row_id, _ in types},
    )


def maintainer_title(unit: str, name: str) -> str:
    """Return how sheets name an entry of the contact directory."""
    return f"{unit} {name}".strip()


def _by_name(items: Iterable[Item]) -> dict[tuple[str, str], list[UUID]]:
    found: dict[tuple[str, str], list[UUID]] = {}
    for item in items:
        found.setdefault((item.draft.class_name, item.draft.name.casefold()), []).append(item.key)
    return found


def _people(tx: ReadTx) -> Names:
    names = Names()
    for row_id, name, login in tx.session.execute(select(Person.id, Person.name, Person.login)):
        names.add(row_id, name, login or "")
    return names


def _maintainers(tx: ReadTx) -> Names:
    names = Names()
    for row_id, unit, name in tx.session.execute(select(Contact.id, Contact.unit, Contact.name)):
        names.add(row_id, name, maintainer_title(unit, name))
    return names
