"""Messages that devices and other monitors send.

Revision ID: 0005
Revises: 0004
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

from models import base, enums

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = (
    *("device_log", "intake_mark", "intake_source", "intake_alert"),
    *("intake_rule", "intake_token", "intake_user"),
)


def upgrade() -> None:
    """Make the device log, what the receivers remember, and what people set up."""
    _log()
    _remembered()
    _set_up()


def downgrade() -> None:
    """Drop them again."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _log() -> None:
    op.create_table(
        "device_log",
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        sa.Column("received_at", base.UtcDateTime(), nullable=False),
        sa.Column("kind", base.WordType(enums.MessageKind), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("ci_id", base.RowId, nullable=True),
        sa.Column("level", base.RowId, nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("tag", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["ci_id"], ["ci.id"], name=op.f("fk_device_log_ci_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_log")),
        info={"audited": False},
    )
    op.create_index("ix_device_log_ci_id_id", "device_log", ["ci_id", "id"])
    op.create_index("ix_device_log_received_at", "device_log", ["received_at"])


def _remembered() -> None:
    op.create_table(
        "intake_mark",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("file", base.RowId, nullable=False),
        sa.Column("place", base.RowId, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_intake_mark")),
        info={"audited": False},
    )
    op.create_table(
        "intake_source",
        sa.Column("address", sa.String(length=60), nullable=False),
        sa.Column("received", base.RowId, nullable=False),
        sa.Column("dropped", base.RowId, nullable=False),
        sa.Column("last_at", base.UtcDateTime(), nullable=False),
        sa.Column("dropped_at", base.UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_intake_source")),
        info={"audited": False},
    )
    op.create_table(
        "intake_alert",
        sa.Column("cause_key", sa.String(length=200), nullable=False),
        sa.Column("episode", sa.String(length=60), nullable=False),
        sa.Column("is_resolved", sa.Boolean(), nullable=False),
        sa.Column("at", base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("cause_key", name=op.f("pk_intake_alert")),
        info={"audited": False},
    )


def _line(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length=250), server_default="", nullable=False)


def _made_by_forms(name: str, *columns: "sa.Column[Any]") -> None:
    op.create_table(
        name,
        sa.Column("id", base.RowId, autoincrement=True, nullable=False),
        *columns,
        sa.Column("voided_at", base.UtcDateTime(), nullable=True),
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("version", base.RowId, server_default="1", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{name}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{name}_key")),
    )


def _set_up() -> None:
    lines = ("name", "tag", "text", "clear_tag", "clear_text", "fingerprint")
    _made_by_forms(
        "intake_rule",
        *(_line(name) for name in lines),
        sa.Column("severity", base.WordType(enums.Severity), nullable=False),
        _line("title"),
        sa.Column("is_enabled", sa.Boolean(), server_default="1", nullable=False),
    )
    _made_by_forms(
        "intake_token",
        _line("name"),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", base.UtcDateTime(), nullable=False),
    )
    _made_by_forms(
        "intake_user",
        _line("name"),
        sa.Column("auth", sa.String(length=12), server_default="", nullable=False),
        sa.Column("priv", sa.String(length=12), server_default="", nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
    )
