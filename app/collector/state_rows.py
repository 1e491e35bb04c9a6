"""Judgements as rows of `device_state`: what changed is written whole, what only beat goes in one statement (P8)."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

from app.collector.memory import Judgement, checks_from_json, raised_from_json, to_json
from app.collector.samples import Outcome
from app.text import clean_line
from models.enums import State
from models.monitoring import DeviceState

LINE = 250

_UPSERT = """
INSERT INTO device_state (ci_id, state, since, checked_at, interval_s, value_text, summary, affected_by, heartbeat,
                          judge, facts)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{}')
ON CONFLICT (ci_id) DO UPDATE SET
  state = excluded.state, since = excluded.since, checked_at = excluded.checked_at,
  interval_s = excluded.interval_s, value_text = excluded.value_text, summary = excluded.summary,
  affected_by = excluded.affected_by, heartbeat = excluded.heartbeat, judge = excluded.judge
"""
_BEAT_SQLITE = """
UPDATE device_state SET checked_at = ?, heartbeat = ? WHERE ci_id IN (SELECT value FROM json_each(?))
"""
_BEAT_POSTGRESQL = "UPDATE device_state SET checked_at = %s, heartbeat = %s WHERE ci_id = ANY(%s)"
_FACTS = "UPDATE device_state SET facts = ? WHERE ci_id = ?"
_FIGURES = "UPDATE device_state SET value_text = ?, checked_at = ?, heartbeat = ? WHERE ci_id = ?"


class _Shown(NamedTuple):
    """What a row shows. `rest`: state, since, summary, affected_by, the judge's memory, interval.

    `judged` is what it was made of.
    """

    value_text: str
    rest: tuple[State, datetime | None, str, int | None, str, int]
    judged: Judgement


@dataclass(frozen=True, slots=True)
class Written:
    """What a transaction wrote, to be remembered once it has committed."""

    shown: Mapping[int, _Shown]
    facts: Mapping[int, dict[str, str]]
    facts_of_check: Mapping[int, Mapping[str, str]]


class StateRows:
    """Remembers what was written, so that only what changed is written again. One per collector."""

    def __init__(self) -> None:
        self._shown: dict[int, _Shown] = {}
        self._plain: dict[int, tuple[tuple[int, ...], str]] = {}
        self._facts: dict[int, dict[str, str]] = {}
        self._facts_of_check: dict[int, Mapping[str, str]] = {}

    def load(self, connection: Connection) -> dict[int, Judgement]:
        """Return every CI's judgement as it was written, and remember it."""
        table = DeviceState.__table__
        found = {}
        for row in connection.execute(select(table)):
            checks = checks_from_json(row.judge)
            if checks and row.state is State.NORMAL:  # the tile keeps its figure until the next answer
                first = next(iter(checks))
                checks[first] = replace(checks[first], headline=row.value_text)
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

    def write(
        self,
        connection: Connection,
        judgements: Iterable[Judgement],
        outcomes: Iterable[Outcome],
        intervals: Mapping[int, int],
    ) -> Written:
        """Write what changed; return what stands there once the transaction commits, for `committed`."""
        shown = self._write_states(connection, judgements, intervals)
        facts, of_check = self._changed_facts(outcomes)
        rows = [(_json(new), ci_id) for ci_id, new in facts.items() if new != self._facts.get(ci_id)]
        _many(connection, _FACTS, rows)
        return Written(shown, facts, of_check)

    def committed(self, written: Written) -> None:
        """Remember what `write` returned."""
        self._shown.update(written.shown)
        self._facts.update(written.facts)
        self._facts_of_check.update(written.facts_of_check)

    def _write_states(
        self, connection: Connection, judgements: Iterable[Judgement], intervals: Mapping[int, int]
    ) -> dict[int, _Shown]:
        shown: dict[int, _Shown] = {}
        whole, figures = [], []
        beats: dict[bytes, list[int]] = {}
        oldest: datetime | None = None
        moment = _moment_of(connection)
        for judged in judgements:
            ci_id, at, last = judged.ci_id, judged.checked_at, self._shown.get(judged.ci_id)
            interval = intervals.get(ci_id, 60)
            if last is not None and at is not None and _only_beat(judged, last.judged, interval, last.rest[5]):
                beats.setdefault(judged.heartbeat, []).append(ci_id)
                oldest = at if oldest is None or at < oldest else oldest
                continue
            stands = shown[ci_id] = self._stands(judged, interval)
            if last is not None and last.rest == stands.rest:
                figures.append((stands.value_text, moment(at), judged.heartbeat, ci_id))
                continue
            state, since, summary, affected_by, memory, interval = stands.rest
            head = (ci_id, state.value, moment(since), moment(at), interval, stands.value_text)
            whole.append((*head, summary, affected_by, judged.heartbeat, memory))
        _many(connection, _UPSERT, whole)
        _many(connection, _FIGURES, figures)
        if oldest is not None:
            _beat(connection, beats, moment(oldest))
        return shown

    def _stands(self, judged: Judgement, interval: int) -> _Shown:
        """Return everything of a judgement but its beat."""
        value = _line(judged.value_text)
        memory = self._memory(judged)
        rest = (judged.state, judged.since, _line(judged.summary), judged.affected_by, memory, interval)
        return _Shown(value, rest, judged)

    def _memory(self, judged: Judgement) -> str:
        """Return the JSON of the judge's memory; that of plain checks is made once."""
        if judged.raised or judged.is_down or not all(m.is_plain for m in judged.checks.values()):
            return _json(to_json(judged))
        checks = tuple(judged.checks)
        known = self._plain.get(judged.ci_id)
        if known is None or known[0] != checks:
            known = self._plain[judged.ci_id] = (checks, _json(to_json(judged)))
        return known[1]

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


def _only_beat(now: Judgement, before: Judgement, interval: int, interval_before: int) -> bool:
    """Tell whether nothing but the beat changed: the judge leaves what is the same as it is."""
    return (
        now.checks is before.checks
        and now.raised is before.raised
        and now.state is before.state
        and now.value_text == before.value_text
        and now.summary == before.summary
        and now.affected_by == before.affected_by
        and now.since == before.since
        and interval == interval_before
    )


def _beat(connection: Connection, beats: Mapping[bytes, list[int]], at: Any) -> None:
    """Write the beats of devices of which nothing else changed: those with the same bar in one statement."""
    if connection.dialect.name == "sqlite":
        rows: list[Any] = [(at, bar, json.dumps(ids)) for bar, ids in beats.items()]
        connection.exec_driver_sql(_BEAT_SQLITE, rows)
    else:
        rows = [(at, bar, ids) for bar, ids in beats.items()]
        connection.exec_driver_sql(_BEAT_POSTGRESQL, rows)


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
