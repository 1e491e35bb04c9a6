"""Judgements as rows of `device_state`: what changed is written whole, what only beat goes in one statement (P8)."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

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
_Shown = tuple[State, datetime | None, str, str, int | None, str, int]


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
        self._facts: dict[int, dict[str, str]] = {}
        self._facts_of_check: dict[int, Mapping[str, str]] = {}

    def load(self, connection: Connection) -> dict[int, Judgement]:
        """Return every CI's judgement as it was written, and remember it."""
        table = DeviceState.__table__
        found = {}
        for row in connection.execute(select(table)):
            checks = checks_from_json(row.judge)
            last = {check_id: replace(memory, at=row.checked_at) for check_id, memory in checks.items()}
            if last and row.state is State.NORMAL:  # the tile keeps its figure until the next answer
                first = next(iter(last))
                last[first] = replace(last[first], headline=row.value_text)
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
                checks=last,
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
        rows = []
        beats: dict[bytes, list[int]] = {}
        oldest: datetime | None = None
        moment = _moment_of(connection)
        for judged in judgements:
            interval = intervals.get(judged.ci_id, 60)
            stands = _shown(judged, interval)
            if self._shown.get(judged.ci_id) == stands and judged.checked_at is not None:
                beats.setdefault(judged.heartbeat, []).append(judged.ci_id)
                oldest = judged.checked_at if oldest is None else min(oldest, judged.checked_at)
                continue
            shown[judged.ci_id] = stands
            state, since, value, summary, affected_by, memory, _ = stands
            checked_at = moment(judged.checked_at)
            head = (judged.ci_id, state.value, moment(since), checked_at, interval)
            rows.append((*head, value, summary, affected_by, judged.heartbeat, memory))
        _many(connection, _UPSERT, rows)
        if oldest is not None:
            _beat(connection, beats, oldest, moment)
        return shown

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


def _shown(judged: Judgement, interval: int) -> _Shown:
    """Return everything of a judgement but its beat."""
    return (
        judged.state,
        judged.since,
        clean_line(judged.value_text, LINE),
        clean_line(judged.summary, LINE),
        judged.affected_by,
        _json(to_json(judged)),
        interval,
    )


def _beat(connection: Connection, beats: Mapping[bytes, list[int]], at: datetime, moment: Any) -> None:
    """Write the beats of devices of which nothing else changed: those with the same bar in one statement."""
    when = moment(at)
    if connection.dialect.name == "sqlite":
        rows: list[Any] = [(when, bar, json.dumps(ids)) for bar, ids in beats.items()]
        connection.exec_driver_sql(_BEAT_SQLITE, rows)
    else:
        rows = [(when, bar, ids) for bar, ids in beats.items()]
        connection.exec_driver_sql(_BEAT_POSTGRESQL, rows)


def _many(connection: Connection, statement: str, rows: list[Any]) -> None:
    if rows:
        sql = statement if connection.dialect.name == "sqlite" else statement.replace("?", "%s")
        connection.exec_driver_sql(sql, rows)


def _moment_of(connection: Connection) -> Any:
    """Return what turns a moment into the driver's form; SQLite keeps the text that sorts by time."""
    return _text if connection.dialect.name == "sqlite" else _as_it_is


def _text(when: datetime | None) -> str | None:
    if when is None:
        return None
    return when.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _as_it_is(when: datetime | None) -> datetime | None:
    return when


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
