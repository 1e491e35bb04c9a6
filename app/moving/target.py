"""The shared side of a move: made ready by the server's superuser, and emptied of what 'init' alone made."""

from sqlalchemy import Connection, Engine, text

from app import connecting
from app.database import Database, open_database
from app.errors import BadInput
from app.shared import setting_up
from app.trouble import worded
from app.words import tr
from models.enums import Post
from models.schema import metadata

BY_INIT = ("password", "person_post", "person", "sign_in", "seat", "act", "audit_seal", "audit_entry")
"""What setting up leaves in a database that nobody has used: the first administrator, and the trail of all this."""


def open_target(url: str) -> Database:
    """Return the shared database at `url` with its tables and rules made or renewed, opened as the superuser.

    Raises BadInput for a URL that names no PostgreSQL, and what setting up and opening raise.
    """
    if not url.startswith("postgresql"):
        raise BadInput(tr("An embedded database (sqlite:///…) is moved into a shared one (postgresql://…)."))
    engine = connecting.server_engine(connecting.parsed(url))
    try:
        if not _is_begun(engine):
            setting_up.prepare(engine)
    finally:
        engine.dispose()
    return open_database(url)


def _is_begun(engine: Engine) -> bool:
    """Tell whether a move into this database is under way."""
    with worded(), engine.connect() as connection:
        if connection.scalar(text("SELECT to_regclass('public.moved_trail')")) is None:
            return False
        return bool(connection.scalar(text("SELECT count(*) FROM moved_trail")))


def forget_init(connection: Connection) -> None:
    """Empty a database that nobody has used: the administrator that 'init' made gives way to the people who come."""
    used = "SELECT count(*) FROM person_post WHERE post <> :post OR ended_at IS NOT NULL"
    people = connection.scalar(text("SELECT count(*) FROM person")) or 0
    if people > 1 or connection.scalar(text(used), {"post": Post.ADMINISTRATOR.value}):
        return
    for person in connection.scalars(text("SELECT id FROM person WHERE login IS NOT NULL")).all():
        connection.execute(text("SELECT watchroom_hold_posts(:who, ARRAY[]::text[])"), {"who": person})
    for name in BY_INIT:
        connection.execute(metadata.tables[name].delete())
