"""What was measured, kept: `History.append` and `read`, and the upkeep that packs, rolls up and drops (DESIGN 5)."""

from app.collector.history.fresh import newest
from app.collector.history.reading import Curve, Level, SeriesRow, read, read_raw, series_of
from app.collector.history.store import History

__all__ = ["Curve", "History", "Level", "SeriesRow", "newest", "read", "read_raw", "series_of"]
