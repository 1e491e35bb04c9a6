"""How many objects a device is asked for at once."""

from typing import Final

from app.collector.probes.snmp.client import GET_AT_ONCE, MOST_AT_ONCE

_NEVER: Final = 0


class Packing:
    """Grows with each answer, to twice as many objects, and stays with what was answered once an attempt failed."""

    def __init__(self) -> None:
        self._proven = _NEVER
        self._most = MOST_AT_ONCE

    @property
    def at_once(self) -> int:
        """What to try next; 0 when the device does not answer even the usual number."""
        return min(max(2 * self._proven, GET_AT_ONCE), self._most)

    def is_proven(self, at_once: int) -> bool:
        return at_once <= self._proven

    def answered(self, at_once: int) -> None:
        self._proven = max(self._proven, at_once)

    def failed(self, at_once: int) -> None:
        """Believe half of what failed although it had been answered before, else what had been."""
        if self.is_proven(at_once):
            self._proven = at_once // 2 if at_once >= 2 * GET_AT_ONCE else _NEVER
        self._most = self._proven
