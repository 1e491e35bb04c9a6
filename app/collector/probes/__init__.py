"""How each kind of check asks its device. A probe never raises because of what a device answers."""

from collections.abc import Sequence
from typing import Protocol

from app.collector.samples import Outcome, Sweep, Target


class Probe(Protocol):
    """Asks one target; everything that a device can do wrong becomes the outcome's `trouble`.

    May keep sessions between calls (by `check_id`); `close` ends them.
    """

    async def ask(self, target: Target) -> Outcome: ...

    async def close(self) -> None: ...


class BatchProbe(Protocol):
    """Asks many targets at once."""

    async def sweep(self, targets: Sequence[Target]) -> Sweep: ...

    async def close(self) -> None: ...
