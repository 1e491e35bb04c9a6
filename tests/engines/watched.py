"""One check as the collector watches it: each answer is judged by the limits that ship, and alarms come out."""

import asyncio
import time
from collections.abc import Callable, Iterable

from app.collector import judge
from app.collector.judge import Step, Surroundings
from app.collector.limits import DEFAULTS, Rulebook, Threshold
from app.collector.memory import Judgement
from app.collector.probes.polled import PolledProbe, Reader
from app.collector.samples import Outcome, Target


class Watched:
    """Keeps what stands: `alarms` is the sentence of each alarm that is open, by its metric or finding.

    `limits` are the site's own; each answer is asked for in an event loop of its own, as no reader keeps a connection.
    """

    def __init__(self, reader: Reader, target: Target, limits: Iterable[Threshold] = ()) -> None:
        self.target = target
        self.alarms: dict[str, str] = {}
        self.cleared: list[str] = []
        self._probe = PolledProbe(reader)
        self._limits = Rulebook((*limits, *DEFAULTS)).of(target.ci_id, "middleware")
        self._judgement = Judgement(target.ci_id)

    def ask(self) -> Outcome:
        """Ask once and judge the answer."""
        outcome = asyncio.run(self._probe.ask(self.target))
        verdict = judge.take(self._judgement, self.target, outcome, self._limits, Surroundings(outcome.at))
        self._judgement = verdict.judgement
        for alarm in verdict.alarms:
            what = alarm.cause.split(":", 2)[2]
            if alarm.step is Step.CLEAR:
                self.alarms.pop(what)
                self.cleared.append(what)
            else:
                self.alarms[what] = alarm.title
        return outcome

    def ask_until(self, holds: Callable[[dict[str, str]], bool], within_s: float = 90.0) -> Outcome:
        """Ask again and again until the alarms are so."""
        end = time.monotonic() + within_s
        while time.monotonic() < end:
            outcome = self.ask()
            if holds(self.alarms):
                return outcome
            time.sleep(0.1)
        raise AssertionError(f"{self.alarms} {outcome.trouble}")


def figures(outcome: Outcome) -> dict[tuple[str, str], float | None]:
    """Return the values by metric and instance."""
    return {(one.metric, one.instance): one.value for one in outcome.samples}
