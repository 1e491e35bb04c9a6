"""A check that asks anew each time and gets one whole reading: Redfish, IPMI, NUT, Modbus, databases, middleware."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final, Protocol

from app.collector.probes.snmp.client import BadAnswer, NoAnswer
from app.collector.probes.snmp.reading import Reading
from app.collector.probes.snmp.sampling import facts, samples
from app.collector.samples import SERVICES, Metric, Outcome, Target
from app.errors import BadInput
from app.text import clean_line
from app.words import tr

SHORTEST_BUDGET_S: Final = 30.0
_MOST_TROUBLES: Final = 3
_NEVER_TOLD: Final = (Metric.CPU, Metric.MEMORY, Metric.DISK)
"""Usage that these ways of asking list parts for without ever measuring it."""


class Reader(Protocol):
    """Reads one target. Raises NoAnswer, BadAnswer, OSError, or ValueError for impossible settings."""

    async def read(self, target: Target) -> Reading: ...


class NotServing(Exception):
    """The program answers that it serves nobody now: full, starting, stopping. The text is its own."""


class OnBattery:
    """Since when each target runs on battery, for devices that say only that they do."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since: dict[int, float] = {}

    def minutes(self, check_id: int, is_on_battery: bool | None) -> float | None:
        """Return the minutes on battery: 0 on mains, None where the device says neither, a second at least else."""
        if is_on_battery is None:
            return None
        if not is_on_battery:
            self._since.pop(check_id, None)
            return 0.0
        since = self._since.setdefault(check_id, self._clock())
        return max(1.0, self._clock() - since) / 60


class PolledProbe:
    """Turns what a reader found into samples; it holds no connection between two checks."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    async def ask(self, target: Target) -> Outcome:
        at = datetime.now(UTC)
        started = time.monotonic()
        try:
            async with asyncio.timeout(max(SHORTEST_BUDGET_S, target.timeout_s * 4)):
                reading = await self._reader.read(target)
        except (NoAnswer, TimeoutError):
            return _failed(target, at, tr("no answer"), is_reachable=False)
        except BadAnswer as error:
            return _failed(target, at, str(error))
        except (ValueError, BadInput) as error:
            return _failed(target, at, tr("the settings of this check don't fit: {detail}", detail=str(error)))
        except NotServing as error:
            return Outcome(target.check_id, target.ci_id, at, True, trouble=clean_line(str(error)))
        except ConnectionRefusedError:
            return _refused(target, at)
        except OSError as error:
            return _failed(target, at, str(error), is_reachable=False)
        return _outcome(target, at, reading, (time.monotonic() - started) * 1000)

    async def close(self) -> None:
        """Have nothing to end."""


def _outcome(target: Target, at: datetime, reading: Reading, latency_ms: float) -> Outcome:
    found = samples(replace(reading, processors=()), {})
    told = tuple(one for one in found if one.value is not None or one.metric not in _NEVER_TOLD)
    known = _service(reading) if target.kind in SERVICES else facts(reading)
    if reading.troubles:
        known["trouble"] = "; ".join(reading.troubles[:_MOST_TROUBLES])
    place = target.address if reading.log else ""
    return Outcome(target.check_id, target.ci_id, at, True, latency_ms, told, known, log=reading.log, address=place)


def _service(reading: Reading) -> dict[str, str]:
    """Return what a program says of itself under a name of its own: the device's record is about the device."""
    system = reading.system
    return {"service": " ".join(word for word in (system.vendor, system.model, system.version) if word)}


def _refused(target: Target, at: datetime) -> Outcome:
    """Return that nothing listens: of a program that is the finding, of a device only a way that is shut."""
    trouble = tr("nothing listens on that port")
    if target.kind in SERVICES:
        return Outcome(target.check_id, target.ci_id, at, True, trouble=clean_line(trouble))
    return _failed(target, at, trouble)


def _failed(target: Target, at: datetime, trouble: str, is_reachable: bool = True) -> Outcome:
    return Outcome(target.check_id, target.ci_id, at, False, trouble=clean_line(trouble), is_reachable=is_reachable)
