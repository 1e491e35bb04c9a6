"""Several collectors on one database: who watches what, who takes over, and who may no longer write."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from app import devices
from app.collector.batch import Batch, Beat, Configuration, Neighbour
from app.collector.leases import Fenced, Lease, NameTaken, Roster
from app.collector.memory import Judgement
from app.collector.samples import Outcome, Target
from app.collector.sharing import SharedStore
from app.collector.watch import Watch
from app.database import Database, collector_identity
from app.desk import Desk, ReadTx
from models.duty import ShiftLogEntry
from models.enums import CheckKind, ShiftLogKind, State
from models.incidents import Incident
from models.leases import CollectorLease
from models.monitoring import Check, CollectorBeat, DeviceBeat

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
DEVICES = 12
NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)


@pytest.fixture
def shared(database: Database) -> Database:
    if database.is_embedded:
        pytest.skip("one collector holds an embedded database by its lock file")
    return database


@pytest.fixture
def writer(shared: Database) -> Desk:
    return shared.desk(collector_identity(), "C1")


@pytest.fixture
def watched(shared: Database, desk: Desk) -> list[int]:
    """Devices on ports of this machine that refuse, asked every second: each opens an incident."""
    made = [_watch_port(desk, number) for number in range(DEVICES)]
    with shared.engine.connect() as connection:  # oftener than people may set them
        connection.execute(update(Check).values(interval_s=1))
        connection.commit()
    return made


def _watch_port(desk: Desk, number: int) -> int:
    ci_id = desk.do(devices.add_device, uuid.uuid4(), f"port {number}", "server", "127.0.0.1", ())
    desk.do(
        devices.add_check, uuid.uuid4(), ci_id, CheckKind.TCP, "127.0.0.1", port=1 + number, interval_s=5, retries=0
    )
    return ci_id


def a_batch(ci_id: int) -> Batch:
    judged = Judgement(ci_id, State.NORMAL, NOW, NOW, "written", heartbeat=b"\x01")
    return Batch({ci_id: judged})


def a_beat() -> Beat:
    return Beat(NOW, NOW, 1, 1)


def summary_of(tx: ReadTx, ci_id: int) -> str:
    found = devices.state_of(tx, ci_id)
    return found.summary if found else ""


def test_each_device_has_one_collector_and_few_change_when_one_joins() -> None:
    ids = range(1, 3001)
    two, three = Roster(1, ("a", "b")), Roster(2, ("a", "b", "c"))
    before = {name: two.share_of(name, ids) for name in two.names}
    after = {name: three.share_of(name, ids) for name in three.names}
    for shares in (before, after):
        assert sum(map(len, shares.values())) == len(ids) == len(set().union(*shares.values()))
        assert min(map(len, shares.values())) > len(ids) / len(shares) * 0.85
    assert after["a"] <= before["a"]
    assert after["b"] <= before["b"]


def test_a_batch_renews_the_lease_and_contact_alone_does_not(shared: Database, writer: Desk, desk: Desk) -> None:
    store = SharedStore(shared, (), Lease("a", 15))
    store.configuration_mark()
    begun = writer.read(_renewed_at, "a")
    store.configuration_mark()
    store.load_states()
    assert writer.read(_renewed_at, "a") == begun
    store.write(Batch(), a_beat())
    assert writer.read(_renewed_at, "a") > begun


def test_who_lost_the_lease_writes_nothing_and_rejoins_anew(
    shared: Database, desk: Desk, writer: Desk, watched: list[int]
) -> None:
    frozen, other = SharedStore(shared, (), Lease("a", 3)), SharedStore(shared, (), Lease("b", 600))
    frozen.configuration_mark()
    frozen.load()
    later = shared.desk(collector_identity(), "C2", clock_ahead=timedelta(seconds=4))
    assert Lease("b", 600).follow(later).names == ("b",)
    with pytest.raises(Fenced):
        frozen.write(a_batch(watched[0]), a_beat())
    assert desk.read(summary_of, watched[0]) == ""
    other.configuration_mark()
    frozen.configuration_mark()
    assert desk.read(_held) == ["a", "b"]


def test_of_two_with_one_name_the_elder_has_to_end(shared: Database, writer: Desk) -> None:
    elder, younger = Lease("a", 15), Lease("a", 15)
    elder.follow(writer)
    younger.follow(writer)
    with pytest.raises(NameTaken, match="called a"):
        elder.follow(writer)


def test_leaving_in_order_gives_the_devices_away_at_once(shared: Database, writer: Desk) -> None:
    leaving, staying = Lease("a", 600), Lease("b", 600)
    leaving.follow(writer)
    assert staying.follow(writer).names == ("a", "b")
    leaving.leave(writer)
    assert staying.follow(writer).names == ("b",)


def test_a_gap_is_not_noted_while_another_collector_watched(shared: Database, writer: Desk, desk: Desk) -> None:
    here, other = SharedStore(shared, (), Lease("a", 600)), SharedStore(shared, (), Lease("b", 600))
    for store in (here, other):
        store.configuration_mark()
    here.configuration_mark()
    now = desk.read(lambda tx: tx.now)
    here.write(Batch(), a_beat())
    here.note_gap(now - timedelta(minutes=5), now)
    assert desk.read(_gaps) == 1
    other.configuration_mark()
    other.write(Batch(), a_beat())
    here.note_gap(now - timedelta(minutes=5), now)
    assert desk.read(_gaps) == 1


def test_each_takes_the_requests_of_its_own_devices(shared: Database, desk: Desk, watched: list[int]) -> None:
    stores = [SharedStore(shared, (), Lease(name, 600)) for name in ("a", "b")]
    for store in (*stores, stores[0]):
        store.configuration_mark()
    for ci_id in watched:
        desk.do(devices.request_check, ci_id)
    shares = [{target.ci_id for target in store.load().targets} for store in stores]
    assert [set(store.take_requests()) for store in stores] == shares
    assert shares[0] | shares[1] == set(watched)
    stores[0].look_elsewhere(shares[1], shares[1])
    assert set(stores[1].take_requests()) == shares[1]


def test_a_device_behind_one_that_another_collector_watches_is_explained_by_it() -> None:
    child = Target(7, 70, CheckKind.TCP, "127.0.0.1", interval_s=60, retries=0, parent_ci_id=10, name="child")
    watch = Watch({})
    watch.configure(Configuration(1, (child,), elsewhere={10: Neighbour("core switch", None)}), NOW)
    assert watch.parents_elsewhere == {10}
    watch.see({10: Judgement(10, State.NORMAL, NOW, NOW)}, NOW)
    late = NOW + timedelta(minutes=1)
    watch.take(child, Outcome(7, 70, late, False, trouble="silent", is_reachable=False))
    assert watch.wanted_elsewhere == {10}
    assert not watch.gather().alarms
    watch.see({10: Judgement(10, State.CRITICAL, late, late, "down", is_down=True)}, late)
    assert watch.judgements[70].state is State.UNREACHABLE
    assert "core switch" in watch.judgements[70].summary
    batch = watch.gather()
    assert not batch.alarms
    assert 10 not in batch.judgements


def test_what_is_not_stored_of_a_device_that_goes_to_another_collector_is_dropped() -> None:
    target = Target(7, 70, CheckKind.TCP, "127.0.0.1", interval_s=60, retries=0, name="x")
    watch = Watch({})
    watch.configure(Configuration(1, (target,)), NOW)
    watch.take(target, Outcome(7, 70, NOW, False, trouble="silent", is_reachable=False))
    watch.configure(Configuration(2, (), elsewhere={70: Neighbour("x", None)}), NOW)
    assert not watch.gather()


class Process:
    """`watchroom collect` under a name of its own."""

    def __init__(self, database: Database, name: str, errors: Path, lease_s: float) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        line = [sys.executable, "-m", "app", "--db", url, "--seat", name, "--lang", "en"]
        line += ["collect", "--lease", str(lease_s)]
        with errors.open("ab") as stream:
            self.process = subprocess.Popen(line, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=stream)

    def send(self, number: signal.Signals) -> None:
        os.kill(self.process.pid, number)

    def end(self) -> None:
        if self.process.poll() is None:
            self.send(signal.SIGCONT)
            self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(30)


@pytest.fixture
def start(shared: Database, tmp_path: Path) -> Iterator[Callable[[str], Process]]:
    begun: list[Process] = []

    def begin(name: str) -> Process:
        begun.append(Process(shared, name, tmp_path / f"{name}.err", 2))
        return begun[-1]

    yield begin
    for process in begun:
        process.end()


@pytest.mark.slow
def test_a_killed_or_frozen_collector_loses_its_devices_and_no_incident_opens_twice(
    shared: Database, desk: Desk, watched: list[int], start: Callable[[str], Process], tmp_path: Path
) -> None:
    first, second = start("a"), start("b")
    wait_until(lambda: desk.read(_beats, ("a", "b")) == DEVICES and len(desk.read(_held)) == 2)
    wait_until(lambda: len(desk.read(_incidents)) == DEVICES)
    both = Roster(0, ("a", "b"))
    assert both.share_of("a", watched)
    assert both.share_of("b", watched)

    second.send(signal.SIGSTOP)
    wait_until(lambda: desk.read(_held) == ["a"])
    seen = desk.read(_checked)
    wait_until(lambda: all(desk.read(_checked)[ci_id] > seen[ci_id] for ci_id in watched))
    second.send(signal.SIGCONT)
    wait_until(lambda: desk.read(_held) == ["a", "b"] and desk.read(_beats, ("a", "b")) == DEVICES)

    first.send(signal.SIGKILL)
    first.process.wait(30)
    wait_until(lambda: desk.read(_held) == ["b"])
    seen = desk.read(_checked)
    wait_until(lambda: all(desk.read(_checked)[ci_id] > seen[ci_id] for ci_id in watched))

    assert set(Counter(desk.read(_incidents)).values()) == {1}
    assert len(desk.read(_incidents)) == DEVICES
    assert desk.read(_gaps) == 0
    second.end()
    assert second.process.returncode == 0
    assert desk.read(_held) == []
    assert (tmp_path / "a.err").read_text() == (tmp_path / "b.err").read_text() == ""


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once `holds()`. Fails the test after PATIENCE_S."""
    until = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > until:
            pytest.fail("waited in vain")
        time.sleep(0.1)


def _renewed_at(tx: ReadTx, name: str) -> datetime:
    return tx.session.scalars(select(CollectorLease.renewed_at).where(CollectorLease.name == name)).one()


def _held(tx: ReadTx) -> list[str]:
    query = select(CollectorLease.name).where(CollectorLease.is_held).order_by(CollectorLease.joined_at)
    return sorted(tx.session.scalars(query))


def _beats(tx: ReadTx, names: tuple[str, ...]) -> int:
    """Return how many devices these collectors say they watch, each its own."""
    return sum(tx.session.scalars(select(CollectorBeat.devices).where(CollectorBeat.name.in_(names))))


def _incidents(tx: ReadTx) -> list[int | None]:
    return list(tx.session.scalars(select(Incident.ci_id).where(Incident.ci_id.is_not(None))))


def _checked(tx: ReadTx) -> dict[int, datetime]:
    rows = tx.session.execute(select(DeviceBeat.ci_id, DeviceBeat.checked_at))
    return {ci_id: at for ci_id, at in rows if at is not None}


def _gaps(tx: ReadTx) -> int:
    return len(tx.session.scalars(select(ShiftLogEntry.id).where(ShiftLogEntry.kind == ShiftLogKind.GAP)).all())
