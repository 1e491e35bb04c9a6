"""History in a Prometheus-compatible store, tried against Debian's Prometheus: there once, and nobody notices."""

import asyncio
import math
import uuid
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
from sqlalchemy import func, select

from app import charts, devices, settings
from app.charts import Chart, Measured
from app.collector.history import Curve, History, Level, read, series_of
from app.collector.history.far import Far, places
from app.collector.history.remote import NotTaken, Place, Remote, StoreAway, ask, last_mark, set_up, write
from app.collector.history.sending import Sender
from app.collector.process import collect
from app.collector.samples import Metric, Outcome, Sample
from app.database import Database, cli_identity
from app.desk import Desk, ReadTx
from app.errors import BadInput
from models.enums import CheckKind
from models.history import fresh, packed_hour
from tests.collector.prometheus_server import PrometheusServer

CI = 7
BEGIN = (datetime.now(UTC) - timedelta(hours=9)).replace(minute=0, second=0, microsecond=0)
INLET = '进风 "A" \\ 1'


class Site:
    """A collector's history that goes to a store elsewhere, without the collector."""

    leads = True

    def __init__(self, database: Database, job: str, url: str) -> None:
        self.database, self.job = database, job
        self.history = History(database.engine)
        self.sender = Sender(database, self, lag_s=0.0)
        self.desk = database.desk(cli_identity(), "A1")
        self.choose({"history.write_url": f"{url}/api/v1/write", "history.job": job})

    def choose(self, values: dict[str, Any]) -> None:
        self.desk.do(settings.put_many, values, {name: row.version for name, row in self._settings().items()})

    def _settings(self) -> dict[str, settings.SettingRow]:
        return self.desk.read(settings.everything)

    def append(self, values: Iterable[float | None], start: datetime = BEGIN, step_s: int = 10) -> None:
        outcomes = [
            Outcome(1, CI, start + timedelta(seconds=step_s * n), True, samples=(_sample(value),))
            for n, value in enumerate(values)
        ]
        with self.database.engine.connect().execution_options(watchroom_write=True) as connection, connection.begin():
            self.history.append(connection, outcomes)

    def send(self) -> None:
        async def in_database(what: Callable[..., Any], *arguments: Any) -> Any:
            return what(*arguments)

        asyncio.run(self.sender.turn(in_database, None))

    def remote(self) -> Remote:
        found = self.desk.read(set_up)
        assert found is not None
        return found

    def curve(self, *, is_far: bool, hours: float = 3, **more: Any) -> Curve:
        remote = self.remote() if is_far else None
        with self.database.engine.connect() as connection:
            series_id = series_of(connection, CI)[0].id
            far = Far(remote, places(connection, [series_id])[series_id]) if remote else None
            return read(connection, series_id, BEGIN, BEGIN + timedelta(hours=hours), far=far, **more)

    def rows(self, table: Any) -> int:
        with self.database.engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(table)) or 0


def _sample(value: float | None) -> Sample:
    return Sample(Metric.TEMPERATURE, value, "°C", INLET)


def same(one: Curve, other: Curve) -> bool:
    columns = ((getattr(one, name), getattr(other, name)) for name in ("at", "low", "mean", "high"))
    return one.level is other.level and all(
        len(left) == len(right) and np.allclose(left, right, rtol=1e-6, equal_nan=True) for left, right in columns
    )


@pytest.fixture(scope="module")
def prometheus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PrometheusServer]:
    with PrometheusServer(tmp_path_factory.mktemp("prometheus")) as server:
        yield server


@pytest.fixture
def site(database: Database, prometheus: PrometheusServer, request: pytest.FixtureRequest) -> Site:
    return Site(database, request.node.name, prometheus.url)


def a_morning() -> list[float | None]:
    """Three hours each ten seconds, with a figure that was not available and a spike."""
    values: list[float | None] = [20 + round(math.sin(n / 50), 2) for n in range(3 * 360)]
    values[100], values[700] = None, 41.5
    return values


def test_curves_are_the_same_from_either_store(site: Site) -> None:
    site.append(a_morning())
    kinds = [{"level": level} for level in Level] + [{"max_points": 40}]
    before = [site.curve(is_far=False, **kind) for kind in kinds]
    site.send()
    assert site.history.pack(datetime.now(UTC)) == 0
    assert (site.rows(fresh), site.rows(packed_hour)) == (0, 0)
    after = [site.curve(is_far=True, **kind) for kind in kinds]
    assert [same(one, other) for one, other in zip(before, after, strict=True)] == [True] * 4


def test_what_is_sent_twice_is_there_once_and_a_new_sender_goes_on_where_the_last_one_stood(site: Site) -> None:
    site.append([20.0, 21.0])
    site.send()
    other = Sender(site.database, site, lag_s=0.0)
    site.history.delivery.mark = None
    site.sender = other
    site.append([22.0], start=BEGIN + timedelta(seconds=20))
    site.send()
    assert site.history.delivery.mark == last_mark(site.remote()) > 0
    there = Far(site.remote(), Place(CI, Metric.TEMPERATURE, INLET)).raw(*_hours(1))
    assert there.mean.tolist() == [20.0, 21.0, 22.0]
    assert site.curve(is_far=True).mean.tolist() == [20.0, 21.0, 22.0]


def test_what_the_store_refuses_stays_here(site: Site) -> None:
    site.append([20.0, 21.0, 22.0])
    site.send()
    long_ago = BEGIN - timedelta(days=60)
    site.append([5.0], start=long_ago)
    site.append([23.0], start=BEGIN + timedelta(seconds=30))
    site.send()
    assert "refused" in site.sender.trouble and site.rows(packed_hour) == 1
    site.history.pack(datetime.now(UTC))
    assert site.curve(is_far=True).mean.tolist() == [20.0, 21.0, 22.0, 23.0]
    with site.database.engine.connect() as connection:
        old = read(connection, series_of(connection, CI)[0].id, long_ago, BEGIN)
    assert old.mean.tolist() == [5.0]
    site.append([24.0], start=BEGIN + timedelta(seconds=40))
    site.send()
    assert site.sender.trouble == ""


def test_hours_wait_for_a_store_that_is_away_and_are_packed_when_it_takes_too_long(site: Site) -> None:
    site.append([20.0] * 720)
    site.choose({"history.write_url": "http://127.0.0.1:9/api/v1/write", "history.spool_hours": 12})
    with pytest.raises(StoreAway):
        site.send()
    assert site.history.pack(datetime.now(UTC)) == 0 and site.rows(fresh) > 0
    assert site.history.pack(datetime.now(UTC) + timedelta(hours=12)) == 720
    assert len(site.curve(is_far=False)) == 720


def _hours(n: int) -> tuple[int, int]:
    first = int(BEGIN.timestamp())
    return first, first + n * 3600


def test_a_chart_of_a_store_that_is_away_shows_what_is_here_and_says_so(site: Site, desk: Desk) -> None:
    site.append([20.0] * 6, start=datetime.now(UTC) - timedelta(minutes=5))
    measured = desk.read(_measured)
    shown = desk.read(charts.chart, measured, timedelta(hours=24), 600)
    assert len(shown.curves[0]) == 6 and shown.trouble == ""
    site.choose({"history.read_url": "http://127.0.0.1:9"})
    shown = desk.read(charts.chart, measured, timedelta(hours=24), 600)
    assert len(shown.curves[0]) == 6 and "out of reach" in shown.trouble
    recent: Chart = desk.read(charts.chart, measured, timedelta(minutes=30), 600)
    assert recent.trouble == "", "all of it is here, so nobody is asked"


def _measured(tx: ReadTx) -> Measured:
    return charts.measured_of(tx, CI, "switch")[0]


def test_nonsense_in_the_settings_is_said(site: Site, tmp_path: Path) -> None:
    site.choose({"history.token_file": str(tmp_path / "none")})
    with pytest.raises(BadInput, match="token"):
        site.remote()
    for address in ("prometheus:9090", "http://[::1"):
        site.choose({"history.token_file": "", "history.write_url": address})
        with pytest.raises(BadInput, match="no address"):
            site.send()


def test_a_token_goes_with_each_request_and_is_not_shown(site: Site, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("s3cret\n")
    site.choose({"history.token_file": str(tmp_path / "token")})
    assert site.remote().token == "s3cret" and "s3cret" not in repr(site.remote())


def test_nonsense_is_refused_by_the_store_and_an_answer_that_is_none_is_said(prometheus: PrometheusServer) -> None:
    remote = Remote(f"{prometheus.url}/api/v1/write", f"{prometheus.url}/graph")
    with pytest.raises(NotTaken):
        write(remote, b"no snappy")
    with pytest.raises(StoreAway):
        ask(remote, "query", query="up")


@pytest.mark.parametrize("result", ['[{"value": [1, "NaN"]}]', '[{"values": []}]', '[{"value": 1}]', "[" * 60_000])
def test_a_mark_that_is_none_is_said(result: str) -> None:
    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f'{{"data": {{"result": {result}}}}}'.encode())

        def log_message(self, *_parts: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        Thread(target=server.handle_request, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        with pytest.raises(StoreAway):
            last_mark(Remote(url, url))


def test_a_store_that_dies_costs_nothing(site: Site, tmp_path: Path) -> None:
    folder = tmp_path / "dying"
    folder.mkdir()
    with PrometheusServer(folder) as server:
        site.choose({"history.write_url": f"{server.url}/api/v1/write"})
        site.append([20.0] * 30)
        site.send()
        server.kill()
        site.append([21.0] * 30, start=BEGIN + timedelta(seconds=300))
        with pytest.raises(StoreAway):
            site.send()
        server.start()
        site.history.delivery.mark = None
        site.send()
        site.history.pack(datetime.now(UTC))
        assert site.rows(fresh) == site.rows(packed_hour) == 0
        assert site.curve(is_far=True).mean.tolist() == [20.0] * 30 + [21.0] * 30


@pytest.mark.slow
def test_a_collector_hands_over_what_it_measures_while_it_watches(site: Site) -> None:
    if not site.database.is_embedded:
        pytest.skip("on a shared database rows rest for half a minute first")
    site.desk.do(devices.add_device, uuid.uuid4(), "this machine", "server", "127.0.0.1", [CheckKind.ICMP])
    collect(site.database, seconds=12)
    found = ask(site.remote(), "query", query=f'count({{job="{site.job}"}})')
    assert float(found[0]["value"][1]) >= 3, "round trip, loss and the mark"
    assert last_mark(site.remote()) > 0
