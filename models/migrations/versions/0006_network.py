"""Links between devices as they tell them.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table of neighbours."""
    op.create_table(
        "neighbours",
        sa.Column("ci_id", base.RowId, autoincrement=False, nullable=False),
        sa.Column("links", base.Json, nullable=False),
        sa.Column("read_at", base.UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["ci_id"], ["ci.id"], name=op.f("fk_neighbours_ci_id")),
        sa.PrimaryKeyConstraint("ci_id", name=op.f("pk_neighbours")),
        info={"audited": False},
    )


def downgrade() -> None:
    """Drop it again."""
    op.drop_table("neighbours")
