"""Alembic's environment: it runs on the connection that `app.database` hands over."""

from typing import Any

from alembic import context

from models.base import Json, RowId, UtcDateTime, WordType, database_now
from models.schema import metadata


def render_item(kind: str, item: Any, autogen: Any) -> Any:
    """Write our own types and the database's clock so that a revision needs no present-day enum."""
    autogen.imports.add("from models import base")
    if kind == "type" and isinstance(item, WordType):
        return "sa.String(24)"
    if kind == "type" and isinstance(item, UtcDateTime):
        return "base.UtcDateTime()"
    if kind == "type" and (item is RowId or item is Json):
        return "base.RowId" if item is RowId else "base.Json"
    if kind == "server_default" and item is not None and isinstance(item.arg, database_now):
        return "base.database_now()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=False,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
