"""What the collector reads from and writes to the database, and the protocol of who does it."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from app.collector.judge import Alarm
from app.collector.limits import Threshold
from app.collector.memory import Judgement
from app.collector.samples import Outcome, Sweep, Target


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window of one CI."""

    ci_id: int
    starts_at: datetime
    ends_at: datetime

    def holds(self, now: datetime) -> bool:
        return self.starts_at <= now < self.ends_at


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A device that another collector watches, which devices here may depend on."""

    name: str
    parent_ci_id: int | None


@dataclass(frozen=True, slots=True)
class Configuration:
    """Everything that people set up; `mark` changes whenever any of it does.

    `elsewhere` holds the devices that other collectors watch, by CI; `adopted` what those who watched them before last
    wrote of devices that are this collector's from now on.
    """

    mark: object = None
    targets: tuple[Target, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    windows: tuple[Window, ...] = ()
    elsewhere: Mapping[int, Neighbour] = field(default_factory=dict)
    adopted: Mapping[int, Judgement] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StateChanged:
    """A line of the states' history."""

    before: Judgement
    after: Judgement


@dataclass(frozen=True, slots=True)
class Batch:
    """What one second brought, written in one transaction. `judgements` hold the newest of each CI.

    `beats` hold those of CIs of which nothing but `checked_at` and `heartbeat` is new since they were last gathered.
    `outcomes` and `sweeps` carry the samples; `changes` and `alarms` come in the order in which they happened.
    """

    judgements: Mapping[int, Judgement] = field(default_factory=dict)
    beats: Mapping[int, Judgement] = field(default_factory=dict, kw_only=True)
    outcomes: Sequence[Outcome] = ()
    sweeps: Sequence[Sweep] = field(default=(), kw_only=True)
    changes: Sequence[StateChanged] = ()
    alarms: Sequence[Alarm] = ()

    def __bool__(self) -> bool:
        return bool(self.judgements or self.beats or self.outcomes or self.sweeps or self.changes or self.alarms)


@dataclass(frozen=True, slots=True)
class Beat:
    """The collector's sign of life. `trouble` is a sentence for people, "" when all is well."""

    started_at: datetime
    at: datetime
    devices: int
    checks_per_minute: int
    trouble: str = ""


class Store(Protocol):
    """The database, as the collector sees it. Called from one thread at a time.

    Raises DatabaseAway or NotSaved when it can't be done now: the runner keeps what it has and tries again.
    """

    def configuration_mark(self) -> object:
        """Return a value that differs from the last one when the configuration may have changed."""

    def load(self) -> Configuration: ...

    def load_states(self) -> dict[int, Judgement]:
        """Return every CI's last judgement, as it was written."""

    def last_beat(self) -> datetime | None: ...

    def take_requests(self) -> list[int]:
        """Return the CIs that somebody wants checked now, each request once."""

    def look_elsewhere(self, ci_ids: Set[int], wanted: Set[int]) -> Mapping[int, Judgement]:
        """Return what other collectors last wrote of `ci_ids`, and ask them to check `wanted` now."""

    def write(self, batch: Batch, beat: Beat) -> None:
        """Store a batch and the sign of life, all or nothing. Raises Fenced when the devices were shared out anew."""

    def note_gap(self, start: datetime, end: datetime) -> None:
        """Enter a gap in watching in the shift log."""

    def tidy(self) -> None:
        """Do what is due every few seconds: seal the trail, escalate, expire, pack history."""
