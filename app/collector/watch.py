"""Everything watched, in memory: digests outcomes into judgements and gathers what the next batch must store."""

from collections.abc import Collection, Mapping, Set
from datetime import datetime

from app.collector import judge
from app.collector.batch import Batch, Configuration, Neighbour, StateChanged, Window
from app.collector.judge import Alarm, Parent, Surroundings, Verdict
from app.collector.limits import Limits, Rulebook
from app.collector.memory import Judgement, is_only_beat
from app.collector.samples import Outcome, Sweep, Target

OUTCOMES_KEPT = 50_000
"""Outcomes that wait for a database that is away; older ones are dropped and counted."""


class Watch:
    """The judgements of all CIs under one configuration. Not thread-safe; has no clock of its own."""

    def __init__(self, judgements: Mapping[int, Judgement]) -> None:
        self.judgements = dict(judgements)
        self.wanted_now: set[int] = set()
        self.wanted_elsewhere: set[int] = set()
        self.dropped = 0
        self._targets: dict[int, Target] = {}
        self._names: dict[int, str] = {}
        self._parents: dict[int, int] = {}
        self._children: dict[int, set[int]] = {}
        self._limits: dict[int, Limits] = {}
        self._windows: tuple[Window, ...] = ()
        self._elsewhere: Mapping[int, Neighbour] = {}
        self._muted: frozenset[int] = frozenset()
        self._back_at: dict[int, datetime] = {}
        self._dirty: set[int] = set()
        self._beaten: set[int] = set()
        self._outcomes: list[Outcome] = []
        self._sweeps: list[Sweep] = []
        self._changes: list[StateChanged] = []
        self._alarms: list[Alarm] = []

    @property
    def devices(self) -> int:
        return len(self._limits)

    def configure(self, configuration: Configuration, now: datetime) -> None:
        """Judge by `configuration` from now on; checks that are gone no longer count."""
        rules = Rulebook(configuration.thresholds)
        self._let_go(configuration.elsewhere)
        self.judgements.update(configuration.adopted)
        self._targets = {target.check_id: target for target in configuration.targets}
        self._names = {ci_id: other.name for ci_id, other in self._elsewhere.items()}
        self._names |= {target.ci_id: target.name for target in configuration.targets}
        classes = {target.ci_id: target.ci_class for target in configuration.targets}
        self._limits = {ci_id: rules.of(ci_id, name) for ci_id, name in classes.items()}
        above = {ci_id: other.parent_ci_id for ci_id, other in self._elsewhere.items()}
        above |= {target.ci_id: target.parent_ci_id for target in configuration.targets}
        self._parents = {
            child: parent
            for child, parent in above.items()
            if parent is not None and parent in above and parent != child
        }
        self._children = {}
        for child in self._parents.keys() & classes.keys():
            self._children.setdefault(self._parents[child], set()).add(child)
        self._windows = configuration.windows
        self._muted = self._muted_at(now)
        for judgement in list(self.judgements.values()):
            if judgement.ci_id not in self._elsewhere:
                self._drop_gone_checks(judgement, now)

    @property
    def parents_elsewhere(self) -> Set[int]:
        """Return the devices that devices here are reached through and another collector watches."""
        return self._children.keys() & self._elsewhere.keys()

    def see(self, found: Mapping[int, Judgement], now: datetime) -> None:
        """Take what other collectors found, and judge anew the devices here that depend on it."""
        for ci_id, judged in found.items():
            before = self.judgements.get(ci_id)
            if ci_id not in self._elsewhere or judged == before:
                continue
            self._keep(before or Judgement(ci_id), judged)
            self._tell_children(ci_id, now)

    def take(self, target: Target, outcome: Outcome) -> Judgement:
        """Digest one outcome and return the CI's new judgement."""
        before = self.judgements.get(target.ci_id) or Judgement(target.ci_id)
        if target.check_id not in self._targets:
            return before  # switched off while it ran
        self._outcomes.append(outcome)
        if len(self._outcomes) > OUTCOMES_KEPT:
            self.dropped += len(self._outcomes) - OUTCOMES_KEPT
            del self._outcomes[:-OUTCOMES_KEPT]
        return self._judge(before, target, outcome)

    def take_sweep(self, sweep: Sweep) -> list[Judgement]:
        """Digest a round of pings, whose samples stay columns; return the new judgements by place."""
        judged, taken = [], []
        for place, target in enumerate(sweep.targets):
            before = self.judgements.get(target.ci_id) or Judgement(target.ci_id)
            if target.check_id in self._targets:
                taken.append(place)
                before = self._judge(before, target, sweep.outcome(place))
            judged.append(before)
        self._sweeps.append(sweep.only(taken))
        waiting = sum(len(one.targets) for one in self._sweeps)
        while waiting > OUTCOMES_KEPT and len(self._sweeps) > 1:
            gone = len(self._sweeps.pop(0).targets)
            waiting, self.dropped = waiting - gone, self.dropped + gone
        return judged

    def _judge(self, before: Judgement, target: Target, outcome: Outcome) -> Judgement:
        around = self._around(target.ci_id, outcome.at)
        verdict = judge.take(before, target, outcome, self._limits[target.ci_id], around)
        self._apply(before, verdict)
        self._tell_children(target.ci_id, outcome.at)
        return verdict.judgement

    def turn(self, now: datetime) -> None:
        """Note maintenance windows that began or ended by `now`."""
        muted = self._muted_at(now)
        changed, self._muted = muted ^ self._muted, muted
        for ci_id in changed & self._limits.keys():
            self._settle(ci_id, now)

    def gather(self) -> Batch:
        """Return what is not stored yet and forget that; `give_back` when storing failed."""
        known = self.judgements
        judgements = {ci_id: known[ci_id] for ci_id in self._dirty}
        beats = {ci_id: known[ci_id] for ci_id in self._beaten - self._dirty}
        batch = Batch(judgements, self._outcomes, self._changes, self._alarms, beats=beats, sweeps=self._sweeps)
        self._dirty, self._beaten = set(), set()
        self._outcomes, self._sweeps, self._changes, self._alarms = [], [], [], []
        return batch

    def _let_go(self, elsewhere: Mapping[int, Neighbour]) -> None:
        """Leave devices to the collectors that watch them from now on, and drop what is not stored of them."""
        self._elsewhere = elsewhere
        if not elsewhere:
            return
        self._dirty -= elsewhere.keys()
        self._beaten -= elsewhere.keys()
        self._outcomes = [one for one in self._outcomes if one.ci_id not in elsewhere]
        self._sweeps = [one.only(_places_of_others(one, elsewhere)) for one in self._sweeps]
        self._changes = [one for one in self._changes if one.after.ci_id not in elsewhere]
        self._alarms = [one for one in self._alarms if one.ci_id not in elsewhere]

    def give_back(self, batch: Batch) -> None:
        """Put a batch that could not be stored before what came since."""
        self._dirty.update(batch.judgements)
        self._beaten.update(batch.beats)
        self._outcomes[:0] = batch.outcomes
        self._sweeps[:0] = batch.sweeps
        self._changes[:0] = batch.changes
        self._alarms[:0] = batch.alarms

    def _around(self, ci_id: int, now: datetime) -> Surroundings:
        return Surroundings(now, ci_id in self._muted, self._parent(ci_id))

    def _parent(self, ci_id: int) -> Parent | None:
        """Return the parent as last judged; None without one, and inside a ring of parents."""
        parent_id = self._parents.get(ci_id)
        if parent_id is None or self._is_above(ci_id, parent_id):
            return None
        judged = self.judgements.get(parent_id) or Judgement(parent_id)
        name = self._names.get(parent_id, "")
        back_at = self._back_at.get(parent_id)
        return Parent(parent_id, name, judged.is_down, judged.is_doubtful, judged.checked_at, back_at)

    def _is_above(self, upper: int, lower: int) -> bool:
        """Tell whether `upper` is `lower` or one of its ancestors."""
        seen: set[int] = set()
        at: int | None = lower
        while at is not None and at not in seen:
            if at == upper:
                return True
            seen.add(at)
            at = self._parents.get(at)
        return False

    def _tell_children(self, ci_id: int, now: datetime) -> None:
        """Judge anew the silent devices behind this one, whose cause it may be (or no longer be)."""
        for child in self._children.get(ci_id, ()):
            judged = self.judgements.get(child)
            if judged is not None and (judged.is_down or judged.affected_by is not None):
                self._settle(child, now)

    def _settle(self, ci_id: int, now: datetime) -> None:
        before = self.judgements.get(ci_id) or Judgement(ci_id)
        self._apply(before, judge.settle(before, self._around(ci_id, now)))

    def _drop_gone_checks(self, judgement: Judgement, now: datetime) -> None:
        gone = [check_id for check_id in judgement.checks if check_id not in self._targets]
        if gone:
            self._apply(judgement, judge.forget(judgement, gone, self._around(judgement.ci_id, now)))

    def _apply(self, before: Judgement, verdict: Verdict) -> None:
        after = verdict.judgement
        parent_id = self._parents.get(after.ci_id)
        if verdict.asks_parent and parent_id is not None:
            (self.wanted_elsewhere if parent_id in self._elsewhere else self.wanted_now).add(parent_id)
        self._alarms.extend(verdict.alarms)
        if is_only_beat(after, before):
            if after.checked_at is not before.checked_at:
                self.judgements[after.ci_id] = after
                self._beaten.add(after.ci_id)
            return
        self._keep(before, after)
        self._dirty.add(after.ci_id)
        if after.state is not before.state or after.affected_by != before.affected_by or not before.since:
            self._changes.append(StateChanged(before, after))

    def _keep(self, before: Judgement, after: Judgement) -> None:
        if before.is_down and not after.is_down and after.checked_at is not None:
            self._back_at[after.ci_id] = after.checked_at
        self.judgements[after.ci_id] = after

    def _muted_at(self, now: datetime) -> frozenset[int]:
        return frozenset(window.ci_id for window in self._windows if window.holds(now))


def _places_of_others(sweep: Sweep, ci_ids: Collection[int]) -> list[int]:
    return [place for place, target in enumerate(sweep.targets) if target.ci_id not in ci_ids]
