"""Who may see which systems, what a second person has attested, and whose login is locked (SECURITY 1-4)."""

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Flag, Id, Keyed, Line, to


class SystemRight(Keyed, Base):
    """That a person sees one system, a business service with all it is made of, and writes it where `may_write`.

    A person without any row that stands sees everything. An empty `seat` is every seat. A row stands until it is
    withdrawn (`ended_at`); past `expires_at` it opens nothing, but still narrows: time alone never shows somebody more.
    """

    __tablename__ = "system_right"
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(to("person"), index=True)
    system_id: Mapped[int] = mapped_column(to("ci"))
    seat: Mapped[Line]
    may_write: Mapped[Flag]
    reason: Mapped[Line]
    recorded_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[Line]
    __table_args__ = (
        Index(
            "ix_system_right_held",
            "person_id",
            "system_id",
            "seat",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Attestation(Base):
    """What a second person proved with a connection of the own login: one step, within two minutes, used once.

    `used_in` is the number of the transaction of the first person that used it up. Written by functions only.
    """

    __tablename__ = "attestation"
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(to("person"), index=True)
    purpose: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    used_in: Mapped[int | None]


class LoginLock(Base):
    """That a login was locked, for whatever `reason`, and since when it is open again."""

    __tablename__ = "login_lock"
    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(63), index=True)
    locked_at: Mapped[datetime]
    reason: Mapped[Line]
    ended_at: Mapped[datetime | None]
