"""Databases for the command line's tests: an empty one for each test, a demo site for all."""

from datetime import timedelta
from pathlib import Path

import pytest

from app import demo
from app.database import cli_identity, open_database
from app.times import today


@pytest.fixture
def empty(home: Path) -> Path:
    """A home whose database has nothing in it yet."""
    (home / "data").mkdir(exist_ok=True)
    open_database(f"sqlite:///{home / 'data' / 'watchroom.db'}", create=True).engine.dispose()
    return home


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with six weeks of the demo site; the tests export from it."""
    folder = tmp_path_factory.mktemp("demo-home")
    (folder / "data").mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WATCHROOM_HOME", str(folder))
        database = open_database(f"sqlite:///{folder / 'data' / 'watchroom.db'}", create=True)
        demo.fill(database.desk(cli_identity(), "A1"), seed=7, last_day=today() - timedelta(days=1), scale=0.06)
        database.engine.dispose()
    return folder
