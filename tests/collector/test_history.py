"""The history store on both databases: what is appended can be read, packed or not, once and only once."""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, insert, select

from app.collector.history import Curve, History, Level, newest, read, series_of
from app.collector.history.store import GRACE_S, Retention
from app.collector.samples import Metric, Outcome, Sample, Sweep, Target
from app.database import Database
from models.enums import CheckKind
from models.history import fresh, packed_hour, rollup_1h, rollup_5m

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
CI = 7


def sample(value: float | None) -> Sample:
    return Sample(Metric.TEMPERATURE, value, "°C", "inlet")


def points(values: Iterable[float | None], start: datetime = NOON, step_s: int = 60, ci_id: int = CI) -> list[Outcome]:
    return [
        Outcome(1, ci_id, start + timedelta(seconds=step_s * n), True, samples=(sample(value),))
        for n, value in enumerate(values)
    ]


class Store:
    """A history with one series in mind."""

    def __init__(self, database: Database) -> None:
        self.engine = database.engine
        self.history = History(database.engine)

    def append(self, some: Iterable[Outcome]) -> int:
        with self.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
            return self.history.append(connection, some)

    def pack(self, now: datetime = NOON + timedelta(days=1)) -> int:
        return self.history.pack(now)

    def curve(self, hours: float = 1, start: datetime = NOON, **more: int | Level) -> Curve:
        with self.engine.connect() as connection:
            series_id = series_of(connection, CI)[0].id
            return read(connection, series_id, start, start + timedelta(hours=hours), **more)  # type: ignore[arg-type]

    def rows(self, table: object) -> int:
        with self.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


@pytest.fixture
def store(database: Database) -> Store:
    return Store(database)


def test_what_was_appended_is_read_in_order_of_time(store: Store) -> None:
    wanted = [20.0, 20.5, 21.0]
    store.append(reversed(points(wanted)))
    curve = store.curve()
    assert curve.mean.tolist() == wanted and curve.level is Level.RAW
    assert curve.at.tolist() == [NOON.timestamp() + 60 * n for n in range(3)]


def test_a_series_keeps_its_unit_and_instance(store: Store) -> None:
    store.append(points([1]))
    with store.engine.connect() as connection:
        row = series_of(connection, CI)[0]
    assert (row.metric, row.instance, row.unit) == (Metric.TEMPERATURE, "inlet", "°C")


def test_the_same_samples_again_change_nothing_and_a_later_figure_stands(store: Store) -> None:
    store.append(points([20, 21]))
    store.append(points([20, 21]))
    store.append(points([25]))
    assert store.curve().mean.tolist() == [25, 21]


def test_packing_changes_no_figure_and_empties_the_fresh_rows(store: Store) -> None:
    store.append(points([20 + n / 10 for n in range(180)]))
    before = store.curve(3)
    assert store.pack() == 180
    after = store.curve(3)
    assert (store.rows(fresh), store.rows(packed_hour), store.rows(rollup_1h)) == (0, 3, 3)
    assert after.at.tolist() == before.at.tolist() and after.mean.tolist() == before.mean.tolist()


def test_packing_again_does_nothing(store: Store) -> None:
    store.append(points([20.0] * 60))
    store.pack()
    assert store.pack() == 0 and store.rows(packed_hour) == 1


def test_the_hour_that_is_still_open_stays_fresh(store: Store) -> None:
    store.append(points([20.0] * 90))
    store.pack(NOON + timedelta(hours=1, seconds=GRACE_S + 1))
    assert store.rows(fresh) == 1
    assert len(store.curve(2)) == 90


def test_late_samples_are_merged_into_their_packed_hour(store: Store) -> None:
    store.append(points([20.0] * 30))
    store.pack()
    store.append(points([30.0] * 31, start=NOON + timedelta(minutes=29)))
    assert store.curve().mean.tolist() == [20.0] * 29 + [30.0] * 31
    hourly = store.curve(level=Level.HOURS)
    assert hourly.high.tolist() == [30.0] and hourly.low.tolist() == [20.0]
    store.pack()
    assert store.curve().mean.tolist() == [20.0] * 29 + [30.0] * 31
    assert store.curve(level=Level.HOURS).mean.tolist() == pytest.approx([(29 * 20 + 31 * 30) / 60])


def test_a_crash_between_packing_and_deleting_leaves_nothing_twice(store: Store) -> None:
    store.append(points([20.0, 21.0, 22.0]))
    with store.engine.connect() as connection:
        rows = [dict(row._mapping) for row in connection.execute(select(fresh))]
    store.pack()
    with store.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
        connection.execute(insert(fresh), rows)
    assert store.curve().mean.tolist() == [20.0, 21.0, 22.0]
    assert store.curve(level=Level.FIVE_MINUTES).mean.tolist() == [21.0]
    assert store.pack() == 3
    assert store.curve().mean.tolist() == [20.0, 21.0, 22.0]
    with store.engine.connect() as connection:
        assert connection.scalar(select(rollup_1h.c.count)) == 3


def test_a_rolled_back_series_is_made_again(store: Store) -> None:
    with store.engine.connect().execution_options(watchroom_write=True) as connection:
        transaction = connection.begin()
        store.history.append(connection, points([20.0]))
        transaction.rollback()
    store.append(points([21.0]))
    assert store.curve().mean.tolist() == [21.0]


def test_a_round_of_pings_is_kept_for_each_host_that_answered(store: Store) -> None:
    targets = [Target(n, n, CheckKind.ICMP, f"10.0.0.{n}") for n in (CI, 8, 9)]
    silent = Outcome(8, 8, NOON, False, is_reachable=False)
    rtts, losses = np.array([1.5, np.nan, 2.5]), np.array([0.0, np.nan, 50.0])
    for minute in range(2):
        sweep = Sweep(targets, NOON + timedelta(minutes=minute), rtts, losses, {1: silent})
        with store.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
            assert store.history.append(connection, (), [sweep]) == 4
    with store.engine.connect() as connection:
        kept = {(ci, row.metric): row.id for ci in (CI, 8, 9) for row in series_of(connection, ci)}
        last = newest(connection, kept.values(), int(NOON.timestamp()))
    assert {key: last[one] for key, one in kept.items()} == {
        (CI, Metric.PING_RTT_MS): (int(NOON.timestamp()) + 60, 1.5),
        (CI, Metric.PING_LOSS): (int(NOON.timestamp()) + 60, 0.0),
        (9, Metric.PING_RTT_MS): (int(NOON.timestamp()) + 60, 2.5),
        (9, Metric.PING_LOSS): (int(NOON.timestamp()) + 60, 50.0),
    }


def test_a_silence_is_a_gap_and_no_line_goes_across_it(store: Store) -> None:
    store.append(points([20.0] * 10))
    store.append(points([22.0] * 10, start=NOON + timedelta(minutes=30)))
    mean = store.curve().mean
    assert np.flatnonzero(np.isnan(mean)).tolist() == [10] and len(mean) == 21


def test_a_figure_that_was_not_available_is_a_gap(store: Store) -> None:
    store.append(points([20.0, None, 22.0, math.nan, math.inf, 23.0]))
    for _ in range(2):
        mean = store.curve().mean.tolist()
        assert mean == pytest.approx([20.0, math.nan, 22.0, math.nan, 23.0], nan_ok=True)
        store.pack()


def test_thinning_keeps_the_lowest_and_the_highest(store: Store) -> None:
    values = [20.0] * 600
    values[123], values[456] = 5.0, 50.0
    store.append(points(values, step_s=5))
    curve = store.curve(max_points=50)
    assert len(curve) <= 51 and curve.low.min() == 5.0 and curve.high.max() == 50.0


@pytest.mark.parametrize(("max_points", "level"), [(200, Level.RAW), (12, Level.FIVE_MINUTES), (1, Level.HOURS)])
def test_a_long_span_is_read_from_roll_ups(store: Store, max_points: int, level: Level) -> None:
    store.append(points([float(n) for n in range(60)]))
    store.pack()
    curve = store.curve(max_points=max_points)
    assert curve.level is level
    assert curve.low.min() == 0 and curve.high.max() == 59


def test_five_minute_means_are_means(store: Store) -> None:
    store.append(points([float(n) for n in range(10)]))
    for _ in range(2):
        curve = store.curve(level=Level.FIVE_MINUTES)
        assert curve.mean.tolist() == [2.0, 7.0] and curve.low.tolist() == [0.0, 5.0]
        store.pack()


def test_old_raw_samples_go_and_the_curve_goes_on_from_the_roll_ups(store: Store) -> None:
    store.append(points([float(n) for n in range(60)]))
    store.pack()
    assert store.history.drop_old(NOON + timedelta(days=399)) == 0
    assert store.history.drop_old(NOON + timedelta(days=402)) == 1
    assert (store.rows(packed_hour), store.rows(rollup_5m)) == (0, 1)
    curve = store.curve()
    assert len(curve) == 12 and curve.high.max() == 59
    store.history.drop_old(NOON + timedelta(days=1200))
    assert store.curve().high.max() == 59 and len(store.curve()) == 1


@pytest.mark.parametrize(
    ("metric", "kept"),
    [
        (Metric.IF_IN, Retention(35, 200, 1100)),
        (Metric.CPU, Retention()),
        (Metric.UPS_LOAD, Retention(400, 1100, 3700)),
    ],
)
def test_each_class_of_figures_is_kept_as_long_as_it_says(store: Store, metric: str, kept: Retention) -> None:
    store.append([Outcome(1, CI, NOON, True, samples=(Sample(metric, 1.0, ""),))])
    store.pack()
    days = (kept.raw_days, kept.five_minute_days, kept.hour_days)
    for gone, (table, most) in enumerate(zip((packed_hour, rollup_5m, rollup_1h), days, strict=True)):
        store.history.drop_old(NOON + timedelta(days=most))
        assert store.rows(table) == 1
        assert store.history.drop_old(NOON + timedelta(days=most + 1)) == 1
        assert [store.rows(each) for each in (packed_hour, rollup_5m, rollup_1h)][: gone + 1] == [0] * (gone + 1)


def test_a_damaged_hour_costs_only_itself(store: Store) -> None:
    store.append(points([1.0] * 120))
    store.pack()
    with store.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
        first = packed_hour.c.hour == int(NOON.timestamp())
        connection.execute(packed_hour.update().where(first).values(data=b"\x01\x02nonsense"))
    assert len(store.curve(2)) >= 60


def test_nonsense_times_are_left_out(store: Store) -> None:
    store.append(points([1.0]))
    assert store.append(points([2.0], start=datetime(1970, 1, 2, tzinfo=UTC))) == 0


@pytest.fixture
def some_series(store: Store) -> Callable[[int], list[Outcome]]:
    return lambda n: [point for ci in range(n) for point in points([1.0, 2.0], ci_id=CI + ci)]


def test_many_series_are_packed_together(store: Store, some_series: Callable[[int], list[Outcome]]) -> None:
    assert store.append(some_series(40)) == 80
    assert store.pack() == 80
    assert store.rows(packed_hour) == 40


def test_an_empty_store_reads_as_an_empty_curve(store: Store) -> None:
    with store.engine.connect() as connection:
        assert len(read(connection, 1, NOON, NOON + timedelta(days=30))) == 0
