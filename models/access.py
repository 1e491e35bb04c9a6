"""The machine-room access log (REQUIREMENTS E1-E3, C10)."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, Recorded, Versioned, Voidable, to, words
from models.enums import Approval, CertificateType, Direction, VisitState


class Visit(Keyed, Recorded, Versioned, Voidable, Base):
    """One visit of one person or a group; `happened_at` is the entry of the first (or the announcement's time)."""

    __tablename__ = "visit"
    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(24), unique=True)
    state: Mapped[VisitState] = mapped_column(words(VisitState), index=True)
    room_id: Mapped[int] = mapped_column(to("place"), index=True)
    unit: Mapped[Line]
    purpose: Mapped[str] = mapped_column(String(250))
    headcount: Mapped[int]
    is_own_staff: Mapped[bool] = mapped_column(default=False, server_default="0")
    announced_for: Mapped[datetime | None]
    planned_until: Mapped[datetime | None]
    entered_at: Mapped[datetime | None] = mapped_column(index=True)
    left_at: Mapped[datetime | None]
    approver: Mapped[Line]
    approval: Mapped[Approval | None] = mapped_column(words(Approval))
    escort_id: Mapped[int | None] = mapped_column(to("person"))
    escort: Mapped[Line]
    incident_id: Mapped[int | None] = mapped_column(to("incident"))
    work_order_id: Mapped[int | None] = mapped_column(to("work_order"))
    registered_by: Mapped[int | None] = mapped_column(to("person"))
    remarks: Mapped[Prose]
    search: Mapped[str] = mapped_column(String(500), default="", server_default="")


class VisitMember(Keyed, Base):
    """One person of a visit. The certificate's number is encrypted; `certificate_mask` is what people see."""

    __tablename__ = "visit_member"
    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(to("visit"), index=True)
    name: Mapped[str] = mapped_column(String(80), index=True)
    unit: Mapped[Line]
    telephone: Mapped[Line]
    certificate: Mapped[CertificateType | None] = mapped_column(words(CertificateType))
    certificate_cipher: Mapped[bytes | None] = mapped_column(LargeBinary, info={"secret": True})
    certificate_mask: Mapped[Line]
    entered_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    search: Mapped[Line]


class VisitItem(Keyed, Base):
    """Something carried in or out; equipment names its CI (REQUIREMENTS E3)."""

    __tablename__ = "visit_item"
    id: Mapped[Id]
    visit_id: Mapped[int] = mapped_column(to("visit"), index=True)
    direction: Mapped[Direction] = mapped_column(words(Direction))
    name: Mapped[str] = mapped_column(String(120))
    quantity: Mapped[int] = mapped_column(default=1)
    ci_id: Mapped[int | None] = mapped_column(to("ci"))


class Operation(Keyed, Recorded, Base):
    """The system operation register: operator, content, time, CI (REQUIREMENTS C10, E2)."""

    __tablename__ = "operation"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    visit_id: Mapped[int | None] = mapped_column(to("visit"), index=True)
    ci_id: Mapped[int | None] = mapped_column(to("ci"), index=True)
    operator: Mapped[str] = mapped_column(String(80))
    witness: Mapped[Line]
    content: Mapped[Prose]
    ended_at: Mapped[datetime | None]
