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


_WAKING = (
    "CREATE FUNCTION watchroom_wake() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN PERFORM pg_notify('watchroom', ''); RETURN NULL; END $$",
    "CREATE TRIGGER wake_state_change AFTER INSERT ON state_change"
    " FOR EACH STATEMENT EXECUTE FUNCTION watchroom_wake()",
    "CREATE TRIGGER wake_seat AFTER INSERT OR UPDATE OF shows ON seat"
    " FOR EACH STATEMENT EXECUTE FUNCTION watchroom_wake()",
)
"""States and seats are not audited, so nothing else would wake who follows them."""


def upgrade() -> None:
    _make_receipts()
    _make_seats()
    with op.batch_alter_table("state_change") as batch_op:
        batch_op.add_column(
            sa.Column("transaction_id", base.RowId, server_default=base.this_transaction(), nullable=True)
        )
        batch_op.create_index("ix_state_change_transaction_id", ["transaction_id"])
    if op.get_bind().dialect.name == "postgresql":
        for statement in _WAKING:
            op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER wake_seat ON seat")
        op.execute("DROP TRIGGER wake_state_change ON state_change")
        op.execute("DROP FUNCTION watchroom_wake")
    with op.batch_alter_table("state_change") as batch_op:
        batch_op.drop_index("ix_state_change_transaction_id")
        batch_op.drop_column("transaction_id")
    op.drop_table("seat")
    op.drop_table("receipt")


def _make_seats() -> None:
    op.create_table(
        "seat",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("instance", sa.Uuid(), nullable=False),
        sa.Column("person_id", base.RowId, nullable=True),
        sa.Column("address", sa.String(length=250), server_default="", nullable=False),
        sa.Column("program_version", sa.String(length=24), nullable=False),
        sa.Column("since", base.UtcDateTime(), nullable=False),
        sa.Column("seen_at", base.UtcDateTime(), nullable=False),
        sa.Column("has_left", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("shown", base.Json, nullable=False),
        sa.Column("shows", base.RowId, server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_seat_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_seat")),
        sa.UniqueConstraint("instance", name=op.f("uq_seat_instance")),
        info={"audited": False},
    )
    op.create_index("ix_seat_name", "seat", ["name"])


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
