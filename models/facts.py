"""Where a device as polled is not what its record says, and what people decided (REQUIREMENTS D1)."""

from datetime import datetime

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, Line, Versioned, to, words
from models.enums import DifferenceState, Fact

_STANDS = "state IN ('open', 'ordered', 'kept')"


class Difference(Versioned, Base):
    """One field of one configuration item that differs; at most one that stands a field.

    `polled` of addresses is a list, parted by spaces.
    """

    __tablename__ = "difference"
    id: Mapped[Id]
    ci_id: Mapped[int] = mapped_column(to("ci"))
    fact: Mapped[Fact] = mapped_column(words(Fact))
    recorded: Mapped[Line]
    polled: Mapped[Line]
    state: Mapped[DifferenceState] = mapped_column(words(DifferenceState), default=DifferenceState.OPEN)
    found_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(to("person"))
    reason: Mapped[Line]
    work_order_id: Mapped[int | None] = mapped_column(to("work_order"))
    __table_args__ = (
        Index(
            "ix_difference_stands",
            "ci_id",
            "fact",
            unique=True,
            sqlite_where=text(_STANDS),
            postgresql_where=text(_STANDS),
        ),
        Index("ix_difference_state", "state", "id"),
    )
