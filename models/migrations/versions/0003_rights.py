"""Rights by system and seat, and what two people sign together.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _make_system_rights()
    op.create_table(
        "attestation",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("person_id", base.RowId, nullable=False),
        sa.Column("purpose", sa.String(length=80), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.Column("used_in", base.RowId, nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_attestation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attestation")),
    )
    op.create_index("ix_attestation_person_id", "attestation", ["person_id"])
    op.create_table(
        "login_lock",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(length=63), nullable=False),
        sa.Column("locked_at", base.UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(length=250), server_default="", nullable=False),
        sa.Column("ended_at", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_lock")),
    )
    op.create_index("ix_login_lock_login", "login_lock", ["login"])


def downgrade() -> None:
    for name in ("login_lock", "attestation", "system_right"):
        op.drop_table(name)


def _make_system_rights() -> None:
    in_force = sa.text("ended_at IS NULL")
    op.create_table(
        "system_right",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("person_id", base.RowId, nullable=False),
        sa.Column("system_id", base.RowId, nullable=False),
        sa.Column("seat", sa.String(length=250), server_default="", nullable=False),
        sa.Column("may_write", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("ended_at", base.UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_system_right_person_id")),
        sa.ForeignKeyConstraint(["system_id"], ["ci.id"], name=op.f("fk_system_right_system_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_right")),
        sa.UniqueConstraint("key", name=op.f("uq_system_right_key")),
    )
    op.create_index("ix_system_right_person_id", "system_right", ["person_id"])
    op.create_index(
        "ix_system_right_held",
        "system_right",
        ["person_id", "system_id", "seat"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )
