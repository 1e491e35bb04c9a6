"""The collector's side of the database: reads what to watch, writes a batch in one transaction through the desk."""

import logging
import os
import socket
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, insert, select, update

from app import audit, incidents
from app.collector.batch import Batch, Beat, Configuration, StateChanged, Window
from app.collector.device_entries import keep_entries
from app.collector.history import History
from app.collector.judge import Alarm, Step
from app.collector.limits import DEFAULTS, Threshold
from app.collector.links import keep_neighbours
from app.collector.memory import Judgement
from app.collector.samples import Target
from app.collector.state_rows import LINE, StateRows, Written
from app.database import Database, collector_identity
from app.desk import Desk, ReadTx, Tx, command
from app.errors import Refused
from app.feed import Follower
from app.paths import config_dir
from app.permissions import Permission
from app.secrets import SecretBox, open_box
from app.text import clean_line
from app.times import duration
from app.version import VERSION
from app.words import tr
from models.cmdb import Ci
from models.duty import ShiftLogEntry
from models.enums import ShiftLogKind
from models.monitoring import Check, CheckRequest, CollectorBeat, Maintenance, StateChange
from models.monitoring import Threshold as ThresholdRow

PACK_EVERY = timedelta(minutes=5)
DROP_EVERY = timedelta(hours=24)

Guard = Callable[[Tx], None]
"""Refuses a batch, within its transaction, whose writer may no longer write."""

_WATCHED = frozenset({"check_item", "threshold", "maintenance", "ci"})
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Chore:
    """Something of another subject that is due every so often while the collector runs."""

    every: timedelta
    run: Callable[[Desk], object]


def device_secrets(database: Database) -> SecretBox:
    """Return the box that seals and opens devices' secrets of `database` on this machine."""
    return open_box(config_dir(), database.uuid)


class DeskStore:
    """The `Store` of a real database. Used by one thread at a time."""

    def __init__(self, database: Database, chores: Sequence[Chore] = (), name: str = "") -> None:
        self._name = (name or socket.gethostname())[:80]
        self._database = database
        self._desk = database.desk(collector_identity(), socket.gethostname())
        self._follower = Follower(self._desk)
        self._edition = 0
        self._rows = StateRows()
        self.history = History(database.engine)
        self._intervals: dict[int, int] = {}
        self._chores = (*_own_chores(self.history), *chores)
        self._chore_due: dict[int, datetime] = {}

    @property
    def leads(self) -> bool:
        """Tell whether this collector does what is to be done once for all: alone, it does."""
        return True

    def configuration_mark(self) -> object:
        changes = self._follower.poll()
        if changes.is_reset or _WATCHED & changes.tables.keys() or not self._edition:
            self._edition += 1
        return self._edition

    def load(self) -> Configuration:
        secrets = device_secrets(self._database)
        configuration = self._desk.read(_configuration, self._edition, secrets)
        self._intervals = {}
        for target in configuration.targets:
            shortest = min(int(target.interval_s), self._intervals.get(target.ci_id, 86_400))
            self._intervals[target.ci_id] = shortest
        return configuration

    def load_states(self) -> dict[int, Judgement]:
        return self._desk.read(_states, self._rows)

    def last_beat(self) -> datetime | None:
        return self._desk.read(_last_beat)

    def take_requests(self) -> list[int]:
        if not self._desk.read(_has_requests):
            return []
        return self._desk.do(take_requests)

    def write(self, batch: Batch, beat: Beat) -> None:
        self._write(batch, beat)

    def look_elsewhere(self, _ci_ids: Set[int], _wanted: Set[int]) -> Mapping[int, Judgement]:
        return {}

    def _write(self, batch: Batch, beat: Beat, guard: Guard | None = None) -> None:
        written = self._desk.do(
            write_batch, batch, beat, self._rows, self.history, self._intervals, name=self._name, guard=guard
        )
        self._rows.committed(written)

    def note_gap(self, start: datetime, end: datetime) -> None:
        self._desk.do(note_gap, start, end)

    def tidy(self) -> None:
        """Seal the trail, escalate what waits too long, then run the chores that are due."""
        self._desk.do(audit.seal)
        self._desk.do(incidents.escalate_due)
        self._desk.do(incidents.expire_acknowledgements)
        now = self._desk.read(_now)
        for number, chore in enumerate(self._chores):
            if now >= self._chore_due.get(number, now):
                self._chore_due[number] = now + chore.every
                chore.run(self._desk)

    def close(self) -> None:
        """Seal what is left; the engine belongs to who opened it."""
        while self._desk.do(audit.seal):
            continue


@command(Permission.WATCH)
def write_batch(
    tx: Tx,
    batch: Batch,
    beat: Beat,
    rows: StateRows,
    history: History,
    intervals: Mapping[int, int],
    *,
    name: str,
    guard: Guard | None = None,
) -> Written:
    """Store what one second brought, all or nothing; return what the state rows hold then.

    `guard` is asked first whether the collector `name` may write at all.
    """
    if guard is not None:
        guard(tx)
    written = rows.write(tx.connection, batch, intervals)
    if batch.changes:
        tx.connection.execute(insert(StateChange), [_change_row(change) for change in batch.changes])
    history.append(tx.connection, batch.outcomes, batch.sweeps)
    keep_neighbours(tx, batch.outcomes)
    keep_entries(tx, batch.outcomes)
    for alarm in batch.alarms:
        _tell(tx, alarm)
    _write_beat(tx, beat, name)
    return written


@command(Permission.WATCH)
def take_requests(tx: Tx) -> list[int]:
    """Take every "check now" that waits and return its CIs."""
    query = select(CheckRequest.ci_id).where(CheckRequest.taken_at.is_(None))
    found = list(tx.session.scalars(query))
    waiting = update(CheckRequest).where(CheckRequest.taken_at.is_(None))
    tx.session.execute(waiting.values(taken_at=tx.now))
    return found


@command(Permission.DUTY_LOG)
def note_gap(tx: Tx, start: datetime, end: datetime) -> None:
    """Enter a gap in watching in the shift log (UX rule 1)."""
    text = tr("Nothing was watched for {time}: the collector was not running.", time=duration(end - start))
    tx.add(ShiftLogEntry(kind=ShiftLogKind.GAP, text=text, happened_at=min(start, tx.now)))


def _tell(tx: Tx, alarm: Alarm) -> None:
    """Open, update or clear the incident of one alarm; one that is refused must not hold up the others."""
    at = min(alarm.at, tx.now)
    title = clean_line(alarm.title, LINE)
    try:
        with tx.session.begin_nested():
            if alarm.step is Step.OPEN:
                incidents.open_alarm(tx, alarm.cause, alarm.ci_id, alarm.severity, title, at)
            elif alarm.step is Step.UPDATE:
                incidents.update_alarm(tx, alarm.cause, alarm.ci_id, alarm.severity, title, at)
            else:
                incidents.clear_alarm(tx, alarm.cause, title, at)
    except Refused:
        _log.exception("the alarm %s was refused", alarm.cause)


def _change_row(change: StateChanged) -> dict[str, Any]:
    before, after = change.before, change.after
    return {
        "ci_id": after.ci_id,
        "at": after.since or after.checked_at,
        "old": before.state if before.since else None,
        "new": after.state,
        "summary": clean_line(after.summary or after.value_text, LINE),
        "affected_by": after.affected_by,
    }


def _write_beat(tx: Tx, beat: Beat, name: str) -> None:
    values = {
        "started_at": beat.started_at,
        "beat_at": tx.now,
        "process_id": os.getpid(),
        "program_version": VERSION,
        "devices": beat.devices,
        "checks_per_minute": beat.checks_per_minute,
        "trouble": beat.trouble,
    }
    changed = tx.connection.execute(update(CollectorBeat).where(CollectorBeat.name == name).values(values))
    if not changed.rowcount:
        host = socket.gethostname()[:80]
        tx.connection.execute(insert(CollectorBeat).values(name=name, host=host, **values))


def _own_chores(history: History) -> Iterable[Chore]:
    yield Chore(PACK_EVERY, lambda desk: history.pack(desk.read(_now)))
    yield Chore(DROP_EVERY, lambda desk: history.drop_old(desk.read(_now)))


def _now(tx: ReadTx) -> datetime:
    return tx.now


def _states(tx: ReadTx, rows: StateRows) -> dict[int, Judgement]:
    return rows.load(tx.connection)


def _last_beat(tx: ReadTx) -> datetime | None:
    return tx.session.scalar(select(func.max(CollectorBeat.beat_at)))


def _has_requests(tx: ReadTx) -> bool:
    query = select(CheckRequest.id).where(CheckRequest.taken_at.is_(None)).limit(1)
    return tx.session.scalar(query) is not None


def _configuration(tx: ReadTx, mark: object, secrets: SecretBox) -> Configuration:
    return Configuration(
        mark,
        tuple(_targets(tx, secrets)),
        (*_thresholds(tx), *DEFAULTS),
        tuple(_windows(tx)),
    )


def _targets(tx: ReadTx, secrets: SecretBox) -> Iterable[Target]:
    query = (
        select(
            Check.id, Check.ci_id, Check.kind, Check.address, Check.port, Check.params, Check.secret,
            Check.interval_s, Check.retries, Ci.parent_id, Ci.class_name, Ci.name,
        )
        .join(Ci, Ci.id == Check.ci_id)
        .where(Check.is_enabled, Ci.voided_at.is_(None))
        .order_by(Check.id)
    )  # fmt: skip
    for row in tx.session.execute(query):
        params = {str(name): str(value) for name, value in row.params.items()}
        yield Target(
            row.id,
            row.ci_id,
            row.kind,
            row.address,
            row.port or 0,
            params,
            _opened(secrets, row.secret, row.id),
            float(row.interval_s),
            _timeout_s(params),
            row.retries,
            row.parent_id,
            row.class_name,
            row.name,
        )


def _opened(secrets: SecretBox, sealed: bytes | None, check_id: int) -> str | None:
    """Return the secret; one that another machine sealed is left out, and the device then refuses us."""
    if not sealed:
        return None
    try:
        return secrets.open(sealed.decode("ascii", "replace"))
    except Refused:
        _log.warning("the secret of check %s can't be opened with this machine's key", check_id)
        return None


def _timeout_s(params: Mapping[str, str]) -> float:
    try:
        return min(max(float(params.get("timeout_s", 5.0)), 0.1), 60.0)
    except ValueError:
        return 5.0


def _thresholds(tx: ReadTx) -> Iterable[Threshold]:
    """Yield what people set; one that is switched off has no limits, and so hides the one it stands before."""
    for row in tx.session.scalars(select(ThresholdRow).order_by(ThresholdRow.id)):
        limits = (row.warning_low, row.warning_high, row.critical_low, row.critical_high)
        yield Threshold(
            row.metric,
            row.instance,
            *(limits if row.is_enabled else (None,) * 4),
            hysteresis=row.hysteresis,
            ci_class=row.class_name,
            ci_id=row.ci_id,
        )


def _windows(tx: ReadTx) -> Iterable[Window]:
    query = select(Maintenance.ci_id, Maintenance.starts_at, Maintenance.ends_at)
    query = query.where(Maintenance.ended_at.is_(None), Maintenance.ends_at > tx.now)
    for row in tx.session.execute(query):
        yield Window(row.ci_id, row.starts_at, row.ends_at)
