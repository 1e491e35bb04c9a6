"""The one box of a database's secrets on this machine: devices' communities, visitors' certificate numbers."""

from sqlalchemy import select

from app.desk import ReadTx
from app.paths import config_dir
from app.secrets import SecretBox, open_box
from models.audit import Meta


def box_of(tx: ReadTx) -> SecretBox:
    """Return the box of the database that `tx` works on, its key made at the first use. Raises Refused, NotSaved."""
    return open_box(config_dir(), tx.session.scalar(select(Meta.value).where(Meta.name == "uuid")) or "")
