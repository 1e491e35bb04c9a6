"""Does a TCP port answer, and how fast."""

import asyncio
import contextlib
import errno
import time
from datetime import UTC, datetime

from app.collector.samples import Metric, Outcome, Sample, Target
from app.text import clean_line, decode
from app.words import tr
from models.enums import CheckKind

_BANNER_BYTES = 256


class TcpProbe:
    """Params of a target: `banner` ("1": wait for the greeting and keep it as a fact)."""

    async def ask(self, target: Target) -> Outcome:
        began = time.perf_counter()
        try:
            async with asyncio.timeout(target.timeout_s):
                reader, writer = await asyncio.open_connection(target.address, target.port)
                took_ms = (time.perf_counter() - began) * 1000
                banner = await _banner(reader) if target.params.get("banner") == "1" else ""
        except TimeoutError:
            trouble = tr("Port {port}: no answer in {n} s", port=target.port, n=round(target.timeout_s))
            return _failed(target, trouble, is_reachable=False)
        except ConnectionRefusedError:
            trouble = tr("Port {port} is closed", port=target.port)
            return Outcome(target.check_id, target.ci_id, datetime.now(UTC), True, trouble=trouble)
        except (OSError, OverflowError, UnicodeError, ValueError) as problem:
            return _failed(target, *_worded(target, problem))
        writer.close()
        with contextlib.suppress(OSError, TimeoutError):
            await asyncio.wait_for(writer.wait_closed(), 1)
        samples = (Sample(Metric.TCP_CONNECT_MS, took_ms, "ms", str(target.port)),)
        facts = {"banner": banner} if banner else {}
        return Outcome(target.check_id, target.ci_id, datetime.now(UTC), True, took_ms, samples, facts)

    async def close(self) -> None:
        """Nothing is kept between calls."""


async def port_test(address: str, port: int, timeout_s: float = 3.0) -> Outcome:
    """Return what one connection to a port finds: the device menu's "Port test"."""
    target = Target(0, 0, CheckKind.TCP, address, port, {"banner": "1"}, timeout_s=timeout_s)
    return await TcpProbe().ask(target)


async def _banner(reader: asyncio.StreamReader) -> str:
    """Return the greeting, "" when there is none within a second: most services wait for the client."""
    try:
        return clean_line(decode(await asyncio.wait_for(reader.read(_BANNER_BYTES), 1)), 120)
    except (TimeoutError, OSError):
        return ""


def _worded(target: Target, problem: Exception) -> tuple[str, bool]:
    """Return the sentence and whether the device may be there (a name that can't be read says nothing of it)."""
    number = problem.errno if isinstance(problem, OSError) else None
    if number in (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ETIMEDOUT):
        return tr("Port {port}: the network has no way there", port=target.port), False
    if number == errno.ECONNRESET:
        return tr("Port {port}: the connection was reset", port=target.port), True
    return tr("{address} cannot be asked: {problem}", address=target.address, problem=str(problem)), True


def _failed(target: Target, trouble: str, is_reachable: bool) -> Outcome:
    return Outcome(
        target.check_id,
        target.ci_id,
        datetime.now(UTC),
        False,
        trouble=clean_line(trouble),
        is_reachable=is_reachable,
    )
