"""What the judge remembers of a device between two answers, and how that survives a restart."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from app.collector.limits import Level
from models.enums import CheckKind, Severity, State

HEARTBEAT = 60
"""Results kept for the bar of a tile, a byte each (`State.rank`), newest last."""


class Answer(IntEnum):
    """What one run of a check amounts to, the worst last."""

    GOOD = 0
    UNMEASURED = 1
    """it is there but would not be measured: wrong community, garbage"""
    FINDING = 2
    """it answered something that is wrong by itself: a page without its text, a refused port"""
    SILENT = 3


@dataclass(frozen=True, slots=True)
class Belief:
    """A grade that is believed (`held`), and how often in a row something worse was seen (`doubts`)."""

    held: int = 0
    doubts: int = 0

    def after(self, seen: int, retries: int) -> "Belief":
        """Return the belief after `seen`: better is believed at once, worse after `retries` repetitions."""
        if seen <= self.held:
            return self if seen == self.held and not self.doubts else Belief(seen)
        if self.doubts >= retries:
            return Belief(seen)
        return Belief(self.held, self.doubts + 1)


_GOOD = Belief()
_NORMAL = State.NORMAL.rank


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure that is not plainly good, with its last value and how many answers have left it out."""

    metric: str
    instance: str
    unit: str
    value: float
    limit: float | None
    belief: Belief
    missing: int = 0
    says: str = ""

    @property
    def level(self) -> Level:
        return Level(self.belief.held)


class Memory(NamedTuple):
    """What is remembered of one check. A result that changes nothing leaves the very object as it is.

    A named tuple, as the judgement is: each answer makes some, and a frozen dataclass takes five times as long.

    `is_settled`: it has answered well, or failed often enough to be believed. `turns`: a bit for each of the
    last results, 1 where it differed from the one before; many of them are flapping.
    """

    check_id: int
    kind: CheckKind
    answer: Belief = _GOOD
    is_settled: bool = False
    trouble: str = ""
    silent_since: datetime | None = None
    marks: tuple[Mark, ...] = ()
    raw: int = _NORMAL
    turns: int = 0
    is_flapping: bool = False
    headline: str = ""

    @property
    def is_plain(self) -> bool:
        """All is well and was so for long: nothing is worth storing but that."""
        return (
            self.is_settled
            and not self.marks
            and not self.turns
            and not self.trouble
            and not (self.answer.held or self.answer.doubts)
            and self.raw == _NORMAL
        )

    @property
    def is_silent(self) -> bool:
        return self.is_settled and self.answer.held == Answer.SILENT

    @property
    def is_doubtful(self) -> bool:
        """The last result was no answer, but it is not believed yet."""
        return self.answer.doubts > 0 and self.silent_since is not None


@dataclass(frozen=True, slots=True)
class Raised:
    """An alarm that is open, as it was last told."""

    severity: Severity
    subject: str


class Judgement(NamedTuple):
    """What the watch says of one CI since `since`. `attempts`: results in a row that are not believed yet.

    `is_down`: no check of it gets an answer, whatever else (maintenance, a parent) decides its `state`.
    `affected_by` is the parent that explains the silence. `raised` is keyed by cause.
    """

    ci_id: int
    state: State = State.UNKNOWN
    since: datetime | None = None
    checked_at: datetime | None = None
    summary: str = ""
    value_text: str = ""
    affected_by: int | None = None
    is_down: bool = False
    attempts: int = 0
    heartbeat: bytes = b""
    checks: Mapping[int, Memory] = MappingProxyType({})
    raised: Mapping[str, Raised] = MappingProxyType({})

    @property
    def is_doubtful(self) -> bool:
        """It may be about to be down."""
        return any(memory.is_doubtful for memory in self.checks.values())


def is_only_beat(now: Judgement, before: Judgement) -> bool:
    """Tell whether nothing but the beat is new: the judge leaves what is the same as it is."""
    return (
        now.checks is before.checks
        and now.raised is before.raised
        and now.value_text == before.value_text
        and is_same_but_figure(now, before)
    )


def is_same_but_figure(now: Judgement, before: Judgement) -> bool:
    """Tell whether at most the figures, the memory and the beat are new."""
    return (
        now.state is before.state
        and now.since == before.since
        and now.summary == before.summary
        and now.affected_by == before.affected_by
        and now.is_down == before.is_down
    )


def to_json(judgement: Judgement) -> dict[str, Any]:
    """Return what a row's own columns do not hold, as JSON values; the same while nothing is wrong."""
    stored: dict[str, Any] = {"checks": {str(m.check_id): _memory_json(m) for m in judgement.checks.values()}}
    if judgement.raised:
        stored["raised"] = {c: [r.severity.value, r.subject] for c, r in judgement.raised.items()}
    if judgement.is_down:
        stored["down"] = True
    return stored


def checks_from_json(stored: Mapping[str, Any]) -> dict[int, Memory]:
    """Return the memories by check id; what can't be read is left out, so that the check starts anew."""
    checks = {}
    for key, row in stored.get("checks", {}).items():
        try:
            checks[int(key)] = _memory(int(key), row)
        except (KeyError, TypeError, ValueError):
            continue
    return checks


def raised_from_json(stored: Mapping[str, Any]) -> dict[str, Raised]:
    return {cause: Raised(Severity(s), subject) for cause, (s, subject) in stored.get("raised", {}).items()}


def _memory_json(memory: Memory) -> dict[str, Any]:
    row: dict[str, Any] = {"kind": memory.kind.value}
    values = {
        "answer": [memory.answer.held, memory.answer.doubts] if memory.answer != Belief() else None,
        "settled": memory.is_settled,
        "trouble": memory.trouble,
        "silent": memory.silent_since and memory.silent_since.isoformat(),
        "marks": [_mark_json(mark) for mark in memory.marks],
        "raw": memory.raw if memory.raw != State.NORMAL.rank else None,
        "turns": memory.turns,
        "flapping": memory.is_flapping,
    }
    row.update((name, value) for name, value in values.items() if value)
    if memory.raw == 0:
        row["raw"] = 0
    return row


def _mark_json(mark: Mark) -> list[Any]:
    belief = mark.belief
    return [
        *(mark.metric, mark.instance, mark.unit, mark.value, mark.limit),
        *(belief.held, belief.doubts, mark.missing),
        *((mark.says,) if mark.says else ()),
    ]


def _memory(check_id: int, row: Mapping[str, Any]) -> Memory:
    silent = row.get("silent")
    return Memory(
        check_id=check_id,
        kind=CheckKind(row["kind"]),
        answer=Belief(*row.get("answer", (0, 0))),
        is_settled=bool(row.get("settled", False)),
        trouble=str(row.get("trouble", "")),
        silent_since=datetime.fromisoformat(silent) if silent else None,
        marks=tuple(_mark(*mark) for mark in row.get("marks", ())),
        raw=int(row.get("raw", State.NORMAL.rank)),
        turns=int(row.get("turns", 0)),
        is_flapping=bool(row.get("flapping", False)),
    )


def _mark(  # a row of JSON has no names
    metric: str,
    instance: str,
    unit: str,
    value: float,
    limit: float | None,
    held: int,
    doubts: int,
    missing: int,
    says: str = "",
) -> Mark:
    return Mark(metric, instance, unit, value, limit, Belief(held, doubts), missing, says)
