"""Devices' secrets on their way into the database: sealed with the key of this machine's collector (SECURITY 8)."""

from app.desk import ReadTx
from app.secret_box import box_of


def sealed(tx: ReadTx, secret: str) -> bytes | None:
    """Return what is stored of a community or password, None for none."""
    return box_of(tx).seal(secret).encode() if secret else None
