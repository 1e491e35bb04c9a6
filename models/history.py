"""The history of measured figures (DESIGN 5): fresh samples by batch, packed hours, roll-ups. Core tables, unaudited.

Times are whole seconds since 1970 (UTC), so that a million rows cost integers. No foreign key leads out of here:
history may live in a store of its own.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Double,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from models.base import Base, RowId

FIRST_SECOND = 946_684_800
LAST_SECOND = 4_102_444_800


def _moment(name: str) -> Column[int]:
    return Column(name, BigInteger, primary_key=True, autoincrement=False)


def _series() -> Column[int]:
    return Column("series_id", Integer, primary_key=True, autoincrement=False)


def _within_the_century(name: str) -> CheckConstraint:
    return CheckConstraint(f"{name} >= {FIRST_SECOND} AND {name} < {LAST_SECOND}", name=f"{name}_century")


series = Table(
    "history_series",
    Base.metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("ci_id", RowId, nullable=False),
    Column("metric", String(60), nullable=False),
    Column("instance", String(200), nullable=False),
    Column("unit", String(16), nullable=False),
    Column("label", String(250), nullable=False),
    UniqueConstraint("ci_id", "metric", "instance"),
    info={"audited": False},
)

fresh = Table(
    "history_fresh",
    Base.metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    Column("block", Integer, nullable=False),
    Column("hour", BigInteger, nullable=False),
    Column("newest", BigInteger, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Index("ix_history_fresh_block_hour", "block", "hour"),
    Index("ix_history_fresh_hour", "hour"),
    _within_the_century("hour"),
    info={"audited": False},
)
"""What a batch brought of a block of series within an hour, in `app.collector.history.fresh`'s form."""

packed_hour = Table(
    "history_packed_hour",
    Base.metadata,
    _series(),
    _moment("hour"),
    Column("data", LargeBinary, nullable=False),
    _within_the_century("hour"),
    info={"audited": False},
    sqlite_with_rowid=False,
)
"""The samples of one series and hour in `app.collector.history.packing`'s form."""

rollup_5m = Table(
    "history_rollup_5m",
    Base.metadata,
    _series(),
    _moment("hour"),
    Column("data", LargeBinary, nullable=False),
    _within_the_century("hour"),
    info={"audited": False},
    sqlite_with_rowid=False,
)
"""The twelve five-minute roll-ups of an hour: at, count, low, mean, high, packed."""

rollup_1h = Table(
    "history_rollup_1h",
    Base.metadata,
    _series(),
    _moment("hour"),
    Column("count", Integer, nullable=False),
    Column("low", Double, nullable=False),
    Column("mean", Double, nullable=False),
    Column("high", Double, nullable=False),
    _within_the_century("hour"),
    info={"audited": False},
    sqlite_with_rowid=False,
)
