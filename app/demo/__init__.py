"""`watchroom init --demo`: a believable site with two years of records, the same for the same seed and last day."""

from app.demo.making import Filled, fill

__all__ = ["Filled", "fill"]
