"""Numbered series: `E-20261123-031`, counted per day."""

from datetime import datetime

from sqlalchemy import update

from app.desk import Tx
from models.incidents import Counter


def next_number(tx: Tx, prefix: str, day: datetime, digits: int = 3) -> str:
    """Return the next number of the series `prefix` on the local day of `day`; it is never given twice."""
    series = f"{prefix}-{day.astimezone():%Y%m%d}"
    changed = tx.session.execute(
        update(Counter).where(Counter.name == series).values(last=Counter.last + 1).returning(Counter.last)
    ).scalar()
    if changed is None:
        tx.add(Counter(name=series, last=1))
        changed = 1
    return f"{series}-{changed:0{digits}}"
