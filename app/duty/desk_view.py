"""What the hand-over's page and the roster's forms start from."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import select

from app import settings
from app.desk import ReadTx
from app.duty.handover import HandoverItem, HandoverRow, draft, handover
from app.duty.roster import Duty, now_on_duty
from app.times import to_local, to_utc
from models.duty import Handover
from models.enums import HandoverState
from models.people import Person


@dataclass(frozen=True, slots=True)
class ShiftName:
    """A shift of the unit's day: when it starts by the clock, and for how long."""

    name: str
    starts: time
    hours: int

    def on(self, day: datetime) -> tuple[datetime, datetime]:
        """Return begin and end in UTC of the shift that starts on the local day of `day`."""
        begin = to_local(day).replace(hour=self.starts.hour, minute=self.starts.minute, second=0, microsecond=0)
        return to_utc(begin), to_utc(begin) + timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class PersonName:
    id: int
    name: str
    telephone: str


@dataclass(frozen=True, slots=True)
class HandoverDraft:
    """The record as it is read now. `waiting` is the hand-over that the next shift has not signed yet."""

    items: tuple[HandoverItem, ...]
    on_duty: Duty
    shifts: tuple[ShiftName, ...]
    people: tuple[PersonName, ...]
    waiting: HandoverRow | None


def handover_draft(tx: ReadTx) -> HandoverDraft:
    """Return what is open now, who is on duty, and the hand-over that waits for a signature."""
    newest = tx.session.scalar(
        select(Handover.id).where(Handover.state == HandoverState.OFFERED).order_by(Handover.id.desc()).limit(1)
    )
    return HandoverDraft(
        tuple(draft(tx)), now_on_duty(tx), shifts(tx), people(tx), handover(tx, newest) if newest else None
    )


def shifts(tx: ReadTx) -> tuple[ShiftName, ...]:
    """Return the unit's shifts in the order of the settings."""
    found = settings.get(tx, "duty.shifts")
    return tuple(ShiftName(str(one["name"]), time.fromisoformat(one["starts"]), int(one["hours"])) for one in found)


def people(tx: ReadTx) -> tuple[PersonName, ...]:
    """Return everybody who can stand on a shift, by name."""
    query = select(Person.id, Person.name, Person.mobile, Person.telephone).where(Person.is_active)
    found = tx.session.execute(query.order_by(Person.name, Person.id))
    return tuple(PersonName(row.id, row.name, row.mobile or row.telephone) for row in found)
