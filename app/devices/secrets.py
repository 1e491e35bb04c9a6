"""Devices' secrets on their way into the database: sealed with the key of this machine's collector (SECURITY 8)."""

from sqlalchemy import select

from app.desk import ReadTx
from app.paths import config_dir
from app.secrets import open_box
from models.audit import Meta


def sealed(tx: ReadTx, secret: str) -> bytes | None:
    """Return what is stored of a community or password, None for none."""
    if not secret:
        return None
    database = tx.session.scalar(select(Meta.value).where(Meta.name == "uuid")) or ""
    return open_box(config_dir(), database).seal(secret).encode()
