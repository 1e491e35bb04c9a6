"""What a shared database remembers of the embedded one that was carried over into it."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Line, RowId

_KEPT = {"info": {"audited": False, "append_only": True}}


class MovedTrail(Base):
    """The embedded database whose rows and audit trail, from entry 1 to `entries`, were carried over into this one.

    `key_fingerprint` tells which key file proves it; `source_state` names the state in which it was carried;
    `digest` is over the carried entries' content, and stands in a sealed entry as well. `finished_at` is null while
    the move is under way.
    """

    __tablename__ = "moved_trail"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[Id]
    database_uuid: Mapped[str] = mapped_column(String(40), unique=True)
    key_fingerprint: Mapped[str] = mapped_column(String(40))
    source: Mapped[Line]
    source_state: Mapped[str] = mapped_column(String(64))
    entries: Mapped[int] = mapped_column(default=0)
    digest: Mapped[str] = mapped_column(String(64), default="")
    began_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class MovedSeal(Base):
    """A seal of the carried trail as it stood there; its digest is over the hashes under the old key."""

    __tablename__ = "moved_seal"
    __table_args__ = _KEPT
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    first_id: Mapped[int]
    last_id: Mapped[int]
    count: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]
    hash: Mapped[str] = mapped_column(String(64))


class MovedTable(Base):
    """A table that is carried over whole: its rows, and a digest over them that both sides give."""

    __tablename__ = "moved_table"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    name: Mapped[str] = mapped_column(String(63), primary_key=True)
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(40))
    carried_at: Mapped[datetime]
