"""Fresh samples of the history: a row a batch and block of series, where each sample had its own.

Revision ID: 0009
Revises: 0008
"""

import math
import struct
from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_CENTURY = "{0} >= 946684800 AND {0} < 4102444800"
_BLOCK, _HOUR_S, _SAMPLE_SIZE = 1024, 3600, 16


def upgrade() -> None:
    """Make the table and carry over what is not packed yet."""
    op.create_table(
        "history_fresh",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("block", sa.Integer(), nullable=False),
        sa.Column("hour", sa.BigInteger(), nullable=False),
        sa.Column("newest", sa.BigInteger(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_fresh")),
        sa.CheckConstraint(_CENTURY.format("hour"), name=op.f("ck_history_fresh_hour_century")),
        info={"audited": False},
    )
    op.create_index("ix_history_fresh_block_hour", "history_fresh", ["block", "hour"])
    op.create_index("ix_history_fresh_hour", "history_fresh", ["hour"])
    parts: dict[tuple[int, int], list[Any]] = {}
    for row in op.get_bind().execute(sa.text("SELECT at, series_id, value FROM history_hot ORDER BY at, series_id")):
        parts.setdefault((row.series_id // _BLOCK, row.at // _HOUR_S * _HOUR_S), []).append(row)
    insert = sa.text("INSERT INTO history_fresh (block, hour, newest, data) VALUES (:block, :hour, :newest, :data)")
    for (block, hour), rows in parts.items():
        values = {"block": block, "hour": hour, "newest": rows[-1].at, "data": _joined(rows)}
        op.get_bind().execute(insert, values)
    op.drop_table("history_hot")


def downgrade() -> None:
    """Give each sample a row of its own again."""
    op.create_table(
        "history_hot",
        sa.Column("at", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("at", "series_id", name=op.f("pk_history_hot")),
        sa.CheckConstraint(_CENTURY.format("at"), name=op.f("ck_history_hot_at_century")),
        info={"audited": False},
        sqlite_with_rowid=False,
    )
    found: dict[tuple[int, int], float | None] = {}
    for data in op.get_bind().execute(sa.text("SELECT data FROM history_fresh ORDER BY id")).scalars():
        found.update(_apart(data))
    rows = [{"at": at, "series_id": one, "value": value} for (at, one), value in found.items()]
    if rows:
        insert = sa.text("INSERT INTO history_hot (at, series_id, value) VALUES (:at, :series_id, :value)")
        op.get_bind().execute(insert, rows)
    op.drop_table("history_fresh")


def _joined(rows: list[Any]) -> bytes:
    n = len(rows)
    values = (math.nan if row.value is None else row.value for row in rows)
    return struct.pack(f"<{n}i{n}I{n}d", *(row.series_id for row in rows), *(row.at for row in rows), *values)


def _apart(data: bytes) -> Iterable[tuple[tuple[int, int], float | None]]:
    n = len(data) // _SAMPLE_SIZE
    columns = struct.unpack(f"<{n}i{n}I{n}d", data)
    for one, at, value in zip(columns[:n], columns[n : 2 * n], columns[2 * n :], strict=True):
        yield (at, one), None if math.isnan(value) else value
