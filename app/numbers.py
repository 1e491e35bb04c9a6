"""Numbered series: `E-20261123-031`, counted per day."""

from datetime import datetime

from sqlalchemy import text

from app.desk import Tx

_COUNT = text(
    "INSERT INTO counter (name, last) VALUES (:name, 1)"
    " ON CONFLICT (name) DO UPDATE SET last = counter.last + 1 RETURNING last"
)


def next_number(tx: Tx, prefix: str, day: datetime, digits: int = 3) -> str:
    """Return the next number of the series `prefix` on the local day of `day`; it is never given twice.

    One statement, so that the first two of a day don't meet.
    """
    series = f"{prefix}-{day.astimezone():%Y%m%d}"
    last: int = tx.session.execute(_COUNT, {"name": series}).scalar_one()
    return f"{series}-{last:0{digits}}"
