"""How long a power supply's battery will last."""

from datetime import UTC, datetime, timedelta
from typing import Final

from app.collector.history import newest, series_of
from app.collector.samples import Metric
from app.desk import ReadTx

RECENT: Final = timedelta(minutes=15)
"""An older figure says nothing about now."""


def runtime_left(tx: ReadTx, ci_id: int) -> datetime | None:
    """Return when the battery is empty by the supply's newest figure, None when it tells none."""
    wanted = [row.id for row in series_of(tx.connection, ci_id) if row.metric == Metric.UPS_RUNTIME_MIN]
    found = newest(tx.connection, wanted, int((tx.now - RECENT).timestamp())) if wanted else {}
    ends = [
        datetime.fromtimestamp(at, UTC) + timedelta(minutes=value) for at, value in found.values() if value is not None
    ]
    return min(ends, default=None)
