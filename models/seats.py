"""Seats of the desk, and which kept entries are in the database already."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import String, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Flag, Id, Line, database_now, to


class Seat(Base):
    """A running program, and which records its person has open: a light table that nobody audits.

    `instance` is drawn by each program when it starts. It lives as long as it renews `seen_at` (`app.seats`); the row
    of a dead one is taken over by the next program of that seat. `shows` counts the changes of `shown`, for the feed.
    """

    __tablename__ = "seat"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), index=True)
    instance: Mapped[uuid.UUID] = mapped_column(Uuid(), unique=True)
    person_id: Mapped[int | None] = mapped_column(to("person"))
    address: Mapped[Line]
    program_version: Mapped[str] = mapped_column(String(24))
    since: Mapped[datetime]
    seen_at: Mapped[datetime]
    has_left: Mapped[Flag]
    shown: Mapped[list[Any]] = mapped_column(default=list)
    shows: Mapped[int] = mapped_column(default=0, server_default="0")


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
