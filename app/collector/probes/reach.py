"""Policies of the network: what must be reachable from here, and what must not (REQUIREMENTS A4)."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime

from app.collector.probes.icmp import ping_once
from app.collector.probes.tcp import port_test
from app.collector.samples import Outcome, Target
from app.text import clean_line
from app.words import tr
from models.enums import CheckKind


class ReachProbe:
    """Params of a target: `name` of the policy. With a port it connects, without one it pings.

    A policy that is broken is a finding: critical by itself, whatever the device's other checks say.
    """

    async def ask(self, target: Target) -> Outcome:
        must_answer = target.kind is CheckKind.MUST_REACH
        seen = await _look(target)
        told = replace(seen, check_id=target.check_id, ci_id=target.ci_id, at=datetime.now(UTC), samples=(), facts={})
        if not seen.ok and seen.is_reachable:
            return told  # it could not even be tried: that proves nothing
        answers = seen.ok and not seen.trouble
        if answers == must_answer:
            return replace(told, ok=True, trouble="", is_reachable=True)
        return replace(told, ok=True, trouble=_broken(target, must_answer), is_reachable=True)

    async def close(self) -> None:
        """Nothing is kept between calls."""


async def _look(target: Target) -> Outcome:
    try:
        async with asyncio.timeout(target.timeout_s + 2):
            if target.port:
                return await port_test(target.address, target.port, target.timeout_s)
            return await ping_once(target.address, 2)
    except TimeoutError:
        return Outcome(0, 0, datetime.now(UTC), False, is_reachable=False)


def _broken(target: Target, must_answer: bool) -> str:
    where = f"{target.address}:{target.port}" if target.port else target.address
    name = target.params.get("name", "") or where
    if must_answer:
        return clean_line(
            tr("Policy “{name}” is broken: {where} must be reachable, but is not", name=name, where=where)
        )
    return clean_line(tr("Policy “{name}” is broken: {where} must not be reachable, but is", name=name, where=where))
