"""Search over everything for the command palette: one look, a few of each kind, text, pinyin or initials."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import func, or_, select

from app import access, cmdb
from app.ci_classes import class_of
from app.desk import ReadTx
from app.text import LIKE_ESCAPE, like_pattern
from app.times import minute
from app.words import label
from models.cmdb import Ci
from models.incidents import Incident
from models.people import Contact, Person

EACH = 7
INCIDENTS_LOOKED_THROUGH = 20_000
"""Older incidents are found by their whole number, or in the queue, which pages by key."""


class Group(StrEnum):
    """What is found, in the order of the palette."""

    CI = "ci"
    INCIDENT = "incident"
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
        *_incidents(tx, words, limit),
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
