"""Reason and end of rights by system, and the auditor's review notes.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

from models import base

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_MOMENT = "{type} CONSTRAINT ck_system_right_{name}_century CHECK ({name} >= '2000-01-01' AND {name} < '2100-01-01')"
_LINE = "VARCHAR(250) DEFAULT '' NOT NULL"
_TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'system_right'"
_MOMENTS, _LINES = ("recorded_at", "expires_at"), ("reason", "end_reason")


def upgrade() -> None:
    """Add the columns in place, which SQLite too can do where each brings its CHECK along, and make the table."""
    kind = "DATETIME" if op.get_bind().dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
    for name in _MOMENTS:
        op.execute(f"ALTER TABLE system_right ADD COLUMN {name} {_MOMENT.format(type=kind, name=name)}")
    for name in _LINES:
        op.execute(f"ALTER TABLE system_right ADD COLUMN {name} {_LINE}")
    op.create_table(
        "trail_review",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("from_at", base.UtcDateTime(), nullable=False),
        sa.Column("to_at", base.UtcDateTime(), nullable=False),
        sa.Column("last_id", base.RowId, nullable=False),
        sa.Column("entries", base.RowId, nullable=False),
        sa.Column("verdict", sa.String(length=250), server_default="", nullable=False),
        sa.Column("findings", sa.Text(), server_default="", nullable=False),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        sa.Column("person_id", base.RowId, nullable=True),
        sa.Column("recorded_at", base.UtcDateTime(), nullable=False),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_trail_review_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_trail_review")),
        sa.UniqueConstraint("key", name=op.f("uq_trail_review_key")),
        info={"append_only": True},
    )
    op.create_index("ix_trail_review_to_at", "trail_review", ["to_at"])


def downgrade() -> None:
    """Drop the table and the columns; the audit triggers, which name them, are made anew afterwards."""
    op.drop_table("trail_review")
    if op.get_bind().dialect.name == "sqlite":
        for name in op.get_bind().execute(sa.text(_TRIGGERS)).scalars().all():
            op.execute(f"DROP TRIGGER {name}")
    for name in (*_MOMENTS, *_LINES):
        op.execute(f"ALTER TABLE system_right DROP COLUMN {name}")
