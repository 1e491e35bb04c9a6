"""Seats of the desk, and which kept entries are in the database already."""

import uuid
from datetime import datetime

from sqlalchemy import String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Line, database_now


class Receipt(Base):
    """That the entry of this key is saved: written in its command's transaction, so a replay finds it (SECURITY 7).

    Not audited, since the command's own rows are; never changed and never deleted.
    """

    __tablename__ = "receipt"
    __table_args__ = {"info": {"audited": False, "append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    key: Mapped[uuid.UUID] = mapped_column(Uuid(), unique=True)
    command: Mapped[str] = mapped_column(String(80))
    seat: Mapped[Line]
    recorded_at: Mapped[datetime] = mapped_column(server_default=database_now())
