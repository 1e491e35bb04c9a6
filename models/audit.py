"""The audit trail, its seals, and what names this database (DESIGN 3)."""

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Line, RowId


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
