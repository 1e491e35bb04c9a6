"""The collector's store on both databases: what a batch leaves behind, and what a restart finds."""

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy import func, select

from app import audit, devices, incidents
from app.collector import judge
from app.collector.batch import Batch, Beat, StateChanged
from app.collector.judge import Alarm, Step, Surroundings
from app.collector.limits import DEFAULTS, Rulebook
from app.collector.memory import Judgement
from app.collector.process import collect
from app.collector.samples import Metric, Outcome, Sample, Target
from app.collector.store import DeskStore
from app.database import Database
from app.desk import Desk, ReadTx
from app.devices.limits import Limits
from app.errors import Refused
from app.paths import lock_file
from models.duty import ShiftLogEntry
from models.enums import CheckKind, Severity, ShiftLogKind, State
from models.history import fresh
from models.incidents import Incident
from models.monitoring import DeviceBeat, DeviceState, StateChange

Row = TypeVar("Row", DeviceBeat, DeviceState)


def now() -> datetime:
    return datetime.now(UTC)


def beat() -> Beat:
    return Beat(now(), now(), 1, 1)


@pytest.fixture
def store(database: Database, desk: Desk) -> Iterator[DeskStore]:
    yield DeskStore(database)


def add_device(desk: Desk, name: str = "core switch", kind: CheckKind = CheckKind.TCP, **more: object) -> int:
    return desk.do(devices.add_device, uuid.uuid4(), name, "switch", "127.0.0.1", [kind], **more)


def judged(target: Target, outcome: Outcome, before: Judgement | None = None) -> tuple[Judgement, Batch]:
    before = before or Judgement(target.ci_id)
    limits = Rulebook(DEFAULTS).of(target.ci_id, target.ci_class)
    verdict = judge.take(before, target, outcome, limits, Surroundings(outcome.at))
    after = verdict.judgement
    changes = [StateChanged(before, after)] if after.state is not before.state else []
    return after, Batch({target.ci_id: after}, [outcome], changes, verdict.alarms)


def hot_outcome(target: Target) -> Outcome:
    samples = (Sample(Metric.CPU, 97.0, "%"),)
    return Outcome(target.check_id, target.ci_id, now(), True, samples=samples, facts={"name": "sw-1"})


def target_of(store: DeskStore, ci_id: int) -> Target:
    (found,) = [target for target in store.load().targets if target.ci_id == ci_id]
    return replace(found, retries=0)


def count(desk: Desk, table: type) -> int:
    def query(tx: ReadTx) -> int:
        return tx.session.scalar(select(func.count()).select_from(table)) or 0

    return desk.read(query)


def beat_row(desk: Desk, ci_id: int) -> DeviceBeat:
    return desk.read(kept_row, DeviceBeat, ci_id)


def state_row(desk: Desk, ci_id: int) -> DeviceState:
    return desk.read(kept_row, DeviceState, ci_id)


def kept_row(tx: ReadTx, model: type[Row], ci_id: int) -> Row:
    """Return a row as it is now; it outlives its session."""
    row = tx.session.get(model, ci_id)
    assert row is not None
    tx.session.expunge(row)
    return row


def test_a_device_is_loaded_with_its_class_parent_and_opened_secret(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk, kind=CheckKind.SNMP, secret="口令 secret")
    target = target_of(store, ci_id)
    assert target.secret == "口令 secret"
    assert (target.ci_class, target.name, target.parent_ci_id) == ("switch", "core switch", None)
    assert "secret" not in repr(target)


def test_a_secret_of_another_machine_is_left_out_and_the_rest_is_watched(
    desk: Desk, store: DeskStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ci_id = add_device(desk, kind=CheckKind.SNMP, secret="theirs")
    monkeypatch.setenv("WATCHROOM_HOME", str(tmp_path / "another machine"))
    assert target_of(store, ci_id).secret is None


def test_a_batch_leaves_state_history_sample_fact_and_incident(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    target = target_of(store, ci_id)
    after, batch = judged(target, hot_outcome(target))
    store.write(batch, beat())
    row = devices.state_of
    shown = desk.read(row, ci_id)
    assert shown is not None
    assert (shown.state, shown.value, shown.is_new) == (State.CRITICAL, "CPU 97%", True)
    assert shown.heartbeat == after.heartbeat
    assert state_row(desk, ci_id).facts == {"name": "sw-1"}
    assert [line.new for line in desk.read(devices.history, ci_id)] == [State.CRITICAL]
    assert count(desk, Incident) == 1
    assert count(desk, fresh) == 1  # type: ignore[arg-type]


def test_a_restart_finds_the_judgement_as_it_was(database: Database, desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    target = target_of(store, ci_id)
    after, batch = judged(target, hot_outcome(target))
    store.write(batch, beat())
    found = DeskStore(database).load_states()[ci_id]
    same = found._replace(checks=after.checks)
    assert same == after
    assert found.checks[target.check_id].marks == after.checks[target.check_id].marks


def test_a_result_that_changes_nothing_only_moves_the_beat(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    target = target_of(store, ci_id)
    judgement = None
    for turn in range(3):
        outcome = Outcome(target.check_id, ci_id, now() + timedelta(seconds=turn), True)
        judgement, batch = judged(target, outcome, judgement)
        store.write(batch, beat())
    assert judgement is not None
    row = beat_row(desk, ci_id)
    assert row.heartbeat == bytes((State.NORMAL.rank,)) * 3
    assert row.checked_at == judgement.checked_at
    assert count(desk, StateChange) == 1


def test_an_alarm_that_clears_and_returns_keeps_to_one_incident(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    for step in (Step.OPEN, Step.UPDATE, Step.CLEAR, Step.OPEN):
        alarm = Alarm(step, f"ci:{ci_id}:x", ci_id, Severity.WARNING, "title", now())
        store.write(Batch(alarms=[alarm]), beat())
    assert count(desk, Incident) == 1


def test_an_alarm_from_a_clock_that_runs_ahead_is_kept(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    alarm = Alarm(Step.OPEN, "ci:1:x", ci_id, Severity.WARNING, "title" * 200, now() + timedelta(hours=3))
    store.write(Batch(alarms=[alarm]), beat())
    assert count(desk, Incident) == 1


def test_a_batch_that_fails_leaves_nothing_and_can_be_written_again(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    target = target_of(store, ci_id)
    _, batch = judged(target, hot_outcome(target))
    nobody = replace(batch, changes=[StateChanged(Judgement(99), Judgement(99, since=now()))])
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        store.write(nobody, beat())
    assert count(desk, DeviceState) == count(desk, DeviceBeat) == count(desk, Incident) == 0
    store.write(batch, beat())
    assert count(desk, DeviceState) == count(desk, DeviceBeat) == count(desk, Incident) == 1
    assert state_row(desk, ci_id).facts == {"name": "sw-1"}


def test_the_mark_changes_with_the_configuration_and_not_with_what_we_write(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    mark = store.configuration_mark()
    target = target_of(store, ci_id)
    store.write(judged(target, hot_outcome(target))[1], beat())
    assert store.configuration_mark() == mark
    add_device(desk, "another")
    changed = store.configuration_mark()
    assert changed != mark
    assert store.configuration_mark() == changed


def test_each_wish_to_check_now_is_taken_once(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    desk.do(devices.request_check, ci_id)
    assert store.take_requests() == [ci_id]
    assert store.take_requests() == []


def test_a_gap_is_a_line_of_the_shift_log(desk: Desk, store: DeskStore) -> None:
    store.note_gap(now() - timedelta(minutes=7), now())

    def lines(tx: ReadTx) -> list[tuple[ShiftLogKind, str]]:
        return [(row.kind, row.text) for row in tx.session.scalars(select(ShiftLogEntry))]

    ((kind, text),) = desk.read(lines)
    assert kind is ShiftLogKind.GAP
    assert "7 min" in text


def test_tidying_seals_the_trail(desk: Desk, store: DeskStore) -> None:
    add_device(desk)
    store.tidy()
    assert desk.read(audit.verify).unsealed == 0


def test_a_limit_that_is_switched_off_hides_the_default(desk: Desk, store: DeskStore) -> None:
    ci_id = add_device(desk)
    off = Limits(warning_high=1.0)
    limit_id = desk.do(devices.add_threshold, uuid.uuid4(), Metric.CPU, off, ci_id=ci_id)
    desk.do(devices.edit_threshold, limit_id, 1, off, False)
    limits = Rulebook(store.load().thresholds).of(ci_id, "switch")
    found = limits.of(Metric.CPU)
    assert found is not None
    assert found.critical_high is None
    assert Rulebook(store.load().thresholds).of(ci_id + 1, "switch").of(Metric.CPU) in DEFAULTS


def test_the_collector_watches_a_database_for_real(database: Database, desk: Desk) -> None:
    ping = desk.do(devices.add_device, uuid.uuid4(), "this", "server", "127.0.0.1", [CheckKind.ICMP])
    collect(database, once=True)
    shown = desk.read(devices.state_of, ping)
    assert shown is not None
    assert shown.state is State.NORMAL
    assert shown.value.endswith("ms")
    assert desk.read(incidents.counts)
    (collector,) = desk.read(devices.collectors)
    assert collector.age_s < 60


def test_a_second_collector_on_one_embedded_database_is_refused(home: Path, database: Database) -> None:
    if database.path is None:
        pytest.skip("a shared database has no lock file")
    lock = database.path.with_name(f"{database.path.name}.collector")
    with lock_file(lock, "collector"), pytest.raises(Refused):
        collect(database, once=True)
