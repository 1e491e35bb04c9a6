"""The contact directory: superiors, vendors, property management, and the escalation chain (REQUIREMENTS B6, B8)."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, select

from app.desk import ReadTx, Tx, command
from app.errors import BadInput
from app.permissions import Permission
from app.pinyin import matches, search_text
from app.text import LIKE_ESCAPE, clean_line, like_pattern
from app.words import tr
from models.incidents import Incident
from models.people import Contact, Person

CALLERS = 12
CALLS_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class ContactRow:
    """An entry of the directory. `escalation_level` 1, 2, 3 ... makes it part of the chain, lowest first."""

    id: int
    version: int
    name: str
    unit: str
    role: str
    telephone: str
    mobile: str
    mail: str
    note: str
    escalation_level: int | None
    person_id: int | None
    is_active: bool

    @property
    def number(self) -> str:
        """The number that reaches them soonest."""
        return self.mobile or self.telephone


@dataclass(frozen=True, slots=True)
class ContactDraft:
    """What a form says of a contact."""

    name: str
    unit: str = ""
    role: str = ""
    telephone: str = ""
    mobile: str = ""
    mail: str = ""
    note: str = ""
    escalation_level: int | None = None
    person_id: int | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who may be on the telephone."""

    name: str
    department: str
    telephone: str


@dataclass(frozen=True, slots=True)
class ChainStep:
    """One level of the escalation chain with everybody on it."""

    level: int
    contacts: tuple[ContactRow, ...] = field(default=())


def directory(tx: ReadTx, text: str = "", *, only_active: bool = True) -> list[ContactRow]:
    """Return the contacts that contain `text` (Chinese, pinyin or initials), the chain first, then by name."""
    query = _rows().order_by(Contact.escalation_level.is_(None), Contact.escalation_level, Contact.name, Contact.id)
    if only_active:
        query = query.where(Contact.is_active)
    for word in text.casefold().split():
        query = query.where(Contact.search.like(like_pattern(word), escape=LIKE_ESCAPE))
    return [ContactRow(*row) for row in tx.session.execute(query)]


def chain(tx: ReadTx) -> list[ChainStep]:
    """Return the escalation chain, the first level first; empty when nobody was entered for it."""
    query = _rows().where(Contact.is_active, Contact.escalation_level.is_not(None))
    levels: dict[int, list[ContactRow]] = {}
    for row in tx.session.execute(query.order_by(Contact.escalation_level, Contact.id)):
        contact = ContactRow(*row)
        levels.setdefault(contact.escalation_level or 0, []).append(contact)
    return [ChainStep(level, tuple(contacts)) for level, contacts in levels.items()]


def callers(tx: ReadTx, text: str, limit: int = CALLERS) -> list[Caller]:
    """Return known people whose name contains `text` (also pinyin): staff, contacts, then who called before."""
    words = text.casefold().split()
    if not words:
        return []
    found: dict[tuple[str, str], Caller] = {}
    for caller in (*_staff(tx, words), *_contacts(tx, text), *_earlier_callers(tx, text)):
        found.setdefault((caller.name, caller.department), caller)
        if len(found) == limit:
            break
    return list(found.values())


@command(Permission.DUTY_PLAN)
def add(tx: Tx, key: uuid.UUID, draft: ContactDraft) -> int:
    """Enter a contact and return its id; the same key again returns the one that is there. Raises BadInput."""
    made = tx.already(Contact, key)
    if made is not None:
        return made.id
    return tx.add(Contact(key=key, **_columns(draft))).id


@command(Permission.DUTY_PLAN)
def edit(tx: Tx, contact_id: int, version: int, draft: ContactDraft) -> None:
    """Change a contact. Raises BadInput or Conflict."""
    columns = _columns(draft)
    contact = tx.get(Contact, contact_id, version)
    for name, value in columns.items():
        setattr(contact, name, value)


@command(Permission.DUTY_PLAN)
def retire(tx: Tx, contact_id: int, version: int) -> None:
    """Take a contact out of the directory and the chain; what names it keeps it."""
    tx.get(Contact, contact_id, version).is_active = False


def _rows() -> Select[*tuple[Any, ...]]:
    return select(
        Contact.id,
        Contact.version,
        Contact.name,
        Contact.unit,
        Contact.role,
        Contact.telephone,
        Contact.mobile,
        Contact.mail,
        Contact.note,
        Contact.escalation_level,
        Contact.person_id,
        Contact.is_active,
    )


def _columns(draft: ContactDraft) -> dict[str, object]:
    name = clean_line(draft.name, 80)
    if not name:
        raise BadInput(tr("A contact needs a name."), "name")
    level = draft.escalation_level
    if level is not None and not 1 <= level <= 9:
        raise BadInput(tr("A level of the escalation chain is a number from 1 to 9."), "escalation_level")
    numbers = {"telephone": clean_line(draft.telephone, 40), "mobile": clean_line(draft.mobile, 40)}
    if level is not None and not any(numbers.values()):
        raise BadInput(tr("Somebody of the escalation chain needs a telephone number."), "telephone")
    unit, role = clean_line(draft.unit, 120), clean_line(draft.role, 120)
    return {
        "name": name,
        "unit": unit,
        "role": role,
        **numbers,
        "mail": clean_line(draft.mail, 120),
        "note": clean_line(draft.note, 250),
        "escalation_level": level,
        "person_id": draft.person_id,
        "search": search_text(name, unit, role, *numbers.values(), limit=250),
    }


def _staff(tx: ReadTx, words: list[str]) -> list[Caller]:
    query = select(Person.name, Person.department, Person.telephone, Person.mobile).where(Person.is_active)
    for word in words:
        query = query.where(Person.search.like(like_pattern(word), escape=LIKE_ESCAPE))
    rows = tx.session.execute(query.order_by(Person.name).limit(CALLERS))
    return [Caller(row.name, row.department, row.telephone or row.mobile) for row in rows]


def _contacts(tx: ReadTx, text: str) -> list[Caller]:
    return [Caller(row.name, row.unit, row.telephone or row.mobile) for row in directory(tx, text)[:CALLERS]]


def _earlier_callers(tx: ReadTx, text: str) -> list[Caller]:
    """Return who called before under a name that contains `text`, the latest call first."""
    recent = (
        select(Incident.caller, Incident.caller_department, Incident.caller_telephone)
        .where(Incident.caller != "")
        .order_by(Incident.id.desc())
        .limit(CALLS_REMEMBERED)
    )
    calls = dict.fromkeys(Caller(*row) for row in tx.session.execute(recent))
    return [call for call in calls if matches(text, search_text(call.name))]
