"""What the desk can see of configuration items: details, relations, history, and what pickers offer."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select

from app.audit import EntryRow
from app.audit import history as audit_history
from app.ci_classes import AttributeKind, class_of
from app.ci_words import field_label
from app.cmdb.commands import draft_of
from app.cmdb.places import PlaceRow, every_place, path_of
from app.cmdb.rows import Choice, CiDetail, DeviceTypeRow, HistoryRow, RelationRow
from app.desk import ReadTx
from app.errors import NotFound
from app.text import LIKE_ESCAPE, like_pattern
from app.words import label, tr
from models.cmdb import Ci, DeviceType, Relation
from models.enums import CiState, RelationKind
from models.monitoring import DeviceState
from models.people import Contact, Person

OFFERED = 50
HISTORY_LIMIT = 500
WORDS_ASKED = 6
UNTOLD = {"id", "key", "version", "search", "recorded_at", "happened_at", "voided_at"}


def detail(tx: ReadTx, ci_id: int) -> CiDetail:
    """Return one configuration item, void ones too. Raises NotFound."""
    row = tx.session.get(Ci, ci_id)
    if row is None:
        raise NotFound(tr("configuration item"), ci_id)
    maintainer = tx.session.get(Contact, row.maintainer_id) if row.maintainer_id else None
    device_type = tx.session.get(DeviceType, row.device_type_id) if row.device_type_id else None
    return CiDetail(
        id=row.id,
        version=row.version,
        draft=draft_of(row),
        place_path=path_of(every_place(tx), row.place_id),
        parent_name=_name(tx, Ci.name, Ci.id, row.parent_id),
        device_type_name=f"{device_type.maker} {device_type.model}" if device_type else "",
        owner_name=_name(tx, Person.name, Person.id, row.owner_id),
        maintainer_name=f"{maintainer.unit} {maintainer.name}".strip() if maintainer else "",
        maintainer_telephone=(maintainer.telephone or maintainer.mobile) if maintainer else "",
        watch=tx.session.scalar(select(DeviceState.state).where(DeviceState.ci_id == ci_id)),
        voided_at=row.voided_at,
        void_reason=row.void_reason,
    )


def relations(tx: ReadTx, ci_id: int) -> list[RelationRow]:
    """Return a configuration item's relations of both directions, those in force first."""
    other = Ci.__table__.alias("other")
    rows = tx.session.execute(
        select(Relation, other.c.id, other.c.name, other.c.class_name)
        .join(
            other,
            or_(
                and_(Relation.source_id == ci_id, other.c.id == Relation.target_id),
                and_(Relation.target_id == ci_id, other.c.id == Relation.source_id),
            ),
        )
        .order_by(Relation.ended_at.is_not(None), Relation.kind, other.c.name)
    )
    return [
        RelationRow(r.id, r.kind, r.source_id == ci_id, other_id, name, class_name, r.note, r.ended_at)
        for r, other_id, name, class_name in rows
    ]


def history(tx: ReadTx, ci_id: int) -> list[HistoryRow]:
    """Return who changed what and when, a line for each field, newest first, relations among them."""
    ids = tx.session.scalars(
        select(Relation.id).where(or_(Relation.source_id == ci_id, Relation.target_id == ci_id))
    ).all()
    entries = audit_history(tx, "ci", ci_id, HISTORY_LIMIT)
    for relation_id in ids[:HISTORY_LIMIT]:
        entries += audit_history(tx, "relation", relation_id, 2)
    entries.sort(key=lambda entry: entry.id, reverse=True)
    teller = _Teller(tx, ci_id, entries)
    return [row for entry in entries[:HISTORY_LIMIT] for row in teller.rows(entry)]


def search(tx: ReadTx, term: str, limit: int = OFFERED) -> list[Choice]:
    """Return configuration items by text, pinyin, initials, address, serial number, model or asset code."""
    places = every_place(tx)
    query = select(Ci.id, Ci.name, Ci.address, Ci.place_id, Ci.search).where(Ci.voided_at.is_(None), *matching(term))
    rows = tx.session.execute(query.order_by(func.length(Ci.name), Ci.name, Ci.id).limit(limit))
    return [
        Choice(row.id, row.name, " · ".join(filter(None, (row.address, path_of(places, row.place_id)))), row.search)
        for row in rows
    ]


def matching(term: str) -> list[ColumnElement[bool]]:
    """Return the conditions under which a configuration item is found: each word of `term` occurs somewhere in it."""
    looked_at = (Ci.address, Ci.serial, Ci.model, Ci.maker, Ci.code)
    conditions = []
    for word in term.casefold().split()[:WORDS_ASKED]:
        pattern = like_pattern(word)
        columns = [func.lower(column).like(pattern, escape=LIKE_ESCAPE) for column in looked_at]
        conditions.append(or_(Ci.search.like(pattern, escape=LIKE_ESCAPE), *columns))
    return conditions


def device_types(tx: ReadTx, term: str, limit: int = OFFERED) -> list[DeviceTypeRow]:
    """Return device types whose maker, model or part number hold each word of `term`."""
    whole = func.lower(DeviceType.maker + " " + DeviceType.model + " " + DeviceType.part_number)
    conditions = [whole.like(like_pattern(word), escape=LIKE_ESCAPE) for word in term.casefold().split()[:WORDS_ASKED]]
    columns = (
        DeviceType.id,
        DeviceType.maker,
        DeviceType.model,
        DeviceType.u_height,
        DeviceType.is_full_depth,
        DeviceType.part_number,
    )
    rows = tx.session.execute(
        select(*columns).where(*conditions).order_by(DeviceType.maker, DeviceType.model).limit(limit)
    )
    return [DeviceTypeRow(*row) for row in rows]


def person_choices(tx: ReadTx) -> list[Choice]:
    """Return the active people for a picker, by name."""
    rows = tx.session.execute(
        select(Person.id, Person.name, Person.department, Person.search).where(Person.is_active).order_by(Person.name)
    )
    return [Choice(*row) for row in rows]


def maintainer_choices(tx: ReadTx) -> list[Choice]:
    """Return the contact directory for a picker, by unit and name."""
    rows = tx.session.execute(
        select(Contact.id, Contact.name, Contact.unit, Contact.telephone, Contact.search)
        .where(Contact.is_active)
        .order_by(Contact.unit, Contact.name)
    )
    return [Choice(r.id, f"{r.unit} {r.name}".strip(), r.telephone, r.search) for r in rows]


def _name(tx: ReadTx, column: Any, key: Any, row_id: int | None) -> str:
    return (tx.session.scalar(select(column).where(key == row_id)) or "") if row_id else ""


class _Teller:
    """Words the audit entries of one configuration item: keys become names, columns become labels."""

    def __init__(self, tx: ReadTx, ci_id: int, entries: list[EntryRow]) -> None:
        self._tx, self._ci_id = tx, ci_id
        self._places: Mapping[int, PlaceRow] = every_place(tx)
        self._class_name = tx.session.scalar(select(Ci.class_name).where(Ci.id == ci_id)) or ""
        logins = {entry.person for entry in entries}
        known = tx.session.execute(select(Person.login, Person.name).where(Person.login.in_(logins)))
        self._people = {login: name for login, name in known if login}
        self._named: dict[tuple[str, int], str] = {}

    def rows(self, entry: EntryRow) -> list[HistoryRow]:
        if entry.table == "relation":
            return [self._relation(entry)]
        return [
            HistoryRow(
                entry.id * 1_000 + number,
                entry.id,
                entry.at,
                self._people.get(entry.person, entry.person),
                field_label(name, self._class_name),
                self._told(name, old),
                self._told(name, new),
                entry.reason,
            )
            for number, (name, old, new) in enumerate(self._fields(entry))
        ]

    def _fields(self, entry: EntryRow) -> list[tuple[str, Any, Any]]:
        """Return the fields that changed; the attributes one by one, and what was empty and stays empty not at all."""
        fields: list[tuple[str, Any, Any]] = []
        for name, old, new in entry.changes:
            if name == "attributes":
                before, after = _json(old), _json(new)
                keys = sorted(before.keys() | after.keys())
                fields += [(key, before.get(key), after.get(key)) for key in keys]
            elif name not in UNTOLD:
                fields.append((name, old, new))
        return [each for each in fields if (each[1] or None) != (each[2] or None)]

    def _relation(self, entry: EntryRow) -> HistoryRow:
        row = self._tx.session.get(Relation, int(entry.key))
        assert row is not None
        is_end = any(name == "ended_at" and old is None and new for name, old, new in entry.changes)
        kind: RelationKind = row.kind
        text = f"{self._ci(row.source_id)} · {label(kind)} · {self._ci(row.target_id)}"
        return HistoryRow(
            entry.id * 1_000,
            entry.id,
            entry.at,
            self._people.get(entry.person, entry.person),
            tr("Relation"),
            text if is_end else "",
            "" if is_end else text,
            entry.reason,
        )

    def _told(self, name: str, value: Any) -> str:
        if value is None or value == "":
            return ""
        tellers: dict[str, Callable[[Any], str]] = {
            "class_name": lambda v: class_of(v).label,
            "state": lambda v: label(CiState(v)),
            "place_id": lambda v: path_of(self._places, int(v)),
            "parent_id": lambda v: self._ci(int(v)),
            "owner_id": lambda v: self._lookup("person", Person.name, Person.id, int(v)),
            "maintainer_id": lambda v: self._lookup("contact", Contact.name, Contact.id, int(v)),
            "device_type_id": lambda v: self._lookup("type", DeviceType.model, DeviceType.id, int(v)),
        }
        if name in tellers:
            return tellers[name](value)
        for attribute in class_of(self._class_name).attributes:
            if attribute.name == name and attribute.kind is AttributeKind.CHOICE:
                return attribute.choice_label(str(value))
        return f"{value:g}" if isinstance(value, float) else str(value)

    def _ci(self, ci_id: int) -> str:
        return self._lookup("ci", Ci.name, Ci.id, ci_id)

    def _lookup(self, what: str, column: Any, key: Any, row_id: int) -> str:
        if (what, row_id) not in self._named:
            self._named[what, row_id] = _name(self._tx, column, key, row_id) or f"#{row_id}"
        return self._named[what, row_id]


def _json(value: Any) -> dict[str, Any]:
    """Return the attributes of an entry; SQLite's trigger keeps them as a text inside the JSON."""
    found = json.loads(value) if isinstance(value, str) else value
    return found if isinstance(found, dict) else {}
