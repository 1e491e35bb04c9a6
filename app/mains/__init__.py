"""A mains failure: what must be shut down before the battery is empty, in which order, and who did it (A12)."""

from app.mains.order import Order, order
from app.mains.shutdown import Shutdown, Step, shutdown, tick

__all__ = ["Order", "Shutdown", "Step", "order", "shutdown", "tick"]
