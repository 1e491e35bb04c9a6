"""The demo site: the same from the same seed, whole in its trail, and lively without a collector."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text

from app import access, audit, cmdb, demo, devices, duty, incidents, people
from app.collector import history
from app.collector.store import DeskStore
from app.database import Database, cli_identity, open_database
from app.demo.people import PASSWORD
from app.desk import Desk, ReadTx
from app.errors import BadInput, Refused
from app.first_rows import first_rows
from app.incidents.statistics import figures
from app.times import today
from app.tree_node import TOP, TreeView
from models.cmdb import Ci, Place
from models.enums import PlaceKind, State
from models.inspections import Inspection
from models.monitoring import DeviceBeat, DeviceState
from models.people import Signature
from models.schema import metadata
from tests.databases import new_postgresql

SMALL = 0.05
LIVELY = {State.CRITICAL: 3, State.WARNING: 7, State.UNREACHABLE: 1, State.MAINTENANCE: 4, State.NORMAL: 285}
CONTENT = ("incident", "incident_event", "visit", "visit_member", "backup_run", "inspection_value", "handover", "ci")


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database of each kind that the demo has filled up to yesterday; the tests here only look at it."""
    home = tmp_path_factory.mktemp("demo")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", str(home))
        if request.param == "sqlite":
            url = f"sqlite:///{home / 'demo.db'}"
        else:
            url = new_postgresql(request.getfixturevalue("postgresql_server"))
        opened = open_database(url, create=True)
        demo.fill(opened.desk(cli_identity(), "A1"), seed=7, last_day=today() - timedelta(days=1), scale=SMALL)
        yield opened
        opened.engine.dispose()


@pytest.fixture
def owner(filled: Database) -> Desk:
    return filled.desk(cli_identity(), "A1")


def test_the_board_is_lively_without_a_collector(owner: Desk) -> None:
    counts = owner.read(devices.counts)
    assert {state: n for state, n in counts.by_state.items() if n} == LIVELY
    rows = owner.read(devices.board)
    assert all(len(row.heartbeat) == 60 and row.value for row in rows)


def test_the_first_rows_say_what_the_desk_says(filled: Database, owner: Desk) -> None:
    first = first_rows(filled.url)
    if not filled.is_embedded:
        assert first is None
        return
    assert first is not None
    by_id = attrgetter("ci_id")
    assert sorted(first.board, key=by_id) == sorted(owner.read(devices.board), key=by_id)
    assert list(first.incidents) == owner.read(incidents.page)
    assert first.tree == owner.read(cmdb.levels, TreeView.PLACE, [TOP])


def test_a_database_of_other_tables_has_no_first_rows(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "other.db")) as raw:
        raw.executescript("CREATE TABLE alembic_version (version_num); INSERT INTO alembic_version VALUES ('0001')")
    for name in ("other.db", "missing.db", ""):
        assert first_rows(f"sqlite:///{tmp_path / name}") is None
    assert first_rows("postgresql://127.0.0.1:1/none") is None
    assert not (tmp_path / "missing.db").exists()


def test_a_dozen_incidents_are_open_and_two_clocks_run(owner: Desk) -> None:
    rows = owner.read(incidents.page)
    assert len(rows) == 12
    assert sum(row.is_unacknowledged for row in rows) == 2


def test_somebody_is_inside_longer_than_planned(owner: Desk) -> None:
    found = owner.read(access.summary)
    assert found.people == 3
    assert found.overdue


def test_two_rooms_hold_twenty_racks_without_two_devices_in_one_u(owner: Desk) -> None:
    def placed_in(tx: ReadTx) -> tuple[int, int, list[tuple[Any, ...]]]:
        kinds = dict(iter(tx.session.execute(select(Place.kind, func.count()).group_by(Place.kind))))
        query = select(Ci.place_id, Ci.u_bottom, Ci.u_height).where(Ci.u_bottom.is_not(None))
        return kinds[PlaceKind.ROOM], kinds[PlaceKind.RACK], [tuple(row) for row in tx.session.execute(query)]

    rooms, racks, placed = owner.read(placed_in)
    assert (rooms, racks) == (2, 20)
    units = [(rack, low + n) for rack, low, height in placed for n in range(int(height))]
    assert len(units) == len(set(units)) and all(1 <= unit <= 42 for _, unit in units)


def test_every_ping_stays_on_this_machine(owner: Desk) -> None:
    rows = owner.read(devices.board)
    assert len(rows) == 300
    assert all(row.address.startswith("127.") for row in rows)


def test_the_trail_is_whole_and_knows_who_filled_it(owner: Desk) -> None:
    while owner.do(audit.seal):
        continue
    verdict = owner.read(audit.verify, (0, ""))
    of_the_trail = [found for found in verdict.findings if "of the login" not in found.what]
    assert of_the_trail == []  # logins belong to the whole server, which other tests' databases share
    assert verdict.entries > 5_000


def test_the_collector_goes_on_from_the_demos_states(owner: Desk, filled: Database) -> None:
    store = DeskStore(filled)
    judged = store.load_states()
    assert len(judged) == 300
    assert all(judgement.checks for judgement in judged.values())
    assert {j.state for j in judged.values() if j.is_down} == {State.UNREACHABLE}


def test_charts_reach_back_over_the_demos_days(owner: Desk, filled: Database) -> None:
    def ci_id(tx: ReadTx) -> int:
        return tx.session.scalars(select(Ci.id).where(Ci.name == "核心交换机-1")).one()

    ci, now = owner.read(ci_id), owner.read(lambda tx: tx.now)
    with filled.engine.connect() as connection:
        series = {row.metric: row.id for row in history.series_of(connection, ci)}
        curve = history.read(connection, series["cpu.percent"], now - timedelta(days=40), now)
    assert len(curve) > 500
    assert curve.high[-1] > 80


def test_numbers_go_on_behind_those_of_the_demo(owner: Desk, filled: Database) -> None:
    with filled.engine.connect() as connection:
        numbers = connection.scalar(text("SELECT count(*) FROM incident"))
        counted = connection.scalar(text("SELECT sum(last) FROM counter WHERE name LIKE 'E-%'"))
    assert numbers == counted


def test_signed_rounds_carry_two_signatures(owner: Desk) -> None:
    def unsigned(tx: ReadTx) -> int:
        signed = select(Signature.subject_id).where(Signature.subject == "inspection").group_by(Signature.subject_id)
        twice = signed.having(func.count() == 2)
        query = select(func.count()).where(Inspection.state == "signed", Inspection.id.not_in(twice))
        return tx.session.scalar(query) or 0

    assert owner.read(unsigned) == 0


def test_most_incidents_were_acknowledged_within_ten_minutes(owner: Desk) -> None:
    now = owner.read(lambda tx: tx.now)
    found = owner.read(figures, now - timedelta(days=60), now)
    assert found.total > 200
    assert found.kept_share is not None and found.kept_share > 0.9


def test_everybody_signs_in_with_the_password_that_is_told(owner: Desk) -> None:
    assert people.sign_in(owner, "demo-jia", PASSWORD).identity.name == "演示员甲"


def test_somebody_is_on_duty_at_any_hour(owner: Desk) -> None:
    assert len(owner.read(duty.now_on_duty).people) == 2


def test_a_database_with_devices_takes_no_demo(owner: Desk) -> None:
    with pytest.raises(Refused):
        demo.fill(owner, seed=7, last_day=today(), scale=SMALL)


def test_tomorrow_can_not_be_the_last_day(database: Database) -> None:
    desk = database.desk(cli_identity(), "A1")
    with pytest.raises(BadInput):
        demo.fill(desk, seed=7, last_day=today() + timedelta(days=1), scale=SMALL)


def test_the_same_seed_and_day_write_the_same_site(
    database: Database, tmp_path_factory: pytest.TempPathFactory
) -> None:
    day = today() - timedelta(days=3)
    one = _contents(database, seed=11, day=day)
    other_file = tmp_path_factory.mktemp("other") / "other.db"
    other = open_database(f"sqlite:///{other_file}", create=True)
    again = _contents(other, seed=11, day=day)
    other.engine.dispose()
    assert one == again


def _contents(database: Database, seed: int, day: date) -> dict[str, list[tuple[object, ...]]]:
    demo.fill(database.desk(cli_identity(), "A1"), seed=seed, last_day=day, scale=SMALL)
    found = {}
    with database.engine.connect() as connection:
        for name in CONTENT:
            table = metadata.tables[name]
            columns = [column for column in table.columns if column.name != "recorded_at"]
            found[name] = [tuple(row) for row in connection.execute(select(*columns).order_by(table.c.id))]
        beats = select(DeviceState.ci_id, DeviceState.state, DeviceBeat.heartbeat, DeviceBeat.value_text)
        beats = beats.join(DeviceBeat, DeviceBeat.ci_id == DeviceState.ci_id)
        found["device_state"] = [tuple(row) for row in connection.execute(beats.order_by(DeviceState.ci_id))]
    return found
