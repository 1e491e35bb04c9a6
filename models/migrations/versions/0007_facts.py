"""Facts as polled beside the record.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

from models import base, enums

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

STANDS = sa.text("state IN ('open', 'ordered', 'kept')")


def upgrade() -> None:
    """Make the table of differences."""
    op.create_table(
        "difference",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("ci_id", base.RowId, nullable=False),
        sa.Column("fact", base.WordType(enums.Fact), nullable=False),
        sa.Column("recorded", sa.String(length=250), server_default="", nullable=False),
        sa.Column("polled", sa.String(length=250), server_default="", nullable=False),
        sa.Column("state", base.WordType(enums.DifferenceState), nullable=False),
        sa.Column("found_at", base.UtcDateTime(), nullable=False),
        sa.Column("decided_at", base.UtcDateTime(), nullable=True),
        sa.Column("decided_by", base.RowId, nullable=True),
        sa.Column("reason", sa.String(length=250), server_default="", nullable=False),
        sa.Column("work_order_id", base.RowId, nullable=True),
        sa.Column("version", base.RowId, server_default="1", nullable=False),
        sa.ForeignKeyConstraint(["ci_id"], ["ci.id"], name=op.f("fk_difference_ci_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_difference_decided_by")),
        sa.ForeignKeyConstraint(["work_order_id"], ["work_order.id"], name=op.f("fk_difference_work_order_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_difference")),
    )
    op.create_index(
        "ix_difference_stands",
        "difference",
        ["ci_id", "fact"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_index("ix_difference_state", "difference", ["state", "id"])


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("difference")
