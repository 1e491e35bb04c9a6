"""The judge: previous judgement + outcome + thresholds -> new judgement and alarms.

Pure: no clock, no database. `take` digests one outcome; `settle` decides anew when only the surroundings
changed (a parent went down, a maintenance window began or ended).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import NamedTuple

from app.collector import telling
from app.collector.figures import headline
from app.collector.limits import Level, Limits, Threshold, is_number
from app.collector.memory import HEARTBEAT, Answer, Belief, Judgement, Mark, Memory, Raised
from app.collector.samples import SERVICES, Metric, Outcome, Sample, Target
from app.words import tr
from models.enums import CheckKind, Severity, State

FLAP_WINDOW = 20
FLAP_STARTS = 8
FLAP_ENDS = 3
FORGET_AFTER = 60
"""Answers in a row that leave a bad figure out before it is forgotten (an unmounted disk)."""
PATIENCE = timedelta(minutes=5)
"""How long a child's alarm waits for its parent's next check at most."""

_GOOD = Belief()
_WINDOW_MASK = (1 << FLAP_WINDOW) - 1
_RAW_OF_ANSWER = {
    Answer.SILENT: State.UNREACHABLE.rank,
    Answer.UNMEASURED: State.UNKNOWN.rank,
    Answer.FINDING: State.CRITICAL.rank,
}
_RAW_OF_LEVEL = {
    Level.GOOD: State.NORMAL.rank,
    Level.WARNING: State.WARNING.rank,
    Level.CRITICAL: State.CRITICAL.rank,
}
"""What the heartbeat shows of one result, before retries, and flapping counts."""
_POLICIES = (CheckKind.MUST_REACH, CheckKind.MUST_NOT_REACH)
"""Checks that tell nothing of whether the device is there: one may hold because nothing answers."""
_OF_THE_MAINS = frozenset({Metric.UPS_BATTERY, Metric.UPS_RUNTIME_MIN, Metric.UPS_LOW_BATTERY})
"""What follows from running on battery: while it does, they belong to that one incident."""


class Step(Enum):
    OPEN = "open"
    UPDATE = "update"
    CLEAR = "clear"


@dataclass(frozen=True, slots=True)
class Alarm:
    """What is to be done to the one incident of `cause`, in the words of `title`."""

    step: Step
    cause: str
    ci_id: int
    severity: Severity
    title: str
    at: datetime


class Parent(NamedTuple):
    """What a child must know of the device through which it is reached; `back_at` is when it last came back."""

    ci_id: int
    name: str
    is_down: bool
    is_doubtful: bool = False
    checked_at: datetime | None = None
    back_at: datetime | None = None


class Surroundings(NamedTuple):
    """What besides the outcome decides: `now` (aware, UTC), a maintenance window, the parent."""

    now: datetime
    is_in_maintenance: bool = False
    parent: Parent | None = None


class Verdict(NamedTuple):
    """`asks_parent`: an alarm waits for the parent's next check, which should be made now."""

    judgement: Judgement
    alarms: tuple[Alarm, ...] = ()
    asks_parent: bool = False


class Wanted(NamedTuple):
    """An alarm that the findings ask for; it is told anew when its severity or `subject` changes."""

    cause: str
    severity: Severity
    subject: str
    title: str
    state: State


class _Standing(NamedTuple):
    """What the checks alone say of a CI, before maintenance and parent."""

    state: State
    summary: str
    is_down: bool
    wanted: tuple[Wanted, ...]


def take(before: Judgement, target: Target, outcome: Outcome, limits: Limits, around: Surroundings) -> Verdict:
    """Return the verdict after one outcome of one of the CI's checks."""
    memory = before.checks.get(target.check_id) or Memory(target.check_id, target.kind)
    memory = _remember(memory, target, outcome, limits)
    checks = before.checks
    if checks.get(target.check_id) is not memory:
        checks = {**checks, target.check_id: memory}
    beat = State.MAINTENANCE.rank if around.is_in_maintenance else memory.raw
    heartbeat = (before.heartbeat + bytes((beat,)))[-HEARTBEAT:]
    was_well = before.state is State.NORMAL and before.since and not (before.raised or around.is_in_maintenance)
    if was_well and _are_plain(checks.values()):
        return Verdict(_still_well(before, checks, outcome.at, heartbeat))
    return settle(before._replace(checks=checks, checked_at=outcome.at, heartbeat=heartbeat), around)


def _are_plain(memories: Iterable[Memory]) -> bool:
    for memory in memories:  # noqa: SIM110 - a third faster than a generator
        if not memory.is_plain:
            return False
    return True


def _still_well(before: Judgement, checks: Mapping[int, Memory], at: datetime, heartbeat: bytes) -> Judgement:
    """Return what `settle` makes of a device that was well and of which nothing is wrong, without weighing anything."""
    shown = ""
    for memory in checks.values():
        if memory.headline:
            shown = memory.headline
            break
    return Judgement(
        *(before.ci_id, State.NORMAL, before.since, at, "", shown),
        heartbeat=heartbeat,
        checks=checks,
        raised=before.raised,
    )


def settle(before: Judgement, around: Surroundings) -> Verdict:
    """Return the verdict on what is remembered, in these surroundings."""
    standing = _standing(before)
    parent = around.parent
    explained = standing.is_down and parent is not None and (parent.is_down or _is_old_silence(before, parent))
    waits = _waits_for_parent(before, standing, around)
    state, summary = standing.state, standing.summary
    if explained and parent is not None:
        state, summary = State.UNREACHABLE, tr("Affected by {name}", name=parent.name)
    if around.is_in_maintenance:
        state = State.MAINTENANCE
    may_open = not (around.is_in_maintenance or waits or explained or _is_shadowed(before, parent))
    alarms, raised = _alarms(before, standing, may_open, around.now)
    after = before._replace(
        state=state,
        since=before.since if state == before.state and before.since else around.now,
        summary=summary,
        value_text=telling.value_text(before.checks.values(), is_down=standing.is_down),
        affected_by=parent.ci_id if explained and parent is not None else None,
        is_down=standing.is_down,
        attempts=max((_doubts(m) for m in before.checks.values()), default=0),
        raised=raised,
    )
    return Verdict(after, alarms, asks_parent=waits)


def forget(before: Judgement, check_ids: Iterable[int], around: Surroundings) -> Verdict:
    """Return the verdict once checks that were switched off no longer count: their alarms clear."""
    gone = set(check_ids)
    kept = {i: memory for i, memory in before.checks.items() if i not in gone}
    return settle(before._replace(checks=kept), around)


def _remember(memory: Memory, target: Target, outcome: Outcome, limits: Limits) -> Memory:
    seen = _answer(outcome)
    marks, worst = memory.marks, Level.GOOD
    if outcome.ok:
        marks, worst = _mark_all(memory.marks, outcome.samples, limits, target.retries)
    raw = _RAW_OF_LEVEL[worst] if seen == Answer.GOOD else _RAW_OF_ANSWER[seen]
    shown = headline(outcome.samples) if outcome.ok else memory.headline
    if seen == Answer.GOOD and not marks and raw == memory.raw and memory.is_plain:
        if shown == memory.headline:
            return memory
        return Memory(memory.check_id, memory.kind, _GOOD, is_settled=True, headline=shown)
    answer = memory.answer.after(seen, target.retries)
    turns = (memory.turns << 1 | (raw != memory.raw)) & _WINDOW_MASK
    count = turns.bit_count()
    after = memory._replace(
        answer=answer,
        is_settled=memory.is_settled or seen == Answer.GOOD or not answer.doubts,
        trouble=outcome.trouble,
        silent_since=(memory.silent_since or outcome.at) if seen == Answer.SILENT else None,
        marks=marks,
        raw=raw,
        turns=turns,
        is_flapping=count >= (FLAP_ENDS + 1 if memory.is_flapping else FLAP_STARTS),
        headline=shown,
    )
    return memory if after == memory else after


def _answer(outcome: Outcome) -> Answer:
    if outcome.ok:
        return Answer.FINDING if outcome.trouble else Answer.GOOD
    return Answer.UNMEASURED if outcome.is_reachable else Answer.SILENT


def _mark_all(
    marks: tuple[Mark, ...], samples: tuple[Sample, ...], limits: Limits, retries: int
) -> tuple[tuple[Mark, ...], Level]:
    """Return the marks after one answer, every figure outside its limits and those that are missing, and how bad the
    worst figure of this answer is, before retries."""
    before = {(mark.metric, mark.instance): mark for mark in marks}
    after, worst, limited = [], Level.GOOD, limits.metrics
    for sample in samples:
        if sample.metric not in limited:
            continue
        threshold = limits.of(sample.metric, sample.instance)
        if threshold is None or sample.value is None or not is_number(sample.value):
            continue
        old = before.pop((sample.metric, sample.instance), None) if before else None
        seen = threshold.grade(sample.value, old.level if old else Level.GOOD)
        if seen is not Level.GOOD:
            worst = max(worst, seen)
            after.append(_mark(old, sample, sample.value, threshold, seen, retries))
    if not before:
        return tuple(after), worst
    reported = {sample.metric for sample in samples}
    for mark in before.values():
        still_limited = limits.of(mark.metric, mark.instance) is not None
        if still_limited and mark.level and (mark.missing < FORGET_AFTER or not reported):
            after.append(replace(mark, missing=mark.missing + 1))
    return tuple(after), worst


def _mark(old: Mark | None, sample: Sample, value: float, threshold: Threshold, seen: Level, retries: int) -> Mark:
    """Return the new mark of a figure that was `seen` outside its limits."""
    belief = (old.belief if old else Belief()).after(seen, retries)
    unit = sample.unit or threshold.unit
    limit = threshold.crossed(value, seen)
    return Mark(sample.metric, sample.instance, unit, value, limit, belief, says=sample.says)


def _standing(judgement: Judgement) -> _Standing:
    settled = [memory for memory in judgement.checks.values() if memory.is_settled]
    if not settled:
        return _Standing(State.UNKNOWN, telling.not_settled(judgement), False, ())
    asking = [memory for memory in settled if memory.kind not in _POLICIES]
    is_down = bool(asking) and all(memory.is_silent for memory in asking)
    wanted = tuple(_of_figures(judgement, settled, judgement.raised if is_down else None))
    if is_down:
        trouble = asking[0].trouble or tr("No answer")
        reach = _wanted(judgement.ci_id, "reachability", Severity.CRITICAL, trouble, State.UNREACHABLE)
        return _Standing(State.UNREACHABLE, trouble, True, (reach, *wanted))
    wanted = (*wanted, *_of_answers(judgement.ci_id, settled), *_of_flapping(judgement, settled))
    if not wanted:
        return _Standing(State.NORMAL, telling.doubt(settled), False, ())
    worst = min(wanted, key=lambda want: want.state.rank)
    return _Standing(worst.state, worst.title, False, wanted)


def _what(mark: Mark) -> str:
    """Return what the alarm is about: each broken rule is a cause of its own, the figures of one metric are one."""
    return f"{mark.metric}:{mark.instance}"[:150] if mark.metric == Metric.AUDIT else mark.metric


def _of_figures(
    judgement: Judgement, memories: Iterable[Memory], only: Mapping[str, Raised] | None
) -> Iterable[Wanted]:
    """Yield one alarm for each metric with a figure outside its limits, worded by the worst one, and for each rule.

    While the device is down, only what was raised before (`only`) goes on.
    """
    by_metric: dict[str, list[Mark]] = {}
    for memory in memories:
        for mark in memory.marks:
            if mark.level:
                by_metric.setdefault(_what(mark), []).append(mark)
    if Metric.UPS_ON_BATTERY_S in by_metric:
        for metric in sorted(_OF_THE_MAINS & by_metric.keys()):
            if _cause(judgement, metric) not in judgement.raised:
                by_metric[Metric.UPS_ON_BATTERY_S] += by_metric.pop(metric)
    for metric, marks in by_metric.items():
        cause = _cause(judgement, metric)
        if only is not None and cause not in only:
            continue
        worst = max(marks, key=lambda mark: mark.level)
        severity = Severity.CRITICAL if worst.level is Level.CRITICAL else Severity.WARNING
        told = marks[0] if metric == Metric.UPS_ON_BATTERY_S else worst
        yield Wanted(cause, severity, told.instance, telling.sentence(told, len(marks)), _state_of(worst.level))


def _cause(judgement: Judgement, metric: str) -> str:
    return f"ci:{judgement.ci_id}:{metric}"


def _of_answers(ci_id: int, memories: Iterable[Memory]) -> Iterable[Wanted]:
    """Yield an alarm for each check that has no good answer on a device that is not down."""
    memories = tuple(memories)
    others_may_fail = any(memory.is_doubtful for memory in memories)
    for memory in memories:
        held = memory.answer.held
        is_silent_service = held == Answer.SILENT and memory.kind in SERVICES
        if held == Answer.FINDING or (is_silent_service and not others_may_fail):
            what, severity, state = (
                f"{memory.kind.value}:{memory.check_id}",
                Severity.CRITICAL,
                State.CRITICAL,
            )
        elif held != Answer.GOOD:
            what, severity, state = f"measuring:{memory.check_id}", Severity.WARNING, State.UNKNOWN
        else:
            continue
        yield _wanted(ci_id, what, severity, memory.trouble or tr("No answer"), state)


def _of_flapping(judgement: Judgement, memories: Iterable[Memory]) -> Iterable[Wanted]:
    if any(memory.is_flapping for memory in memories):
        title = tr("Flapping: it keeps changing between good and bad")
        yield _wanted(judgement.ci_id, "flapping", Severity.WARNING, title, State.WARNING)


def _wanted(ci_id: int, what: str, severity: Severity, title: str, state: State) -> Wanted:
    return Wanted(f"ci:{ci_id}:{what}", severity, "", title, state)


def _alarms(
    before: Judgement, standing: _Standing, may_open: bool, now: datetime
) -> tuple[tuple[Alarm, ...], Mapping[str, Raised]]:
    """Return what is to be done and what is raised then. Flapping, nothing clears until it is steady."""
    wanted = {want.cause: want for want in standing.wanted}
    holds = any(memory.is_flapping for memory in before.checks.values())
    alarms, raised = [], {}
    for cause, told in before.raised.items():
        if cause not in wanted and not holds:
            alarms.append(Alarm(Step.CLEAR, cause, before.ci_id, told.severity, tr("Good again"), now))
        else:
            raised[cause] = told
    for cause, want in wanted.items():
        told_before = raised.get(cause)
        fresh = Raised(want.severity, want.subject)
        if not may_open or told_before == fresh:
            continue
        step = Step.OPEN if told_before is None else Step.UPDATE
        alarms.append(Alarm(step, cause, before.ci_id, want.severity, want.title, now))
        raised[cause] = fresh
    return tuple(alarms), before.raised if raised == before.raised else raised


def _waits_for_parent(judgement: Judgement, standing: _Standing, around: Surroundings) -> bool:
    """Tell whether the silence may turn out to be the parent's: it is doubtful, or was not asked since."""
    parent = around.parent
    if parent is None or parent.is_down or not standing.is_down:
        return False
    began = [memory.silent_since for memory in judgement.checks.values() if memory.silent_since]
    if not began or around.now - min(began) > PATIENCE:
        return False
    return parent.is_doubtful or parent.checked_at is None or parent.checked_at < min(began)


def _is_old_silence(judgement: Judgement, parent: Parent) -> bool:
    """Tell whether the silence is from before the parent came back: the next check decides, not this one."""
    if judgement.affected_by != parent.ci_id or parent.back_at is None:
        return False
    return judgement.checked_at is None or judgement.checked_at <= parent.back_at


def _is_shadowed(judgement: Judgement, parent: Parent | None) -> bool:
    """Tell whether a parent that is down explains anything that does not answer here."""
    if parent is None or not parent.is_down:
        return False
    return any(memory.silent_since is not None for memory in judgement.checks.values())


def _doubts(memory: Memory) -> int:
    return max(memory.answer.doubts, *(mark.belief.doubts for mark in memory.marks), 0)


def _state_of(level: Level) -> State:
    return (State.NORMAL, State.WARNING, State.CRITICAL)[level]
