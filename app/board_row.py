"""One device as the board paints it; loads no database layer, so that the board can be drawn before it is there."""

from datetime import datetime, timedelta
from typing import NamedTuple

from app.ci_classes import catalogue, class_of
from models.enums import State

STALE_AFTER_INTERVALS = 2


class BoardRow(NamedTuple):
    """One device. `heartbeat` holds the last 60 checks, oldest first, a byte each: a state's rank or NO_CHECK.

    `is_new`: an unacknowledged incident is open. `place` is its room, `services` the business services it is part of.
    `search` is what the filter looks through: name, address, pinyin and initials, in small letters.
    """

    ci_id: int
    name: str
    class_name: str
    place: str
    services: tuple[str, ...]
    state: State
    since: datetime | None
    summary: str
    value: str
    checked_at: datetime | None
    interval_s: int
    heartbeat: bytes = b""
    is_new: bool = False
    affected_by: str = ""
    search: str = ""
    address: str = ""

    def is_stale(self, now: datetime) -> bool:
        """Whether the data is older than twice its poll interval (UX rule 1); never checked counts as unknown."""
        if self.checked_at is None:
            return False
        return now - self.checked_at > timedelta(seconds=self.interval_s * STALE_AFTER_INTERVALS)

    @property
    def group(self) -> str:
        """The label of the board's group that the device's class belongs to."""
        return catalogue().groups[class_of(self.class_name).group].label
