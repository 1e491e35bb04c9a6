"""What the door's form gives, checked before anything is written."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.errors import BadInput
from app.text import clean, clean_line
from app.times import checked
from app.words import tr
from models.enums import Approval, CertificateType, Direction

MOST_PEOPLE = 200


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """One person at the door. `certificate_number` is what was read off the paper; it is sealed before it is kept.

    A returning visitor's number comes as it lies in the database: sealed, with the mask that people see.
    """

    name: str
    unit: str = ""
    telephone: str = ""
    certificate: CertificateType | None = None
    sealed_certificate: str = field(default="", repr=False)
    certificate_mask: str = ""
    certificate_number: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class ItemEntry:
    """Something carried in or out; equipment names its CI."""

    direction: Direction
    name: str
    quantity: int = 1
    ci_id: int | None = None


@dataclass(frozen=True, slots=True)
class VisitEntry:
    """A visit as the form gives it; `headcount` counts also those who are not named.

    `linked` is the number of an incident or a work order that the visit serves.
    """

    key: uuid.UUID
    room_id: int
    purpose: str
    members: tuple[MemberEntry, ...]
    unit: str = ""
    headcount: int = 0
    is_own_staff: bool = False
    approver: str = ""
    approval: Approval | None = None
    escort_id: int | None = None
    escort: str = ""
    incident_id: int | None = None
    work_order_id: int | None = None
    planned_until: datetime | None = None
    happened_at: datetime | None = None
    remarks: str = ""
    items: tuple[ItemEntry, ...] = ()
    linked: str = ""


def cleaned(entry: VisitEntry) -> VisitEntry:
    """Return the entry with clean texts. Raises BadInput naming the field that is missing or can't be."""
    members = tuple(
        replace(m, name=clean_line(m.name)[:80], unit=clean_line(m.unit)[:250], telephone=clean_line(m.telephone)[:250])
        for m in entry.members
    )
    if not members or not all(m.name for m in members):
        raise BadInput(tr("Who enters? Each person needs a name."), "name")
    headcount = max(entry.headcount, len(members))
    if headcount > MOST_PEOPLE:
        raise BadInput(tr("More than {n} people can't enter as one visit.", n=MOST_PEOPLE), "headcount")
    purpose = clean_line(entry.purpose)[:250]
    if not purpose:
        raise BadInput(tr("Write down the purpose."), "purpose")
    items = tuple(replace(i, name=clean_line(i.name)[:120], quantity=max(1, i.quantity)) for i in entry.items if i.name)
    return replace(
        entry,
        members=members,
        headcount=headcount,
        purpose=purpose,
        unit=clean_line(entry.unit)[:250] or members[0].unit,
        approver=clean_line(entry.approver)[:250],
        escort=clean_line(entry.escort)[:250],
        planned_until=checked(entry.planned_until, "planned_until") if entry.planned_until else None,
        remarks=clean(entry.remarks),
        items=items,
        linked=clean_line(entry.linked)[:24].upper(),
    )


def refuse_unaccompanied(entry: VisitEntry, *, may_enter_alone: bool) -> None:
    """Raise BadInput when approval or escort is missing; only the room's own people enter without (REQUIREMENTS E1)."""
    if entry.is_own_staff and may_enter_alone:
        return
    if not entry.approver or entry.approval is None:
        raise BadInput(tr("Nobody enters without approval: who approved it, in writing or orally?"), "approver")
    if entry.escort_id is None and not entry.escort:
        raise BadInput(tr("Visitors are escorted: name the escort."), "escort")
