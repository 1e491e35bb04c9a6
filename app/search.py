"""Search over everything for the command palette: one look, a few of each kind, text, pinyin or initials."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import islice

from sqlalchemy import func, or_, select

from app import access, backups, cmdb, work_orders
from app.ci_classes import class_of
from app.cmdb.places import chain, every_place
from app.desk import ReadTx
from app.pinyin import search_text
from app.text import LIKE_ESCAPE, like_pattern
from app.times import minute
from app.words import label
from models.cmdb import Ci
from models.enums import PlaceKind
from models.incidents import Incident
from models.inspections import Inspection
from models.people import Contact, Person

EACH = 7
INCIDENTS_LOOKED_THROUGH = 20_000
"""Older incidents are found by their whole number, or in the queue, which pages by key."""


class Group(StrEnum):
    """What is found, in the order of the palette."""

    CI = "ci"
    RACK = "rack"
    INCIDENT = "incident"
    WORK_ORDER = "work_order"
    BACKUP = "backup"
    INSPECTION = "inspection"
    PERSON = "person"
    CONTACT = "contact"
    VISITOR = "visitor"


@dataclass(frozen=True, slots=True)
class Found:
    """One thing: `key` is its row's, for a visitor the newest visit's."""

    group: Group
    key: int
    title: str
    detail: str


def everywhere(tx: ReadTx, text: str, limit: int = EACH) -> list[Found]:
    """Return at most `limit` things of each group, groups in order; nothing for an empty text."""
    words = text.casefold().split()[:6]
    if not words:
        return []
    return [
        *_cis(tx, text, limit),
        *_racks(tx, words, limit),
        *_incidents(tx, words, limit),
        *_work_orders(tx, text, limit),
        *_backups(tx, words, limit),
        *_inspections(tx, words, limit),
        *_people(tx, words, limit),
        *_contacts(tx, words, limit),
        *_visitors(tx, text, limit),
    ]


def _cis(tx: ReadTx, text: str, limit: int) -> Iterable[Found]:
    choices = cmdb.search(tx, text, limit)
    ids = [choice.id for choice in choices]
    classes = {row.id: row.class_name for row in tx.session.execute(select(Ci.id, Ci.class_name).where(Ci.id.in_(ids)))}
    for choice in choices:
        kind = class_of(classes.get(choice.id, "")).label
        yield Found(Group.CI, choice.id, choice.title, " · ".join(filter(None, (kind, choice.detail))))


def _incidents(tx: ReadTx, words: list[str], limit: int) -> Iterable[Found]:
    newest = tx.session.scalar(select(func.max(Incident.id))) or 0
    holds = [Incident.search.like(like_pattern(word), escape=LIKE_ESCAPE) for word in words]
    columns = select(Incident.id, Incident.number, Incident.title, Incident.state, Incident.happened_at)
    query = (
        columns.where(Incident.id > newest - INCIDENTS_LOOKED_THROUGH, *holds).order_by(Incident.id.desc()).limit(limit)
    )
    rows = tx.session.execute(query).all() or tx.session.execute(columns.where(Incident.number == words[0].upper()))
    for row in rows:
        detail = f"{label(row.state)} · {minute(row.happened_at)}"
        yield Found(Group.INCIDENT, row.id, f"{row.number}  {row.title}", detail)


def _racks(tx: ReadTx, words: list[str], limit: int) -> Iterable[Found]:
    known = every_place(tx)
    racks = (row for row in known.values() if row.kind is PlaceKind.RACK)
    for row in islice((row for row in racks if all(word in row.search for word in words)), limit):
        above = " / ".join(place.name for place in chain(known, row.parent_id))
        yield Found(Group.RACK, row.id, row.name, above)


def _work_orders(tx: ReadTx, text: str, limit: int) -> Iterable[Found]:
    for row in work_orders.page(tx, "all", text, limit=limit):
        detail = " · ".join(filter(None, (label(row.state), row.assignee, row.ci_name)))
        yield Found(Group.WORK_ORDER, row.id, f"{row.number}  {row.title}", detail)


def _backups(tx: ReadTx, words: list[str], limit: int) -> Iterable[Found]:
    plans = ((plan, " ".join((search_text(plan.entry.name), plan.ci_name.casefold()))) for plan in backups.plans(tx))
    found = [plan for plan, known in plans if all(word in known for word in words)]
    for plan in found[:limit]:
        yield Found(Group.BACKUP, plan.id, plan.entry.name, " · ".join(filter(None, (plan.ci_name, plan.entry.medium))))


def _inspections(tx: ReadTx, words: list[str], limit: int) -> Iterable[Found]:
    """Yield rounds by their number; forms and rooms are chosen on the page of inspections."""
    number = Inspection.number.like(like_pattern(words[0].upper()), escape=LIKE_ESCAPE)
    query = select(Inspection.id, Inspection.number, Inspection.state, Inspection.happened_at).where(number)
    for row in tx.session.execute(query.order_by(Inspection.id.desc()).limit(limit)) if len(words) == 1 else ():
        yield Found(Group.INSPECTION, row.id, row.number, f"{label(row.state)} · {minute(row.happened_at)}")


def _people(tx: ReadTx, words: list[str], limit: int) -> Iterable[Found]:
    found = [
        or_(Person.search.like(pattern, escape=LIKE_ESCAPE), Person.login.like(pattern, escape=LIKE_ESCAPE))
        for pattern in map(like_pattern, words)
    ]
    query = select(Person).where(Person.is_active, *found).order_by(Person.name, Person.id).limit(limit)
    for row in tx.session.scalars(query):
        detail = " · ".join(filter(None, (row.department, row.telephone, row.mobile)))
        yield Found(Group.PERSON, row.id, row.name, detail)


def _contacts(tx: ReadTx, words: list[str], limit: int) -> Iterable[Found]:
    found = [Contact.search.like(like_pattern(word), escape=LIKE_ESCAPE) for word in words]
    query = select(Contact).where(Contact.is_active, *found).order_by(Contact.name, Contact.id).limit(limit)
    for row in tx.session.scalars(query):
        detail = " · ".join(filter(None, (row.unit, row.telephone, row.mobile)))
        yield Found(Group.CONTACT, row.id, row.name, detail)


def _visitors(tx: ReadTx, text: str, limit: int) -> Iterable[Found]:
    seen = access.page(tx, access.VisitFilter("all", text), limit=limit)
    for row in seen:
        detail = " · ".join(filter(None, (row.unit, row.purpose, minute(row.happened_at))))
        yield Found(Group.VISITOR, row.id, row.people or row.unit, detail)
