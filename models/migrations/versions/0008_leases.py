"""Leases of collectors, and what is remembered of a database that was carried over.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLES = ("collector_roster", "collector_lease", "moved_trail", "moved_seal", "moved_table")


def upgrade() -> None:
    """Make the tables of both subjects."""
    _leases()
    _moving()


def downgrade() -> None:
    """Drop them again."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _leases() -> None:
    op.create_table(
        "collector_roster",
        sa.Column("id", base.RowId, autoincrement=False, nullable=False),
        sa.Column("generation", base.RowId, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collector_roster")),
        info={"audited": False},
    )
    op.create_table(
        "collector_lease",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("holder", sa.String(length=32), nullable=False),
        sa.Column("joined_at", base.UtcDateTime(), nullable=False),
        sa.Column("renewed_at", base.UtcDateTime(), nullable=False),
        sa.Column("lease_s", sa.Float(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_collector_lease")),
        info={"audited": False},
    )
    op.execute("INSERT INTO collector_roster (id, generation) VALUES (1, 0)")


def _moving() -> None:
    op.create_table(
        "moved_trail",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("database_uuid", sa.String(length=40), nullable=False),
        sa.Column("key_fingerprint", sa.String(length=40), nullable=False),
        sa.Column("source", sa.String(length=250), server_default="", nullable=False),
        sa.Column("source_state", sa.String(length=64), nullable=False),
        sa.Column("entries", base.RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("began_at", base.UtcDateTime(), nullable=False),
        sa.Column("finished_at", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_trail")),
        sa.UniqueConstraint("database_uuid", name=op.f("uq_moved_trail_database_uuid")),
        info={"audited": False},
    )
    op.create_table(
        "moved_seal",
        sa.Column("id", base.RowId, autoincrement=False, nullable=False),
        sa.Column("first_id", base.RowId, nullable=False),
        sa.Column("last_id", base.RowId, nullable=False),
        sa.Column("count", base.RowId, nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", base.UtcDateTime(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moved_seal")),
        info={"audited": False, "append_only": True},
    )
    op.create_table(
        "moved_table",
        sa.Column("name", sa.String(length=63), nullable=False),
        sa.Column("rows", base.RowId, nullable=False),
        sa.Column("digest", sa.String(length=40), nullable=False),
        sa.Column("carried_at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_moved_table")),
        info={"audited": False},
    )
