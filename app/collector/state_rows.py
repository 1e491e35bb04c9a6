"""Judgements as rows of `device_state` and `device_beat`: each is written only where it changed (P8).

What every check changes is in the narrow `device_beat`; what only beat goes in one statement.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from app.collector.batch import Batch
from app.collector.memory import Judgement, checks_from_json, is_same_but_figure, raised_from_json, to_json
from app.collector.samples import Outcome
from app.text import clean_line
from models.enums import State
from models.monitoring import DeviceBeat, DeviceState

LINE = 250

_UPSERT = """
INSERT INTO device_state (ci_id, state, since, interval_s, summary, affected_by, judge, facts)
VALUES (?, ?, ?, ?, ?, ?, ?, '{}')
ON CONFLICT (ci_id) DO UPDATE SET
  state = excluded.state, since = excluded.since, interval_s = excluded.interval_s, summary = excluded.summary,
  affected_by = excluded.affected_by, judge = excluded.judge
"""
_UPSERT_BEAT = """
INSERT INTO device_beat (ci_id, checked_at, value_text, heartbeat) VALUES (?, ?, ?, ?)
ON CONFLICT (ci_id) DO UPDATE SET
  checked_at = excluded.checked_at, value_text = excluded.value_text, heartbeat = excluded.heartbeat
"""
_FACTS = "UPDATE device_state SET facts = ? WHERE ci_id = ?"
_FIGURE = "UPDATE device_beat SET value_text = ?, checked_at = ? WHERE ci_id = ?"
_FIGURE_AND_BAR = "UPDATE device_beat SET value_text = ?, checked_at = ?, heartbeat = ? WHERE ci_id = ?"


class _Shown(NamedTuple):
    """What a row of `device_state` shows: the judgement it was made of, in which interval, whether all was well."""

    judged: Judgement
    interval: int
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction wrote, to be remembered once it has committed."""

    shown: Mapping[int, _Shown]
    bars: Mapping[int, bytes]
    facts: Mapping[int, dict[str, str]]
    facts_of_check: Mapping[int, Mapping[str, str]]


class StateRows:
    """Remembers what was written, so that only what changed is written again. One per collector."""

    def __init__(self) -> None:
        self._shown: dict[int, _Shown] = {}
        self._bars: dict[int, bytes] = {}
        self._facts: dict[int, dict[str, str]] = {}
        self._facts_of_check: dict[int, Mapping[str, str]] = {}

    def load(self, connection: Connection, among: Collection[int] | None = None) -> dict[int, Judgement]:
        """Return every CI's judgement as it was written, or that of those `among`, and remember it."""
        state, beat = DeviceState.__table__, DeviceBeat.__table__
        query = select(state, beat.c.checked_at, beat.c.value_text, beat.c.heartbeat)
        if among is not None:
            query = query.where(state.c.ci_id.in_(among))
        found = {}
        for row in connection.execute(query.join_from(state, beat, beat.c.ci_id == state.c.ci_id)):
            checks = checks_from_json(row.judge)
            if checks and row.state is State.NORMAL:  # the tile keeps its figure until the next answer
                first = next(iter(checks))
                checks[first] = checks[first]._replace(headline=row.value_text)
            found[row.ci_id] = Judgement(
                row.ci_id,
                row.state,
                row.since,
                row.checked_at,
                row.summary,
                row.value_text,
                row.affected_by,
                bool(row.judge.get("down", False)),
                heartbeat=row.heartbeat,
                checks=checks,
                raised=raised_from_json(row.judge),
            )
            self._facts[row.ci_id] = dict(row.facts)
        return found

    def forget(self, ci_ids: Iterable[int]) -> None:
        """Know nothing more of what stands in these rows: others write them."""
        for ci_id in ci_ids:
            self._shown.pop(ci_id, None)
            self._bars.pop(ci_id, None)
            self._facts.pop(ci_id, None)

    def write(self, connection: Connection, batch: Batch, intervals: Mapping[int, int]) -> Written:
        """Write what changed; return what stands there once the transaction commits, for `committed`."""
        pen = _Pen(connection, self._shown, self._bars, intervals)
        pen.note(batch.judgements)
        pen.beat(batch.beats)
        pen.write()
        facts, of_check = self._changed_facts(batch.outcomes)
        rows = [(_json(new), ci_id) for ci_id, new in facts.items() if new != self._facts.get(ci_id)]
        _many(connection, _FACTS, rows)
        return Written(pen.shown, pen.bars, facts, of_check)

    def committed(self, written: Written) -> None:
        """Remember what `write` returned."""
        self._shown.update(written.shown)
        self._bars.update(written.bars)
        self._facts.update(written.facts)
        self._facts_of_check.update(written.facts_of_check)

    def _changed_facts(
        self, outcomes: Iterable[Outcome]
    ) -> tuple[dict[int, dict[str, str]], dict[int, Mapping[str, str]]]:
        """Return what devices say of themselves where that changed, by CI and by check."""
        changed: dict[int, dict[str, str]] = {}
        of_check: dict[int, Mapping[str, str]] = {}
        for outcome in outcomes:
            before = of_check.get(outcome.check_id) or self._facts_of_check.get(outcome.check_id)
            if not outcome.facts or outcome.facts == before:
                continue
            of_check[outcome.check_id] = outcome.facts
            kept = changed.get(outcome.ci_id) or self._facts.get(outcome.ci_id, {})
            kept = {name: value for name, value in kept.items() if name not in (before or ())}
            new = {name: clean_line(str(value), LINE) for name, value in outcome.facts.items()}
            changed[outcome.ci_id] = kept | new
        return changed, of_check


class _Pen:
    """Sorts one batch by what has to be written of each device, the least first, and writes it."""

    def __init__(
        self,
        connection: Connection,
        before: Mapping[int, _Shown],
        bars_before: Mapping[int, bytes],
        intervals: Mapping[int, int],
    ) -> None:
        self.shown: dict[int, _Shown] = {}
        self.bars: dict[int, bytes] = {}
        self._connection = connection
        self._before, self._bars_before, self._intervals = before, bars_before, intervals
        self._moment = _moment_of(connection)
        self._still: list[int] = []
        self._moved: dict[bytes, list[int]] = {}
        self._figures: list[tuple[Any, ...]] = []
        self._figures_and_bars: list[tuple[Any, ...]] = []
        self._whole: list[tuple[Any, ...]] = []
        self._whole_beats: list[tuple[Any, ...]] = []
        self._oldest: datetime | None = None

    def beat(self, judgements: Mapping[int, Judgement]) -> None:
        """Take devices that were checked again with nothing new; all of a batch count as checked with the oldest."""
        before, bars, intervals, still = self._before, self._bars_before, self._intervals, self._still
        others: dict[int, Judgement] = {}
        moments = set()
        for ci_id, judged in judgements.items():
            last, bar = before.get(ci_id), judged.heartbeat
            if last is None or last.interval != intervals.get(ci_id, 60):
                others[ci_id] = judged
                continue
            moments.add(judged.checked_at)
            if bar == bars.get(ci_id):
                still.append(ci_id)
            else:
                self.bars[ci_id] = bar
                self._moved.setdefault(bar, []).append(ci_id)
        self._oldest = min((at for at in moments if at is not None), default=None)
        self.note(others)

    def note(self, judgements: Mapping[int, Judgement]) -> None:
        """Take devices of which more than the beat may be new."""
        before, bars, intervals, moment = self._before, self._bars_before, self._intervals, self._moment
        for ci_id, judged in judgements.items():
            bar, interval, last = judged.heartbeat, intervals.get(ci_id, 60), before.get(ci_id)
            value, at = _line(judged.value_text), moment(judged.checked_at)
            is_plain = _is_plain(judged)
            if not is_plain or last is None or not _is_same_row(judged, interval, last):
                self.shown[ci_id] = _Shown(judged, interval, is_plain)
                self.bars[ci_id] = bar
                self._whole.append(self._row(judged, interval))
                self._whole_beats.append((ci_id, at, value, bar))
            elif bar == bars.get(ci_id):
                self._figures.append((value, at, ci_id))
            else:
                self.bars[ci_id] = bar
                self._figures_and_bars.append((value, at, bar, ci_id))

    def write(self) -> None:
        _many(self._connection, _UPSERT, self._whole)
        _many(self._connection, _UPSERT_BEAT, self._whole_beats)
        _many(self._connection, _FIGURE, self._figures)
        _many(self._connection, _FIGURE_AND_BAR, self._figures_and_bars)
        at = self._moment(self._oldest)
        if self._still:
            _among(self._connection, "checked_at = ?", [(at, self._still)])
        if self._moved:
            rows = [(at, bar, ids) for bar, ids in self._moved.items()]
            _among(self._connection, "checked_at = ?, heartbeat = ?", rows)

    def _row(self, judged: Judgement, interval: int) -> tuple[Any, ...]:
        moment = self._moment
        return (
            judged.ci_id,
            judged.state.value,
            moment(judged.since),
            interval,
            _line(judged.summary),
            judged.affected_by,
            _json(to_json(judged)),
        )


def _is_plain(judged: Judgement) -> bool:
    """Tell whether the judge's memory says nothing but that all is well."""
    if judged.raised or judged.is_down:
        return False
    for memory in judged.checks.values():  # noqa: SIM110 - a third faster than a generator
        if not memory.is_plain:
            return False
    return True


def _is_same_row(now: Judgement, interval: int, last: _Shown) -> bool:
    """Tell whether the row of a device of which all is well says what it said."""
    before = last.judged
    return (
        last.is_plain
        and interval == last.interval
        and is_same_but_figure(now, before)
        and now.checks.keys() == before.checks.keys()
    )


def _among(connection: Connection, change: str, rows: list[tuple[Any, ...]]) -> None:
    """Change devices alike in one statement for each of `rows`, which end with the list of their ids."""
    if connection.dialect.name == "sqlite":
        rows = [(*values, json.dumps(ids)) for *values, ids in rows]
        among = "IN (SELECT value FROM json_each(?))"
    else:
        among = "= ANY(?)"
    _many(connection, f"UPDATE device_beat SET {change} WHERE ci_id {among}", rows)


def _many(connection: Connection, statement: str, rows: list[Any]) -> None:
    if rows:
        sql = statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")
        connection.exec_driver_sql(sql, rows)


def _moment_of(connection: Connection) -> Callable[[datetime | None], Any]:
    """Return what turns a moment into the driver's form; SQLite keeps the text that sorts by time."""
    if connection.dialect.name != "sqlite":
        return lambda when: when
    known: dict[datetime, str] = {}

    def text(when: datetime | None) -> str | None:
        if when is None:
            return None
        found = known.get(when)
        if found is None:
            found = when.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
            known[when] = found
        return found

    return text


def _line(text: str) -> str:
    """Return `text` as one line that fits its column; most are so already."""
    return text if len(text) <= LINE and text.isprintable() else clean_line(text, LINE)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
