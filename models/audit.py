"""The audit trail, its seals, and what names this database (DESIGN 3)."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Keyed, Line, Prose, RowId, to


class AuditEntry(Base):
    """One change of one row, or one act without a row (sign-in, export, refusal). Written by triggers, never changed.

    `transaction_id` orders entries on PostgreSQL, where serial ids commit out of order.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_row", "table_name", "row_key"), {"info": {"audited": False}})
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    person: Mapped[str] = mapped_column(String(80))
    seat: Mapped[str] = mapped_column(String(80))
    command: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(Text)
    table_name: Mapped[str] = mapped_column(String(40))
    row_key: Mapped[str] = mapped_column(String(80))
    old: Mapped[str | None] = mapped_column(Text)
    new: Mapped[str | None] = mapped_column(Text)
    transaction_id: Mapped[int | None] = mapped_column(RowId, index=True)
    hash: Mapped[str] = mapped_column(String(64))


class AuditSeal(Base):
    """A chained digest over the entries `first_id`..`last_id`: ids on SQLite, transactions on PostgreSQL."""

    __tablename__ = "audit_seal"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    first_id: Mapped[int]
    last_id: Mapped[int]
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(64))


class Meta(Base):
    """What names this database: `uuid`, `epoch` (drawn anew by move and restore)."""

    __tablename__ = "meta"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[Line]


class TrailReview(Keyed, Base):
    """An auditor's note that the trail of a period was read: what was found and what is advised (REQUIREMENTS H4).

    `last_id` is the newest entry that there was, `verdict` what a check of the trail said just before.
    """

    __tablename__ = "trail_review"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    from_at: Mapped[datetime]
    to_at: Mapped[datetime] = mapped_column(index=True)
    last_id: Mapped[int]
    entries: Mapped[int]
    verdict: Mapped[Line]
    findings: Mapped[Prose]
    opinion: Mapped[Prose]
    person_id: Mapped[int | None] = mapped_column(to("person"))
    recorded_at: Mapped[datetime]
