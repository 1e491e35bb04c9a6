"""The history's upkeep beside the desk while a shared database is away: told as that, not the collector's end."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import numpy as np
import pytest
from sqlalchemy import create_engine

from app.collector.history import History
from app.collector.history.sending import Sender
from app.database import Database
from app.errors import DatabaseAway
from tests.power.ports import free_port

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Site:
    leads = True

    def __init__(self, database: Database) -> None:
        self.history = History(database.engine)
        self.sender = Sender(database, self)


@pytest.fixture
def site() -> Iterator[Site]:
    engine = create_engine(f"postgresql+psycopg://watch@127.0.0.1:{free_port()}/watchroom")
    yield Site(Database(engine, str(engine.url), "", "", None))
    engine.dispose()


@pytest.mark.parametrize(
    "work",
    [
        lambda site: site.history.pack(NOW),
        lambda site: site.history.drop_old(NOW),
        lambda site: site.history.keep_here(np.array([1]), np.array([int(NOW.timestamp())]), np.array([20.0])),
        lambda site: site.sender.take(),
    ],
    ids=["pack", "drop", "keep", "take"],
)
def test_what_finds_the_database_away_says_so(site: Site, work: Callable[[Site], object]) -> None:
    with pytest.raises(DatabaseAway):
        work(site)
