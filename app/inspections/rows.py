"""What the screens and the paper get to know of rounds."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from app.template_items import Kind
from models.enums import InspectionState, ItemResult

ENTERED_LATER = timedelta(minutes=5)
WAITING = (InspectionState.DUE, InspectionState.DRAFT, InspectionState.SIGNED_ONCE)
"""The states of a round that somebody still has to do something about."""


@dataclass(frozen=True, slots=True)
class InspectionRow:
    """A round as lists show it; `filled` of `items` have a value, `abnormal` of them are out of range."""

    id: int
    version: int
    number: str
    template: str
    title: str
    room_id: int | None
    room: str
    state: InspectionState
    due_on: date | None
    late_on: date | None
    happened_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    inspector: str
    witness: str
    assignee: str
    items: int
    filled: int
    abnormal: int
    corrects: str
    reason: str
    recorded_at: datetime
    plan_id: int | None = None

    @property
    def is_entered_later(self) -> bool:
        """Whether the round was done before the program knew of it (from paper)."""
        return not self.corrects and self.recorded_at - self.happened_at > ENTERED_LATER

    def is_overdue(self, today: date) -> bool:
        return self.state in WAITING and self.late_on is not None and self.late_on <= today

    def is_ahead(self, today: date) -> bool:
        return self.state is InspectionState.DUE and self.due_on is not None and self.due_on > today


@dataclass(frozen=True, slots=True)
class Option:
    """A choice of an item."""

    code: str
    title: str


@dataclass(frozen=True, slots=True)
class RoundItem:
    """One line of a round: what is looked at, last time's value, and this time's (`version` is the value's own).

    `shown` and `last` are worded (choices by title, numbers with units); `measured_at` is set while the value is the
    program's own figure. `value` is what is stored, `last_value` what was stored last time.
    """

    code: str
    title: str
    standard: str
    kind: Kind
    unit: str
    options: tuple[Option, ...]
    is_mandatory: bool
    is_known: bool
    value: str
    shown: str
    result: ItemResult | None
    note: str
    measured_at: datetime | None
    version: int
    last: str
    last_value: str
    incident_id: int | None
    incident: str
    work_order_id: int | None
    work_order: str
    photos: int

    @property
    def id(self) -> str:
        return self.code

    @property
    def is_filled(self) -> bool:
        return self.result is not None

    @property
    def is_abnormal(self) -> bool:
        return self.result is ItemResult.ABNORMAL

    @property
    def is_unexplained(self) -> bool:
        """Whether it is abnormal without incident, work order or remark."""
        return self.is_abnormal and not (self.incident_id or self.work_order_id or self.note)


@dataclass(frozen=True, slots=True)
class RoundSection:
    title: str
    items: tuple[RoundItem, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """An incident since the last round, gathered beforehand (REQUIREMENTS G1)."""

    id: int
    number: str
    happened_at: datetime
    device: str
    title: str
    state: str


@dataclass(frozen=True, slots=True)
class Round:
    """One round with everything that its form shows; `signers` are the titles of the boxes under it."""

    row: InspectionRow
    form: str
    template_version: int
    basis: str
    signers: tuple[str, ...]
    sections: tuple[RoundSection, ...]
    opinion: str
    inspector_id: int | None
    witness_id: int | None
    inspector_signed_at: datetime | None
    witness_signed_at: datetime | None
    last_number: str
    last_at: datetime | None
    faults: tuple[Fault, ...]
    corrected_by: str

    @property
    def id(self) -> int:
        return self.row.id

    @property
    def items(self) -> tuple[RoundItem, ...]:
        return tuple(item for section in self.sections for item in section.items)

    @property
    def is_fillable(self) -> bool:
        return self.row.state is InspectionState.DRAFT

    @property
    def open_items(self) -> tuple[RoundItem, ...]:
        """The mandatory items without a value: while there are any, nobody can sign."""
        return tuple(item for item in self.items if item.is_mandatory and not item.is_filled)


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a value: its new version, what it was judged to be, and when it was written."""

    version: int
    result: ItemResult | None
    value: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class KnownFigure:
    """A figure that the program knows for an item: as it would be entered, when it was measured, and where."""

    item: str
    value: str
    measured_at: datetime
    source: str
