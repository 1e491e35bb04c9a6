"""People of the desk, the posts they hold, and the unit's settings."""

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Flag, Id, Keyed, Line, Versioned, to, words
from models.enums import Post


class Person(Keyed, Versioned, Base):
    """Somebody who signs in, or signs on paper. Passwords follow REQUIREMENTS H2."""

    __tablename__ = "person"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    login: Mapped[str | None] = mapped_column(String(40), unique=True)
    department: Mapped[Line]
    telephone: Mapped[Line]
    mobile: Mapped[Line]
    search: Mapped[Line]
    is_active: Mapped[bool] = mapped_column(default=True, server_default="1")


class PersonPost(Base):
    """One post held by one person until `ended_at`."""

    __tablename__ = "person_post"
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(to("person"), index=True)
    post: Mapped[Post] = mapped_column(words(Post))
    ended_at: Mapped[datetime | None]
    __table_args__ = (
        Index(
            "ix_person_post_held",
            "person_id",
            "post",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )


class Password(Base):
    """A password that a person has or had, newest last; only its argon2id hash is kept."""

    __tablename__ = "password"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(to("person"), index=True)
    hash: Mapped[str] = mapped_column(String(200), info={"secret": True})
    set_at: Mapped[datetime]
    is_temporary: Mapped[Flag]


class SignIn(Base):
    """An attempt to sign in (SECURITY 6); five failures in 15 minutes lock the account for 15 minutes."""

    __tablename__ = "sign_in"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    login: Mapped[str] = mapped_column(String(80), index=True)
    person_id: Mapped[int | None] = mapped_column(to("person"))
    at: Mapped[datetime]
    seat: Mapped[Line]
    succeeded: Mapped[bool]
    reason: Mapped[Line]


class Act(Base):
    """Something done that changes no other row (an export, a print, a refusal), so that it too has its audit entry."""

    __tablename__ = "act"
    __table_args__ = {"info": {"append_only": True}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(24))
    text: Mapped[str] = mapped_column(String(400))
    at: Mapped[datetime]


class Setting(Versioned, Base):
    """One setting of the unit (its name, rooms, terms, targets), by name."""

    __tablename__ = "setting"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    value: Mapped[dict[str, Any]]


class Preference(Base):
    """One person's own choice (layout, saved filters); not audited."""

    __tablename__ = "preference"
    __table_args__ = (UniqueConstraint("person_id", "name"), {"info": {"audited": False}})
    id: Mapped[Id]
    person_id: Mapped[int] = mapped_column(to("person"))
    name: Mapped[str] = mapped_column(String(120))
    value: Mapped[dict[str, Any]]


class Contact(Keyed, Versioned, Base):
    """An entry of the contact directory: superiors, vendors, property management (REQUIREMENTS B6, B8).

    `escalation_level` 1, 2, 3 ... makes the contact part of the escalation chain, lowest first.
    """

    __tablename__ = "contact"
    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(80))
    unit: Mapped[Line]
    role: Mapped[Line]
    telephone: Mapped[Line]
    mobile: Mapped[Line]
    mail: Mapped[Line]
    note: Mapped[Line]
    search: Mapped[Line]
    escalation_level: Mapped[int | None]
    person_id: Mapped[int | None] = mapped_column(to("person"))
    is_active: Mapped[bool] = mapped_column(default=True, server_default="1")


class Attachment(Keyed, Base):
    """A file that belongs to a row of another table (photograph, approval letter); its content never changes."""

    __tablename__ = "attachment"
    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    item: Mapped[Line]
    name: Mapped[str] = mapped_column(String(200))
    media_type: Mapped[str] = mapped_column(String(80))
    sha256: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    recorded_at: Mapped[datetime]
    __table_args__ = (
        Index("ix_attachment_subject", "subject", "subject_id"),
        {"info": {"append_only": True}},
    )


class Signature(Base):
    """A person's signature under a record: who, in which role, over which content."""

    __tablename__ = "signature"
    id: Mapped[Id]
    subject: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    role: Mapped[str] = mapped_column(String(40))
    person_id: Mapped[int] = mapped_column(to("person"))
    signed_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    __table_args__ = (Index("ix_signature_subject", "subject", "subject_id"), {"info": {"append_only": True}})
