"""Devices as polled beside their records: differences that people decide on (REQUIREMENTS D1)."""

from app.facts.comparing import compare, has_news
from app.facts.deciding import accept, keep, order
from app.facts.listing import DifferenceRow, count, differences

__all__ = ["DifferenceRow", "accept", "compare", "count", "differences", "has_news", "keep", "order"]
