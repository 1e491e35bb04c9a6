"""Which devices see which: the newest reading of each one's neighbours (REQUIREMENTS A3)."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, to


class Neighbours(Base):
    """What a device said of its neighbours last; `links` is a list of lists, in the order of `samples.Link`."""

    __tablename__ = "neighbours"
    __table_args__ = {"info": {"audited": False}}  # noqa: RUF012 - SQLAlchemy's own form
    ci_id: Mapped[int] = mapped_column(to("ci"), primary_key=True, autoincrement=False)
    links: Mapped[list[Any]]
    read_at: Mapped[datetime]
