"""Restoring backups of Watchroom itself to try them, unattended, and the record that each try leaves (F4)."""

from app.drills.drilling import Drilled, drill, drill_now
from app.drills.records import DrillRow, DrillStanding, is_due, record_drill, standing

__all__ = ["DrillRow", "DrillStanding", "Drilled", "drill", "drill_now", "is_due", "record_drill", "standing"]
