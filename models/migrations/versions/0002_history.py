"""The history store's tables.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_CENTURY = "{0} >= 946684800 AND {0} < 4102444800"


def upgrade() -> None:
    op.create_table(
        "history_series",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("ci_id", base.RowId, nullable=False),
        sa.Column("metric", sa.String(length=60), nullable=False),
        sa.Column("instance", sa.String(length=200), nullable=False),
        sa.Column("unit", sa.String(length=16), nullable=False),
        sa.Column("label", sa.String(length=250), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_history_series")),
        sa.UniqueConstraint("ci_id", "metric", "instance", name=op.f("uq_history_series_ci_id_metric_instance")),
        info={"audited": False},
    )
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
    for name in ("history_packed_hour", "history_rollup_5m"):
        op.create_table(
            name,
            sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
            sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("data", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("series_id", "hour", name=op.f(f"pk_{name}")),
            sa.CheckConstraint(_CENTURY.format("hour"), name=op.f(f"ck_{name}_hour_century")),
            info={"audited": False},
            sqlite_with_rowid=False,
        )
    op.create_table(
        "history_rollup_1h",
        sa.Column("series_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hour", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("mean", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("series_id", "hour", name=op.f("pk_history_rollup_1h")),
        sa.CheckConstraint(_CENTURY.format("hour"), name=op.f("ck_history_rollup_1h_hour_century")),
        info={"audited": False},
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for name in ("rollup_1h", "rollup_5m", "packed_hour", "hot", "series"):
        op.drop_table(f"history_{name}")
