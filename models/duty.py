"""Who is on duty, the shift log and the hand-over (REQUIREMENTS B12)."""

from datetime import datetime
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Recorded, Versioned, Voidable, to, words
from models.enums import HandoverState, ShiftLogKind


class RosterEntry(Keyed, Versioned, Voidable, Base):
    """One person's turn on a shift."""

    __tablename__ = "roster_entry"
    id: Mapped[Id]
    shift: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int] = mapped_column(to("person"))
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    telephone: Mapped[Line]


class ShiftLogEntry(Keyed, Recorded, Versioned, Voidable, Base):
    """A line of the shift log."""

    __tablename__ = "shift_log_entry"
    id: Mapped[Id]
    kind: Mapped[ShiftLogKind] = mapped_column(words(ShiftLogKind))
    person_id: Mapped[int | None] = mapped_column(to("person"))
    incident_id: Mapped[int | None] = mapped_column(to("incident"))
    text: Mapped[Prose]


class Handover(Keyed, Recorded, Versioned, Base):
    """A hand-over: drafted from the record, offered by one shift, signed by the next with its own password.

    `items` is the draft frozen at the offer: a list of {section, text, id}.
    """

    __tablename__ = "handover"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    shift: Mapped[Line]
    state: Mapped[HandoverState] = mapped_column(words(HandoverState), default=HandoverState.DRAFT)
    from_person_id: Mapped[int] = mapped_column(to("person"))
    to_person_id: Mapped[int | None] = mapped_column(to("person"))
    items: Mapped[list[Any]] = mapped_column(default=list)
    remarks: Mapped[Prose]
    offered_at: Mapped[datetime | None]
    signed_at: Mapped[datetime | None]
