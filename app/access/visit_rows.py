"""The rows of the access log as lists, pages and papers show them."""

from dataclasses import dataclass
from datetime import datetime

from models.enums import Approval, CertificateType, Direction, VisitState


@dataclass(frozen=True, slots=True)
class VisitRow:
    """A line of the access log; `people` names the members, `items` what they carry; `is_overdue` past the plan."""

    id: int
    version: int
    number: str
    state: VisitState
    room: str
    unit: str
    people: str
    headcount: int
    still_inside: int
    purpose: str
    linked: str
    items: str
    approver: str
    approval: Approval | None
    escort: str
    announced_for: datetime | None
    planned_until: datetime | None
    entered_at: datetime | None
    left_at: datetime | None
    is_own_staff: bool
    is_overdue: bool
    is_entered_later: bool
    void_reason: str
    remarks: str
    happened_at: datetime


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One person of a visit; the certificate's number is masked."""

    id: int
    name: str
    unit: str
    telephone: str
    certificate: CertificateType | None
    certificate_mask: str
    entered_at: datetime | None
    left_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemRow:
    direction: Direction
    name: str
    quantity: int
    ci_name: str


@dataclass(frozen=True, slots=True)
class OperationRow:
    """A line of the system operation register."""

    id: int
    operator: str
    witness: str
    content: str
    ci_name: str
    happened_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitDetail:
    row: VisitRow
    members: tuple[MemberRow, ...]
    items: tuple[ItemRow, ...]
    operations: tuple[OperationRow, ...]


@dataclass(frozen=True, slots=True)
class Inside:
    """One person who is inside now; unnamed members of a group count in `unnamed`."""

    visit_id: int
    room: str
    name: str
    unit: str
    telephone: str
    entered_at: datetime
    escort: str
    is_overdue: bool
    unnamed: int = 0


@dataclass(frozen=True, slots=True)
class Summary:
    """The head strip's figures: people inside, and of those past their planned exit; announced for today."""

    people: int
    overdue: int
    announced: int


@dataclass(frozen=True, slots=True)
class ReturningVisitor:
    """What is known of somebody who was here before, newest visit first: fills the form in."""

    name: str
    unit: str
    telephone: str
    certificate: CertificateType | None
    certificate_mask: str
    sealed_certificate: str
    last_purpose: str
    last_visit_at: datetime | None


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """Which rows: `view` is all, inside, announced, overdue or today; `text` matches names also by pinyin."""

    view: str = "all"
    text: str = ""
    room_id: int | None = None
    first: datetime | None = None
    last: datetime | None = None
