"""How several collectors share the devices of one database: who belongs to them, under which generation (DESIGN 5)."""

from datetime import datetime

from sqlalchemy import Float, String
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, RowId


class CollectorRoster(Base):
    """One row, whose `generation` rises with every collector that joins, leaves or loses its lease."""

    __tablename__ = "collector_roster"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    id: Mapped[int] = mapped_column(RowId, primary_key=True, autoincrement=False)
    generation: Mapped[int] = mapped_column(default=0)


class CollectorLease(Base):
    """One collector's lease, renewed by each of its writes; it holds for `lease_s` from the last one.

    `holder` names the process, so that of two with one name only the newer one may write.
    """

    __tablename__ = "collector_lease"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(32))
    joined_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    lease_s: Mapped[float] = mapped_column(Float)
    is_held: Mapped[bool]
