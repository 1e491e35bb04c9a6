"""Seats, presence, leases and receipts of replayed entries.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_receipts()


def downgrade() -> None:
    op.drop_table("receipt")


def _make_receipts() -> None:
    op.create_table(
        "receipt",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("command", sa.String(length=80), nullable=False),
        sa.Column("seat", sa.String(length=250), server_default="", nullable=False),
        sa.Column("recorded_at", base.UtcDateTime(), server_default=base.database_now(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("key", name=op.f("uq_receipt_key")),
        info={"audited": False, "append_only": True},
    )
